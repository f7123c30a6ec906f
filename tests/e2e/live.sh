#!/bin/sh
# Live capture: a sample is replayed onto a virtual interface while callscope
# listens; SIGINT and SIGTERM end it in order. Needs root and Linux's veth.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

# What options.sh leaves to this file.
covers()
{
	: "$1"
}

near=cs-t$$ far=cs-u$$ pid=
clean()
{
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
	ip link del "$near" 2>/dev/null
	rm -rf "$tmp"
}
trap clean EXIT

if [ "$(id -u)" -ne 0 ]; then
	echo 'SKIP live: needs root'
	exit 0
fi
if ! ip link add "$near" type veth peer name "$far" 2>"$tmp/err"; then
	echo "SKIP live: no veth here: $(head -n 1 "$tmp/err")"
	exit 0
fi
for each in "$near" "$far"; do
	# The kernel's own words on a new link are none of ours.
	sysctl -q "net.ipv6.conf.$each.disable_ipv6=1" 2>/dev/null
	ip link set "$each" up
done

# listen OPTION...: starts it and waits until it listens.
listen()
{
	rm -rf "$tmp/live" "$tmp/err"
	"$CALLSCOPE" -i "$near" -o "$tmp/live" --json "$tmp/report" \
		-f 'not arp' "$@" >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	until_true 20 grep -q 'listening on' "$tmp/err" && return 0
	echo "FAIL live: it does not listen: $(head -n 2 "$tmp/err")"
	return 1
}

# finish SIGNAL: ends it; its exit status is left in $status.
finish()
{
	kill -s "$1" "$pid"
	until_true 20 ended "$pid" || kill -9 "$pid"
	wait "$pid"
	status=$?
	pid=
	"$tools/flat" "$tmp/report" >"$tmp/flat"
}

# The interface has seen N packets more than BEFORE.
received()
{
	[ "$(cat "/sys/class/net/$near/statistics/rx_packets")" -ge "$1" ]
}

# play FILE: every packet of it onto the wire.
play()
{
	before=$(cat "/sys/class/net/$near/statistics/rx_packets")
	sent=$("$tools/replay" "$1" "$far")
	until_true 10 received $((before + sent))
}

covers interface
"$tools/part" "$samples/basic-call.pcap" 1 600 "$tmp/half.pcap"
listen || exit 0
grep -q "listening on $near; recorded: .*audio payload: yes" "$tmp/err"
result 'live: says what is recorded' $? "$(cat "$tmp/err")"
play "$tmp/half.pcap"
finish INT
same 'live: SIGINT: status' "$status" 0
same 'live: SIGINT: an open call is active' "$(values call state)" active
same 'live: SIGINT: its messages' \
	"$(values call 'messages[].cseq' | wc -l | tr -d ' ')" 4
same 'live: SIGINT: the database has it' \
	"$(sql "$tmp/live/callscope.db" 'SELECT state FROM cdr')" active
seen=$(values summary packets)
same 'live: the sensor is the host' "$(values call sensor)" "$(hostname)"
same 'live: no temporary file' "$(find "$tmp/live" -name '.*')" ''
report -r "$(pcaps "$tmp/live")"
same 'live: the pcap has the call' "$(values call state)" active
report -r "$tmp/half.pcap" -f 'not arp'
same 'live: every packet of the part' "$seen" "$(values summary packets)"

listen --sensor tap-1
play "$samples/basic-call.pcap"
finish TERM
same 'live: SIGTERM: status' "$status" 0
same 'live: SIGTERM: the whole call' \
	"$(values call state) $(values call 'streams[].packets' |
		tr '\n' ' ')" 'completed 551 551 '
same 'live: SIGTERM: sensor' "$(values call sensor)" tap-1
grep -q 'alice' "$tmp/out"
result 'live: the table' $? "$(cat "$tmp/out")"

listen --record headers
grep -q 'audio payload: no' "$tmp/err"
result 'live: says that no audio is recorded' $?
finish INT
same 'live: no packets at all: status' "$status" 0

# Keys are followed; those that everybody may read are refused.
umask 077
tls_key 1 >"$tmp/open-keys"
chmod 644 "$tmp/open-keys"
"$CALLSCOPE" -i "$near" -o "$tmp/live" --keys "$tmp/open-keys" \
	>"$tmp/out" 2>"$tmp/err" </dev/null
same 'live: keys that everybody may read: status' $? 1
grep -q 'are not used: chmod o-r ' "$tmp/err"
result 'live: keys that everybody may read: what to do' $?
listen --keys "$tmp/keys"
{ tls_key 1; tls_key 2; } >"$tmp/keys"
play "$samples/busy-486.pcap"
tls_key 3 >>"$tmp/keys"
finish INT
grep -q 'keys of 3 TLS and DTLS sessions' "$tmp/out"
result 'live: keys that come later' $? "$(cat "$tmp/out" "$tmp/err")"
umask 022

covers snaplen
listen --snaplen 200
play "$samples/busy-486.pcap"
finish INT
same 'live: snaplen 200: an INVITE that is cut' \
	"$(values call callee.tag)" ''
