# shellcheck shell=sh
# Who may look at what in the viewer; auth.sh looks closer.

if ! "$CALLSCOPE" --help | grep -q 'callscope serve' ||
	! command -v curl >/dev/null 2>&1; then
	echo 'SKIP options: the viewer: it is not built, or there is no curl'
	for each in http-session-idle http-session-max http-login-tries \
		http-login-wait http-proxy-user http-proxy-from \
		http-proxy-role http-public viewer-mask-numbers; do
		covers $each
	done
	return 0
fi
# shellcheck source=../web_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/web_lib.sh"

web_store
printf 'nine amber kettles\n' >"$tmp/password"
run user add vera --password-file "$tmp/password" -o "$web_dir"
run user token vera -o "$web_dir"
vera=$(cat "$tmp/out")

# login PASSWORD: as vera; the status, and the cookie in a file.
login()
{
	rm -f "$tmp/jar"
	curl -s -m 60 -o "$tmp/body" -D "$tmp/head" -c "$tmp/jar" \
		-w '%{http_code}' -d user=vera --data-urlencode "password=$1" \
		"$base/login"
}

# session [CURL-OPTION...]: the status of GET /session with the cookie.
session()
{
	curl -s -m 60 -o "$tmp/body" -w '%{http_code}' -b "$tmp/jar" "$@" \
		"$base/api/v1/session"
}

# public PAGE: its status for anybody.
public()
{
	curl -s -m 60 -o "$tmp/body" -w '%{http_code}' "$base/$1"
}

# masked: what the session of a viewer says of numbers.
masked()
{
	session -H "Authorization: Bearer $vera" >/dev/null
	sed -n 's/.*"masked":\([a-z]*\).*/\1/p' "$tmp/body"
}

# lives SECONDS: whether the session lasts as long, used all the time.
lives()
{
	end=$(($(date +%s) + $1))
	while [ "$(date +%s)" -le "$end" ] && [ "$(session)" = 200 ]; do
		sleep 0.1
	done
	session
}

serve initial
covers http-public
same 'options: http-public, none' "$(public healthz)" 401
covers viewer-mask-numbers
same 'options: viewer-mask-numbers 64' "$(masked)" false
covers http-session-max
login 'nine amber kettles' >/dev/null
same 'options: http-session-max 1d' "$(lives 2)" 200
covers http-proxy-user
rm "$tmp/jar"
same 'options: http-proxy-user, none' \
	"$(session -H 'X-Remote-User: paula')" 401
covers http-login-tries
login wrong >/dev/null
login wrong >/dev/null
same 'options: http-login-tries 5' "$(login wrong)" 401
stop

serve changed 'http-public = healthz' 'viewer-mask-numbers = 4' \
	'http-session-max = 1s' 'http-login-tries = 1' 'http-login-wait = 7s' \
	'http-proxy-user = X-Remote-User' 'http-proxy-from = 127.0.0.1'
covers http-public
same 'options: http-public healthz' "$(public healthz)" 200
covers viewer-mask-numbers
same 'options: viewer-mask-numbers 4' "$(masked)" true
covers http-session-max
login 'nine amber kettles' >/dev/null
same 'options: http-session-max 1s' "$(lives 5)" 401
covers http-proxy-user
rm "$tmp/jar"
same 'options: http-proxy-user X-Remote-User' \
	"$(session -H 'X-Remote-User: paula')" 200
covers http-proxy-role
same 'options: http-proxy-role viewer' \
	"$(grep -c '"role":"viewer"' "$tmp/body")" 1
covers http-login-tries
login wrong >/dev/null
same 'options: http-login-tries 1' "$(login wrong)" 429
covers http-login-wait
grep -q '^Retry-After: [67]' "$tmp/head"
result 'options: http-login-wait 7s' $?
stop

serve other 'http-session-idle = 1s' 'http-proxy-user = X-Remote-User' \
	'http-proxy-from = 127.0.0.9' 'http-login-tries = 1'
covers http-proxy-from
same 'options: http-proxy-from another' \
	"$(session -H 'X-Remote-User: paula')" 401
covers http-session-idle
login 'nine amber kettles' >/dev/null
sleep 1.1
same 'options: http-session-idle 1s' "$(session)" 401
covers http-login-wait
login wrong >/dev/null
login wrong >/dev/null
grep -q '^Retry-After: \(9\|10\)' "$tmp/head"
result 'options: http-login-wait 10s' $?
stop

serve last 'http-proxy-user = X-Remote-User' 'http-proxy-from = 127.0.0.1' \
	'http-proxy-role = none'
covers http-proxy-role
same 'options: http-proxy-role none' \
	"$(session -H 'X-Remote-User: paula')" 401
stop
