#!/bin/sh
# What the viewer says of the program itself: health, readiness and metrics of
# a run, of a store that is down, of serve alone, and who follows live calls.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"
# shellcheck source=web_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/web_lib.sh"

if ! "$CALLSCOPE" --help | grep -q 'callscope serve'; then
	echo 'SKIP webstate: this build has no viewer (--disable-web)'
	exit 0
fi
if ! command -v curl >/dev/null 2>&1; then
	echo 'SKIP webstate: there is no curl'
	exit 0
fi

# start_run NAME OPTION...: a run with a viewer, on standard input or files.
start_run()
{
	name=$1
	shift
	"$CALLSCOPE" -q -o "$web_dir" --http 127.0.0.1:0 "$@" \
		>"$tmp/$name.out" 2>"$tmp/$name.err" &
	pid=$!
	servers="$servers $pid"
	started "$name"
}

# asked PATH TEXT: until the answer has it.
asked()
{
	tries=0
	until get "$1" && grep -q -- "$2" "$tmp/body"; do
		tries=$((tries + 1))
		[ $tries -lt 400 ] || return 1
		sleep 0.05
	done
}

# metric NAME{LABELS}: its value.
metric()
{
	awk -v name="$1" '$1 == name { print $2 }' "$tmp/body"
}

# says NAME TEXT: the last answer has it.
says()
{
	grep -q -- "$2" "$tmp/body"
	result "webstate: $1" $? "$(cut -c 1-400 "$tmp/body")"
}

# --- a run over files ---------------------------------------------------------

web_store --record none
rm -f "$web_dir/callscope.db"
cp "$samples/basic-call.pcap" "$tmp/in.pcap"
start_run file -r "$tmp/in.pcap" --json "$tmp/report" --record none </dev/null
asked /api/v1/health '"ended":true'
result 'webstate: a file is read to its end' $?
size=$(wc -c <"$tmp/in.pcap" | tr -d ' ')
says 'all of it' "\"read_bytes\":$size,\"size_bytes\":$size"
says 'nothing to warn of' '"warnings":\[\]'
says 'the store has the call' '"kind":"sqlite","waiting":0,"oldest_ms":0,"stored":1,'
get /readyz
same 'webstate: ready' "$code $(head -n 1 "$tmp/body")" \
	'200 capture: ok, the files are read'
get /healthz
same 'webstate: alive' "$code $(cat "$tmp/body")" '200 ok'

"$tools/flat" "$tmp/report" >"$tmp/flat"
get /metrics
same 'webstate: metrics: type' "$(header Content-Type)" \
	'text/plain; version=0.0.4; charset=utf-8'
# METRIC FIGURE: the same in the summary.
while read -r name figure; do
	same "webstate: metrics: $figure" "$(metric "$name")" \
		"$(values summary "$figure")"
done <<'END'
callscope_packets_total packets
callscope_bytes_total bytes
callscope_decoded_packets_total decoded
callscope_ip_fragments_total ip_fragments
callscope_packets_by_kind_total{kind="sip"} sip
callscope_packets_by_kind_total{kind="rtp"} rtp
callscope_packets_by_kind_total{kind="rtcp"} rtcp
callscope_packets_by_kind_total{kind="other"} other
callscope_records_total{type="call"} calls
callscope_records_total{type="session"} sessions
callscope_dropped_packets_total{stage="kernel",reason="buffer"} dropped.kernel
END
same 'webstate: metrics: INVITEs' \
	"$(metric 'callscope_sip_requests_total{method="INVITE"}')" 1
same 'webstate: metrics: nothing is open' \
	"$(metric 'callscope_active{type="call"}')" 0
same 'webstate: metrics: stored' \
	"$(metric 'callscope_stored_records_total{store="database"}')" 1
same 'webstate: metrics: no names, no addresses' \
	"$(grep -c 'alice\|sip:\|"[0-9]*\.[0-9]*\.[0-9]*\.' "$tmp/body")" 0
if command -v promtool >/dev/null 2>&1; then
	promtool check metrics <"$tmp/body" >"$tmp/err" 2>&1
	result 'webstate: metrics: promtool' $?
else
	echo 'SKIP webstate: metrics: promtool: not installed'
fi
get /metrics -I
same 'webstate: metrics: HEAD' "$code" 200
get '/api/v1/live?limit=0'
same 'webstate: live: limit 0' "$code" 400
get /api/v1/live
says 'live: the input is over' \
	'"capture":true,"live":false,"ended":true,"total":0,"shown":0,"calls":\[\]'
stop
same 'webstate: a run ends in order' "$ended" 0

# --- calls that are open, on a pipe that stays open ---------------------------

# pipe_run NAME OPTION...: it reads the half of a call, and then what is no
# call and of no time to come, so that there is always something to read.
yes '0 udp 10.9.0.1:9 10.9.0.2:9 x' | head -n 100 |
	"$tools/made" "$tmp/noise.pcap"
tail -c +25 "$tmp/noise.pcap" >"$tmp/noise"
"$tools/part" "$samples/basic-call.pcap" 1 900 "$tmp/half.pcap"
pipe_run()
{
	name=$1
	shift
	rm -f "$web_dir"/callscope.db* "$tmp/fifo"
	mkfifo "$tmp/fifo"
	exec 9<>"$tmp/fifo"
	"$CALLSCOPE" -q -o "$web_dir" --http 127.0.0.1:0 -r "$tmp/fifo" \
		--record none "$@" >"$tmp/$name.out" 2>"$tmp/$name.err" \
		</dev/null 9<&- &
	pid=$!
	servers="$servers $pid"
	{
		cat "$tmp/half.pcap"
		while cat "$tmp/noise"; do
			sleep 0.1
		done
	} >&9 &
	noise=$!
	servers="$servers $noise"
	started "$name"
}

