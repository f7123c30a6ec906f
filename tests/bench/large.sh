#!/bin/sh
# large.sh BUILD: a long run must not grow. 8000 short calls, and 50 000 of
# them in ten million packets: what the second run needs more than the first
# is a leak, or something without a limit. Prints speed as well. Exit status 1:
# more than 10 % and 4 MB. Needs 5 GB in TMPDIR or /dev/shm.
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

soak 80
soak 500
first=$(least 2 "$dir/soak.80")
last=$(least 2 "$dir/soak.500")
judge "resident after six times as many calls" \
	"$(calc %.1f "($last - $first) / 1024")" \
	"$(calc %.1f "4 + $first / 10240")" MB
exit "$missed"
