#!/bin/sh
# With media workers all is as without: the report, byte for byte but for
# elapsed_ms, and the pcap of each call. On all samples together, on each that
# has options (golden/options.txt) or a key log with these, on other people's
# captures where CALLSCOPE_SHARED has them, and on many calls at once. The
# suites of the engine once more, with workers.
#
# With ThreadSanitizer (--enable-tsan) a race makes the program fail, and this.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

gen=$CALLSCOPE_BUILD/obj/tests/bench/gen_calls

# with WORKERS OPTION...: the report and the pcaps of a run, in a folder WORKERS.
with()
{
	n=$1
	shift
	rm -rf "${tmp:?}/$n"
	mkdir "$tmp/$n"
	"$CALLSCOPE" --workers "$n" --db none -q -o "$tmp/$n" \
		--json "$tmp/$n/report" "$@" >"$tmp/out" 2>"$tmp/$n/err" \
		</dev/null
	echo "status $?" >>"$tmp/$n/err"
	[ -f "$tmp/$n/report" ] || return
	sed 's/"elapsed_ms":[0-9.]*//' "$tmp/$n/report" >"$tmp/$n/timeless"
	rm "$tmp/$n/report"
	# In the order in which files were complete, of one uid too.
	find "$tmp/$n" -name index -delete
}

# equal OPTION...: what 0 and 4 workers make of it is the same.
equal()
{
	with 0 "$@"
	with 4 "$@"
	diff -r "$tmp/0" "$tmp/4" >"$tmp/err" 2>&1
}

options_of()
{
	keys=$samples/$1.keylog
	[ ! -f "$keys" ] || printf -- '--keys %s ' "$keys"
	sed -n "s/^$1 //p" "$CALLSCOPE_SRC/tests/golden/options.txt"
}

equal -r "$samples"
result 'workers: samples' $?
same 'workers: samples: status' "$(tail -n 1 "$tmp/4/err")" 'status 0'

differing=
seen=0
for sample in "$samples"/*.pcap "$samples"/*.pcapng "$samples"/*.gz; do
	name=$(basename "$sample" | sed 's/\.gz$//; s/\.pcap\(ng\)\{0,1\}$//')
	options=$(options_of "$name")
	[ -n "$options" ] || continue
	seen=$((seen + 1))
	# shellcheck disable=SC2086 # options are words
	equal -r "$sample" $options || differing="$differing $name"
done
same 'workers: samples with options' "$differing" ''
[ "$seen" -gt 10 ]
result 'workers: there are some' $? "only $seen"

if [ -n "${TEST_QUICK-}" ]; then
	: # the other build does that
elif [ -d "${CALLSCOPE_SHARED:-/nonexistent}/captures" ]; then
	differing=
	for folder in "$CALLSCOPE_SHARED/captures"/*/; do
		equal -r "$folder" || differing="$differing $folder"
	done
	same 'workers: captures' "$differing" ''
else
	echo 'SKIP workers: captures: CALLSCOPE_SHARED is not set'
fi

calls=1000
[ -z "${TEST_QUICK-}" ] || calls=100
"$gen" $calls 1 "$tmp/many.pcap" 2 97 >/dev/null
equal -r "$tmp/many.pcap"
result 'workers: many calls at once' $?
same 'workers: all of them have records' \
	"$(grep -c '"type":"call"' "$tmp/4/timeless") $(pcaps "$tmp/4" | wc -l)" \
	"$((calls * 2)) $((calls * 2))"

"$gen" 100 2 "$tmp/some.pcap" >/dev/null
equal -r "$tmp/some.pcap" --record headers
result 'workers: headers alone are recorded' $?
equal -r "$tmp/some.pcap" -f 'udp and not port 5060'
result 'workers: nothing is signalled' $?
with 1 -r "$tmp/some.pcap"
with 64 -r "$tmp/some.pcap"
diff -r "$tmp/1" "$tmp/64" >"$tmp/err" 2>&1
result 'workers: one, and many' $?

# The suites of the engine, whose media are then on three threads.
for suite in engine engine_ice engine_rtc engine_signal engine_turn \
	engine_turn_owner; do
	[ -x "$CALLSCOPE_BUILD/obj/tests/test_$suite" ] || continue
	TEST_WORKERS=3 "$CALLSCOPE_BUILD/obj/tests/test_$suite" >"$tmp/err" 2>&1
	result "workers: suite $suite" $?
done
