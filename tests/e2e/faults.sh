#!/bin/sh
# Stores that fail, and callscope killed at any moment: what is in the store in
# the end equals, row by row and value by value, what a run without faults
# leaves there. Nothing is left to chance: moments are packets or bytes, drawn
# from a seed.
#
# FAULT_KILLS is how often callscope is killed for each kind of store (default
# 4; "make faults" takes 50), FAULT_CALLS how many calls a run has.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"
# shellcheck source=mariadb_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/mariadb_lib.sh"
# shellcheck source=faults_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/faults_lib.sh"

: "${FAULT_KILLS:=4}" "${FAULT_CALLS:=400}"
data=$tmp/data
known "$FAULT_CALLS"

# --- the truth ----------------------------------------------------------------

# truth STORE: states, and microseconds between answer and end.
truth()
{
	same "faults: $1: calls by state" \
		"$(query "$1" "$data" "SELECT state, COUNT(*) FROM cdr
			WHERE type = 'call' GROUP BY state ORDER BY state" |
			tr '|\t' '  ')" \
		"$(cut -f 2 "$tmp/known.truth" | sort | uniq -c |
			awk '{ print $2, $1 }')"
	same "faults: $1: microseconds of all answered calls" \
		"$(query "$1" "$data" "SELECT connect_ms FROM cdr
			WHERE answer IS NOT NULL" |
			awk '{ n += $1 * 1000 } END { printf "%d", n + 0.5 }')" \
		"$(awk -F'\t' '{ n += $6 } END { printf "%d", n }' \
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
		record "$1" "$data" "$tmp/nothing.pcap"
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

# --- all of it ----------------------------------------------------------------

# store_faults STORE
store_faults()
{
	undisturbed "$1" "$data"
	truth "$1"
	record "$1" "$data" "$tmp/known.pcap"
	unchanged "faults: $1: read twice" "$1" "$data"
	killed "$1" "$FAULT_KILLS"
}

store_faults sqlite
