# shellcheck shell=sh
# What run.sh and large.sh share. $build is the build folder.
# shellcheck disable=SC2034,SC2154

program=$build/callscope
gen=$build/obj/tests/bench/gen_calls
cpu=$build/obj/tests/bench/cpu

# make_dir MB: $dir, a folder of our own that takes so much, in memory where
# that is possible: this is about CPU time, and a disk adds its own moods to it.
# TMPDIR, when set, is used whatever it is.
make_dir()
{
	where=${TMPDIR-/tmp}
	free=$(df -mP /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
	if [ -z "${TMPDIR-}" ] && [ -w /dev/shm ] && [ "${free:-0}" -gt "$1" ]
	then
		where=/dev/shm
	fi
	dir=$(mktemp -d "$where/callscope-bench.XXXXXX")
	trap 'rm -rf "$dir"' EXIT
	trap 'exit 1' HUP INT TERM
}

# used COMMAND...: one line "MICROSECONDS PEAK_KB". Exit status 2 of callscope
# says that some of the input was unreadable: no measure of anything.
used()
{
	line=$("$cpu" "$@") || {
		echo "FAIL: $*" >&2
		return 1
	}
	echo "$line" | awk '{ print $1 + $2, $3 }'
}

# least N FILE: of that column. What else the machine does only adds.
least()
{
	awk -v n="$1" 'NR == 1 || $n < v { v = $n } END { print v }' "$2"
}

# packets FILE: that many are in a capture of gen_calls.
packets()
{
	"$program" -q -r "$1" --db none --record none --json - 2>/dev/null |
		sed -n '/"summary"/s/.*"packets":\([0-9]*\).*/\1/p' | tail -n 1
}

missed=0
# judge NAME MEASURED GOAL UNIT: at most GOAL is ok.
judge()
{
	verdict=$(awk -v v="$2" -v goal="$3" 'BEGIN {
		print v <= goal ? "ok" : "MISS" }')
	printf '%-46s %7s %-3s goal <= %-5s %s\n' "$1" "$2" "$4" "$3" "$verdict"
	[ "$verdict" = ok ] || missed=1
}

# calc FORMAT EXPRESSION
calc()
{
	awk "BEGIN { printf \"$1\", $2 }"
}
