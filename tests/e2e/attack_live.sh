#!/bin/sh
# Attacks of tests/tools/attack.c over a veth pair, each once at recorded speed
# (200 000 packets a second, for a tenth of a second; 2.7 s in all): the calls
# are told as without one, memory stays below the ceiling. A machine that is too
# slow drops packets and says so: then memory alone is held against it. In a
# network namespace of its own: needs root, veth and Debian's tcpreplay.
set -u
# shellcheck source=tests/e2e/lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

net=cs-a$$ ceiling=128
pid=
clean()
{
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
	ip netns del "$net" 2>/dev/null
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

if [ "$(id -u)" -ne 0 ]; then
	echo 'SKIP attack_live: needs root'
	exit 0
fi
command -v tcpreplay >/dev/null || {
	echo 'SKIP attack_live: needs tcpreplay'
	exit 0
}
if ! ip netns add "$net" 2>"$tmp/err" ||
	! ip -n "$net" link add v0 type veth peer name v1 2>"$tmp/err"; then
	echo "SKIP attack_live: no namespace or veth here: $(
		head -n 1 "$tmp/err")"
	exit 0
fi
inside()
{
	ip netns exec "$net" "$@"
}
for each in v0 v1; do
	inside sysctl -q "net.ipv6.conf.$each.disable_ipv6=1" 2>/dev/null
	ip -n "$net" link set "$each" mtu 9000 up
done

printf '%s\n' "memory-limit = ${ceiling}M" 'flood-records = 20' \
	'call-linger = 1s' >"$tmp/conf"

# All calls are over, and told.
told()
{
	[ "$(grep -c '"call_id":"legit-' "$tmp/json")" -ge 20 ]
}

# over KIND N: leaves the report, flat, and the peak in $peak.
over()
{
	"$tools/attack" "$1" "$2" "$tmp/in.pcap" || exit 1
	rm -rf "$tmp/err" "$tmp/json"
	ip netns exec "$net" "$CALLSCOPE" -q -i v0 -o "$tmp/live" --http none \
		--db none --record none -B 64M -c "$tmp/conf" \
		--json "$tmp/json" >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	if ! until_true 20 grep -q 'listening on' "$tmp/err"; then
		echo "FAIL attack_live: it does not listen: $(
			head -n 2 "$tmp/err")"
		exit 0
	fi
	inside tcpreplay -q -i v1 "$tmp/in.pcap" >"$tmp/sent" 2>&1
	until_true 15 told
	peak=$(awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/$pid/status")
	kill -s INT "$pid"
	until_true 60 ended "$pid" || kill -9 "$pid"
	wait "$pid" 2>/dev/null
	pid=
	"$tools/flat" "$tmp/json" >"$tmp/flat"
}

# whole: of the 20 calls, what no time is in.
whole()
{
	grep '"call_id":"legit-' "$tmp/json" |
		sed 's/.*"call_id":"\([^"]*\)".*"state":"\([^"]*\)".*"a":{"stream_uid":"[^"]*","codec":"\([^"]*\)","packets":\([0-9]*\),"lost":\([0-9]*\).*"b":{"stream_uid":"[^"]*","codec":"\([^"]*\)","packets":\([0-9]*\),"lost":\([0-9]*\).*/\1 \2 \3 \4 \5 \6 \7 \8/' |
		sort
}

for c in $(seq 0 19); do
	echo "legit-$c completed PCMA 75 0 PCMA 75 0"
done | sort >"$tmp/want"

# attack KIND
attack()
{
	over "$1" 20000
	memory "attack_live: $1: memory" "$peak" "$ceiling"
	dropped=$(($(values summary dropped.kernel) + \
		$(values summary dropped.ring)))
	if [ "$dropped" -gt 0 ]; then
		echo "SKIP attack_live: $1: this machine dropped $dropped packets"
		return
	fi
	whole | cmp -s - "$tmp/want"
	result "attack_live: $1: the calls are whole" $? \
		"$(whole | diff - "$tmp/want" | head -n 4)"
}

attack invites
attack gaps
attack fragments
attack streams
