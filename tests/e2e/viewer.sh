#!/bin/sh
# The web viewer in headless Chromium: a store of the samples, "callscope
# serve" on it, and the specs of viewer/ (viewer/harness.mjs says what they
# are), but those of the call page: viewer_call.sh runs these. Needs node,
# chromium, and what "npm ci" in web/ui installs.
# viewer.sh NAME...: these specs alone; SHOTS=DIR keeps screenshots.
set -u

src=$CALLSCOPE_SRC
modules=$src/web/ui/node_modules

for tool in node chromium; do
	if ! command -v "$tool" >/dev/null 2>&1; then
		echo "SKIP viewer: there is no $tool"
		exit 0
	fi
done
if [ ! -d "$modules/playwright-core" ] || [ ! -d "$modules/axe-core" ]; then
	echo 'SKIP viewer: no playwright-core and axe-core: run npm ci in web/ui'
	exit 0
fi
if ! "$CALLSCOPE" --help | grep -q 'callscope serve'; then
	echo 'SKIP viewer: this build has no viewer (--disable-web)'
	exit 0
fi
[ $# -gt 0 ] || set -- @others
set -- node "$src/tests/e2e/viewer/harness.mjs" "$@"

# Chromium drops what it loads when an interface comes or goes (other tests make
# some): where that may be, it gets a network of its own, with loopback alone.
# shellcheck disable=SC2016 # the inner shell expands it
alone='ip link set lo up && exec "$@"'
if unshare -n sh -c 'ip link set lo up' 2>/dev/null; then
	exec unshare -n sh -c "$alone" sh "$@"
fi
exec "$@"
