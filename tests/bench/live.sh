#!/bin/sh
# live.sh BUILD: the highest rate at which nothing is dropped, of callscope
# against "tcpdump -w /dev/null", on a pair of virtual interfaces in network
# namespaces of its own. tcpreplay sends a million packets of G.711 calls at a
# rate; the next rate follows while nothing was lost, each tried TRIES times
# (default 2). Both get a buffer of 32 MB. The sender takes part of the same
# machine: this says how the two compare here, not what hardware can do. Needs
# root and Debian's tcpreplay; without them it says so, and that is no error.
set -eu

build=$1
here=$(cd "$(dirname "$0")" && pwd)
: "${TRIES:=2}" "${RATES=50 100 150 200 250 300 400 500}"
# shellcheck source=tests/bench/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/wait.sh
. "$here/../wait.sh"

near=cs-bn$$ far=cs-bf$$
[ "$(id -u)" -eq 0 ] || { echo 'live: left out: needs root'; exit 0; }
for each in tcpreplay tcpdump; do
	command -v "$each" >/dev/null && continue
	echo "live: left out: needs $each"
	exit 0
done
make_dir 500
if ! ip netns add "$near" 2>"$dir/err" || ! ip netns add "$far"; then
	echo "live: left out: $(head -n 1 "$dir/err")"
	exit 0
fi
pid=
clean()
{
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
	ip netns del "$near" 2>/dev/null
	ip netns del "$far" 2>/dev/null
	rm -rf "$dir"
}
trap clean EXIT

ip link add bn netns "$near" type veth peer name bf netns "$far"
for side in near:bn far:bf; do
	space=$near
	[ "${side%:*}" = near ] || space=$far
	ip netns exec "$space" sysctl -q \
		"net.ipv6.conf.${side#*:}.disable_ipv6=1" 2>/dev/null || :
	ip netns exec "$space" ip link set "${side#*:}" mtu 9000 up
done

# start WHO: it listens when this returns.
start()
{
	rm -rf "$dir/said" "$dir/report" "$dir/data"
	if [ "$1" = tcpdump ]; then
		ip netns exec "$near" tcpdump -i bn -B 32768 -w /dev/null \
			>/dev/null 2>"$dir/said" &
	else
		ip netns exec "$near" "$program" -q -i bn -B 32M --db none \
			--record none --http none -o "$dir/data" \
			--json "$dir/report" >/dev/null 2>"$dir/said" &
	fi
	pid=$!
	until_true 20 grep -q 'listening on' "$dir/said"
}

ended()
{
	! grep -q '^State:.[^ZX]' "/proc/$pid/status" 2>/dev/null
}

# lost WHO: ends it; how many of the packets it did not see.
lost()
{
	kill -s INT "$pid"
	until_true 60 ended || kill -9 "$pid"
	wait "$pid" 2>/dev/null || :
	pid=
	if [ "$1" = tcpdump ]; then
		got=$(sed -n 's/^\([0-9]*\) packets captured.*/\1/p' \
			"$dir/said")
	else
		got=$(sed -n '/"summary"/s/.*"packets":\([0-9]*\).*/\1/p' \
			"$dir/report" | tail -n 1)
	fi
	echo $((sent - ${got:-0}))
}

# try WHO THOUSANDS: sets rate, what the sender made of it, and missing.
try()
{
	start "$1"
	ip netns exec "$far" tcpreplay -q -K -i bf --pps="${2}000" \
		"$dir/calls.pcap" >"$dir/replay" 2>&1
	sent=$(sed -n 's/.*Successful packets: *\([0-9]*\).*/\1/p' \
		"$dir/replay")
	rate=$(sed -n 's/^Rated:.* \([0-9.]*\) pps.*/\1/p' "$dir/replay")
	sleep 0.5 # what is in the buffer is still read
	missing=$(lost "$1")
}

# highest WHO: the best rate without a loss, in packets a second.
highest()
{
	best=0
	for thousands in $RATES; do
		left=$TRIES
		while [ "$left" -gt 0 ]; do
			try "$1" "$thousands"
			echo "    $1 at $rate: $missing lost" >&2
			[ "$missing" -gt 0 ] || break
			left=$((left - 1))
		done
		[ "$left" -gt 0 ] || break
		best=$(calc %.0f "($rate > $best ? $rate : $best)")
		# The sender is at its end.
		[ "$(calc %d "($rate < ${thousands}000 * 0.9)")" -eq 0 ] || break
	done
	echo "$best"
}

"$gen" 100 100 "$dir/calls.pcap"
tcpdump_best=$(highest tcpdump)
callscope_best=$(highest callscope)
printf 'live: no packet lost up to %s a second by tcpdump, %s by callscope: %s\n' \
	"$tcpdump_best" "$callscope_best" \
	"$(calc %.2f "$callscope_best / ($tcpdump_best + ($tcpdump_best == 0))")"
