#!/bin/sh
# What the viewer tells of one call: record, messages, timeline, packets,
# sound, legs; over all samples, against the report and the packets' bytes.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

if ! "$CALLSCOPE" serve --help >/dev/null 2>&1; then
	echo 'SKIP detail: this program was built without the viewer'
	exit 0
fi
dir=$tmp/data
server=

# serve OPTION...: the viewer of the store, at a free port: $url, $token.
serve()
{
	"$CALLSCOPE" serve -o "$dir" --http 127.0.0.1:0 "$@" 2>"$tmp/serve" &
	server=$!
	url=
	while [ -z "$url" ] && kill -0 "$server" 2>/dev/null; do
		url=$(sed -n 's|.*viewer is at \(http://[^ ]*\)/$|\1/api/v1|p' \
			"$tmp/serve")
	done
}

unserve()
{
	[ -z "$server" ] || kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
	server=
}
trap 'unserve; rm -rf "$tmp"' EXIT

# login NAME ROLE: a token for it.
login()
{
	(umask 077 && echo "a long password of $1" >"$tmp/password")
	"$CALLSCOPE" user add "$1" --role "$2" -o "$dir" \
		--password-file "$tmp/password" >/dev/null 2>&1
	"$CALLSCOPE" user token "$1" -o "$dir" 2>/dev/null
}

# ask PATH: the status; the answer is left in the file answer.
ask()
{
	curl -s -o "$tmp/answer" -w '%{http_code}' \
		-H "Authorization: Bearer $token" "$url$1"
}

# says NAME TEXT: the answer has it.
says()
{
	grep -qF -- "$2" "$tmp/answer"
	result "$1" $? "$(head -c 300 "$tmp/answer")"
}

# --- all samples --------------------------------------------------------------

cat "$samples"/*.keylog >"$tmp/keys"
run -r "$samples" -o "$dir" --keys "$tmp/keys" --record-secrets \
	--json "$tmp/report" -q
same 'detail: the samples are stored' "$status" 0
token=$(login anna analyst)
serve
python3 "$CALLSCOPE_SRC/tests/e2e/detail.py" "$url" "$token" "$tmp/report" \
	"$dir" "$tmp" 2>"$tmp/err"
result 'detail: all calls were asked for' $?
