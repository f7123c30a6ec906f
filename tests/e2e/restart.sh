#!/bin/sh
# A restart neither splits nor loses a call: captures in parts, read one after
# the other with --continue, against the whole; and a live capture that is
# stopped, or killed, in the middle of a call (root and veth).
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

# parts NAME CUT[,CUT] [OPTION...]: what differs, nothing when nothing does.
# A CUT is a percentage of the packets.
parts()
{
	name=$1 cuts=$2
	shift 2
	report -r "$samples/$name.pcap" "$@"
	n=$(values summary packets)
	at=
	for cut in $(echo "$cuts" | tr , ' '); do
		at=$at${at:+,}$(((n * cut + 99) / 100))
	done
	python3 "$CALLSCOPE_SRC/tests/e2e/restart.py" "$CALLSCOPE" \
		"$tools/part" "$tmp/parts" "$samples/$name.pcap" "$n" "$at" \
		"$@" >"$tmp/differs" 2>&1
	[ ! -s "$tmp/differs" ]
	result "restart: $name in parts at $cuts %" $? \
		"$(head -n 2 "$tmp/differs" | cut -c 1-300)"
}

if command -v python3 >/dev/null; then
	for each in basic-call auth-407 fork dtmf-info media-relay; do
		parts "$each" 1
		parts "$each" 10,45
		parts "$each" 50
		parts "$each" 99
	done
	for each in busy-486 cancel cancel-crossing hold-resume transfer \
		nat-relay no-bye prack-183 redirect-302 retransmissions \
		ipv6-call sdes-call sdes-rekey already-up rtp-only \
		ice-fail cc-direct cc-restart; do
		[ -f "$samples/$each.pcap" ] && parts "$each" 30,70
	done
else
	echo 'SKIP restart: captures in parts: needs python3'
fi

# --- one call in three runs -------------------------------------------------

dir=$tmp/three
whole=$samples/basic-call.pcap
"$tools/part" "$whole" 1 3 "$tmp/1.pcap"
"$tools/part" "$whole" 4 597 "$tmp/2.pcap"
"$tools/part" "$whole" 601 0 "$tmp/3.pcap"
run -r "$tmp/1.pcap" -o "$dir" --continue -q
same 'restart: 1st of three: status' "$status" 0
same 'restart: 1st of three: it is open' \
	"$(sql "$dir/callscope.db" 'SELECT state FROM cdr')" active
run -r "$tmp/2.pcap" -o "$dir" --continue -q
grep -q 'goes on with 1 open call' "$tmp/err"
result 'restart: 2nd of three: says what it goes on with' $?
same 'restart: 2nd of three: answered, and open' \
	"$(sql "$dir/callscope.db" "SELECT state || ' ' || (answer IS NOT NULL)
		FROM cdr")" 'active 1'
cp -R "$dir" "$tmp/before-3"
run -r "$tmp/3.pcap" -o "$dir" --continue -q
run -r "$whole" -o "$tmp/one" -q
query="SELECT uid, state, answer, end_time, duration_ms, packets, partial
	FROM cdr"
same 'restart: 3rd of three: the record of the whole' \
	"$(sql "$dir/callscope.db" "$query")" \
	"$(sql "$tmp/one/callscope.db" "$query")"
query='SELECT stream_uid, packets, lost, bytes FROM stream ORDER BY n'
same 'restart: 3rd of three: its streams' \
	"$(sql "$dir/callscope.db" "$query")" \
	"$(sql "$tmp/one/callscope.db" "$query")"
same 'restart: 3rd of three: messages' \
	"$(sql "$dir/callscope.db" 'SELECT count(*) FROM sip_message')" 6
report -r "$(pcaps "$tmp/one")"
packets=$(values summary packets)
report -r "$(pcaps "$dir")"
same 'restart: 3rd of three: its pcap has every packet' \
	"$(values summary packets)" "$packets"

# The same file again: its packets have been read.
run -r "$tmp/3.pcap" -o "$dir" --continue -q
grep -q '522 packets were read by a run before' "$tmp/err"
result 'restart: a file that was read is left out' $?
query='SELECT state, duration_ms, packets FROM cdr'
same 'restart: and changes nothing' "$(sql "$dir/callscope.db" "$query")" \
	"$(sql "$tmp/one/callscope.db" "$query")"

