#!/bin/sh
# demo.sh DIR: what "make demo" runs: the samples through the program into DIR,
# and at the end what lies there, counted from the files themselves.
set -eu

dir=$1
report=$dir/report.jsonl
rm -rf "$dir"
mkdir -p "$dir"

"$CALLSCOPE" -r "$CALLSCOPE_SRC/samples" -o "$dir" --json "$report"

calls=$(grep -c '^{"type":"call"' "$report" || :)
pcaps=$(find "$dir/spool" -type f -name '*.pcap*' | wc -l)
rows=$("$CALLSCOPE_BUILD/obj/tests/tools/sql_one" "$dir/callscope.db" \
	'SELECT count(*) FROM cdr')
echo
echo "demo: $calls calls, $pcaps pcaps below $dir, $rows rows in $dir/callscope.db"
