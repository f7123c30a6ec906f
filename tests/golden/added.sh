#!/bin/sh
# added.sh OBJECT [REVISION]: after a report gained an object and the golden
# reports were written anew, holds them against those of REVISION (HEAD):
# nothing but that object may have changed. Names each file where more did; the
# exit status says whether there was one.
#
#   make golden NAME=all && tests/golden/added.sh billing
set -eu
cd "$(dirname "$0")"

object=$1
revision=${2:-HEAD}
status=0

for file in *.jsonl; do
	git show "$revision:./$file" 2>/dev/null >/dev/null || continue
	then=$(git show "$revision:./$file" | sha256sum)
	now=$(sed "s/,\"$object\":{[^{}]*}//; s/,\"$object\":null//" "$file" |
		sha256sum)
	if [ "$then" != "$now" ]; then
		echo "$file: more than \"$object\" has changed"
		status=1
	fi
done
exit $status