# Without --continue nothing goes on, and the journal stays as it is.
dir=$tmp/before-3
before=$(cat "$dir"/journal/*)
run -r "$tmp/3.pcap" -o "$dir" -q
[ "$before" = "$(cat "$dir"/journal/*)" ]
result 'restart: without --continue the journal is left alone' $?

# A journal that is damaged is told of, and costs no more than what it had.
first=$(find "$dir/journal" -name '*-*' | head -n 1)
dd if=/dev/zero of="$first" bs=1 seek=$(($(wc -c <"$first") / 2)) count=400 \
	conv=notrunc 2>/dev/null
run -r "$tmp/3.pcap" -o "$dir" --continue -q
same 'restart: damaged: status' "$status" 0
grep -q 'is damaged in 1 places' "$tmp/err"
result 'restart: damaged: it is told' $?

# Credentials are in no file but the pcap.
run -r "$samples/auth-407.pcap" -o "$tmp/auth" --continue --record none -q
grep -aq 'Authorization: xxx' "$tmp/auth"/journal/*-*
result 'restart: credentials are blanked' $?
! grep -aq 'response="' "$tmp/auth"/journal/*-*
result 'restart: credentials are not in the journal' $?

# --- live -------------------------------------------------------------------

near=cs-r$$ far=cs-s$$ pid=
clean()
{
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
	ip link del "$near" 2>/dev/null
	rm -rf "$tmp"
}

if [ "$(id -u)" -ne 0 ]; then
	echo 'SKIP restart: live: needs root'
	exit 0
fi
if ! ip link add "$near" type veth peer name "$far" 2>"$tmp/err"; then
	echo "SKIP restart: live: no veth here: $(head -n 1 "$tmp/err")"
	exit 0
fi
trap clean EXIT
for each in "$near" "$far"; do
	sysctl -q "net.ipv6.conf.$each.disable_ipv6=1" 2>/dev/null
	ip link set "$each" up
done

listen()
{
	rm -f "$tmp/err"
	"$CALLSCOPE" -i "$near" -o "$tmp/live" --sensor tap -q \
		-f 'not arp' "$@" >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	until_true 20 grep -q 'listening on' "$tmp/err" && return 0
	echo "FAIL restart: live: it does not listen: $(head -n 2 "$tmp/err")"
	return 1
}

# finish SIGNAL
finish()
{
	kill -s "$1" "$pid"
	until_true 20 ended "$pid" || kill -9 "$pid"
	wait "$pid" 2>/dev/null
	pid=
}

received()
{
	[ "$(cat "/sys/class/net/$near/statistics/rx_packets")" -ge "$1" ]
}

play()
{
	before=$(cat "/sys/class/net/$near/statistics/rx_packets")
	sent=$("$tools/replay" "$1" "$far")
	until_true 10 received $((before + sent))
}

# What the engine has taken shows in the journal.
journal_has()
{
	cat "$tmp"/live/journal/*-* 2>/dev/null | grep -aq "$1"
}

state()
{
	sql "$tmp/live/callscope.db" "SELECT state || ' ' || partial || ' ' ||
		(SELECT count(*) FROM sip_message m WHERE m.uid = cdr.uid) ||
		' ' || (SELECT sum(packets) FROM stream s
		WHERE s.uid = cdr.uid) FROM cdr"
}

"$tools/part" "$whole" 1 600 "$tmp/half.pcap"
"$tools/part" "$whole" 601 0 "$tmp/rest.pcap"

rm -rf "$tmp/live"
listen || exit 0
play "$tmp/half.pcap"
finish TERM
same 'restart: stopped: the call is open' "$(state)" 'active end 4 587'
listen || exit 0
grep -q 'goes on with 1 open call' "$tmp/err"
result 'restart: stopped: it goes on' $? "$(cat "$tmp/err")"
play "$tmp/rest.pcap"
finish TERM
same 'restart: stopped: one record, whole but for the gap' "$(state)" \
	'completed gap 6 1102'
report -r "$(pcaps "$tmp/live")"
same 'restart: stopped: one pcap with all of it' \
	"$(values call state) $(values call 'messages[].cseq' | wc -l |
		tr -d ' ')" 'completed 6'

rm -rf "$tmp/live"
listen || exit 0
play "$tmp/half.pcap"
until_true 10 journal_has 'ACK sip:'
finish KILL
listen || exit 0
grep -q 'goes on with 1 open call.*did not end in order' "$tmp/err"
result 'restart: killed: it goes on' $? "$(cat "$tmp/err")"
play "$tmp/rest.pcap"
finish TERM
same 'restart: killed: one record' \
	"$(state | cut -d' ' -f1-3)" 'completed gap 6'
# Media of the first half that was on disk counts too.
[ "$(state | cut -d' ' -f4)" -ge 515 ]
result 'restart: killed: media of both parts' $? "$(state)"

# Never seen again.
rm -rf "$tmp/live"
listen || exit 0
play "$tmp/half.pcap"
until_true 10 journal_has 'ACK sip:'
finish KILL
printf 'media-timeout = 1s\nsilence-timeout = 1s\n' >"$tmp/conf"
listen -c "$tmp/conf" || exit 0
interrupted()
{
	[ "$(sql "$tmp/live/callscope.db" 'SELECT state FROM cdr')" = \
		interrupted ]
}
until_true 20 interrupted
finish TERM
same 'restart: never seen again' "$(state | cut -d' ' -f1-3)" \
	'interrupted end 4'
