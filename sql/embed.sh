#!/bin/sh
# embed.sh STORE FILE...: C text on standard output that holds the SQL files of
# a store, in the order of their names, as storage/sql_files.h declares them.
set -eu
LC_ALL=C
export LC_ALL

store=$1
shift

echo '/* Written by sql/embed.sh. */'
echo '#include "storage/sql_files.h"'
echo
echo '#include <stddef.h>'
echo
echo "const struct sql_file sql_${store}_files[] = {"
[ $# -eq 0 ] || printf '%s\n' "$@" | sort | while read -r file; do
	printf '\t{ "%s",\n' "$(basename "$file")"
	sed -e 's/[\\"]/\\&/g' -e 's/^/\t  "/' -e 's/$/\\n"/' "$file"
	printf '\t  "" },\n'
done
printf '\t{ NULL, NULL },\n};\n'
