#!/bin/sh
# large.sh BUILD: a long run must not grow. 8000 short calls, and 50 000 of
# them in ten million packets: what the second run needs more than the first
# is a leak, or something without a limit. Then a million packets of calls of a
# second, and fifty million of them through a pipe, without recordings. Prints
# speed as well. Last, the attacks of tests/e2e/attack.sh with 300 000 packets
# each. Exit status 1: more than 10 % and 4 MB, or an attack that did harm.
# Needs 5 GB in TMPDIR or /dev/shm.
set -eu

build=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/bench/lib.sh
. "$here/lib.sh"
make_dir 8000

# soak WAVES: each of 100 calls of 2 s. The first run must be long enough for
# flows to expire (3 minutes) and for the database's cache to fill (16 MB).
soak()
{
	"$gen" 100 2 "$dir/in.pcap" "$1"
	used "$program" -q -r "$dir/in.pcap" -o "$dir/data" >"$dir/soak.$1"
	n=$(packets "$dir/in.pcap")
	awk -v n="$n" '{ printf "%d packets: %.2f s, %.3f us each, %.1f MB resident at most\n",
		n, $1 / 1e6, $1 / n, $2 / 1024 }' "$dir/soak.$1"
	rm -rf "$dir/data" "$dir/in.pcap"
}

# stream WAVES: each of 100 calls of 1 s; in the end as much memory as ever.
stream()
{
	mkfifo "$dir/pipe"
	"$gen" 100 1 "$dir/pipe" "$1" &
	used "$program" -q -r "$dir/pipe" -o "$dir/data" --record none \
		>"$dir/stream.$1"
	wait
	awk -v w="$1" '{ printf "%d calls through a pipe: %.2f s, %.1f MB resident at most\n",
		w * 100, $1 / 1e6, $2 / 1024 }' "$dir/stream.$1"
	rm -rf "$dir/data" "$dir/pipe"
}

# grows TEXT FIRST LAST: files of used.
grows()
{
	first=$(least 2 "$2")
	last=$(least 2 "$3")
	judge "$1" "$(calc %.1f "($last - $first) / 1024")" \
		"$(calc %.1f "4 + $first / 10240")" MB
}

soak 80
soak 500
grows "resident after six times as many calls" "$dir/soak.80" "$dir/soak.500"
stream 94
stream 4690
grows "resident after 50 million packets against one" "$dir/stream.94" \
	"$dir/stream.4690"
ATTACK_N=300000 CALLSCOPE_SRC=$here/../.. CALLSCOPE_BUILD=$build \
	CALLSCOPE=$program sh "$here/../e2e/attack.sh" >"$dir/attacks"
grep -v ^PASS "$dir/attacks" || :
judge "attacks that did harm" "$(grep -c ^FAIL "$dir/attacks" || :)" 0 ""
exit "$missed"
