#!/bin/sh
# afl.sh FUZZER...: what "make fuzz-afl" runs: each fuzz target, built by
# afl-clang-fast (configure --enable-fuzz CC=afl-clang-fast), under afl-fuzz for
# FUZZ_SECONDS, from the corpus of its name and the files of the folder
# FUZZ_SEEDS, if there is one. What is found lies in
# obj/fuzz/NAME.afl/default/crashes and hangs; a run goes on with the last one.
set -u

: "${FUZZ_SECONDS=60}" "${FUZZ_SEEDS=}"
corpus=$CALLSCOPE_SRC/tests/fuzz/corpus

command -v afl-fuzz >/dev/null || {
	echo 'make fuzz-afl needs afl-fuzz: package afl++' >&2
	exit 1
}
# No terminal, no settings of the machine, no leak reports: a process lives for
# many inputs.
export AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_SKIP_CPUFREQ=1 AFL_AUTORESUME=1 \
	AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
	ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0 \
	UBSAN_OPTIONS=abort_on_error=1:symbolize=0

# stat NAME FILE
stat()
{
	sed -n "s/^$1 *: //p" "$2"
}

fuzz_one()
{
	name=$(basename "$1")
	rm -rf "$1.seeds"
	mkdir -p "$1.seeds"
	for from in "$corpus/${name#fuzz_}" "$FUZZ_SEEDS"; do
		[ ! -d "$from" ] || cp "$from"/* "$1.seeds"
	done
	[ -n "$(ls "$1.seeds")" ] || echo >"$1.seeds/empty"
	afl-fuzz -V "$FUZZ_SECONDS" -m none -t 10000+ -i "$1.seeds" \
		-o "$1.afl" -- "$1" >"$1.afl.log" 2>&1 </dev/null
	status=$? stats=$1.afl/default/fuzzer_stats
	[ "$status" -eq 0 ] || {
		echo "FAIL $name: afl-fuzz ended with $status: $1.afl.log"
		return 1
	}
	said="$(stat execs_done "$stats") runs, $(stat edges_found "$stats") of\
 $(stat total_edges "$stats") edges"
	if [ "$(stat saved_crashes "$stats")$(stat saved_hangs "$stats")" = 00 ]; then
		echo "PASS $name: $said"
	else
		echo "FAIL $name: $said; inputs in $1.afl/default/crashes and hangs"
		return 1
	fi
}

failed=0
for each; do
	fuzz_one "$each" || failed=$((failed + 1))
done
[ $failed -eq 0 ]
