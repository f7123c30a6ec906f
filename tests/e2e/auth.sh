#!/bin/sh
# Logins of the viewer with real clients: who gets in, how, until when, and
# what is written down of it.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"
# shellcheck source=web_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/web_lib.sh"

if ! "$CALLSCOPE" --help | grep -q 'callscope serve'; then
	echo 'SKIP auth: this build has no viewer (--disable-web)'
	exit 0
fi
if ! command -v curl >/dev/null 2>&1; then
	echo 'SKIP auth: there is no curl'
	exit 0
fi

# says NAME TEXT: standard error or output has it.
says()
{
	grep -qF -- "$2" "$tmp/out" "$tmp/err"
	result "auth: $1" $? "it says: $(cat "$tmp/out" "$tmp/err" | head -c 300)"
}

# user WORD...: callscope user
user()
{
	run user -o "$web_dir" "$@"
}

# password TEXT: a file of it.
password()
{
	printf '%s\n' "$1" >"$tmp/given"
	chmod 600 "$tmp/given"
}

# --- callscope user -----------------------------------------------------------

mkdir "$web_dir"
user list
says 'no logins: how to make one' 'callscope user add NAME --role analyst'
user add vera
same 'auth: without a terminal nothing is asked' "$status" 1
says 'what to give instead' '--password-file FILE'
password short
user add vera --password-file "$tmp/given"
same 'auth: a short password' "$status" 1
says 'a short password is told' 'at least 10 characters'
: >"$tmp/given"
user add vera --password-file "$tmp/given"
says 'an empty password is told' 'it is empty'
password 'seven blue herons'
chmod 644 "$tmp/given"
user add vera --password-file "$tmp/given"
says 'a password that all may read' 'everybody may read it'
chmod 600 "$tmp/given"
user add vera --password-file "$tmp/given"
same 'auth: add' "$status $(cat "$tmp/out")" '0 vera may log in as viewer'
user add vera --password-file "$tmp/given"
says 'added twice' 'there is a login vera'
# types PASSWORD AGAIN: user add zoe on a terminal; the screen is in the file out.
types()
{
	python3 "$CALLSCOPE_SRC/tests/e2e/ask_password.py" "$1" "$2" \
		"$CALLSCOPE" user add zoe -o "$web_dir" >"$tmp/out" 2>"$tmp/err"
}

types 'four grey pigeons' 'four grey doves'
says 'on a terminal: two that differ' 'the two passwords differ'
same 'auth: on a terminal: status' "$(tail -n 1 "$tmp/out")" 1
types 'four grey pigeons' 'four grey pigeons'
says 'on a terminal: added' 'zoe may log in as viewer'
grep -q pigeons "$tmp/out"
same 'auth: on a terminal: what is typed is not shown' $? 1
user remove zoe
same 'auth: remove' "$status $(cat "$tmp/out")" \
	'0 zoe is removed; its sessions and tokens are over'
