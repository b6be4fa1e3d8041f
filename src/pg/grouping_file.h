/*
 * grouping_file.h - a temporary file of pieces that are read back in any order.
 */
#ifndef CV_PG_GROUPING_FILE_H
#define CV_PG_GROUPING_FILE_H

#include "postgres.h"

#include "storage/fileset.h"

/* Bytes of memory that a file takes while it is written. */
#define CV_GROUPING_FILE_BUFFER (64 * 1024)

typedef struct cv_grouping_file cv_grouping_file;

/*
 * A new file, which takes memory of the context until it is closed: of this process only, or
 * (set is not NULL) for all who share the set and know the number.  It goes away when it is
 * closed, or with the set.
 */
extern cv_grouping_file *cv_grouping_file_create(MemoryContext context, FileSet *set, int number);

/* One that another process has created and finished, to be read. */
extern cv_grouping_file *cv_grouping_file_open(MemoryContext context, FileSet *set, int number);

/* Where the next bytes will be appended. */
extern uint64 cv_grouping_file_end(const cv_grouping_file *file);

extern void cv_grouping_file_append(cv_grouping_file *file, const void *bytes, Size size);

/* Nothing more will be appended: whatever was can be read. */
extern void cv_grouping_file_finish(cv_grouping_file *file);

/* Reads so many bytes from the place on. */
extern void cv_grouping_file_read(cv_grouping_file *file, uint64 place, char *bytes, Size size);

extern void cv_grouping_file_close(cv_grouping_file *file);

#endif
