#!/bin/sh
# The answers of a real server against the API's description: what
# /api/v1/openapi.json says of each path is asked for, and what comes back must
# be as it says, no name more and no name less (api.mjs). The store holds
# samples of all kinds. Needs node, and what "npm ci" in web/ui installs.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"
# shellcheck source=web_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/web_lib.sh"

if ! "$CALLSCOPE" --help | grep -q 'callscope serve'; then
	echo 'SKIP api: this build has no viewer (--disable-web)'
	exit 0
fi
if ! command -v node >/dev/null 2>&1; then
	echo 'SKIP api: there is no node'
	exit 0
fi
if [ ! -d "$CALLSCOPE_SRC/web/ui/node_modules/ajv" ]; then
	echo 'SKIP api: no ajv: run npm ci in web/ui'
	exit 0
fi

# shellcheck disable=SC2119 # no more samples
web_store
# Each alone: they have the same addresses.
for sample in "$samples"/*.pcap*; do
	keys=${sample%.pcap*}.keylog
	if [ -e "$keys" ]; then
		run -q -o "$web_dir" -r "$sample" --keys "$keys"
	else
		run -q -o "$web_dir" -r "$sample"
	fi
done

# Of a store alone, then of a run, which knows of a capture.
serve alone
node "$CALLSCOPE_SRC/tests/e2e/api.mjs" "$base" "$token" 'api: store'
stop
"$CALLSCOPE" -q -o "$web_dir" -r "$samples/basic-call.pcap" \
	--http 127.0.0.1:0 >"$tmp/run.out" 2>"$tmp/run.err" </dev/null &
pid=$!
servers="$servers $pid"
started run
node "$CALLSCOPE_SRC/tests/e2e/api.mjs" "$base" "$token" 'api: run' \
	/api/v1/live /api/v1/health /metrics /readyz
stop
same 'api: it ends' "$ended" 0
