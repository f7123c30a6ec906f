#!/bin/sh
# The viewer's server with real clients: statuses, conditions, encodings, TLS,
# and what happens to clients that are slow, silent, too many or too big.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"
# shellcheck source=web_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/web_lib.sh"

if ! "$CALLSCOPE" --help | grep -q 'callscope serve'; then
	echo 'SKIP web: this build has no viewer (--disable-web)'
	exit 0
fi
if ! command -v curl >/dev/null 2>&1; then
	echo 'SKIP web: there is no curl'
	exit 0
fi

# shellcheck disable=SC2119 # no more samples
web_store
serve plain

# --- what it says at the start ------------------------------------------------

grep -q "ssh -L $port:127.0.0.1:$port " "$tmp/plain.err"
result 'web: on loopback the way from elsewhere is said' $?

# --- statuses -----------------------------------------------------------------

# asks NAME STATUS PATH [CURL-OPTION...]
asks()
{
	about=$1 want=$2
	shift 2
	get "$@"
	same "web: $about" "$code" "$want"
}

# refuses NAME STATUS CODE PATH [CURL-OPTION...]: with the error object.
refuses()
{
	about=$1 want=$2 error=$3
	shift 3
	get "$@"
	same "web: $about" "$code $(python3 -c 'import json, sys
e = json.load(open(sys.argv[1]))["error"]
assert e["message"] and "at" in e
print(e["code"])' "$tmp/body" 2>&1 | tail -n 1)" "$want $error"
}

long=$(head -c 5000 /dev/zero | tr '\0' a)
head -c 20000 /dev/zero | tr '\0' a >"$tmp/20k"
head -c 70000 /dev/zero | tr '\0' a >"$tmp/70k"

asks 'a page' 200 /search
asks 'healthz' 200 /healthz
same 'web: healthz body' "$(cat "$tmp/body")" ok
asks 'the description of the API' 200 /api/v1/openapi.json
refuses 'nothing there' 404 not_found /api/v1/nothing
refuses 'no such file' 404 not_found /assets/none.js
refuses 'another method' 405 bad_request /healthz -X DELETE
same 'web: what is allowed' "$(header Allow)" 'GET, HEAD'
refuses 'a broken escape' 400 bad_request '/api/v1/nothing?q=%zz'
refuses 'a NUL' 400 bad_request '/healthz%00'
refuses 'a long address' 414 bad_request "/healthz?q=$long"
refuses 'long headers' 431 bad_request /healthz -H "X-Long: $(cat "$tmp/20k")"
# shellcheck disable=SC2046 # words
refuses 'many headers' 431 bad_request /healthz \
	$(seq 110 | sed 's/.*/-H X-&:1/')
refuses 'a long body' 413 bad_request /login --data-binary @"$tmp/70k"
same 'web: a long body in chunks' "$(client chunked 70000)" 413
same 'web: a body of 2 MB in chunks is cut' \
	"$(client chunked 2097152 | sed 's/413/nothing/')" nothing
same 'web: huge headers' "$(client raw "GET / HTTP/1.1\\r\\nX: $(
	cat "$tmp/70k")\\r\\n\\r\\n")" 431
same 'web: a huge address' "$(client raw "GET /$(cat "$tmp/70k") HTTP/1.1\\r\\n")" \
	414
same 'web: no HTTP' "$(client raw 'hello\r\n\r\n')" nothing
same 'web: no host' "$(client raw 'GET /healthz HTTP/1.1\r\n\r\n')" 400
same 'web: two lengths' "$(client raw \
	'POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab' |
	sed 's/^[45]../refused/; s/nothing/refused/')" refused

# --- without a login ----------------------------------------------------------

kept=$token token=
refuses 'no login' 401 unauthorized /api/v1/openapi.json
refuses 'no login, nothing there' 401 unauthorized /api/v1/nothing
refuses 'no login, a file' 401 unauthorized /assets/none.js
asks 'no login: the login page' 200 /
same 'web: no login: its type' "$(header Content-Type)" \
	'text/html; charset=utf-8'
token=$kept

# --- headers that all have ----------------------------------------------------

# safe NAME: the last answer has them.
safe()
{
	same "web: headers of $1" "$(header X-Content-Type-Options) $(
		header Referrer-Policy) $(header X-Frame-Options) $(
		header Cross-Origin-Opener-Policy) $(
		header Cross-Origin-Resource-Policy) $(
		header Content-Security-Policy | grep -c "default-src 'none'")" \
		'nosniff same-origin DENY same-origin same-origin 1'
}

get /search
safe 'a page'
get /api/v1/nothing
safe 'an error'
same 'web: JSON is not kept' "$(header Cache-Control)" no-store
get /healthz -X DELETE
safe 'another method'

# --- HEAD, gzip, ETag ---------------------------------------------------------

