#!/bin/sh
# The life of a live capture: what systemd is told, files that are read again
# while packets come, an end that does not wait for a database, and the next
# run that goes on. In namespaces of its own; needs root.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"
# shellcheck source=life_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/life_lib.sh"

trap clean EXIT
can_run life || exit 0

# seen TEXT [TIMES]: systemd was told so, or will be.
seen()
{
	until_true 30 told "$@"
}

told()
{
	[ "$(grep -c "^$1" "$tmp/sd")" -ge "${2-1}" ]
}

# says TEXT: in the log, now or soon.
says()
{
	until_true 30 grep -q "$1" "$tmp/err"
}

python3 "$CALLSCOPE_SRC/tests/e2e/notify_socket.py" "$tmp/notify" \
	"$tmp/sd" &
helpers="$helpers $!"
until_true 30 test -e "$tmp/sd"
export NOTIFY_SOCKET="$tmp/notify" WATCHDOG_USEC=400000

# --- reading again ------------------------------------------------------------

"$tools/part" "$samples/basic-call.pcap" 1 600 "$tmp/half.pcap"
"$tools/part" "$samples/basic-call.pcap" 601 0 "$tmp/rest.pcap"
report -r "$samples/basic-call.pcap" -f 'not arp'
wanted=$(values summary packets)
conf=$tmp/callscope.conf
mkdir "$tmp/log"
chown 63711 "$tmp/log"
json=$tmp/log/report
echo 'keep-media = 3d' >"$conf"
begin user "$near" --http none -c "$conf"
seen READY=1
result 'life: READY' $? "$(cat "$tmp/sd")"
seen WATCHDOG=1 3
result 'life: WATCHDOG' $? "$(cat "$tmp/sd")"
seen 'STATUS=0 calls'
result 'life: STATUS' $? "$(cat "$tmp/sd")"
play "$tmp/half.pcap"
umask 077
tls_key 1 >"$tmp/keys"
umask 022
chown 63711 "$tmp/keys"
printf '%s\n' 'keep-media = 4d' 'snaplen = 300' "keys = $tmp/keys" \
	'e164-country = 49' >"$conf"
kill -s HUP "$pid"
says 'read again, in force from now on: keys, e164-country, keep-media$'
result 'life: SIGHUP: what changed' $? "$(cat "$tmp/err")"
says 'takes a restart: snaplen$'
result 'life: SIGHUP: what needs a restart' $? "$(cat "$tmp/err")"
seen RELOADING=1 && seen MONOTONIC_USEC= && seen READY=1 2
result 'life: SIGHUP: RELOADING, then READY' $? "$(cat "$tmp/sd")"
printf '%s\n' 'keep-media = 5d' 'keep-medea = 6d' >"$conf"
kill -s HUP "$pid"
says "$conf:2: keep-medea: unknown key"
result 'life: SIGHUP: a bad file: what is wrong' $? "$(cat "$tmp/err")"
says 'stay in force$'
result 'life: SIGHUP: a bad file changes nothing' $? "$(cat "$tmp/err")"
printf '%s\n' 'keep-media = 4d' "keys = $tmp/keys" 'e164-country = 49' >"$conf"
mv "$json" "$json.1"
kill -s HUP "$pid"
says 'nothing to change$'
result 'life: SIGHUP: nothing changed' $? "$(cat "$tmp/err")"
until_true 30 test -e "$json"
result 'life: SIGHUP: the report is opened anew' $?
play "$tmp/rest.pcap"
finish TERM
seen STOPPING=1
result 'life: STOPPING' $? "$(cat "$tmp/sd")"
same 'life: status' "$status" 0
same 'life: no packet was lost meanwhile' "$(values summary packets)" "$wanted"
same 'life: the call' "$(values call state) $(
	values call 'streams[].packets' | tr '\n' ' ')" 'completed 551 551 '
same 'life: nothing in the file that was moved away' \
	"$(wc -c <"$json.1" | tr -d ' ')" 0

# --- an end, and going on -----------------------------------------------------

rm -rf "$tmp/live"
begin user "$near" --http none
play "$tmp/half.pcap"
finish TERM
uid=$(values call uid)
same 'life: SIGTERM: an open call' "$(values call state)" active
begin user "$near" --http none
play "$tmp/rest.pcap"
finish TERM
same 'life: the next run: the same call' \
	"$(values call state) $(values call uid)" "completed $uid"
same 'life: one record of it' \
	"$(sql "$tmp/live/callscope.db" 'SELECT count(*) || state FROM cdr')" \
	1completed

warned()
{
	"$CALLSCOPE" status -o "$tmp/live" >"$tmp/status" 2>&1
	grep -q viewer_down "$tmp/status"
}

# --- what hangs or is taken ---------------------------------------------------

silent=$CALLSCOPE_SRC/tests/e2e/silent_server.py
first="python3 $silent 8080 $tmp/listens & echo \$! >$tmp/helper"
: >"$tmp/sd"
rm -rf "$tmp/live"
begin user "$near" --http 127.0.0.1:8080
says 'the viewer: cannot listen on 127.0.0.1:8080: .*--http'
result 'life: a taken port is the error of the viewer' $? "$(cat "$tmp/err")"
seen 'STATUS=.*no viewer'
result 'life: a taken port: systemd shows it' $? "$(cat "$tmp/sd")"
until_true 30 warned
result 'life: a taken port: callscope status warns' $? "$(cat "$tmp/status")"
play "$samples/basic-call.pcap"
finish TERM
same 'life: a taken port: the capture goes on' "$(values call state)" completed

first="python3 $silent 3306 $tmp/listens & echo \$! >$tmp/helper"
rm -rf "$tmp/live" "$tmp/listens"
hangs='mysql://probe@127.0.0.1:3306/calls'
export CALLSCOPE_DB_PASSWORD=x
begin user "$near" --http none --db "$hangs"
if grep -q 'mysql' "$tmp/err" && ended "$pid"; then
	echo 'SKIP life: a database that hangs: built without MySQL'
	finish TERM
	exit 0
fi
play "$samples/basic-call.pcap"
finish TERM
same 'life: a database that hangs: status' "$status" 3
grep -q 'database does not answer: it is not waited for' "$tmp/err"
result 'life: a database that hangs: is not waited for' $? "$(cat "$tmp/err")"
same 'life: a database that hangs: the report' "$(values call state)" completed
[ -n "$(find "$tmp/live/queue/mysql" -type f -size +0)" ]
result 'life: a database that hangs: what is not stored waits' $?
begin user "$near" --http none --db "$hangs"
# Until it is gone: it would wait for seconds.
again()
{
	kill -s TERM "$pid" 2>/dev/null
	ended "$pid"
}
until_true 60 again
finish TERM
same 'life: a second signal ends at once' "$status" 143
