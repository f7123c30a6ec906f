#!/bin/sh
# Attacks of 200 000 packets a second (tests/tools/attack.c) upon 20 calls with
# media, over UDP, in fragments and over TCP: what is reported of the calls is
# what is reported without the attack, to the byte, with their pcaps; what the
# attack filled is counted; memory stays below the ceiling. ATTACK_N packets
# (default 50000) of each kind; "make bench-large" takes more.
set -u
# shellcheck source=tests/e2e/lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

[ -z "${TEST_QUICK-}" ] || : "${ATTACK_N:=20000}"
: "${ATTACK_N:=50000}"
cpu=$CALLSCOPE_BUILD/obj/tests/bench/cpu
ceiling=128

cat >"$tmp/conf" <<EOF
memory-limit = ${ceiling}M
flood-records = 20
EOF

# calls REPORT: the records of the 20 calls, in order.
calls()
{
	grep '"type":"call"' "$1" | grep '"call_id":"legit-' | sort
}

# packets REPORT: of the pcaps of these calls.
recorded()
{
	calls "$1" | sed 's/.*"pcap":"\([^"]*\)".*/\1/' | while read -r path; do
		cksum <"$tmp/data/$path"
	done
}

# over KIND N: leaves the report of that capture, and its peak in $peak.
over()
{
	"$tools/attack" "$1" "$2" "$tmp/in.pcap" || exit 1
	rm -rf "$tmp/data"
	# shellcheck disable=SC2046 # three numbers
	set -- $("$cpu" "$CALLSCOPE" -c "$tmp/conf" -r "$tmp/in.pcap" -q \
		-o "$tmp/data" --db none --json "$tmp/report")
	peak=$(($3 / 1024))
}

over invites 0
calls "$tmp/report" >"$tmp/want"
recorded "$tmp/report" >"$tmp/want.pcaps"
same "attack: 20 calls without one" \
	"$(grep -c '"state":"completed"' "$tmp/want")" 20

# attack KIND [COUNTER...]: these are counted.
attack()
{
	kind=$1
	shift
	over "$kind" "$ATTACK_N"
	calls "$tmp/report" >"$tmp/got"
	cmp -s "$tmp/got" "$tmp/want"
	result "attack: $kind: the calls are whole" $? "$(diff "$tmp/want" \
		"$tmp/got" | cut -c1-300 | head -n 4)"
	recorded "$tmp/report" >"$tmp/got.pcaps"
	cmp -s "$tmp/got.pcaps" "$tmp/want.pcaps"
	result "attack: $kind: and so are their pcaps" $? "others than without"
	memory "attack: $kind: memory" "$peak" "$ceiling"
	for name in "$@"; do
		grep '"type":"summary"' "$tmp/report" | grep -qF "\"$name\":"
		result "attack: $kind: $name" $? "not counted"
	done
}

# records MOST: what the attack left in the report.
records()
{
	n=$(grep -vc '"call_id":"legit-' "$tmp/report")
	[ "$n" -le "$1" ]
	result "attack: $kind: records" $? "$n, more than $1"
}

attack invites call.evicted call.unrecorded
records 2500
same "attack: invites: one record tells of the rest" \
	"$(grep -c '"code":"flood"' "$tmp/report")" 1
attack one-host call.evicted
attack call-ids call.evicted
attack responses call.evicted
attack options transaction.evicted
attack registers registration.evicted
attack syns flow.evicted
attack gaps tcp.gap tcp.hold_evicted
attack hellos tcp.connection_evicted
attack fragments ip.fragment_bytes_limit
attack overlaps ip.fragment_overlap
attack noise flow.evicted
attack streams media.pending_evicted
attack checks session.evicted
attack allocations media.pending_evicted
attack sums flow.evicted

# Aimed at the calls' own media it adds streams to them, bounded.
over aimed "$ATTACK_N"
same "attack: aimed: the calls end as they do" \
	"$(calls "$tmp/report" | grep -c '"state":"completed"')" 20
# Of both sides of each call, whatever else is there.
same "attack: aimed: all of their own media is there" "$(calls "$tmp/report" |
	grep -o '"packets":75,"bytes":12000,' | wc -l)" 40
memory "attack: aimed: memory" "$peak" "$ceiling"

# Every capture there is, with tables that take next to nothing: whatever has to
# go does so in the middle of something.
cat >"$tmp/conf" <<EOF
max-calls = 2
max-registrations = 1
max-transactions = 1
max-flows = 4
max-pending = 1
max-sessions = 1
max-connections = 1
source-waiting = 1
flood-records = 1
max-streams = 3
tcp-memory = 1M
EOF
bad=
for each in "$samples"/*.pcap "$samples"/*.pcapng; do
	set -- -c "$tmp/conf" -r "$each" -q --db none --record none
	[ -f "${each%.*}.keylog" ] && set -- "$@" --keys "${each%.*}.keylog"
	run "$@" --json "$tmp/report"
	case $status in
	0 | 2) ;;
	*) bad="$bad ${each##*/} $status" ;;
	esac
done
same 'attack: tiny tables: captures that end badly' "$bad" ''
