#!/bin/sh
# The queue before the database: what was finished is stored once, whatever
# ends the program or keeps the database from taking it.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

basic=$samples/basic-call.pcap
gen=$CALLSCOPE_BUILD/obj/tests/bench/gen_calls

tables()
{
	sql "$1" "SELECT name FROM sqlite_master WHERE type = 'table'
		AND name NOT LIKE 'sqlite%' ORDER BY name"
}

# dump DATABASE TO: every row of every table but the schema's date.
dump()
{
	for table in $(tables "$1"); do
		[ "$table" = schema_version ] ||
			sql "$1" "SELECT '$table', * FROM $table" | sort
	done >"$2"
}

# calls DATABASE
calls()
{
	sql "$1" 'SELECT count(*) FROM cdr'
}

# lock DATABASE: another program has it, until unlock.
lock()
{
	mkfifo "$tmp/lock" "$tmp/locked"
	python3 -c '
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
open(sys.argv[2], "w").close()
open(sys.argv[3]).read()
' "$1" "$tmp/locked" "$tmp/lock" &
	locker=$!
	cat "$tmp/locked"
	exec 9>"$tmp/lock"
}

unlock()
{
	exec 9>&-
	wait "$locker"
	rm -f "$tmp/lock" "$tmp/locked"
}

# --- killed ---------------------------------------------------------------------

"$gen" 40 1 "$tmp/calls.pcap" 50 >"$tmp/err" 2>&1 || echo "FAIL queue: gen_calls"
run -r "$tmp/calls.pcap" -r "$samples" -o "$tmp/whole" --record none -q
same 'queue: the undisturbed run' "$status $(ls "$tmp/whole")" '0 callscope.db'
dump "$tmp/whole/callscope.db" "$tmp/whole.rows"

# moments COUNT SEED: milliseconds
moments()
{
	awk -v n="$1" -v seed="$2" 'BEGIN {
		srand(seed)
		while (n--)
			printf "%.3f\n", rand() * 0.6
	}'
}

kills=25 announcing=20
[ -z "${TEST_QUICK-}" ] || kills=3 announcing=3
# Read again after each kill: all rows are as if nothing had happened.
bad=0 killed=0 left=0
for after in $(moments $kills 4); do
	timeout --foreground -s KILL "$after" "$CALLSCOPE" -r "$tmp/calls.pcap" -r "$samples" \
		-o "$tmp/killed" --record none -q >"$tmp/out" 2>&1
	[ $? -ne 137 ] || killed=$((killed + 1))
	[ ! -d "$tmp/killed/queue" ] || left=$((left + 1))
	# every third time: what several kills left
	[ $((killed % 3)) -ne 0 ] || {
		run -r "$tmp/calls.pcap" -r "$samples" -o "$tmp/killed" \
			--record none -q
		dump "$tmp/killed/callscope.db" "$tmp/killed.rows"
		cmp "$tmp/whole.rows" "$tmp/killed.rows" >"$tmp/diff" 2>&1 &&
			[ "$status $(ls "$tmp/killed")" = '0 callscope.db' ] ||
			bad=$((bad + 1))
		rm -rf "$tmp/killed"
	}
done
same 'queue: killed and read again: the same rows' "$bad" 0
[ "$killed" -gt 0 ]
result "queue: killed in the middle ($killed of $kills, $left left a queue)" $?

# What was announced is stored by the next run, which reads something else. The
# kill comes when so many lines of the report were read, however slow this is.
mkfifo "$tmp/lines"
bad=0 announced=0 total=$(calls "$tmp/whole/callscope.db")
for part in $(moments $announcing 5); do
	rm -rf "$tmp/announced"
	"$CALLSCOPE" -r "$tmp/calls.pcap" -r "$samples" -o "$tmp/announced" \
		--record none -q --json - >"$tmp/lines" 2>"$tmp/err" &
	exec 8<"$tmp/lines"
	head -n "$(echo "$part $total" | awk '{ print int($1 * $2) + 1 }')" \
		<&8 >"$tmp/report"
	kill -KILL $! 2>/dev/null
	wait $! 2>/dev/null
	exec 8<&-
	run -r "$basic" -o "$tmp/announced" --record none -q
	[ "$status" -eq 0 ] || bad=$((bad + 1))
	sed -n 's/^{"type":"call","uid":"\([^"]*\)".*}$/\1/p' "$tmp/report" |
		sort >"$tmp/said"
	sql "$tmp/announced/callscope.db" 'SELECT uid FROM cdr' |
		sort >"$tmp/stored"
	[ -z "$(comm -23 "$tmp/said" "$tmp/stored")" ] || bad=$((bad + 1))
	announced=$((announced + $(wc -l <"$tmp/said")))
