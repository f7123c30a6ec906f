#!/bin/sh
# run.sh BUILD: what callscope costs, against a plain copy of the same file.
#
# Captures of 100 and of 1000 concurrent G.711 calls, a million packets each,
# are copied by tcpdump and analysed by callscope in turn, ROUNDS times
# (default 5); of each figure the median is taken. CPU time is user and
# system time of the whole run, with pcaps and SQLite. Exit status 1: a goal
# was missed. Needs 4 GB in TMPDIR.
set -eu

build=$1
here=$(cd "$(dirname "$0")" && pwd)
: "${ROUNDS:=5}" "${TMPDIR:=/tmp}"
dir=$(mktemp -d "$TMPDIR/callscope-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
# shellcheck source=tests/bench/lib.sh
. "$here/lib.sh"

command -v tcpdump >/dev/null || {
	echo "bench needs tcpdump: install Debian's package tcpdump" >&2
	exit 1
}

# round CALLS NUMBER: nothing is deleted before the end: ext4 looks twice at
# each inode that was given back a short while ago.
round()
{
	in=$dir/$1.pcap
	used tcpdump -r "$in" -w "$dir/copy" >>"$dir/$1.copy"
	used "$program" -q -r "$in" -o "$dir/data.$1.$2" >>"$dir/$1.full"
	used "$program" -q -r "$in" -o "$dir/data.$1.$2.none" --record none \
		>>"$dir/$1.analysis"
}

"$gen" 100 100 "$dir/100.pcap"
"$gen" 1000 10 "$dir/1000.pcap"
i=0
while [ "$i" -lt "$ROUNDS" ]; do
	round 100 "$i"
	round 1000 "$i"
	i=$((i + 1))
done

for calls in 100 1000; do
	n=$(packets "$dir/$calls.pcap")
	copy=$(column 1 "$dir/$calls.copy")
	full=$(column 1 "$dir/$calls.full")
	analysis=$(column 1 "$dir/$calls.analysis")
	each=$(calc %.3f "$full / $n")
	peak=$(column 2 "$dir/$calls.full")
	printf '%s calls, %s packets: copy %.2f s, callscope %.2f s, without pcaps %.2f s\n' \
		"$calls" "$n" "$(calc %.2f "$copy / 1e6")" \
		"$(calc %.2f "$full / 1e6")" "$(calc %.2f "$analysis / 1e6")"
	printf '    %s us a packet, %s MB resident at most\n' "$each" \
		"$(calc %.1f "$peak / 1024")"
	eval "ratio_$calls=\$(calc %.2f \"$full / $copy\")"
	eval "each_$calls=$each peak_$calls=$peak"
done
echo
# shellcheck disable=SC2154 # set by eval
{
	judge "CPU time against the copy, 100 calls" "$ratio_100" 4 x
	judge "CPU time against the copy, 1000 calls" "$ratio_1000" 4 x
	judge "a packet at 1000 calls against 100" \
		"$(calc %.0f "100 * ($each_1000 / $each_100 - 1)")" 20 %
	judge "memory of a concurrent call" \
		"$(calc %.1f "($peak_1000 - $peak_100) / 900")" 100 KB
}
exit "$missed"
