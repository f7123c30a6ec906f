#!/bin/sh
# large.sh BUILD: a long run must not grow. A million packets of short calls,
# and ten million of the same: what the second needs more than the first is a
# leak, or something without a limit. Prints speed as well. Exit status 1:
# more than 10 % and 4 MB. Needs 3 GB in TMPDIR.
set -eu

build=$1
here=$(cd "$(dirname "$0")" && pwd)
: "${TMPDIR:=/tmp}"
dir=$(mktemp -d "$TMPDIR/callscope-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
# shellcheck source=tests/bench/lib.sh
. "$here/lib.sh"

# soak WAVES: each of 25 calls of 10 s. Flows and ended calls are kept for some
# minutes: the first run must be longer than that.
soak()
{
	"$gen" 25 10 "$dir/in.pcap" "$1"
	used "$program" -q -r "$dir/in.pcap" -o "$dir/data" >"$dir/soak.$1"
	n=$(packets "$dir/in.pcap")
	awk -v n="$n" '{ printf "%d packets: %.2f s, %.3f us each, %.1f MB resident at most\n",
		n, $1 / 1e6, $1 / n, $2 / 1024 }' "$dir/soak.$1"
	rm -rf "$dir/data" "$dir/in.pcap"
}

soak 40
soak 400
first=$(column 2 "$dir/soak.40")
last=$(column 2 "$dir/soak.400")
judge "resident after ten times as many calls" \
	"$(calc %.1f "($last - $first) / 1024")" \
	"$(calc %.1f "4 + $first / 10240")" MB
exit "$missed"
