#include "sniffer/ask_password.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int complain(const char *why)
{
	fprintf(stderr, "callscope: %s\n", why);
	return 1;
}

/* Up to the end of the line. False: too long, stopped, or no line. */
static bool read_line(const atomic_bool *stop, char *out, size_t size)
{
	size_t n = 0;
	char c = 0;

	while (n < size) {
		ssize_t got = read(STDIN_FILENO, &c, 1);

		if (got < 0 && errno == EINTR && !atomic_load(stop))
			continue;
		if (got <= 0)
			return false;
		if (c == '\n')
			break;
		out[n++] = c;
	}
	if (n == size)
		return false;
	out[n] = '\0';
	return true;
}

static bool ask(const char *text, const char *name, const atomic_bool *stop,
		char *out, size_t size)
{
	bool read;

	fprintf(stderr, "%s%s: ", text, name);
	read = read_line(stop, out, size);
	fputc('\n', stderr);
	return read;
}

static int ask_twice(const char *name, const atomic_bool *stop, char *out,
		     size_t size)
{
	char again[1024] = "";
	int status = 0;

	if (size > sizeof(again))
		size = sizeof(again);
	if (!ask("New password of ", name, stop, out, size) ||
	    !ask("Once more, that of ", name, stop, again, size))
		status = complain("no password was given");
	else if (strcmp(out, again))
		status = complain("the two passwords differ: try again");
	explicit_bzero(again, sizeof(again));
	return status;
}

int ask_password(const char *name, const atomic_bool *stop, char *out,
		 size_t size)
{
	struct termios shown, hidden;
	int status;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &shown))
		return complain("there is no terminal to ask for the password: "
				"give it with --password-file FILE");
	hidden = shown;
	hidden.c_lflag &= (tcflag_t) ~(unsigned)ECHO;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden))
		return complain("the terminal cannot hide what is typed: give "
				"the password with --password-file FILE");
	status = ask_twice(name, stop, out, size);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	return status;
}
