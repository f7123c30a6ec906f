# shellcheck shell=sh disable=SC2034 # used where it is sourced
# What the tests of this folder share: sourced, not run.
# Results are lines "PASS name", "FAIL name: why", "SKIP name: reason".

samples=$CALLSCOPE_SRC/samples
tools=$CALLSCOPE_BUILD/obj/tests/tools
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
# One zone and language, whatever the machine has.
export TZ=UTC0 LC_ALL=C

# shellcheck source=tests/wait.sh
. "$CALLSCOPE_SRC/tests/wait.sh"

# result NAME STATUS [WHY]: STATUS is that of a command before.
result()
{
	if [ "$2" -eq 0 ]; then
		echo "PASS $1"
	else
		echo "FAIL $1: ${3:-$(tail -n 3 "$tmp/err" 2>/dev/null)}"
	fi
}

# same NAME GOT WANTED
same()
{
	if [ "$2" = "$3" ]; then
		echo "PASS $1"
	else
		echo "FAIL $1: '$2', wanted '$3'"
	fi
}

# memory NAME PEAK CEILING: in MB. A sanitizer has much of its own: nothing is
# told then.
memory()
{
	grep -q fsanitize "$CALLSCOPE_BUILD/Makefile" && return
	[ "$2" -lt "$3" ]
	result "$1" $? "$2 MB, of $3"
}

# ended PID: it is gone but for its exit status.
ended()
{
	! grep -q '^State:.[^ZX]' "/proc/$1/status" 2>/dev/null
}

# differ NAME GOT OTHER: a setting that changes nothing is ignored.
differ()
{
	if [ "$2" != "$3" ]; then
		echo "PASS $1"
	else
		echo "FAIL $1: still '$2'"
	fi
}

# Runs the program; leaves its exit status in $status, standard output and
# error in the files out and err.
run()
{
	"$CALLSCOPE" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
}

# report OPTION...: a run without database and pcaps; its report is left in
# the file flat, one value a line: line, path, value.
report()
{
	rm -rf "$tmp/flat" "$tmp/report"
	run --json "$tmp/report" -o "$tmp/data" --db none --record none -q "$@"
	[ -f "$tmp/report" ] && "$tools/flat" "$tmp/report" >"$tmp/flat"
}

# values TYPE PATH [FLAT]: that value of each line of that type. A PATH may
# have [] for any index.
values()
{
	awk -F'\t' -v type="$1" -v path="$2" '
		$2 == "type" { now = $3 }
		now == type {
			p = $2
			if (path ~ /\[\]/)
				gsub(/\[[0-9]+\]/, "[]", p)
			if (p == path)
				print $3
		}' "${3:-$tmp/flat}"
}

# counter NAME: how often the summary has it.
counter()
{
	n=$(values summary "malformed.$1")
	echo "${n:-0}"
}

# tls_key NUMBER: a line of a key log, of the session of that number.
tls_key()
{
	printf 'CLIENT_RANDOM %064x %096x\n' "$1" "$1"
}

# sql DATABASE QUERY
sql()
{
	"$tools/sql_one" "$1" "$2"
}

# pcaps DIR: the per-call captures below, in order.
pcaps()
{
	find "$1/spool" -type f -name '*.pcap*' ! -name '*.part' 2>/dev/null |
		sort
}