script=$(curl -s -H "Authorization: Bearer $token" "$base/search" |
	grep -o '/assets/main-[A-Za-z0-9]*\.js')
get "$script"
same 'web: a script is kept for ever' "$(header Cache-Control)" \
	'private, max-age=31536000, immutable'
cp "$tmp/body" "$tmp/whole"
tag=$(header ETag)
same 'web: it is not compressed unasked' "$(header Content-Encoding)" ''
get "$script" -H 'Accept-Encoding: gzip'
same 'web: compressed when asked' "$(header Content-Encoding) $(
	header Vary)" 'gzip Accept-Encoding'
gzip -dc <"$tmp/body" | cmp -s - "$tmp/whole"
result 'web: compressed is the same' $?
size=$(header Content-Length)
get "$script" -I -H 'Accept-Encoding: gzip'
same 'web: HEAD' "$code $(header Content-Length) $(header Content-Type)" \
	"200 $size text/javascript; charset=utf-8"
get "$script" -H "If-None-Match: $tag"
same 'web: not changed' "$code $(wc -c <"$tmp/body") $(header ETag)" \
	"304 0 $tag"
get "$script" -H 'If-None-Match: "old"'
same 'web: changed' "$code" 200
get "$script" -H 'Accept-Encoding: gzip;q=0'
same 'web: not compressed when refused' "$(header Content-Encoding)" ''
get /api/v1/openapi.json --http1.0
same 'web: HTTP/1.0' "$code" 200

# --- parts of files -----------------------------------------------------------

get '/api/v1/calls?limit=1'
uid=$(sed -n 's/.*"uid":"\([0-9A-Z]*\)".*/\1/p' "$tmp/body")
for kind in pcap wav; do
	file=/api/v1/calls/$uid/$kind
	get "$file"
	same "web: $kind" "$code $(header Accept-Ranges)" '200 bytes'
	cp "$tmp/body" "$tmp/whole"
	size=$(($(wc -c <"$tmp/whole")))
	tag=$(header ETag)
	same "web: $kind: its length" "$(header Content-Length)" $size
	get "$file" -H 'Range: bytes=10-109'
	same "web: $kind: a part" "$code $(header Content-Range)" \
		"206 bytes 10-109/$size"
	tail -c +11 "$tmp/whole" | head -c 100 | cmp -s - "$tmp/body"
	result "web: $kind: the right part" $?
	get "$file" -H 'Range: bytes=-20'
	tail -c 20 "$tmp/whole" | cmp -s - "$tmp/body"
	result "web: $kind: the end" $?
	get "$file" -H "Range: bytes=$size-"
	same "web: $kind: behind the end" "$code $(header Content-Range)" \
		"416 bytes */$size"
	get "$file" -H 'Range: bytes=0-1,5-6'
	same "web: $kind: two parts" "$code" 200
	get "$file" -H 'Range: bytes=0-9' -H 'If-Range: "old"'
	same "web: $kind: a part of another" "$code" 200
	get "$file" -I
	same "web: $kind: HEAD" "$code $(header Content-Length)" "200 $size"
	[ -z "$tag" ] || {
		get "$file" -H "If-None-Match: $tag"
		same "web: $kind: not changed" "$code" 304
	}
done
same 'web: no gzip for sound' "$(get "$file" -H 'Accept-Encoding: gzip'
	header Content-Encoding)" ''
get '/api/v1/calls?format=csv'
same 'web: CSV is streamed' "$code $(header Transfer-Encoding) $(
	wc -l <"$tmp/body")" '200 chunked 2'
curl -s -m 60 --raw -H "Authorization: Bearer $token" \
	"$base/api/v1/calls?format=csv" | tr -d '\r' | tail -n 2 | head -n 1 \
	>"$tmp/trailer"
same 'web: CSV says that it is whole' "$(cat "$tmp/trailer")" \
	'X-Callscope-Complete: yes'

# --- clients that are slow, or many -------------------------------------------

serve slow 'http-idle = 1s'
for kind in silent half half_body slow; do
	same "web: cut: $kind" "$(client $kind)" closed
done
same 'web: it still answers' "$(client idle 0 "$token")" 200

serve many
same 'web: behind 1000 idle connections' "$(client idle 1000 "$token")" 200
same 'web: and again' "$(client idle 1000 "$token")" 200
serve few 'http-per-address = 4'
same 'web: as many as one address may' "$(client crowd 3)" 200
same 'web: more than one address may' "$(client crowd 4)" nothing
serve crowded 'http-connections = 8' 'http-idle = 2s'
same 'web: more than there may be wait' "$(client crowd 8)" 200

serve queue 'http-workers = 1' 'http-queue = 1'
rushed=$(client rush 64 /api/v1/openapi.json "$token")
echo " $rushed" | grep -q ' 200:' && ! echo " $rushed" | grep -q ' [0-9]*[14].:'
result "web: a full queue" $? "$rushed"

