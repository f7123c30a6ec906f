# shellcheck shell=sh
# The viewer: that each setting reaches it. web.sh looks closer.

# shellcheck source=../web_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/web_lib.sh"

if ! "$CALLSCOPE" --help | grep -q 'callscope serve' ||
	! command -v curl >/dev/null 2>&1; then
	echo 'SKIP options: http: there is no viewer in this build, or no curl'
	for each in http http-cert http-key http-connections http-per-address \
		http-idle http-workers http-queue http-events search-time \
		viewer-read-time viewer-file-size viewer-files-size; do
		covers $each
	done
	return 0
fi

web_store

covers http
serve there
get /healthz
same 'options: http' "$code" 200
run -r "$basic" -q -o "$tmp/http" --http none
same 'options: http none' "$status $(grep -c viewer "$tmp/err")" '0 0'
stop
same 'options: http: it ends' "$ended" 0
covers http-cert
covers http-key
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$tmp/key.pem" -out "$tmp/cert.pem" -days 2 -subj /CN=x \
	-addext 'subjectAltName=IP:127.0.0.1' 2>/dev/null
chmod 600 "$tmp/key.pem"
serve secret "http-cert = $tmp/cert.pem" "http-key = $tmp/key.pem"
get /healthz --cacert "$tmp/cert.pem"
same 'options: http-cert, http-key' "${base%%:*} $code" 'https 200'
stop
covers http-idle
serve idle 'http-idle = 1s'
same 'options: http-idle' "$(client half)" closed
stop
covers http-per-address
serve address 'http-per-address = 2'
same 'options: http-per-address 2' "$(client crowd 2)" nothing
stop
covers http-connections
# The ninth is served when time is up for the others.
serve eight 'http-connections = 8' 'http-idle = 1s'
same 'options: http-connections 8' "$(client crowd 8)" 200
stop
covers search-time
# More calls than can be looked at in 10 ms.
sql "$web_dir/callscope.db" "INSERT INTO cdr (uid, type) WITH RECURSIVE r(n) AS
	(SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 200000)
	SELECT printf('01M8AJDS00%016d', n), 'call' FROM r" >/dev/null
# All of them, however many requests that takes: never one in 10 ms.
searched()
{
	serve "search$1" "search-time = $1"
	get '/api/v1/calls?q=*nobody*'
	grep -o '"complete":[a-z]*' "$tmp/body"
	stop
}
same 'options: search-time 60s' "$(searched 60s)" '"complete":true'
same 'options: search-time 10ms' "$(searched 10ms)" '"complete":false'
covers http-workers
threads()
{
	serve "threads$1" "http-workers = $1"
	# shellcheck disable=SC2012 # numbers
	ls "/proc/$pid/task" | wc -l >"$tmp/threads"
	stop
}
threads 2
few=$(cat "$tmp/threads")
threads 12
same 'options: http-workers 12' $(($(cat "$tmp/threads") - few)) 10
covers http-queue
serve queue 'http-workers = 1' 'http-queue = 1'
client rush 64 /api/v1/openapi.json "$token" >"$tmp/rush"
grep -q '503:' "$tmp/rush"
result 'options: http-queue 1' $? "$(cat "$tmp/rush")"
stop
covers http-events
serve events 'http-events = 1'
: >"$tmp/events"
curl -s -N -m 60 -H "Authorization: Bearer $token" \
	"$base/api/v1/live/events" >"$tmp/events" &
reader=$!
tries=0
while [ ! -s "$tmp/events" ] && [ $tries -lt 600 ]; do
	sleep 0.05
	tries=$((tries + 1))
done
get /api/v1/live/events -m 5
same 'options: http-events 1' "$code $(header Retry-After)" '503 2'
kill $reader
stop
# Calls with more sound and packets than fit.
run -q -o "$web_dir" -r "$samples/opus-call.pcap" -r "$samples/jitter.pcap" \
	-r "$samples/loss-rtcp.pcap" -r "$samples/media-relay.pcap"
opus=$(sql "$web_dir/callscope.db" \
	"SELECT uid FROM cdr WHERE a_codec = 'opus' LIMIT 1")
pcma=$(sql "$web_dir/callscope.db" \
	"SELECT uid FROM cdr WHERE a_codec = 'PCMA' LIMIT 1")
# kept: files without a name that the server holds open, after two were made.
kept()
{
	get "/api/v1/calls/$opus/wav"
	get "/api/v1/calls/$pcma/wav"
	# shellcheck disable=SC2012 # what they point to
	ls -l "/proc/$pid/fd" | grep -c '/#[0-9]* (deleted)'
}
covers viewer-read-time
serve hasty 'viewer-read-time = 1ms'
get "/api/v1/calls/$opus/timeline"
same 'options: viewer-read-time 1ms' "$(grep -o '"truncated":[a-z]*' \
	"$tmp/body")" '"truncated":true'
stop
covers viewer-file-size
serve small 'viewer-file-size = 1M'
get "/api/v1/calls/$opus/wav"
same 'options: viewer-file-size 1M: sound' "$code $(header Content-Length)" \
	'200 1048620'
get /api/v1/export/pcap
same 'options: viewer-file-size 1M: packets' "$code" 409
stop
covers viewer-files-size
serve usual
same 'options: viewer-files-size' "$(kept)" 2
stop
serve none 'viewer-files-size = 0'
same 'options: viewer-files-size 0' "$(kept)" 1
stop
