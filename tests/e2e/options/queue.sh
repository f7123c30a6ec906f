# shellcheck shell=sh
# The queue before the database; queue.sh looks closer. A schema that is not
# this program's keeps records in it.

# kept LINE...: how a run with that configuration ends, and what it says.
kept()
{
	rm -rf "$tmp/kept"
	run -r "$basic" -o "$tmp/kept" --record none -q
	sql "$tmp/kept/callscope.db" 'DELETE FROM schema_version WHERE
		version = (SELECT max(version) FROM schema_version)'
	conf "$@"
	run -c "$tmp/conf" -r "$samples" -r "$tmp/many.pcap" -o "$tmp/kept" \
		--record none -q
	echo "$status $(grep -c 'is full (queue-max)' "$tmp/err") $(
		grep -c 'records are lost: ' "$tmp/err")"
}

"$CALLSCOPE_BUILD/obj/tests/bench/gen_calls" 40 1 "$tmp/many.pcap" 25
covers queue-max
same 'options: queue-max 1G' "$(kept)" '3 0 0'
same 'options: queue-max 1M' "$(kept 'queue-max = 1M')" '3 1 1'
[ "$(du -sk "$tmp/kept/queue" | cut -f1)" -le 1100 ]
result 'options: queue-max 1M is kept' $?

# syncs LINE...: how often the run made the disk write.
syncs()
{
	conf "$@"
	strace -f -e trace=fdatasync -o "$tmp/calls" "$CALLSCOPE" \
		-c "$tmp/conf" -r "$tmp/many.pcap" -o "$tmp/synced" -q \
		--record none >"$tmp/out" 2>"$tmp/err"
	grep -c 'fdatasync(' "$tmp/calls"
}

covers queue-sync
if command -v strace >/dev/null 2>&1; then
	few=$(syncs 'queue-sync = second')
	[ "$(syncs 'queue-sync = write')" -gt $((few + 10)) ]
	result 'options: queue-sync' $?
else
	echo 'SKIP options: queue-sync: no strace'
fi