password 'nine amber kettles'
user add anna --role analyst --password-file "$tmp/given"
password 'three slow ferries'
user add adam --role admin --password-file "$tmp/given"
user add 'a b' --password-file "$tmp/given"
says 'no name' "'a b' is no name for a login"
user token zed
says 'nobody of that name' 'no login zed'
user token
says 'no name given' 'name the login'
user token adam
token=$(cat "$tmp/out")
same 'auth: token: it alone' "$(wc -l <"$tmp/out") $(wc -c <"$tmp/err")" '1 0'
user token anna
anna=$(cat "$tmp/out")
[ "$token" != "$anna" ] && [ ${#token} -gt 60 ]
result 'auth: tokens differ' $?
user list
same 'auth: list' "$(sed 's/  */ /g' "$tmp/out" | tr '\n' ';')" \
	'name role tokens;vera viewer 0;anna analyst 1;adam admin 1;'
same 'auth: the file is its owner'\''s alone' \
	"$(stat -c %a "$web_dir/users" "$web_dir/audit.log" | tr '\n' ' ')" \
	'600 600 '
grep -qE 'herons|kettles|ferries|callscope_' "$web_dir/users"
same 'auth: no password and no token in the file' $? 1

run -q -o "$web_dir" -r "$samples/basic-call.pcap"
web_token=$token
serve plain

# --- by name and password -----------------------------------------------------

# login NAME PASSWORD [CURL-OPTION...]: its cookie is in the file jar.
login()
{
	who=$1 secret=$2
	shift 2
	rm -f "$tmp/jar"
	code=$(curl -s -m 60 -o "$tmp/body" -D "$tmp/head" -c "$tmp/jar" \
		-w '%{http_code}' --data-urlencode "user=$who" \
		--data-urlencode "password=$secret" "$@" "$base/login")
}

# as PATH [CURL-OPTION...]: with the cookie of the last login.
as()
{
	where=$1
	shift
	code=$(curl -s -m 60 -o "$tmp/body" -D "$tmp/head" -b "$tmp/jar" \
		-w '%{http_code}' "$@" "$base$where")
}

# nobody PATH [CURL-OPTION...]: without any login.
nobody()
{
	where=$1
	shift
	code=$(curl -s -m 60 -o "$tmp/body" -D "$tmp/head" -w '%{http_code}' \
		"$@" "$base$where")
}

# field NAME: of the JSON in body.
field()
{
	sed -n "s/.*\"$1\":\"\\{0,1\\}\\([^\",}]*\\).*/\\1/p" "$tmp/body"
}

nobody /
same 'auth: / without a login' "$code" 200
grep -q '<form method="post" action="/login">' "$tmp/body"
result 'auth: / is the login page' $?
header Content-Security-Policy | grep -q "default-src 'none'.*frame-ancestors 'none'"
result 'auth: its policy' $?
hash=$(sed -n 's/.*<style>\(.*\)<\/style>.*/\1/p' "$tmp/body" | tr -d '\n' |
	openssl dgst -sha256 -binary | base64)
header Content-Security-Policy | grep -qF "style-src 'sha256-$hash'"
result 'auth: the policy names its style' $?
nobody / -I
same 'auth: HEAD of /' "$code" 200
nobody '/search?q=486'
same 'auth: a page without a login' "$code $(header Location)" \
	'303 /?next=/search%3Fq%3D486'
for path in /api/v1/session /api/v1/calls /assets/x.js /metrics /healthz \
	/readyz /nothing /api/v1/openapi.json; do
	nobody $path
	same "auth: $path without a login" "$code $(field code)" \
		'401 unauthorized'
done

login vera 'seven blue herons' -d next=/search?q=1
same 'auth: login' "$code $(header Location)" '303 /search?q=1'
header Set-Cookie | grep -q '^callscope-[0-9]*=[0-9a-f]\{64\}; Path=/; HttpOnly; SameSite=Strict$'
result 'auth: the cookie' $? "$(header Set-Cookie)"
as /api/v1/session
same 'auth: the session' "$code $(field user) $(field role) $(field audio)" \
	'200 vera viewer false'
as /api/v1/audit
same 'auth: a viewer is no admin' "$code $(field code)" '403 forbidden'
as /
grep -q '<form' "$tmp/body"
same 'auth: / with a login is the viewer' "$code $?" '200 1'
login vera 'seven blue herons' -d next=//evil.example/
same 'auth: only to paths of our own' "$(header Location)" /
login vera 'seven blue heron'
same 'auth: a wrong password' "$code $(header Set-Cookie)" '401 '
grep -q 'Wrong name or password' "$tmp/body"
result 'auth: a wrong password is told' $?
login zed 'seven blue herons'
same 'auth: a wrong name' "$code" 401
login zed '"><script>alert(1)</script>'
login '"><script>alert(1)</script>' x
grep -q '<script' "$tmp/body"
same 'auth: nothing of what was typed is markup' $? 1

# --- forged requests ----------------------------------------------------------

login vera 'seven blue herons'
as /api/v1/session
csrf=$(field csrf)
as /api/v1/logout -X POST
same 'auth: a POST without a token' "$code $(field code)" '403 csrf'
as /api/v1/logout -X POST -H "X-CSRF-Token: $csrf" -H 'Origin: http://evil'
same 'auth: from another origin' "$code $(field code)" '403 csrf'
as /api/v1/logout -X POST -H "X-CSRF-Token: $csrf" \
	-H 'Sec-Fetch-Site: cross-site'
same 'auth: from another site' "$code $(field code)" '403 csrf'
login vera 'seven blue herons' -H 'Origin: http://evil'
same 'auth: a forged login' "$code" 403
login vera 'seven blue herons'
as /api/v1/session
csrf=$(field csrf)
as /api/v1/logout -X POST -H "X-CSRF-Token: $csrf" -H "Origin: $base"
same 'auth: logout' "$code" 204
as /api/v1/session
same 'auth: after it' "$code" 401

# --- tokens -------------------------------------------------------------------

get /api/v1/audit
same 'auth: a token' "$code" 200
token=$anna
get /api/v1/session
same 'auth: a token of another' "$code $(field user) $(field role)" \
	'200 anna analyst'
user revoke anna
same 'auth: revoke' "$(cat "$tmp/out")" 'anna: 1 token revoked'
get /api/v1/session
same 'auth: a revoked token' "$code" 401
token=${web_token}x
get /api/v1/session
same 'auth: a wrong token' "$code" 401

# --- what changes ends sessions -----------------------------------------------

login anna 'nine amber kettles'
as /api/v1/session
same 'auth: before' "$code" 200
password 'other amber kettles'
user password anna --password-file "$tmp/given"
as /api/v1/session
same 'auth: a new password ends sessions' "$code" 401
login anna 'nine amber kettles'
same 'auth: the old password' "$code" 401
login anna 'other amber kettles'
same 'auth: the new password' "$code" 303
user remove anna
as /api/v1/session
same 'auth: a removed login' "$code" 401
login anna 'other amber kettles'
same 'auth: a removed login cannot log in' "$code" 401

# --- the audit log ------------------------------------------------------------

token=$web_token
get '/api/v1/audit?limit=1000'
for want in '"user":"vera","role":"viewer","from":"127.0.0.1","action":"login",' \
	'"user":"zed","role":null,"from":"127.0.0.1","action":"login_failed",' \
	'"user":"vera","role":"viewer","from":"127.0.0.1","action":"logout",' \
	'"user":"adam","role":"admin","from":"","action":"token",' \
	'"user":"anna","role":"analyst","from":"","action":"token_revoke",'; do
	grep -qF "$want" "$tmp/body"
	result "auth: audit: $(echo "$want" | grep -o '"user.*"user[^,]*\|[a-z_]*",$' |
		tr -d '",' | head -n 1) of $(echo "$want" | cut -d'"' -f4)" $?
done
same 'auth: audit: all of it' "$(python3 -c 'import json, sys
e = json.load(open(sys.argv[1]))
times = [x["time"] for x in e["entries"]]
assert times == sorted(times, reverse=True)
print(len(times), e["next"])' "$tmp/body")" \
	"$(wc -l <"$web_dir/audit.log") None"
python3 - "$tmp/body" <<'EOF' >"$tmp/whole"
import json, sys
for e in json.load(open(sys.argv[1]))["entries"]:
    print(e["time"])
EOF
cursor='' pages=''
: >"$tmp/paged"
while [ "$cursor" != None ]; do
	get "/api/v1/audit?limit=4${cursor:+&cursor=$cursor}"
	cursor=$(python3 -c 'import json, sys
a = json.load(open(sys.argv[1]))
print("\n".join(e["time"] for e in a["entries"]), file=open(sys.argv[2], "a"))
print(a["next"])' "$tmp/body" "$tmp/paged")
	pages=x$pages
	[ ${#pages} -lt 50 ] || break
done
cmp -s "$tmp/whole" "$tmp/paged"
result 'auth: audit: page by page the same' $?
get '/api/v1/audit?limit=0'
same 'auth: audit: a wrong limit' "$code $(field code)" '400 bad_request'

# --- nothing leaks ------------------------------------------------------------

same 'auth: no secret on the command line' \
	"$(tr '\0' ' ' <"/proc/$pid/cmdline" | grep -cE 'herons|callscope_')" 0
stop
same 'auth: the server ends in order' "$ended" 0
grep -rqE 'herons|kettles|ferries|callscope_[0-9a-f]' "$web_dir/audit.log" \
	"$web_dir/users" "$tmp/plain.err" "$tmp/plain.out"
same 'auth: no secret in what is written' $? 1

# --- settings -----------------------------------------------------------------

serve strict 'http-login-tries = 2' 'http-login-wait = 1h' \
	'http-session-idle = 1s' 'http-session-max = 1h'
# failures: those in the audit log.
failures()
{
	grep -c '"action":"login_failed"' "$web_dir/audit.log"
}

before=$(failures)
login vera wrong-password
login vera wrong-password
login vera 'seven blue herons'
same 'auth: too many wrong ones' "$code $(header Retry-After)" '429 3600'
grep -q 'wait 3600 seconds' "$tmp/body"
result 'auth: how long to wait is told' $?
same 'auth: both are written down, and not who had to wait' \
	"$(($(failures) - before))" 2
stop

# until COMMAND...: tries it for ten seconds.
until_()
{
	tries=0
	while ! "$@" && [ $tries -lt 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	"$@"
}

# over: asks without using it: each use would put the end off.
over()
{
	sleep 1.2
	as /api/v1/session
	[ "$code" = 401 ]
}

serve short 'http-session-idle = 1s'
login vera 'seven blue herons'
until_ over
result 'auth: a session that is not used ends' $?
stop

# aged: it is used all the time.
aged()
{
	as /api/v1/session
	[ "$code" = 401 ]
}

serve old 'http-session-max = 2s'
login vera 'seven blue herons'
until_ aged
result 'auth: a session that is too old ends' $?
stop

serve proxied 'http-proxy-user = X-Remote-User' \
	'http-proxy-from = 127.0.0.2, 10.0.0.0/8' 'http-proxy-role = analyst' \
	'http-public = healthz' 'viewer-mask-numbers = 3'
nobody /api/v1/session -H 'X-Remote-User: adam'
same 'auth: a proxy that is not listed' "$code" 401
nobody /api/v1/session --interface 127.0.0.2 -H 'X-Remote-User: adam'
same 'auth: a proxy that is' "$code $(field user) $(field role)" '200 adam admin'
nobody /api/v1/session --interface 127.0.0.2 -H 'X-Remote-User: paula'
same 'auth: somebody of the proxy' "$code $(field user) $(field role)" \
	'200 paula analyst'
nobody /api/v1/session --interface 127.0.0.2
same 'auth: a proxy that names nobody' "$code" 401
nobody /api/v1/session --interface 127.0.0.2 -H 'X-Remote-User: adam' \
	-H 'X-Remote-User: paula'
same 'auth: a proxy that names two' "$code" 401
nobody /api/v1/logout --interface 127.0.0.2 -H 'X-Remote-User: adam' -X POST
same 'auth: a forged request through a proxy' "$code $(field code)" '403 csrf'
login vera wrong-password --interface 127.0.0.2 -H 'X-Forwarded-For: 198.51.100.9'
login vera wrong-password -H 'X-Forwarded-For: 198.51.100.10'
same 'auth: whom a listed proxy names, and no other, is written down' \
	"$(tail -n 2 "$web_dir/audit.log" | sed 's/.*"from":"\([^"]*\).*/\1/' |
		tr '\n' ' ')" '198.51.100.9 127.0.0.1 '
nobody /healthz
same 'auth: a public page' "$code" 200
nobody /readyz
same 'auth: and no other' "$code" 401
login vera 'seven blue herons'
as /api/v1/session
same 'auth: a viewer sees masked numbers' "$(field masked)" true
stop

# refused NAME LINE...: a server that does not start, and why.
refused()
{
	about=$1 want=$2
	shift 2
	for line; do
		echo "$line"
	done >"$tmp/conf"
	run serve -c "$tmp/conf" -o "$web_dir" --http 127.0.0.1:0
	same "auth: $about" "$status" 1
	says "$about is told" "$want"
}

refused 'a proxy from nowhere' 'needs http-proxy-from' \
	'http-proxy-user = X-Remote-User'
refused 'a proxy by name' 'not addresses or subnets' \
	'http-proxy-from = proxy.example'
refused 'a page that cannot be public' 'metrics, healthz and readyz' \
	'http-public = calls'

chmod 644 "$web_dir/users"
serve open
login vera 'seven blue herons'
same 'auth: logins that everybody may read are not used' "$code" 401
grep -q 'everybody may read or write the logins' "$tmp/open.err"
result 'auth: and that is told' $?
stop
