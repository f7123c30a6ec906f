#!/bin/sh
# Two headless Chromium pages call each other, directly and through coturn,
# signalled by JSON over a plain WebSocket, each in a network namespace of its
# own (tests/lab/browser*.sh). The report on what tcpdump saw between them has
# to be what their getStats() said. Needs root, and what .ci/run installs.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

lab=$CALLSCOPE_SRC/tests/lab
modules=$lab/browser/node_modules

if [ "$(id -u)" -ne 0 ]; then
	echo 'SKIP browser: needs root'
	exit 0
fi
for tool in bash chromium turnserver node tcpdump ip ethtool nft python3; do
	if ! command -v "$tool" >/dev/null 2>&1; then
		echo "SKIP browser: there is no $tool"
		exit 0
	fi
done
if [ ! -d "$modules/playwright-core" ] || [ ! -d "$modules/ws" ]; then
	echo 'SKIP browser: no playwright-core and ws: run npm ci in tests/lab/browser'
	exit 0
fi
# A chroot may have them and not be able to enter one.
{ ip netns add "cs-b$$" && ip netns exec "cs-b$$" true; } 2>"$tmp/err"
usable=$?
ip netns del "cs-b$$" 2>/dev/null
if [ "$usable" -ne 0 ]; then
	echo "SKIP browser: no network namespaces: $(head -n 1 "$tmp/err")"
	exit 0
fi

# record SCENARIO SCRIPT: a machine that is too busy loses packets, and then says so.
record()
{
	for _ in 1 2 3; do
		LAB_OUT=$tmp "$lab/$2" "$1" >"$tmp/out" 2>"$tmp/err" &&
			return 0
	done
	return 1
}

for scenario in cc-direct cc-relay; do
	script=browser.sh
	[ "$scenario" = cc-direct ] || script=browser-relay.sh
	record "$scenario" "$script"
	recorded=$?
	result "browser: $scenario is recorded" "$recorded"
	[ "$recorded" -eq 0 ] || continue
	node "$lab/browser/digest.mjs" "$tmp/$scenario.truth.json" \
		>"$tmp/digest.json"
	report -r "$tmp/$scenario.pcap"
	same "browser: $scenario is read" "$status" 0
	python3 "$CALLSCOPE_SRC/tests/e2e/stats.py" "$tmp/report" \
		"$tmp/digest.json" "browser: $scenario" 2>"$tmp/err" ||
		result "browser: $scenario" 1
done
