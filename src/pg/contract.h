/*
 * contract.h - the contract_model type for the rest of the module.
 */
#ifndef CV_PG_CONTRACT_H
#define CV_PG_CONTRACT_H

#include "postgres.h"

#include "core/contract.h"

/* Reads a contract_model datum; raises 0A000 where a newer version of the extension wrote it. */
extern void cv_contract_from_datum(Datum datum, cv_contract *contract);

/* Builds a contract_model; it must have passed cv_contract_problem(). */
extern Datum cv_contract_to_datum(const cv_contract *contract);

/*
 * What makes a contract model unusable, as the words of an errdetail, or NULL
 * where it is sound.  Symmetrises the covariance and drops signs of zeros, so
 * that equal models are equal bytes.
 */
extern const char *cv_contract_problem(cv_contract *contract);

/*
 * contract_text.c: the text of a contract_model.  Parsing returns NULL, or the
 * words of an errdetail; it validates everything.
 */
extern char *cv_contract_text(const cv_contract *contract);
extern const char *cv_contract_parse(const char *text, cv_contract *contract);

#endif
