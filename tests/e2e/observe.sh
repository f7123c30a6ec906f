#!/bin/sh
# What a live capture tells of itself, in a network namespace of its own: the
# line of figures, warnings of interface and mirror, callscope status, metrics.
# Needs root, veth and network namespaces.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

# What options.sh leaves to this file.
covers()
{
	: "$1"
}

net=cs-o$$ pid=
clean()
{
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
	ip netns del "$net" 2>/dev/null
	rm -rf "$tmp"
}
trap clean EXIT

if [ "$(id -u)" -ne 0 ]; then
	echo 'SKIP observe: needs root'
	exit 0
fi
if ! ip netns add "$net" 2>"$tmp/err" ||
	! ip -n "$net" link add v0 type veth peer name v1 2>"$tmp/err"; then
	echo "SKIP observe: no namespace or veth here: $(head -n 1 "$tmp/err")"
	exit 0
fi
inside()
{
	ip netns exec "$net" "$@"
}
for each in v0 v1; do
	inside sysctl -q "net.ipv6.conf.$each.disable_ipv6=1" 2>/dev/null
	ip -n "$net" link set "$each" up
done
inside ethtool -K v0 gro off lro off 2>/dev/null

# listen: starts it and waits until it listens.
dir=$tmp/live
listen()
{
	rm -rf "$dir" "$tmp/err"
	ip netns exec "$net" "$CALLSCOPE" -q -i v0 -o "$dir" -c "$tmp/conf" \
		--http none -f 'not arp' >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	until_true 20 grep -q 'listening on' "$tmp/err" && return 0
	echo "FAIL observe: it does not listen: $(head -n 2 "$tmp/err")"
	exit 0
}

# finish: ends it.
finish()
{
	kill -s INT "$pid"
	until_true 30 ended "$pid" || kill -9 "$pid"
	wait "$pid"
	pid=
}

said()
{
	grep -q -- "$1" "$tmp/err"
}

# asked TEXT: callscope status says so.
asked()
{
	"$CALLSCOPE" status -o "$dir" >"$tmp/status" 2>&1
	grep -q -- "$1" "$tmp/status"
}

play()
{
	inside "$tools/replay" "$1" v1 >/dev/null
}

# --- the line, and status -----------------------------------------------------

covers log-interval
echo 'log-interval = 1s' >"$tmp/conf"
listen
play "$samples/basic-call.pcap"
until_true 30 said ' stats seconds=.* ended=1 '
result 'observe: log-interval: the line' $?
line=$(grep ' stats seconds=.* ended=1 ' "$tmp/err" | head -n 1)
for each in pps mbps calls sessions drop_kernel drop_ring drop_workers \
	drop_limit store_waiting spool_bytes rss_mb busiest busy; do
	echo "$line" | grep -q " $each=[a-z0-9.]"
	result "observe: the line has $each" $? "$line"
done

"$CALLSCOPE" status -o "$dir" >"$tmp/status" 2>&1
same 'observe: status: healthy' "$? $(grep -c healthy "$tmp/status")" '0 1'
asked '^capture    live, [1-9][0-9]* packets'
result 'observe: status: packets' $? "$(cat "$tmp/status")"
asked '^interface  v0  *up'
result 'observe: status: the interface' $? "$(cat "$tmp/status")"
asked '^threads .*core [0-9]* %'
result 'observe: status: threads' $? "$(cat "$tmp/status")"
asked '^database   sqlite, up'
result 'observe: status: the store' $? "$(cat "$tmp/status")"
"$CALLSCOPE" status -o "$dir" --json >"$tmp/report"
"$tools/flat" "$tmp/report" >"$tmp/flat"
for each in status/healthy capture.live/true 'capture.taps[0].name/v0' \
	'capture.taps[0].up/true' 'capture.threads[0].name/core' \
	store.kind/sqlite; do
	same "observe: status --json: ${each%%/*}" \
		"$(awk -F'\t' -v p="${each%%/*}" '$2 == p { print $3 }' \
			"$tmp/flat")" "${each##*/}"
done
same 'observe: its socket' "$(stat -c '%F %a %U' "$dir/status.sock")" \
	"socket 600 $(id -un)"
if setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
	chmod 755 "$tmp" "$dir"
	setpriv --reuid 65534 --clear-groups "$CALLSCOPE" status -o "$dir" \
		>"$tmp/out2" 2>&1
	same 'observe: status: somebody else' $? 1
	grep -q 'may only be asked by its owner' "$tmp/out2"
	result 'observe: status: what somebody else can do' $? \
		"$(cat "$tmp/out2")"
else
	echo 'SKIP observe: status: somebody else: no setpriv'
