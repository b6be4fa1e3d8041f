/*
 * module.c - the loadable module: its magic block, and what happens when it is loaded.
 */
#include "pg/grouping.h"

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	cv_grouping_init();
}
