#!/bin/sh
# run.sh PROGRAM...: what "make check" runs: the test programs given (suites of
# check, and fuzz targets with onefile.c), tests/layers.sh, tests/golden/run.sh
# and tests/e2e/*.sh, a few at a time. Ends with "N passed, N failed, N skipped"
# over single cases and fails when one of them failed.
#
# A suite tells its result in check's closing line, everything else in lines
# "PASS name", "FAIL name: why", "SKIP name: reason". A suite's SKIP lines
# belong to cases that check counts as passed.
#
# TEST_QUICK=1 repeats less often what is repeated, and leaves out what other
# programs say of our files, and whole scripts (below): for a second run, of
# another build.
# JOBS is how many run at a time (default: the processors there are),
# TEST_SECONDS how long one may take (default 600).
set -u

here=$(cd "$(dirname "$0")" && pwd)
: "${CALLSCOPE_SRC=$(dirname "$here")}" "${CALLSCOPE_BUILD=$(pwd)}"
export CALLSCOPE_SRC CALLSCOPE_BUILD
logs=$CALLSCOPE_BUILD/obj/tests/logs

# name_of PATH: what a log is called.
name_of()
{
	case $1 in
	*/golden/run.sh) echo golden ;;
	*) basename "$1" .sh ;;
	esac
}

# count PATTERN FILE
count()
{
	grep -c "$1" "$2" || :
}

# Reads a log and the exit status; writes "passed failed skipped" to counts.
judge()
{
	name=$1 status=$2 log=$logs/$1.log
	suites=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1 \2 \3/p' "$log")
	skipped=$(count '^SKIP ' "$log")
	if [ -n "$suites" ]; then
		failed=$(echo "$suites" | awk '{ n += $2 + $3 } END { print n }')
		passed=$(echo "$suites" | awk '{ n += $1 } END { print n }')
		passed=$((passed - failed - skipped))
	else
		failed=$(count '^FAIL ' "$log")
		passed=$(count '^PASS ' "$log")
	fi
	if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
		failed=1
		echo "FAIL $name: ended with status $status" >>"$log"
	elif [ $((passed + failed + skipped)) -eq 0 ]; then
		failed=1
		echo "FAIL $name: told no result" >>"$log"
	fi
	echo "$passed $failed $skipped" >"$logs/$name.counts"
}

# Runs one in a temporary folder of its own, its output in its log.
run_one()
{
	name=$(name_of "$1")
	TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/callscope-$name.XXXXXX") || exit 1
	export TMPDIR
	set -- "$1"
	began=$(date +%s)
	case $1 in
	*/fuzz_*) set -- "$1" "$CALLSCOPE_SRC/tests/fuzz/corpus/${name#fuzz_}" ;;
	esac
	timeout -k 10 "${TEST_SECONDS:-600}" "$@" \
		>"$logs/$name.log" 2>&1 </dev/null
	judge "$name" $?
	rm -rf "$TMPDIR"
	read -r passed failed skipped <"$logs/$name.counts"
	line="$name: $passed passed"
	[ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
	[ "$failed" -eq 0 ] || line="$line, $failed FAILED"
	seconds=$(($(date +%s) - began))
	[ "$seconds" -lt 5 ] || line="$line ($seconds s)"
	echo "$line"
}

if [ "${1:-}" = --one ]; then
	run_one "$2"
	exit 0
fi

rm -rf "$logs"
mkdir -p "$logs" || exit 1
# Suites may take their time under a sanitizer on a busy machine.
: "${CK_DEFAULT_TIMEOUT=120}"
export CK_DEFAULT_TIMEOUT
# Those that go through the same code once more, or through none of the program's.
quick=
[ -z "${TEST_QUICK-}" ] ||
	quick="attack_live browser configure layers replay stats truth twice \
ui_unit viewer viewer_call"
for script in "$here/golden/run.sh" "$here/layers.sh" "$here"/e2e/*.sh; do
	case " $quick " in
	*" $(name_of "$script") "*) continue ;;
	esac
	[ -x "$script" ] && set -- "$script" "$@"
done
# The long ones first.
printf '%s\0' "$@" |
	xargs -0 -n 1 -P "${JOBS:-$(nproc)}" "$here/run.sh" --one || exit 1

echo
for log in "$logs"/*.log; do
	name=$(basename "$log" .log)
	read -r passed failed skipped <"$logs/$name.counts"
	[ "$failed" -eq 0 ] || {
		echo "--- $name failed ($log):"
		grep -v '^PASS \|^SKIP ' "$log" | tail -n 60
	}
done
for log in "$logs"/*.log; do
	sed -n 's/^SKIP /skipped: /p' "$log"
done
cat "$logs"/*.counts | awk '
	{ passed += $1; failed += $2; skipped += $3 }
	END {
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit failed > 0 || passed == 0
	}'
