#!/bin/sh
# run.sh BUILD: what callscope costs, against a plain copy of the same file.
#
# Captures of 1000 G.711 calls of ten seconds, a million packets: all at once,
# and 100 at a time. They are copied by tcpdump and analysed by callscope in
# turn, ROUNDS times (default 7); of each figure the least is taken. CPU time
# is user and system time of the whole run, with pcaps and SQLite. 100 long
# calls are shown beside them: there, what a call costs at its beginning and
# end hardly counts. Exit status 1: a goal was missed. Needs 1.5 GB in TMPDIR
# or /dev/shm.
set -eu

build=$1
here=$(cd "$(dirname "$0")" && pwd)
: "${ROUNDS:=7}"
# shellcheck source=tests/bench/lib.sh
. "$here/lib.sh"
make_dir 3000

command -v tcpdump >/dev/null || {
	echo "bench needs tcpdump: install Debian's package tcpdump" >&2
	exit 1
}

# round NAME: also of the file and its figures.
round()
{
	in=$dir/$1.pcap
	used tcpdump -r "$in" -w "$dir/copy" >>"$dir/$1.copy"
	rm -f "$dir/copy"
	used "$program" -q -r "$in" -o "$dir/data" >>"$dir/$1.full"
	rm -rf "$dir/data"
	used "$program" -q -r "$in" -o "$dir/data" --record none \
		>>"$dir/$1.analysis"
	rm -rf "$dir/data"
}

# report NAME TEXT: prints its figures and sets copy, full (us), each (us a
# packet), peak (KB).
report()
{
	n=$(packets "$dir/$1.pcap")
	copy=$(least 1 "$dir/$1.copy")
	full=$(least 1 "$dir/$1.full")
	peak=$(least 2 "$dir/$1.full")
	each=$(calc %.3f "$full / $n")
	printf '%s: copy %.2f s, callscope %.2f s, without pcaps %.2f s,\n' \
		"$2" "$(calc %f "$copy / 1e6")" "$(calc %f "$full / 1e6")" \
		"$(calc %f "$(least 1 "$dir/$1.analysis") / 1e6")"
	printf '    %s us each of %s packets, %s MB resident at most\n' \
		"$each" "$n" "$(calc %.1f "$peak / 1024")"
}

"$gen" 100 100 "$dir/long.pcap"
"$gen" 100 10 "$dir/100.pcap" 10
"$gen" 1000 10 "$dir/1000.pcap"
i=0
while [ "$i" -lt "$ROUNDS" ]; do
	round long
	round 100
	round 1000
	i=$((i + 1))
done

report long "100 calls, 100 s"
ratio_long=$(calc %.2f "$full / $copy") peak_long=$peak
report 100 "100 calls at a time, 10 s"
ratio_100=$(calc %.2f "$full / $copy") each_100=$each
report 1000 "1000 calls at once, 10 s"
echo
judge "CPU time against the copy, 100 long calls" "$ratio_long" 4 x
judge "CPU time against the copy, 100 calls" "$ratio_100" 4 x
judge "CPU time against the copy, 1000 calls" \
	"$(calc %.2f "$full / $copy")" 4 x
judge "a packet at 1000 calls against 100" \
	"$(calc %.0f "100 * ($each / $each_100 - 1)")" 20 %
judge "memory of a concurrent call" \
	"$(calc %.1f "($peak - $peak_long) / 900")" 100 KB
exit "$missed"
