#!/bin/sh
# Stores that fail, and callscope killed at any moment: what is in the store in
# the end equals, row by row and value by value, what a run without faults
# leaves there. Nothing is left to chance: moments are packets or bytes, drawn
# from a seed.
#
# FAULT_KILLS is how often callscope is killed for each kind of store (default
# 3; "make faults" takes 50), FAULT_CALLS how many calls a run has.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"
# shellcheck source=mariadb_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/mariadb_lib.sh"
# shellcheck source=faults_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/faults_lib.sh"

[ -z "${TEST_QUICK-}" ] || : "${FAULT_KILLS:=1}" "${FAULT_CALLS:=100}"
: "${FAULT_KILLS:=3}" "${FAULT_CALLS:=300}"
data=$tmp/data
known "$FAULT_CALLS"

# --- the truth ----------------------------------------------------------------

# truth STORE: states, and microseconds between answer and end: the BYE, else
# the last packet of media.
truth()
{
	same "faults: $1: calls by state" \
		"$(query "$1" "$data" "SELECT state, COUNT(*) FROM cdr
			WHERE type = 'call' GROUP BY state ORDER BY state" |
			tr '|\t' '  ')" \
		"$(cut -f 2 "$tmp/known.truth" | sort | uniq -c |
			awk '{ print $2, $1 }')"
	same "faults: $1: microseconds to be billed" \
		"$(query "$1" "$data" "SELECT billable_s FROM billing_cdr" |
			awk '{ n += int($1 * 1000000 + 0.5) }
				END { printf "%.0f", n }')" \
		"$(awk -F'\t' '{ n += $6 } END { printf "%.0f", n }' \
			"$tmp/known.truth")"
}

# --- killed -------------------------------------------------------------------

# killed STORE TIMES: each time at another place of the capture. The next run
# has nothing new to read, and what the dead one told of must be there then;
# after reading all again it is as if nothing had been.
killed()
{
	lost=0 doubled=0 changed=0 told=0
	for at in $(random "$2" "$known_bytes" 7); do
		new_store "$1" "$data"
		begin "$1" "$data"
		feed "$at"
		murder
		announced >"$tmp/announced"
		drain "$1" "$data"
		[ "$status" -eq 0 ] || echo "FAIL faults: $1: killed at $at:" \
			"status $status: $(cat "$tmp/err")"
		stored_uids "$1" "$data" >"$tmp/uids"
		told=$((told + $(wc -l <"$tmp/announced")))
		lost=$((lost + $(comm -23 "$tmp/announced" "$tmp/uids" |
			wc -l)))
		doubled=$((doubled + $(uniq -d "$tmp/uids" | wc -l)))
		record "$1" "$data" "$tmp/known.pcap"
		rows "$1" "$data" >"$tmp/got"
		cmp -s "$tmp/wanted" "$tmp/got" || {
			changed=$((changed + 1))
			diff "$tmp/wanted" "$tmp/got" | head -n 4 | cut -c 1-300
		}
	done
	same "faults: $1: killed $2 times, $told records told: lost, doubled" \
		"$lost $doubled" '0 0'
	same "faults: $1: killed $2 times, read again: other rows" "$changed" 0
	if [ "$told" -eq 0 ]; then
		echo "FAIL faults: $1: no run got anywhere before it was killed"
	fi
}

# killed_on STORE TIMES: the same, but each run finds what the dead ones left,
# and is killed as well.
killed_on()
{
	new_store "$1" "$data"
	: >"$tmp/all"
	for at in $(random "$2" "$known_bytes" 8); do
		begin "$1" "$data"
		feed "$at"
		murder
		announced >>"$tmp/all"
	done
	drain "$1" "$data"
	sort -u "$tmp/all" >"$tmp/announced"
	stored_uids "$1" "$data" >"$tmp/uids"
	same "faults: $1: killed $2 times in a row: told of and lost, doubled" \
		"$(comm -23 "$tmp/announced" "$tmp/uids" | wc -l) $(uniq -d \
			"$tmp/uids" | wc -l)" '0 0'
	record "$1" "$data" "$tmp/known.pcap"
	unchanged "faults: $1: killed $2 times in a row, read again" "$1" "$data"
}