# pipe_stop: likewise.
pipe_stop()
{
	kill "$noise"
	wait "$noise" 2>/dev/null
	exec 9<&-
	stop
}

echo 'http-events = 1' >"$tmp/one.conf"
pipe_run pipe -c "$tmp/one.conf"
asked /api/v1/live '"state":"up"'
result 'webstate: live: a call is up' $?
says 'live: its parties' '"caller_user":"alice","callee_user":"bob"'
says 'live: how it runs' '"a_codec":"PCMA","a_packets":[0-9]*,"a_loss_pct":0.000,'
get /api/v1/health
says 'health: it is open' '"ended":false,.*"open_calls":1,"open_sessions":0'
get /metrics
same 'webstate: metrics: it is open' \
	"$(metric 'callscope_active{type="call"}') $(metric callscope_capture_up)" '1 1'

# The first event has all; a second client is one too many, until the first
# has gone.
curl -sN -m 60 -D "$tmp/head" -H "Authorization: Bearer $token" \
	"$base/api/v1/live/events" >"$tmp/events" &
watcher=$!
tries=0
until grep -q '^event: health' "$tmp/events" || [ $tries -ge 400 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
same 'webstate: events: type' "$(header Content-Type)" text/event-stream
grep -q '^data: {.*"total":1,"shown":1,"upsert":\[{"uid":"[0-9A-Z]*","type":"call"' \
	"$tmp/events"
result 'webstate: events: the call' $? "$(cut -c 1-300 "$tmp/events")"
grep -q '^data: {"version":' "$tmp/events"
result 'webstate: events: health' $? "$(cut -c 1-300 "$tmp/events")"
get /api/v1/live/events
same 'webstate: events: one too many' "$code" 503
kill "$watcher"
wait "$watcher" 2>/dev/null
freed()
{
	get /metrics
	[ "$(metric callscope_http_watchers)" = 0 ]
}
tries=0
until freed || [ $tries -ge 400 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
freed
result 'webstate: events: a client that is gone is let go' $?
pipe_stop

# --- a store that is down -----------------------------------------------------

if "$CALLSCOPE" --help | grep -q 'mysql://'; then
	pipe_run down --db mysql://nobody@127.0.0.1:1/callscope
	asked /api/v1/health '"code":"store_down"'
	result 'webstate: a store that is down: a warning' $? \
		"$(cat "$tmp/body")"
	says 'a store that is down: so it says' '"kind":"mysql",.*"down":true'
	says 'a store that is down: nor can it be read' '"readable":false'
	get /readyz
	same 'webstate: a store that is down: ready, on disk' \
		"$code $(tail -n 1 "$tmp/body")" \
		'200 database: ok, it is down, its records wait on disk'
	get /metrics
	same 'webstate: a store that is down: metrics' \
		"$(metric 'callscope_store_up{store="database"}')" 0
	get /healthz
	same 'webstate: a store that is down: alive' "$code" 200
	pipe_stop

	serve away 'db = mysql://nobody@127.0.0.1:1/callscope'
	get /readyz
	same 'webstate: serve, store away: not ready' \
		"$code $(head -n 1 "$tmp/body")" \
		'503 capture: ok, none is wanted'
	says 'serve, store away: why' '^store: not ready, .*127.0.0.1'
	get /api/v1/health
	says 'serve, store away: a warning' '"code":"store_unreadable"'
	says 'serve: what waits in the queue of a capture' \
		'"store":{"kind":"mysql","waiting":1,"oldest_ms":[1-9]'
	get /metrics
	same 'webstate: serve: metrics of that queue' \
		"$(metric 'callscope_store_waiting_records{store="database"}')" 1
	stop
else
	echo 'SKIP webstate: a store that is down: no MySQL in this build'
fi

# --- serve --------------------------------------------------------------------

run -q -o "$web_dir" -r "$samples/basic-call.pcap" --record none
serve alone 'http-public = metrics, healthz, readyz'
get /readyz
same 'webstate: serve: ready' "$code $(tail -n 1 "$tmp/body")" \
	'200 store: ok, it answers searches'
get /api/v1/health
says 'serve: no capture' '"capture":null,.*"readable":true,"spool":null'
get /api/v1/live
says 'serve: no live calls' '"capture":false,.*"calls":\[\]'
token=none
get /metrics
same 'webstate: http-public' "$code $(metric callscope_capture_up)" '200 0'
get /api/v1/health
same 'webstate: health wants a login' "$code" 401
stop

# --- an interface -------------------------------------------------------------

if [ "$(id -u)" -ne 0 ]; then
	echo 'SKIP webstate: an interface: needs root'
	exit 0
fi
web_store --record none
start_run lo -i lo --record none </dev/null
asked /readyz '^capture: ok, it runs'
result 'webstate: an interface: ready' $? "$(cat "$tmp/body" "$tmp/lo.err")"
asked /api/v1/health '"live":true,"ended":false,"interfaces":\["lo"\]'
result 'webstate: an interface: its name' $? "$(cat "$tmp/body")"
# Our own requests pass there.
asked /api/v1/health '"packets":[1-9]'
result 'webstate: an interface: packets' $? "$(cat "$tmp/body")"
stop
