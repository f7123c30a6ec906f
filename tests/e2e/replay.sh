#!/bin/sh
# Captures that tcpreplay puts onto a pair of virtual interfaces are told as
# when they are read; what is dropped is told, too; interfaces that go down,
# away and come back; several of them; -D. In network namespaces of its own:
# needs root, veth and Debian's tcpreplay.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

# What options.sh leaves to this file.
covers()
{
	: "$1"
}

space=cs-r$$ far=cs-f$$
if [ "$(id -u)" -ne 0 ]; then
	echo 'SKIP replay: needs root'
	exit 0
fi
for each in tcpreplay ethtool tcpdump; do
	command -v "$each" >/dev/null && continue
	echo "SKIP replay: needs $each"
	exit 0
done
if ! ip netns add "$space" 2>"$tmp/err" || ! ip netns add "$far"; then
	echo "SKIP replay: no network namespaces: $(head -n 1 "$tmp/err")"
	exit 0
fi
pid=
clean()
{
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
	ip netns del "$space" 2>/dev/null
	ip netns del "$far" 2>/dev/null
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

# near COMMAND..., away COMMAND...: on one side, on the other.
near()
{
	ip netns exec "$space" "$@"
}
away()
{
	ip netns exec "$far" "$@"
}

# ready SIDE LINK: it is up, and so is the other end.
ready()
{
	"$1" ip -o link show "$2" | grep -q LOWER_UP
}

# pair NAME: NAMEn here, NAMEf there, as bare as a wire.
pair()
{
	ip link add "$1n" netns "$space" type veth \
		peer name "$1f" netns "$far" 2>"$tmp/err" || return 1
	for side in near away; do
		link=$1n
		[ $side = near ] || link=$1f
		$side sysctl -q "net.ipv6.conf.$link.disable_ipv6=1" \
			2>/dev/null
		$side ethtool -K "$link" tx off gso off tso off gro off \
			>/dev/null 2>&1
		$side ip link set "$link" mtu 9000 up
	done
	until_true 20 ready near "$1n" && until_true 20 ready away "$1f"
}

near ip link set lo up
if ! pair a; then
	echo "SKIP replay: no veth here: $(head -n 1 "$tmp/err")"
	exit 0
fi

# listen OPTION...: starts it and waits until it listens.
listen()
{
	rm -rf "$tmp/live" "$tmp/live.json" "$tmp/err"
	ip netns exec "$space" "$CALLSCOPE" -o "$tmp/live" --db none \
		--record none -q --http none --json "$tmp/live.json" "$@" \
		>"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	until_true 20 grep -q 'listening on' "$tmp/err" && return 0
	echo "FAIL replay: it does not listen: $(head -n 2 "$tmp/err")"
	exit 1
}

# finish: ends it.
finish()
{
	kill -s INT "$pid"
	until_true 30 ended "$pid" || kill -9 "$pid"
	wait "$pid" 2>/dev/null
	status=$?
	pid=
	"$tools/flat" "$tmp/live.json" >"$tmp/flat"
}

# received LINK COUNT: it has seen so many packets.
received()
{
	[ "$(near cat "/sys/class/net/$1/statistics/rx_packets")" -ge "$2" ]
}

# play PAIR FILE OPTION...: all packets onto the wire, and until they are there.
play()
{
	before=$(near cat "/sys/class/net/$1n/statistics/rx_packets")
	on=$1 file=$2
	shift 2
	away tcpreplay -q -i "${on}f" "$@" "$file" >"$tmp/tcpreplay" 2>&1
	sent=$(sed -n 's/.*Successful packets: *\([0-9]*\).*/\1/p' \
		"$tmp/tcpreplay")
	until_true 30 received "${on}n" $((before + ${sent:-1}))
}

# from_file FILE OPTION...: what is read from it.
from_file()
{
	file=$1
	shift
	run -r "$file" --json "$tmp/file.json" -o "$tmp/data" --db none \
		--record none -q "$@"
}

# compared [MS]: both reports; "same ...", or the first difference.
compared()
{
	python3 "$CALLSCOPE_SRC/tests/e2e/same_calls.py" "$tmp/file.json" \
		"$tmp/live.json" "$@"
}

# alike NAME
alike()
{
	said=$(compared)
	if [ "${said%% *}" = same ]; then
		echo "PASS $1"
	elif [ "$(dropped kernel)$(dropped ring)" != 00 ]; then
		echo "SKIP $1: packets were dropped on this machine"
	else
		echo "FAIL $1: $said"
	fi
}

# dropped WHERE: as the summary has it.
dropped()
{
	values summary "dropped.$1"
}

# --- what is told ---------------------------------------------------------

for each in basic-call duplicates reorder ipv4-fragments \
	sip-tcp cc-direct turn-call; do
	from_file "$samples/$each.pcap"
	listen -i an
	play a "$samples/$each.pcap" --topspeed
	finish
	alike "replay: $each"
done

covers capture-threads
"$CALLSCOPE_BUILD/obj/tests/bench/gen_calls" 100 3 "$tmp/many.pcap"
from_file "$tmp/many.pcap"
for each in 1 3; do
	listen -i an --capture-threads $each -B 64M
	threads=$(grep -lx 'cs-capture[0-9]*' "/proc/$pid/task/"*/comm |
		wc -l | tr -d ' ')
	play a "$tmp/many.pcap" --mbps=100
	finish
	same "replay: capture-threads $each: so many" "$threads" $each
	alike "replay: 100 calls, capture-threads $each"
done

# What the replay itself made of the times is no fault of ours.
covers timestamps
"$CALLSCOPE_BUILD/obj/tests/bench/gen_calls" 2 3 "$tmp/short.pcap"
# written COUNT: tcpdump has so many.
written()
{
	[ "$(tcpdump -nr "$tmp/beside.pcap" 2>/dev/null | wc -l)" -ge "$1" ]
}
# in_time: what the short capture comes to is left in $said, and what tcpdump's
# copy of the same packets comes to in $also.
in_time()
{
	listen -i an --timestamps host
	ip netns exec "$space" timeout 100 tcpdump -i an -s 0 -B 8192 \
		-w "$tmp/beside.pcap" --immediate-mode -U \
		--time-stamp-precision=nano 2>"$tmp/tcpdump" &
	beside=$!
	until_true 20 grep -q 'listening on' "$tmp/tcpdump"
	play a "$tmp/short.pcap"
	finish
	until_true 20 written "$sent"
	kill -s TERM $beside
	wait $beside
	from_file "$tmp/beside.pcap"
	also=$(compared 2)
	from_file "$tmp/short.pcap"
	said=$(compared 2)
	[ "${said%% *}" = same ]
}
if in_time || in_time || in_time; then
	echo 'PASS replay: jitter at recorded speed'
elif [ "${also%% *}" = same ]; then
	echo "SKIP replay: jitter at recorded speed: the replay was not steady"
else
	echo "FAIL replay: jitter at recorded speed: $said; tcpdump: $also"
fi
near "$CALLSCOPE" -i an --timestamps adapter >"$tmp/out" 2>"$tmp/err" </dev/null
same 'replay: time stamps that the device has not: status' $? 1
grep -q 'an gives no time stamps of its own as timestamps = adapter asks' \
	"$tmp/err"
result 'replay: time stamps that the device has not: it is said' $?

# The kernel's filter and the exact one: the same calls, less to copy.
from_file "$samples/ipv4-fragments.pcap" -f 'udp port 5060'
listen -i an -f 'udp port 5060'
play a "$samples/ipv4-fragments.pcap" --topspeed
finish
alike 'replay: filter'

# --- what is dropped ------------------------------------------------------

covers capture-ring
listen -i an -B 1M --capture-ring 1M
kill -s STOP "$pid"
play a "$tmp/many.pcap" --topspeed
kill -s CONT "$pid"
finish
total=$(($(values summary packets) + $(dropped kernel) + $(dropped ring)))
same 'replay: seen and dropped are all' "$total" "$sent"
[ "$(dropped kernel)" -gt 0 ]
result 'replay: dropped by the kernel: the summary' $?
grep -q "^the kernel dropped $(dropped kernel) packets" "$tmp/err" "$tmp/out"
result 'replay: dropped by the kernel: at the end' $?

# --- interfaces -----------------------------------------------------------

covers interface
covers merge-window
pair b
from_file "$samples/basic-call.pcap" "$samples/busy-486.pcap"
echo 'merge-window = 50ms' >"$tmp/conf"
listen -i an,bn -c "$tmp/conf"
play a "$samples/basic-call.pcap" --topspeed
play b "$samples/busy-486.pcap" --topspeed
finish
alike 'replay: two interfaces'
listen -i any
play a "$samples/basic-call.pcap" --topspeed
play b "$samples/busy-486.pcap" --topspeed
finish
alike 'replay: any'

listen -i an
near ip link set an down
until_true 20 grep -q 'an is down' "$tmp/err"
result 'replay: down: it is said' $?
near ip link set an up
until_true 20 grep -q 'an is up again' "$tmp/err"
result 'replay: up again: it is said' $?
until_true 20 ready away af
from_file "$samples/busy-486.pcap"
play a "$samples/busy-486.pcap" --topspeed
near ip link del an
until_true 20 grep -q 'an is gone' "$tmp/err"
result 'replay: removed: it is said' $?
pair a
until_true 20 grep -q 'an is captured again' "$tmp/err"
result 'replay: made again: it is said' $?
from_file "$samples/busy-486.pcap" "$samples/basic-call.pcap"
play a "$samples/basic-call.pcap" --topspeed
finish
same 'replay: down, up, removed, made again: status' "$status" 0
alike 'replay: down, up, removed, made again: the calls'

# The right to open it again was given up.
echo 'keep-net-raw = no' >"$tmp/conf"
listen -i an -c "$tmp/conf"
near ip link del an
pair a
until_true 20 grep -q 'an cannot be captured again: this takes CAP_NET_RAW' \
	"$tmp/err"
result 'replay: without the right to open it again: it is said' $?
finish
same 'replay: without the right to open it again: status' "$status" 0

covers list-interfaces
near ip link set bn down
near "$CALLSCOPE" -D >"$tmp/out" 2>"$tmp/err"
same 'replay: -D: status' $? 0
same 'replay: -D' "$(awk '$1 ~ /^(an|bn|lo)$/ { print $1, $2, $3 }' "$tmp/out" |
	sort | tr '\n' ';')" 'an up ;bn down ;lo up 127.0.0.1;'
