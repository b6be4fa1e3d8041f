/*
 * grouping_file.c - a temporary file of pieces that are read back in any order.
 *
 * The server's own buffered files write 8 kB at a time.  Half the time of a file that stays
 * in the system's cache goes into finding pages for it, which takes a fraction of that where
 * more of them are asked for at once.
 */
#include "pg/grouping_file.h"

#include "commands/tablespace.h"
#include "executor/instrument.h"
#include "portability/instr_time.h"
#include "storage/bufmgr.h"
#include "storage/fd.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

#define FILE_NAME_SIZE 12

struct cv_grouping_file
{
	File		file;
	uint64		written;		/* bytes before those in the buffer */
	Size		used;			/* of the buffer */
	char	   *buffer;			/* NULL: nothing more is appended */
};

static cv_grouping_file *
make_file(MemoryContext context, File file)
{
	cv_grouping_file *made = MemoryContextAllocZero(context, sizeof(cv_grouping_file));

	made->file = file;
	return made;
}

static void
name_file(char *name, int number)
{
	snprintf(name, FILE_NAME_SIZE, "%d", number);
}

cv_grouping_file *
cv_grouping_file_create(MemoryContext context, FileSet *set, int number)
{
	cv_grouping_file *made;
	char		name[FILE_NAME_SIZE];

	name_file(name, number);
	PrepareTempTablespaces();
	made = make_file(context, set == NULL ? OpenTemporaryFile(false) : FileSetCreate(set, name));
	made->buffer = MemoryContextAlloc(context, CV_GROUPING_FILE_BUFFER);
	return made;
}

cv_grouping_file *
cv_grouping_file_open(MemoryContext context, FileSet *set, int number)
{
	char		name[FILE_NAME_SIZE];
	File		file;

	name_file(name, number);
	file = FileSetOpen(set, name, O_RDONLY);
	if (file <= 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not open a temporary file of rows to group: %m")));
	return make_file(context, file);
}

uint64
cv_grouping_file_end(const cv_grouping_file *file)
{
	return file->written + file->used;
}

static int64
blocks(Size size)
{
	return (int64) ((size + BLCKSZ - 1) / BLCKSZ);
}

/* When reading or writing began, and how long it took in the end, for those who want to know. */
static instr_time
begin_io(void)
{
	instr_time	start;

	INSTR_TIME_SET_ZERO(start);
	if (track_io_timing)
		INSTR_TIME_SET_CURRENT(start);
	return start;
}

static void
end_io(instr_time start, instr_time *sum)
{
	instr_time	end;

	if (!track_io_timing)
		return;
	INSTR_TIME_SET_CURRENT(end);
	INSTR_TIME_ACCUM_DIFF(*sum, end, start);
}

/* Writes what is in the buffer. */
static void
flush(cv_grouping_file *file)
{
	instr_time	start = begin_io();

	for (Size done = 0; done < file->used;)
	{
		int			wrote = (int) FileWrite(file->file, file->buffer + done, (int) (file->used - done),
											(off_t) file->written, WAIT_EVENT_BUFFILE_WRITE);

		if (wrote <= 0)
			ereport(ERROR,
					(errcode_for_file_access(),
					 errmsg("could not write to file \"%s\": %m", FilePathName(file->file))));
		done += wrote;
		file->written += wrote;
	}
	end_io(start, &pgBufferUsage.temp_blk_write_time);
	pgBufferUsage.temp_blks_written += blocks(file->used);
	file->used = 0;
}

void
cv_grouping_file_append(cv_grouping_file *file, const void *bytes, Size size)
{
	while (size > 0)
	{
		Size		part = Min(size, CV_GROUPING_FILE_BUFFER - file->used);

		memcpy(file->buffer + file->used, bytes, part);
		file->used += part;
		bytes = (const char *) bytes + part;
		size -= part;
		if (file->used == CV_GROUPING_FILE_BUFFER)
			flush(file);
	}
}

void
cv_grouping_file_finish(cv_grouping_file *file)
{
	if (file->buffer == NULL)
		return;
	flush(file);
	pfree(file->buffer);
	file->buffer = NULL;
}

void
cv_grouping_file_read(cv_grouping_file *file, uint64 place, char *bytes, Size size)
{
	Size		done = 0;
	instr_time	start = begin_io();

	while (done < size)
	{
		/* the server reads less than 2 GB at a time */
		int			got = (int) FileRead(file->file, bytes + done, (int) Min(size - done, MaxAllocSize),
										 (off_t) (place + done), WAIT_EVENT_BUFFILE_READ);

		if (got < 0)
			ereport(ERROR,
					(errcode_for_file_access(),
					 errmsg("could not read file \"%s\": %m", FilePathName(file->file))));
		if (got == 0)
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("could not read file \"%s\": read only %zu of %zu bytes", FilePathName(file->file), done, size)));
		done += got;
	}
	end_io(start, &pgBufferUsage.temp_blk_read_time);
	pgBufferUsage.temp_blks_read += blocks(done);
}

void
cv_grouping_file_close(cv_grouping_file *file)
{
	FileClose(file->file);
	if (file->buffer != NULL)
		pfree(file->buffer);
	pfree(file);
}
