/*
 * history_plain.h - the history of a stream of plain sales: amounts only, whose
 * absolute values add up within 64 bits.  Almost every customer's is one.
 *
 * The same bytes as by days of every kind (history_entries.h, history.h), in a
 * third of the instructions: no 128-bit arithmetic, no other tracks.
 */
#ifndef CV_CORE_HISTORY_PLAIN_H
#define CV_CORE_HISTORY_PLAIN_H

#include "core/history_entries.h"

typedef struct cv_plain
{
	cv_entry_key *keys;			/* the caller's: room for every entry's day and number, twice */
	int64_t    *amounts;		/* the caller's: by number, in units of 10^-scale_in */
	size_t		count;
	bool		ascending;		/* keys */
	bool		returns;		/* some amount is negative */
	int64_t		gross;			/* sum of the absolute amounts */
	uint8_t		scale_in;
	uint8_t		scale;			/* the smallest that holds every day's sums */
} cv_plain;

/* Reads a stream into keys and amounts; false where it is not a plain one. */
extern bool cv_plain_read(cv_plain *plain, const cv_entries *entries, const uint8_t *bytes, size_t size);

/* Sorts the keys, in linear time. */
extern void cv_plain_sort(cv_plain *plain);

/* Learns the scale from sorted keys; returns how many bytes cv_plain_put writes at most. */
extern size_t cv_plain_measure(cv_plain *plain);

/* Writes the history at out; returns the byte after it. */
extern uint8_t *cv_plain_put(const cv_plain *plain, uint8_t *out);

#endif