# The same with the pcaps of the calls.
killed_recording()
{
	what=all
	undisturbed sqlite "$data"
	recordings "$data" >"$tmp/files"
	rm -rf "$data"
	for at in $(random "$1" "$known_bytes" 9); do
		begin sqlite "$data"
		feed "$at"
		murder
	done
	record sqlite "$data" "$tmp/known.pcap"
	unchanged "faults: sqlite: killed $1 times while it records: rows" \
		sqlite "$data"
	recordings "$data" >"$tmp/got"
	same "faults: sqlite: killed $1 times while it records: $(wc -l \
		<"$tmp/files") pcaps" "$(diff "$tmp/files" "$tmp/got" |
			head -n 4)" ''
	what=
}

# --- a record that the store refuses -------------------------------------------

# poison STORE TABLE UID: from now on the store takes no row with that uid.
poison()
{
	case $1 in
	sqlite) query "$1" "$data" "CREATE TRIGGER poison BEFORE INSERT ON $2
		WHEN NEW.uid = '$3' BEGIN SELECT RAISE(ABORT, 'poisoned'); END" ;;
	*) db_sql "${1%:*}" "DELIMITER //
		CREATE TRIGGER poison BEFORE INSERT ON $2 FOR EACH ROW
		IF NEW.uid = '$3' THEN
		SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'poisoned'; END IF//" \
		"${1#*:}" ;;
	esac
}

# poisoned STORE TABLE: that record is set aside with all its rows, and with
# the reason; nothing else changes.
poisoned()
{
	victim=$(query "$1" "$data" "SELECT uid FROM stream ORDER BY uid LIMIT 1")
	new_store "$1" "$data"
	drain "$1" "$data"
	poison "$1" "$2" "$victim"
	record "$1" "$data" "$tmp/known.pcap"
	same "faults: $1: a poisoned $2: exit status" "$status" 3
	mv "$tmp/wanted" "$tmp/whole"
	grep -v "$victim" "$tmp/whole" >"$tmp/wanted"
	unchanged "faults: $1: a poisoned $2: all others" "$1" "$data"
	mv "$tmp/whole" "$tmp/wanted"
	cat "$data"/queue/*/refused >"$tmp/refused"
	same "faults: $1: a poisoned $2: set aside with its reason" \
		"$(wc -l <"$tmp/refused") $(grep -c "\"uid\":\"$victim\".*poisoned" \
			"$tmp/refused")" '1 1'
	query "$1" "$data" 'DROP TRIGGER poison'
	record "$1" "$data" "$tmp/known.pcap"
	unchanged "faults: $1: a poisoned $2: read again without poison" \
		"$1" "$data"
}

# --- a server that is not there, or not always ----------------------------------

server_killed()
{
	new_store "$1" "$data"
	begin "$1" "$data"
	feed $((known_bytes / 3))
	db_kill "${1%:*}"
	feed $((known_bytes * 2 / 3))
	db_again "${1%:*}"
	feed "$known_bytes"
	finish
	same "faults: $1: server killed and restarted: exit status" "$status" 0
	unchanged "faults: $1: server killed and restarted" "$1" "$data"
}

# The queue is full of what the server has not seen when the run ends.
server_gone()
{
	new_store "$1" "$data"
	begin "$1" "$data"
	feed $((known_bytes / 2))
	db_kill "${1%:*}"
	feed "$known_bytes"
	finish
	same "faults: $1: server gone: exit status, records wait" \
		"$status $(waits "$data")" '3 yes'
	announced >"$tmp/announced"
	db_again "${1%:*}"
	drain "$1" "$data"
	same "faults: $1: server back: exit status, records wait" \
		"$status $(waits "$data")" '0 no'
	unchanged "faults: $1: server back" "$1" "$data"
	stored_uids "$1" "$data" | comm -23 "$tmp/announced" - >"$tmp/lost"
	same "faults: $1: server back: told of and lost" \
		"$(wc -l <"$tmp/lost")" 0
}

# through STORE WHAT DID RULE...: a run through a proxy that does so, into
# tables that are there. The server may keep silent for so many $seconds.
seconds=30
through()
{
	store=$1 fault=$2 did=$3
	shift 3
	new_store "$store" "$data"
	drain "$store" "$data"
	proxy_to "$(cat "$tmp/db-${store%:*}/port")" "$@"
	db_settings="tls=off&timeout=$seconds"
	record "$store" "$data" "$tmp/known.pcap"
	proxy_end
	db_settings=
	same "faults: $store: $fault: exit status" "$status" 0
	same "faults: $store: $fault: what the proxy did" \
		"$(sort "$tmp/proxy.did" | uniq -c | sed 's/^ *//')" "$did"
	unchanged "faults: $store: $fault" "$store" "$data"
}