# --- ends ---------------------------------------------------------------------

serve ends
curl -s -N -m 60 -H "Authorization: Bearer $token" \
	"$base/api/v1/live/events" >"$tmp/events" &
reader=$!
client idle 20 "$token" >/dev/null
stop
same 'web: ends with readers' "$ended" 0
wait $reader
same 'web: nobody listens then' \
	"$(curl -s -o /dev/null -m 5 "$base/" && echo yes)" ''

# --- TLS ----------------------------------------------------------------------

# certificate NAME
certificate()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$tmp/$1.key" -out "$tmp/$1.pem" -days 2 \
		-subj /CN=localhost -addext 'subjectAltName=IP:127.0.0.1' \
		2>/dev/null
	chmod 600 "$tmp/$1.key"
}

# refused NAME TEXT LINE...: it does not start, and says why.
refused()
{
	about=$1 text=$2
	shift 2
	for line; do
		echo "$line"
	done >"$tmp/refused.conf"
	run serve -c "$tmp/refused.conf" -o "$web_dir" --http 127.0.0.1:0
	same "web: TLS: $about" "$status $(grep -c -- "$text" "$tmp/err")" '1 1'
}

certificate one
certificate two
serve tls "http-cert = $tmp/one.pem" "http-key = $tmp/one.key"
same 'web: TLS: address' "${base%%:*}" https
get /healthz --cacert "$tmp/one.pem"
same 'web: TLS' "$code $(header Strict-Transport-Security)" \
	'200 max-age=31536000'
get /healthz --cacert "$tmp/one.pem" --tls-max 1.2
same 'web: TLS 1.2' "$code" 200
get /healthz --cacert "$tmp/one.pem" --tls-max 1.1
same 'web: TLS 1.1 is refused' "$code" 000
same 'web: TLS: no TLS' "$(client raw 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')" nothing
stop
same 'web: TLS: ends' "$ended" 0
refused 'no key' 'belong together' "http-cert = $tmp/one.pem"
refused "another's key" 'do not go together' "http-cert = $tmp/one.pem" \
	"http-key = $tmp/two.key"
refused 'no file' 'none.pem: No such file' "http-cert = $tmp/none.pem" \
	"http-key = $tmp/one.key"
refused 'no PEM' 'not a PEM file' "http-cert = $tmp/70k" \
	"http-key = $tmp/one.key"
chmod 644 "$tmp/one.key"
refused 'a key for everybody' 'everybody may read this key' \
	"http-cert = $tmp/one.pem" "http-key = $tmp/one.key"

# --- where it listens ---------------------------------------------------------

if [ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6; then
	listen='[::1]:0' serve six
	get /healthz
	same 'web: IPv6' "$code $host" '200 ::1'
	grep -qF "ssh -L $port:[::1]:$port " "$tmp/six.err"
	result 'web: IPv6: the way from elsewhere' $?
else
	echo 'SKIP web: IPv6: this machine has none'
fi
listen=0.0.0.0:0 serve all
grep -q 'can be reached from outside without TLS' "$tmp/all.err"
result 'web: outside without TLS is said' $?
! grep -q 'ssh -L' "$tmp/all.err"
result 'web: and no tunnel' $?

# A port that is taken: the run goes on, the viewer alone does not.
run -q -o "$tmp/taken" -r "$samples/basic-call.pcap" --http "127.0.0.1:$port"
same 'web: a taken port' "$status $(grep -c 'cannot listen on .*choose another' \
	"$tmp/err") $(grep -c 'calls 1' "$tmp/out")" '0 1 1'
run serve -o "$tmp/taken" --http "127.0.0.1:$port"
same 'web: a taken port, alone' "$status $(grep -c 'cannot listen on' \
	"$tmp/err")" '1 1'

# --- a run with a viewer ------------------------------------------------------

"$CALLSCOPE" -q -o "$web_dir" -r "$samples/basic-call.pcap" \
	--http 127.0.0.1:0 >"$tmp/run.out" 2>"$tmp/run.err" </dev/null &
pid=$!
servers="$servers $pid"
started run
get /healthz
same 'web: a run with files' "$code" 200
stop
same 'web: it serves until it is told' "$ended" 0
"$CALLSCOPE" -q -o "$web_dir" -r "$samples/basic-call.pcap" --db none \
	--http 127.0.0.1:0 >"$tmp/none.out" 2>"$tmp/none.err" </dev/null &
pid=$!
servers="$servers $pid"
started none
grep -q 'cannot search: there is no store' "$tmp/none.err"
result 'web: without a store it says so' $?
refuses 'no store' 503 no_store /api/v1/calls
asks 'no store: healthz' 200 /healthz
