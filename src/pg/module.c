/*
 * module.c - the loadable module: its magic block and nothing else.
 */
#include "postgres.h"

#include "fmgr.h"

PG_MODULE_MAGIC;
