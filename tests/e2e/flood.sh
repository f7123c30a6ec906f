#!/bin/sh
# Captures that are hard on one container each (tests/tools/flood.c): the run
# ends in time, and where a limit is reached it is counted. Without the limits
# some of these take minutes.
set -u
# shellcheck source=tests/e2e/lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

# flood KIND N [COUNTER]: N is more than that limit.
flood()
{
	"$tools/flood" "$1" "$2" "$tmp/in.pcap" || exit 1
	timeout 60 "$CALLSCOPE" -r "$tmp/in.pcap" --db none --record none -q \
		--json "$tmp/report" >"$tmp/out" 2>"$tmp/err" </dev/null
	result "flood: $2 $1" $?
	[ $# -lt 3 ] && return
	grep '"type":"summary"' "$tmp/report" | grep -qF "\"$3\":"
	result "flood: $1 is counted" $? "no $3"
}

flood messages 20000 call.memory_limit
flood dialogs 5000 call.memory_limit
flood claims 1000 call.address_limit
flood shared 4000
flood relay 4000
flood sources 4000 media.flow_limit
flood ssrcs 4000 media.stream_limit
flood fragments 20000 ip.fragment_too_many
flood segments 20000 tcp.gap
flood bytes 20000
flood starts 8000 sip.head_too_long
flood registers 8000
flood contacts 200
flood options 8000
flood invites 8000
flood sleepers 2000
flood noise 30000 media.pending_evicted
flood target 8000
flood reports 4000
flood lines 200 call.address_limit