done
same 'queue: killed: what was announced is stored' "$bad" 0
[ "$announced" -gt 0 ]
result 'queue: killed: some were announced' $?

# --- a database that takes nothing ------------------------------------------------

run -r "$basic" -o "$tmp/down" --record none -q
lock "$tmp/down/callscope.db"
run -r "$samples/busy-486.pcap" -o "$tmp/down" --record none -q
same 'queue: locked: status' "$status" 3
grep -q "locked by another process; records wait in $tmp/down/queue/sqlite" \
	"$tmp/err"
result 'queue: locked: said' $?
grep -q "records wait in $tmp/down/queue/sqlite: they are stored when callscope" \
	"$tmp/err"
result 'queue: locked: what is left is said' $?
cp "$tmp/err" "$tmp/said"
same 'queue: locked: lines' "$(wc -l <"$tmp/said" | tr -d ' ')" 2
unlock
same 'queue: locked: nothing stored' "$(calls "$tmp/down/callscope.db")" 1
run -r "$samples/not-found.pcap" -o "$tmp/down" --record none -q
same 'queue: next run: status and files' "$status $(ls "$tmp/down")" \
	'0 callscope.db'
same 'queue: next run: all are stored' "$(calls "$tmp/down/callscope.db")" 3

# One record is poison: the others are stored. A trigger plays the database
# that refuses it.
run -r "$basic" -o "$tmp/poison" --record none -q
sql "$tmp/poison/callscope.db" "CREATE TRIGGER bad BEFORE INSERT ON cdr
	WHEN NEW.status = 486 BEGIN SELECT RAISE(ABORT, 'no 486 here'); END"
run -r "$samples" -o "$tmp/samples" --record none -q
run -r "$samples" -o "$tmp/poison" --record none -q
same 'queue: poison: status' "$status" 3
same 'queue: poison: set aside' \
	"$(grep -c '^{"uid":"[^"]*","time":"[^"]*","reason":".*no 486 here","record":{"type":"call",.*}}$' \
		"$tmp/poison/queue/sqlite/refused")" \
	"$(sql "$tmp/whole/callscope.db" 'SELECT count(*) FROM cdr WHERE status = 486')"
same 'queue: poison: all others are stored' \
	"$(calls "$tmp/poison/callscope.db")" \
	"$(sql "$tmp/samples/callscope.db" \
		'SELECT count(*) FROM cdr WHERE status IS NOT 486')"
same 'queue: poison: nothing else waits' "$(ls "$tmp/poison/queue/sqlite")" refused

# --- two at a time ------------------------------------------------------------------

mkfifo "$tmp/slow"
timeout 60 "$CALLSCOPE" -r - -o "$tmp/two" -q <"$tmp/slow" >"$tmp/first" 2>&1 &
first=$!
exec 8>"$tmp/slow"
# More than the pipe holds: when it is written the program reads.
cat "$tmp/calls.pcap" >&8
run -r "$basic" -o "$tmp/two" -q
same 'queue: a second one is refused' "$status" 1
grep -q "$tmp/two is in use by another callscope, process [0-9]" "$tmp/err"
result 'queue: a second one is told who has it' $?
run -r "$basic" -o "$tmp/two" --db none --record none -q
same 'queue: one that writes nothing there is not' "$status" 0
exec 8>&-
wait "$first"
same 'queue: the first one ends well' "$? $(ls "$tmp/two")" '0 callscope.db
spool'
run -r "$basic" -o "$tmp/two" -q
same 'queue: then another one may' "$status" 0
