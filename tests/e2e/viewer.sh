#!/bin/sh
# The web viewer in headless Chromium: a store of the samples, "callscope
# serve" on it, and the specs of viewer/ (viewer/harness.mjs says what they
# are). Needs node, chromium, and what "npm ci" in web/ui installs.
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
exec node "$src/tests/e2e/viewer/harness.mjs" "$@"
