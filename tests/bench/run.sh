#!/bin/sh
# run.sh BUILD: what callscope costs, against tcpdump over the same file.
#
# Captures of G.711 calls, a million packets each: 100 calls of 100 s; 1000
# calls of 10 s, 100 at a time; and with 5 s of media 100 at a time against
# 10,000 at once (five million packets). tcpdump and callscope read them in
# turn, ROUNDS times (default 5); of each figure the least is taken. Time is
# CPU time, user and system, of the whole process and all its threads. Exit
# status 1: a goal was missed. Needs 3 GB in TMPDIR or /dev/shm.
set -eu

build=$1
here=$(cd "$(dirname "$0")" && pwd)
: "${ROUNDS:=5}"
# shellcheck source=tests/bench/lib.sh
. "$here/lib.sh"
make_dir 3000

command -v tcpdump >/dev/null || {
	echo "bench needs tcpdump: install Debian's package tcpdump" >&2
	exit 1
}

# Each adds a line of figures to the file that is named like it.
# null NAME: read it, write nothing.
null()
{
	used tcpdump -r "$dir/$1.pcap" -w /dev/null >>"$dir/$1.null"
}

copy()
{
	used tcpdump -r "$dir/$1.pcap" -w "$dir/copy" >>"$dir/$1.copy"
	rm -f "$dir/copy"
}

# analysis NAME [OPTION...]: everything but recording.
analysis()
{
	name=$1
	shift
	used "$program" -q -r "$dir/$name.pcap" -o "$dir/data" --record none \
		"$@" >>"$dir/$name.analysis$*"
	rm -rf "$dir/data"
}

# With a pcap of each call and the database.
full()
{
	used "$program" -q -r "$dir/$1.pcap" -o "$dir/data" >>"$dir/$1.full"
	rm -rf "$dir/data"
}

# s FILE: its least time in seconds.
s()
{
	calc %.2f "$(least 1 "$1") / 1e6"
}

# ratio A B: of their least times.
ratio()
{
	calc %.2f "$(least 1 "$1") / $(least 1 "$2")"
}

# each NAME: microseconds of a packet's analysis.
each()
{
	calc %.4f "$(least 1 "$dir/$1.analysis") / $(packets "$dir/$1.pcap")"
}

# figures NAME TEXT
figures()
{
	printf '%s: tcpdump %s s, copy %s s; callscope %s s,\n' \
		"$2" "$(s "$dir/$1.null")" "$(s "$dir/$1.copy")" \
		"$(s "$dir/$1.analysis--db none")"
	printf '    with the store %s s (%s x tcpdump), and pcaps %s s\n' \
		"$(s "$dir/$1.analysis")" \
		"$(ratio "$dir/$1.analysis" "$dir/$1.null")" \
		"$(s "$dir/$1.full")"
}

# flat NAME TEXT
flat()
{
	printf '%s: tcpdump %s s, callscope %s s, %s us a packet, %s MB\n' \
		"$2" "$(s "$dir/$1.null")" "$(s "$dir/$1.analysis")" \
		"$(each "$1")" "$(calc %.0f "$(peak "$1") / 1024")"
}

# peak NAME: KB resident at most.
peak()
{
	least 2 "$dir/$1.analysis"
}

"$gen" 100 100 "$dir/long.pcap"
"$gen" 100 10 "$dir/short.pcap" 10
"$gen" 100 5 "$dir/few.pcap" 20
"$gen" 10000 5 "$dir/many.pcap"
i=0
while [ "$i" -lt "$ROUNDS" ]; do
	for name in long short; do
		null "$name"
		analysis "$name"
		analysis "$name" --db none
		copy "$name"
		full "$name"
	done
	null few
	analysis few
	null many
	analysis many
	i=$((i + 1))
done
analysis many --db none

figures long "100 calls of 100 s"
figures short "1000 calls of 10 s, 100 at a time"
flat few "calls of 5 s, 100 at a time"
flat many "calls of 5 s, 10,000 at once"
printf '    against tcpdump: %s and %s x; without a store %s x\n' \
	"$(ratio "$dir/few.analysis" "$dir/few.null")" \
	"$(ratio "$dir/many.analysis" "$dir/many.null")" \
	"$(ratio "$dir/many.analysis--db none" "$dir/many.null")"
echo
judge "analysis and store against tcpdump, 100 long" \
	"$(ratio "$dir/long.analysis" "$dir/long.null")" 1.5 x
# The rows of a call cost the same however short it is: docs/PERFORMANCE.md.
judge "analysis against tcpdump, 1000 short, no store" \
	"$(ratio "$dir/short.analysis--db none" "$dir/short.null")" 1.5 x
judge "with pcaps against a copy, 100 long calls" \
	"$(ratio "$dir/long.full" "$dir/long.copy")" 2 x
judge "with pcaps against a copy, 1000 short calls" \
	"$(ratio "$dir/short.full" "$dir/short.copy")" 2 x
judge "a packet at 10,000 calls against 100" \
	"$(calc %.2f "$(each many) / $(each few)")" 1.5 x
judge "memory of a concurrent call, chunks apart" \
	"$(calc %.1f "($(peak many) - $(peak few)) / 9900")" 20 KB
exit "$missed"
