/*
 * A program that kills itself at a step that was named before, as somebody else's SIGKILL could at any time.
 *
 * Loaded before the C library, it counts what the program does to the machine: after each program that it has run and seen end,
 * before and after each file that it puts in place by renaming, and after each that it removes. Between two of these nothing
 * changes that outlives the process. At number KILL_AT it ends, without a word to anybody.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static void step(void)
{
	static int steps;
	const char *text = getenv("KILL_AT");

	if (text != NULL && __atomic_add_fetch(&steps, 1, __ATOMIC_SEQ_CST) == atoi(text))
		kill(getpid(), SIGKILL);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	pid_t done = (pid_t)syscall(SYS_wait4, pid, status, options, NULL);

	if (done > 0)
		step();
	return done;
}

int rename(const char *from, const char *to)
{
	int done;

	step();
	done = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
	step();
	return done;
}

int unlink(const char *path)
{
	int done = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);

	step();
	return done;
}