listen
play "$samples/busy-486.pcap"
finish INT
same 'live: snaplen 0: the whole INVITE' "$(values call status)" 486

covers no-promiscuous
promiscuous()
{
	ip -d link show "$near" | sed -n 's/.*promiscuity \([0-9]*\).*/\1/p'
}
if [ -n "$(promiscuous)" ]; then
	listen
	same 'live: promiscuous' "$(promiscuous)" 1
	finish INT
	listen -p
	same 'live: no-promiscuous' "$(promiscuous)" 0
	finish INT
else
	echo 'SKIP live: no-promiscuous: ip does not tell'
fi

covers billing-feed-memory
old=$tmp/old.pcap
{
	printf '0 udp 10.0.0.1:5060 10.0.0.2:5060 INVITE sip:b@x SIP/2.0\\r\\nFrom: <sip:a@x>;tag=1\\r\\nTo: <sip:b@x>\\r\\nCall-ID: old\\r\\nCSeq: 1 INVITE\\r\\n\\r\\n\n'
	printf '1 udp 10.0.0.2:5060 10.0.0.1:5060 SIP/2.0 200 OK\\r\\nFrom: <sip:a@x>;tag=1\\r\\nTo: <sip:b@x>;tag=2\\r\\nCall-ID: old\\r\\nCSeq: 1 INVITE\\r\\n\\r\\n\n'
	printf '2 udp 10.0.0.1:5060 10.0.0.2:5060 BYE sip:b@x SIP/2.0\\r\\nFrom: <sip:a@x>;tag=1\\r\\nTo: <sip:b@x>;tag=2\\r\\nCall-ID: old\\r\\nCSeq: 2 BYE\\r\\n\\r\\n\n'
} | "$tools/made" "$old"
# remembered MEMORY: the status of reading that call again after a live run.
remembered()
{
	echo "billing-feed-memory = $1" >"$tmp/conf"
	rm -rf "$tmp/feed"
	run -r "$old" --db none --record none -q --billing-feed "$tmp/feed"
	listen -c "$tmp/conf" --billing-feed "$tmp/feed"
	play "$samples/basic-call.pcap"
	finish INT
	run -r "$old" --db none --record none -q --billing-feed "$tmp/feed"
	echo "$status $(cat "$tmp"/feed/calls-*.csv | grep -vc '^version')"
}
same 'live: billing-feed-memory: a call is known' "$(remembered 3650d)" '0 2'
same 'live: billing-feed-memory: a call is forgotten' "$(remembered 7d)" '3 2'

covers buffer
# The ring is mapped into the program: kB of its socket's mappings.
ring()
{
	awk '/socket:/ { on = 1 } on && /^Size:/ { n += $2; on = 0 }
		END { print n + 0 }' "/proc/$pid/smaps"
}
listen -B 8M
small=$(ring)
finish INT
listen -B 32M
large=$(ring)
finish INT
if [ "$small" -gt 0 ]; then
	[ "$large" -gt $((small * 3)) ]
	result 'live: buffer' $? "$small kB, then $large kB"
else
	echo 'SKIP live: buffer: the ring is not to be seen'
fi

covers keep-cdrs
# A database with an INVITE of 2023.
printf '%s\n' "0 udp 10.0.0.1:5060 10.0.0.2:5060 INVITE sip:b@x SIP/2.0\\r\\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\\r\\nFrom: <sip:a@x>;tag=a\\r\\nTo: <sip:b@x>\\r\\nCall-ID: old\\r\\nCSeq: 1 INVITE\\r\\n\\r\\n" |
	"$tools/made" "$tmp/old.pcap"
run -r "$tmp/old.pcap" -o "$tmp/kept" --db "sqlite:$tmp/old.db" \
	--record none -q
# calls N: so many are in it.
calls()
{
	[ "$(sql "$tmp/old.db" 'SELECT count(*) FROM cdr')" = "$1" ]
}
calls 1
result 'live: keep-cdrs: a run over files deletes nothing' $?
listen --db "sqlite:$tmp/old.db" --keep-cdrs 0
finish INT
calls 1
result 'live: keep-cdrs 0' $?
listen --db "sqlite:$tmp/old.db"
until_true 20 calls 0
result 'live: keep-cdrs: its default' $?
finish INT
grep -q 'retention: 1 records from before .* deleted' "$tmp/err"
result 'live: keep-cdrs: what went is told' $? "$(cat "$tmp/err")"

# The interface goes away below it: the run goes on, what was seen is reported.
listen
play "$tmp/half.pcap"
# Until it has read some: what lies in a ring goes with its interface.
until_true 10 sh -c "ls '$tmp'/live/spool/*/*/.*.part"
ip link del "$near"
until_true 10 grep -q "$near is gone; capture goes on when it is back" \
	"$tmp/err"
result 'live: the interface goes away: it is said' $?
finish INT
same 'live: the interface goes away: the call is reported' \
	"$(values call state)" active
