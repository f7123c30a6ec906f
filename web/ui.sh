#!/bin/sh
# ui.sh OUTDIR: the viewer's files, as a browser gets them. A tarball carries
# them in web/ui/dist; elsewhere node makes them from web/ui/src, with what
# npm ci installs once.
set -eu

out=$1
ui=$(cd "$(dirname "$0")/ui" && pwd)

rm -rf "$out"
mkdir -p "$out"
if [ -f "$ui/dist/index.html" ]; then
	cp -R "$ui/dist/." "$out"
	exit 0
fi

# npm's own mark of what is installed. Builds of several folders share it.
installed()
{
	[ -n "$(find "$ui/node_modules/.package-lock.json" \
		-newer "$ui/package-lock.json" 2>/dev/null)" ]
}

install_modules()
{
	installed || {
		(cd "$ui" && NODE_OPTIONS=--use-openssl-ca npm ci --no-progress) &&
			touch "$ui/node_modules/.package-lock.json"
	}
}

exec 9<"$ui/package-lock.json"
flock 9
if ! install_modules >"$out.log" 2>&1; then
	cat "$out.log" >&2
	echo "web/ui.sh: npm ci failed in $ui: see above; without a network," \
		"use a tarball, or configure with --disable-web" >&2
	exit 1
fi
flock -u 9
if ! node "$ui/build.mjs" "$out" >"$out.log" 2>&1; then
	cat "$out.log" >&2
	exit 1
fi
