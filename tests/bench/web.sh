#!/bin/sh
# web.sh BUILD [SECONDS]: the viewer under load while packets come in. A store
# of COUNT calls (default 100 000) is searched RATE times a second (default
# 200) for SECONDS (default 10), over loopback; the same program captures from
# an interface onto which calls are played. Prints figures with their goals;
# exit status 1: one was missed: an answer that was none, a packet that was
# dropped. Needs root for the interface; without, there is no capture, and it
# is said.
set -eu
LC_ALL=C
export LC_ALL

build=$1 seconds=${2:-10}
: "${COUNT:=100000}" "${RATE:=200}"
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/bench/lib.sh
. "$here/lib.sh"

if ! "$program" --help | grep -q 'callscope serve'; then
	echo 'SKIP web: this build has no viewer (--disable-web)'
	exit 0
fi
make_dir 1500
near=csw$$a far=csw$$b pids=
# shellcheck disable=SC2317 # the trap's
clean()
{
	for p in $pids; do
		kill "$p" 2>/dev/null || :
	done
	ip link del "$near" 2>/dev/null || :
	rm -rf "$dir"
}
trap clean EXIT

# --- a store, a login, and what to ask ----------------------------------------

data=$dir/data
mkdir "$data"
now=$(date +%s)
"$program" -q -r "$here/../../samples/basic-call.pcap" -o "$data" \
	--record none >/dev/null
"$build/obj/tests/bench/store_fill" "sqlite:$data/callscope.db" "$COUNT" \
	$((now - 86400)) 86000 thin >/dev/null
printf 'seven blue herons\n' >"$dir/password"
chmod 600 "$dir/password"
"$program" user add bench --role admin --password-file "$dir/password" \
	-o "$data" >/dev/null
token=$("$program" user token bench -o "$data" | grep -o '[A-Za-z0-9_-]\{30,\}')
{
	i=0
	while [ $i -lt 200 ]; do
		echo "/api/v1/calls?q=*$((1000 + i * 37))&limit=50"
		echo "/api/v1/calls?q=status:486&limit=100"
		echo "/api/v1/calls?q=mos%3C3.5&from=-24h&limit=100"
		echo "/api/v1/calls?from=-$((i % 23 + 1))h&limit=100"
		echo "/api/v1/calls?q=ip:10.0.0.$((i % 250 + 1))&limit=50"
		i=$((i + 1))
	done
} >"$dir/paths"

# --- the program, with packets if it may --------------------------------------

live=no
if [ "$(id -u)" -eq 0 ] && ip link add "$near" type veth peer name "$far" \
	2>/dev/null; then
	ip link set "$near" up
	ip link set "$far" up
	live=yes
	"$gen" 20 60 "$dir/play.pcap" 4
	"$program" -q -i "$near" -o "$data" --http 127.0.0.1:0 --sensor bench \
		>"$dir/out" 2>"$dir/err" </dev/null &
else
	echo 'web: no capture: needs root, and an interface of its own'
	"$program" serve -o "$data" --http 127.0.0.1:0 \
		>"$dir/out" 2>"$dir/err" </dev/null &
fi
server=$!
pids=$server
tries=0
while ! grep -q 'the viewer is at' "$dir/err" && [ $tries -lt 200 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
port=$(sed -n 's/.*the viewer is at .*:\([0-9]*\)\/$/\1/p' "$dir/err")
if [ $live = yes ]; then
	"$build/obj/tests/tools/replay" "$dir/play.pcap" "$far" 1 >/dev/null &
	pids="$pids $!"
fi

# --- what it can do -----------------------------------------------------------

missed=0
figures=$("$build/obj/tests/bench/http_load" "$port" "$token" "$RATE" \
	"$seconds" <"$dir/paths") || missed=1
# shellcheck disable=SC2086 # words
set -- $figures
kill -INT "$server"
wait "$server" || missed=1
[ $# -eq 7 ] || {
	echo "FAIL web: no figures: $(tail -n 3 "$dir/err")"
	exit 1
}

echo "web: $1 searches in $COUNT calls, $seconds s, $RATE a second:" \
	"$3 a second; 95 % within $5 ms, 99 % within $6 ms, all within $7 ms"
judge 'searches that failed' "$2" 0 ''
judge 'searches a second short of the goal' \
	"$(calc %.1f "($3 < $RATE ? $RATE - $3 : 0)")" 2 ''
judge 'half of the searches answered within' "$4" 100 ms
if [ $live = yes ]; then
	packets=$(sed -n 's/.*; \([0-9]*\) packets in .*/\1/p' "$dir/out")
	dropped=$(sed -n 's/^the kernel dropped \([0-9]*\) packets.*/\1/p' \
		"$dir/out")
	echo "web: meanwhile ${packets:-0} packets were captured"
	judge 'packets dropped meanwhile' "${dropped:-0}" 0 ''
	[ "${packets:-0}" -gt 0 ] || missed=1
fi
exit "$missed"