fi

# --- settings that are read again ---------------------------------------------

# status_of TEXT: its exit status, once it says so.
status_of()
{
	until_true 30 asked "$1"
	"$CALLSCOPE" status -o "$dir" >"$tmp/status" 2>&1
	echo "$? $(grep -c -- "$1" "$tmp/status")"
}
echo 'no such key' >"$tmp/conf"
kill -s HUP "$pid"
same 'observe: status: a configuration that is wrong' \
	"$(status_of '^WARNING    reload_failed: ')" '2 1'
echo 'log-interval = 2s' >"$tmp/conf"
kill -s HUP "$pid"
until_true 30 said 'in force from now on: log-interval'
result 'observe: log-interval is read again' $?
same 'observe: status: a configuration that is right again' \
	"$(status_of ', healthy, ')" '0 1'

# --- the interface ------------------------------------------------------------

ip -n "$net" link set v1 down
same 'observe: status: no carrier' \
	"$(status_of '^WARNING    no_carrier: The interface v0 ')" '2 1'
ip -n "$net" link set v1 up
same 'observe: status: the carrier is back' "$(status_of ', healthy, ')" '0 1'
finish
"$CALLSCOPE" status -o "$dir" >"$tmp/status" 2>&1
same 'observe: status: it does not run' $? 1
grep -q 'no live capture runs on the data folder' "$tmp/status"
result 'observe: status: what to do then' $? "$(cat "$tmp/status")"
same 'observe: the socket is gone' "$(find "$dir" -name status.sock)" ''

if inside ethtool -K v0 gro on 2>/dev/null; then
	listen
	said 'offload_on: v0 joins packets .*ethtool -K v0 gro off'
	result 'observe: GRO is on' $? "$(cat "$tmp/err")"
	same 'observe: GRO is on: once' "$(grep -c offload_on "$tmp/err")" 1
	finish
	inside ethtool -K v0 gro off
else
	echo 'SKIP observe: GRO: no ethtool'
fi

# --- the mirror ---------------------------------------------------------------

# calls SIDES TIMES: 30 calls over two minutes of which the mirror shows the
# callers' side (1) or both (2), each packet so often.
calls()
{
	awk -v sides="$1" -v times="$2" '
	function put(at, from, to, text, i) {
		for (i = 0; i < times; i++)
			printf "%.6f udp 10.0.0.%s:5060 10.0.0.%s:5060 %s\n",
				at + i * 0.0001, from, to, text
	}
	function message(at, from, to, start, n, cseq) {
		put(at, from, to, start " SIP/2.0\\r\\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK" n cseq "\\r\\nFrom: <sip:a@x>;tag=a\\r\\nTo: <sip:b@x>;tag=b\\r\\nCall-ID: c" n "\\r\\nCSeq: " cseq "\\r\\n\\r\\n")
	}
	function answer(at, n, cseq) {
		if (sides > 1)
			put(at, 2, 1, "SIP/2.0 200 OK\\r\\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK" n cseq "\\r\\nFrom: <sip:a@x>;tag=a\\r\\nTo: <sip:b@x>;tag=b\\r\\nCall-ID: c" n "\\r\\nCSeq: " cseq "\\r\\n\\r\\n")
	}
	BEGIN {
		for (n = 0; n < 30; n++) {
			at = n * 4
			message(at, 1, 2, "INVITE sip:b@x", n, "1 INVITE")
			answer(at + 0.1, n, "1 INVITE")
			message(at + 0.2, 1, 2, "ACK sip:b@x", n, "1 ACK")
			for (i = 0; i < 20; i++)
				message(at + 0.3 + i * 0.02, 1, 2, "INFO sip:b@x", n, i + 2 " INFO")
			answer(at + 1, n, "2 INFO")
			message(at + 2, 1, 2, "BYE sip:b@x", n, "99 BYE")
			answer(at + 2.1, n, "99 BYE")
		}
	}' | "$tools/made" "$tmp/$3"
}
calls 1 1 half.pcap
calls 2 2 twice.pcap
calls 2 1 good.pcap
for each in half twice good; do
	run -r "$tmp/$each.pcap" -q --db none --record none -o "$tmp/data"
	cp "$tmp/out" "$tmp/$each.out"
done
grep -q 'Only one direction of the traffic is seen' "$tmp/half.out"
result 'observe: a file of one direction' $? "$(cat "$tmp/half.out")"
grep -q 'The mirror shows packets twice' "$tmp/twice.out"
result 'observe: a file with packets twice' $? "$(cat "$tmp/twice.out")"
same 'observe: a file with nothing wrong' \
	"$(grep -c 'mirror' "$tmp/good.out")" 0