# --- sqlite --------------------------------------------------------------------

# Somebody else writes for a while.
locked()
{
	new_store sqlite "$data"
	drain sqlite "$data"
	mkfifo "$tmp/lock"
	python3 -c "import sqlite3, sys
db = sqlite3.connect('$data/callscope.db', isolation_level=None)
db.execute('BEGIN EXCLUSIVE')
open('$tmp/locked', 'w')
sys.stdin.read()" <"$tmp/lock" &
	locker=$!
	exec 8>"$tmp/lock"
	until [ -f "$tmp/locked" ]; do
		sleep 0.05
	done
	begin sqlite "$data"
	feed $((known_bytes / 2))
	exec 8>&-
	wait "$locker"
	feed "$known_bytes"
	finish
	same 'faults: sqlite: locked for a while: exit status' "$status" 0
	unchanged 'faults: sqlite: locked for a while' sqlite "$data"
}

# --- a full disk ----------------------------------------------------------------

# full_disk STORE: the data folder's file system is full for the middle third.
full_disk()
{
	small=$tmp/small
	mkdir "$small"
	if ! mount -t tmpfs -o size=32m callscope-test "$small" 2>"$tmp/err"; then
		echo "SKIP faults: $1: a full disk: cannot mount a tmpfs"
		rmdir "$small"
		return
	fi
	new_store "$1" "$small/data"
	begin "$1" "$small/data"
	feed $((known_bytes / 3))
	cat /dev/zero >"$small/ballast" 2>"$tmp/full"
	feed $((known_bytes * 2 / 3))
	rm "$small/ballast"
	feed "$known_bytes"
	finish
	drain "$1" "$small/data"
	same "faults: $1: a full disk: exit status, records wait" \
		"$status $(waits "$small/data")" '0 no'
	unchanged "faults: $1: a full disk" "$1" "$small/data"
	umount "$small"
	rmdir "$small"
}

# --- all of it ----------------------------------------------------------------

# store_faults STORE
store_faults()
{
	undisturbed "$1" "$data"
	truth "$1"
	record "$1" "$data" "$tmp/known.pcap"
	unchanged "faults: $1: read twice" "$1" "$data"
	poisoned "$1" cdr
	poisoned "$1" stream
	killed "$1" "$FAULT_KILLS"
	killed_on "$1" "$FAULT_KILLS"
	full_disk "$1"
}

server_faults()
{
	store_faults "$1"
	server_killed "$1"
	server_gone "$1"
	through "$1" 'answers 5 ms late' '' delay=5
	through "$1" 'the answer to a COMMIT lost' \
		'2 lost the answer to a COMMIT' lose-commit=1 lose-commit=2
	through "$1" 'a connection cut' '3 cut a connection' \
		cut=20000 cut=150000 cut=151000
	through "$1" 'the first connection refused' '1 refused a connection' \
		refuse=1
	seconds=2
	through "$1" 'a connection stalled' '1 stalled a connection' \
		stall=100000
}

store_faults sqlite
locked
killed_recording "$FAULT_KILLS"
if why=$(db_missing any); then
	echo "SKIP faults: MariaDB: $why"
else
	db_start one
	server_faults one:calls
fi
