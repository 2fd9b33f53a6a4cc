/*
 * What a process says when it wants something on its disk, and what becomes of it.
 *
 * Loaded before the C library, it stands between a program and fsync(2) and its kin. SYNCS=ignored: nothing is done and all is
 * said to be well, as by a disk that lies. SYNCS=slow: all is done, after SYNC_MS milliseconds, as by a disk that is busy.
 * SYNCS=stepped: before each the process stops itself, and does it when it is told to go on.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static int are(const char *what)
{
	const char *syncs = getenv("SYNCS");

	return syncs != NULL && strcmp(syncs, what) == 0;
}

static void take_time(void)
{
	const char *text = getenv("SYNC_MS");
	long ms = text == NULL ? 0 : atol(text);
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static int told(long number, long a, long b, long c, long d)
{
	if (are("ignored"))
		return 0;
	if (are("stepped"))
		kill(getpid(), SIGSTOP);
	if (are("slow"))
		take_time();
	return (int)syscall(number, a, b, c, d);
}

int fsync(int file)
{
	return told(SYS_fsync, file, 0, 0, 0);
}

int fdatasync(int file)
{
	return told(SYS_fdatasync, file, 0, 0, 0);
}

int syncfs(int file)
{
	return told(SYS_syncfs, file, 0, 0, 0);
}

int msync(void *start, size_t length, int flags)
{
	return told(SYS_msync, (long)start, (long)length, flags, 0);
}

int sync_file_range(int file, off64_t from, off64_t length, unsigned int flags)
{
	return told(SYS_sync_file_range, file, from, length, (long)flags);
}
