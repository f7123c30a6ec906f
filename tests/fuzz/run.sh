#!/bin/sh
# run.sh FUZZER...: what "make fuzz" runs: each libFuzzer program for
# FUZZ_SECONDS, from the corpus of its name and the files of the folder
# FUZZ_SEEDS, if there is one; FUZZ_FLAGS are libFuzzer's. What is found lies
# below obj/fuzz/NAME.found; the grown corpus in obj/fuzz/NAME.corpus.
set -u

: "${FUZZ_SECONDS=60}" "${FUZZ_SEEDS=}" "${FUZZ_FLAGS=}"
src=$CALLSCOPE_SRC/tests/fuzz/corpus

fuzz_one()
{
	name=$(basename "$1")
	mkdir -p "$1.corpus" "$1.found"
	[ ! -d "$src/${name#fuzz_}" ] ||
		cp -R "$src/${name#fuzz_}/." "$1.corpus"
	# shellcheck disable=SC2086 # a list of words
	if "$1" $FUZZ_FLAGS -max_total_time="$FUZZ_SECONDS" -timeout=10 \
		-rss_limit_mb=2048 -artifact_prefix="$1.found/" \
		"$1.corpus" ${FUZZ_SEEDS:+"$FUZZ_SEEDS"} >"$1.log" 2>&1 </dev/null; then
		echo "PASS $name: $(sed -n 's/^Done \([0-9]* runs\).*/\1/p' "$1.log")"
	else
		echo "FAIL $name: $1.log, input in $1.found"
		grep -m 1 -A 12 'ERROR: \|runtime error\|Assertion' "$1.log"
	fi
}

if [ "${1:-}" = --one ]; then
	fuzz_one "$2"
	exit 0
fi
[ $# -gt 0 ] || { echo 'no fuzz targets' >&2; exit 1; }

results=$(mktemp) || exit 1
trap 'rm -f "$results"' EXIT
echo "$# targets, $FUZZ_SECONDS s each"
printf '%s\0' "$@" |
	xargs -0 -n 1 -P "${JOBS:-$(nproc)}" "$0" --one | tee "$results"
failed=$(grep -c '^FAIL ' "$results")
echo "$(grep -c '^PASS ' "$results") passed, $failed failed"
[ "$failed" -eq 0 ]
