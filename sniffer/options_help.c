#include <string.h>

#include "sniffer/command.h"
#include "sniffer/options.h"
#include "sniffer/settings.h"

enum {
	WIDTH = 100,
	INDENT = 29
};

static const char *const group_names[GROUPS] = {
	[GROUP_INPUT] = "Input",
	[GROUP_OUTPUT] = "Output",
	[GROUP_WEB] = "Viewer",
	[GROUP_RUN] = "This run",
};

void options_examples(FILE *out)
{
	fputs("callscope -r capture.pcap          calls in a capture file\n"
	      "callscope -i eth1                  calls on a live interface\n"
	      "callscope --help                   all options\n",
	      out);
}

/* Words from column *at on, further lines indented. */
static void put_words(FILE *out, const char *text, size_t *at)
{
	while (*text) {
		size_t len = strcspn(text, " ");

		if (*at > INDENT && *at + 1 + len > WIDTH) {
			fprintf(out, "\n%*s", INDENT, "");
			*at = INDENT;
		} else if (*at > INDENT) {
			fputc(' ', out);
			++*at;
		}
		fprintf(out, "%.*s", (int)len, text);
		*at += len;
		text += len + (text[len] == ' ');
	}
}

static void put_default(FILE *out, const struct setting *s, size_t *at)
{
	const char *value = *s->initial ? s->initial : s->unset;
	char text[256];

	if (!value)
		return;
	snprintf(text, sizeof(text), "Default: %s%s%s.", value,
		 s->unit ? " " : "", s->unit ? s->unit : "");
	put_words(out, text, at);
}

static void put_example(FILE *out, const struct setting *s, size_t *at)
{
	char text[256], name[64];

	snprintf(name, sizeof(name), "--%s", s->name);
	if (s->letter)
		snprintf(name, sizeof(name), "-%c", s->letter);
	snprintf(text, sizeof(text), "Example: %s%s%s", name, s->arg ? " " : "",
		 s->arg ? s->example : "");
	put_words(out, text, at);
}

static void put_setting(FILE *out, const struct setting *s)
{
	size_t at = 6 + strlen(s->name) + 2;

	if (s->letter)
		fprintf(out, "  -%c, --%s", s->letter, s->name);
	else
		fprintf(out, "      --%s", s->name);
	if (s->arg)
		at += (size_t)fprintf(out, " %s", s->arg);
	if (at < INDENT - 1)
		fprintf(out, "%*s", (int)(INDENT - at), "");
	else
		fprintf(out, "\n%*s", INDENT, "");
	at = INDENT;
	put_words(out, s->help, &at);
	if (s->initial)
		put_default(out, s, &at);
	put_example(out, s, &at);
	fputc('\n', out);
}

static void put_commands(FILE *out)
{
	const struct command *c;

	for (size_t i = 0; (c = command_at(i)); i++) {
		int at = fprintf(out, "  callscope %s", c->name);

		fprintf(out, " --help%*s%s\n", at < 31 ? 31 - at : 1, "",
			c->summary);
	}
}

void options_command_help(const struct command *command,
			  const struct setting *const *rows, size_t n,
			  FILE *out)
{
	fprintf(out, "callscope %s: %s.\n\n  callscope %s %s\n\n%s\n",
		command->name, command->summary, command->name, command->usage,
		command->help);
	for (size_t i = 0; i < n; i++)
		put_setting(out, rows[i]);
}

void options_help(FILE *out)
{
	const struct setting *s;

	fputs("callscope: follows SIP calls and their media in captured "
	      "packets.\n\n"
	      "  callscope -r FILE... [options]      from capture files\n"
	      "  callscope -i IFACE... [options]     live, needs CAP_NET_RAW\n",
	      out);
	put_commands(out);
	for (int g = 0; g < GROUPS; g++) {
		if (!group_names[g])
			continue;
		fprintf(out, "\n%s:\n", group_names[g]);
		for (size_t i = 0; (s = setting_at(i)); i++)
			if ((int)s->group == g && setting_is_option(s))
				put_setting(out, s);
	}
	fputs("\nSizes are bytes, or end in k, M or G. Each option but those "
	      "of \"This run\" has a key of the same\n"
	      "name in the file, which also sets timeouts and limits: see "
	      "callscope.conf(5).\n\n"
	      "Exit status: 0 all was read; 1 could not start; 2 some input "
	      "was unreadable or cut short;\n"
	      "3 a store or the spool did not take everything.\n",
	      out);
}
