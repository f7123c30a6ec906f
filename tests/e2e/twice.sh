#!/bin/sh
# The same input gives the same output: a second run into the same folder, a
# folder or its files, plain, gzipped or from standard input.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

# timeless FILE: a report without the one thing that may differ.
timeless()
{
	sed 's/"elapsed_ms":[0-9.]*//' "$1"
}

# records FILE: what a report has besides its summary.
records()
{
	grep -v '^{"type":"summary"' "$1"
}

tables()
{
	sql "$1" "SELECT name FROM sqlite_master WHERE type = 'table'
		AND name NOT LIKE 'sqlite%' ORDER BY name"
}

# dump DATABASE TO: every row of every table, a file each.
dump()
{
	mkdir -p "$2"
	for table in $(tables "$1"); do
		sql "$1" "SELECT * FROM $table" | sort >"$2/$table"
	done
}

sums()
{
	(cd "$1/spool" && find . -type f ! -name index -exec cksum {} + | sort -k 3)
}

dir=$tmp/twice
run -r "$samples" -o "$dir" --json "$tmp/1.jsonl" -q
same 'twice: the first run' "$status" 0
dump "$dir/callscope.db" "$tmp/1"
sums "$dir" >"$tmp/1.sums"
run -r "$samples" -o "$dir" --json "$tmp/2.jsonl" -q
same 'twice: the second run' "$status" 0
find "$dir" -type f ! -path '*/spool/*' ! -name callscope.db >"$tmp/err"
[ ! -s "$tmp/err" ]
result 'twice: nothing but the database beside the spool' $?
dump "$dir/callscope.db" "$tmp/2"
sums "$dir" >"$tmp/2.sums"

timeless "$tmp/1.jsonl" >"$tmp/1.report"
timeless "$tmp/2.jsonl" >"$tmp/2.report"
cmp "$tmp/1.report" "$tmp/2.report" >"$tmp/err" 2>&1
result 'twice: the report is the same, byte for byte' $?
cmp "$tmp/1.sums" "$tmp/2.sums" >"$tmp/err" 2>&1
result 'twice: the pcaps are the same, byte for byte' $?
find "$dir/spool" -type f ! -name index |
	grep -v '/[0-9A-HJKMNP-TV-Z]\{26\}\.pcap$' \
	>"$tmp/err"
[ ! -s "$tmp/err" ]
result 'twice: nothing but finished pcaps in the spool' $?

for table in $(tables "$dir/callscope.db"); do
	sort "$tmp/1/$table" >"$tmp/a"
	cmp "$tmp/a" "$tmp/2/$table" >"$tmp/err" 2>&1
	result "twice: table $table has the same rows" $?
	uniq -d "$tmp/2/$table" >"$tmp/err"
	case $table in
	quality) ;; # rows are told apart by what is packed into them
	*)
		[ ! -s "$tmp/err" ]
		result "twice: table $table has no row twice" $?
		;;
	esac
done

# Every pcap that a record names is there, and none besides.
"$tools/flat" "$tmp/2.jsonl" >"$tmp/flat"
awk -F'\t' '$2 == "pcap" && $3 != "null" { print $3 }' "$tmp/flat" |
	sort >"$tmp/named"
(cd "$dir" && find spool -type f ! -name index | sort) >"$tmp/there"
cmp "$tmp/named" "$tmp/there" >"$tmp/err" 2>&1
result 'twice: each pcap is named by one record' $?

# The store and the report have the same records.
same 'twice: rows of cdr' \
	"$(sql "$dir/callscope.db" 'SELECT count(*) FROM cdr')" \
	"$(grep -c '^{"type":"\(call\|session\)"' "$tmp/2.jsonl")"
same 'twice: rows of stream' \
	"$(sql "$dir/callscope.db" 'SELECT count(*) FROM stream')" \
	"$(grep -c "streams\[[0-9]*\]\.stream_uid" "$tmp/flat")"
same 'twice: rows of sip_message' \
	"$(sql "$dir/callscope.db" 'SELECT count(*) FROM sip_message')" \
	"$(grep -c "messages\[[0-9]*\]\.cseq" "$tmp/flat")"
same 'twice: rows of dtmf' \
	"$(sql "$dir/callscope.db" 'SELECT count(*) FROM dtmf')" \
	"$(grep -c "	dtmf\[[0-9]*\]\.digit" "$tmp/flat")"

# The same packets another way.
plain=$samples/transfer.pcap
report -r "$plain"
records "$tmp/report" >"$tmp/plain"
gzip -c "$plain" >"$tmp/any-name"
report -r "$tmp/any-name"
records "$tmp/report" | cmp - "$tmp/plain" >"$tmp/err" 2>&1
result 'twice: gzipped, without .gz in its name' $?
"$CALLSCOPE" -r - --json - --db none --record none -q <"$plain" \
	2>"$tmp/err" | records - | cmp - "$tmp/plain" >"$tmp/err" 2>&1
result 'twice: standard input' $?
gzip -c "$plain" | "$CALLSCOPE" -r - --json - --db none --record none -q \
	2>"$tmp/err" | records - | cmp - "$tmp/plain" >"$tmp/err" 2>&1
result 'twice: standard input, gzipped' $?

mkdir "$tmp/parts"
"$tools/part" "$plain" 1 300 "$tmp/parts/b" &&
	"$tools/part" "$plain" 301 200 "$tmp/parts/c" &&
	"$tools/part" "$plain" 501 0 "$tmp/parts/a"
report -r "$tmp/parts"
records "$tmp/report" | cmp - "$tmp/plain" >"$tmp/err" 2>&1
result 'twice: a folder of its parts' $?
report -r "$tmp/parts/a" -r "$tmp/parts/b" "$tmp/parts/c"
records "$tmp/report" | cmp - "$tmp/plain" >"$tmp/err" 2>&1
result 'twice: its parts in any order' $?

# A part first, the whole later: the record that knows more stays.
dir=$tmp/grown
run -r "$tmp/parts/b" -o "$dir" -q
run -r "$tmp/parts" -o "$dir" -q
sums "$dir" >"$tmp/grown.sums"
dump "$dir/callscope.db" "$tmp/grown-rows"
run -r "$tmp/parts/b" -o "$dir" -q
sums "$dir" | cmp - "$tmp/grown.sums" >"$tmp/err" 2>&1
result 'twice: a part does not take the place of the whole pcap' $?
dump "$dir/callscope.db" "$tmp/grown-again"
diff -r "$tmp/grown-rows" "$tmp/grown-again" >"$tmp/err" 2>&1
result 'twice: a part does not take the place of the whole record' $?
run -r "$tmp/parts" -o "$tmp/whole" -q
sums "$tmp/whole" | cmp - "$tmp/grown.sums" >"$tmp/err" 2>&1
result 'twice: the whole takes the place of a part' $?
