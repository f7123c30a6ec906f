# shellcheck shell=sh disable=SC2034 # used where it is sourced
# What tests of the web viewer share: sourced after lib.sh. A store of one
# sample, a login, and servers on free ports that end with the test.

web_dir=$tmp/web
servers=
trap 'for p in $servers; do kill "$p" 2>/dev/null; done; rm -rf "$tmp"' EXIT

# web_store [SAMPLE...]: the data folder, with a login and its token.
web_store()
{
	run -q -o "$web_dir" -r "$samples/basic-call.pcap" "$@"
	[ "$status" -eq 0 ] || echo "FAIL web: no store: $(cat "$tmp/err")"
	printf 'seven blue herons\n' >"$tmp/password"
	chmod 600 "$tmp/password"
	run user add adam --role admin --password-file "$tmp/password" \
		-o "$web_dir"
	run user token adam -o "$web_dir"
	token=$(grep -o '[A-Za-z0-9_-]\{30,\}' "$tmp/out" | head -n 1)
	[ -n "$token" ] || echo "FAIL web: no token: $(cat "$tmp/out" "$tmp/err")"
}

# started NAME: waits until what runs as $pid says where it is; sets base,
# host and port.
started()
{
	tries=0
	while ! grep -qs 'the viewer is at' "$tmp/$1.err" &&
		kill -0 "$pid" 2>/dev/null && [ $tries -lt 600 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	base=$(sed -n 's/.*the viewer is at \(.*\)\/$/\1/p' "$tmp/$1.err")
	port=${base##*:}
	host=${base#*://}
	host=${host%:*}
	host=${host#[}
	host=${host%]}
	[ -n "$base" ] || echo "FAIL web: $1 does not start: $(cat "$tmp/$1.err")"
}

# serve NAME [LINE...]: a server of its own with that configuration.
serve()
{
	name=$1
	shift
	for line; do
		echo "$line"
	done >"$tmp/$name.conf"
	"$CALLSCOPE" serve -c "$tmp/$name.conf" -o "$web_dir" \
		--http "${listen:-127.0.0.1:0}" >"$tmp/$name.out" \
		2>"$tmp/$name.err" </dev/null &
	pid=$!
	servers="$servers $pid"
	started "$name"
}

# stop: ends the last server; $ended is its exit status.
stop()
{
	kill -TERM "$pid" 2>/dev/null
	wait "$pid"
	ended=$?
}

# get PATH [CURL-OPTION...]: as somebody who may; head, body and status are
# left in files and in $code.
get()
{
	path=$1
	shift
	: >"$tmp/body"
	code=$(curl -s -m 60 -o "$tmp/body" -D "$tmp/head" -w '%{http_code}' \
		-H "Authorization: Bearer $token" "$@" "$base$path")
}

# header NAME: of the last answer.
header()
{
	tr -d '\r' <"$tmp/head" | sed -n "s/^$1: //Ip" | tail -n 1
}

# client WHAT [MORE...]: tests/e2e/web_client.py against the last server.
client()
{
	what=$1
	shift
	python3 "$CALLSCOPE_SRC/tests/e2e/web_client.py" "$what" "$host" \
		"$port" "$@"
}
