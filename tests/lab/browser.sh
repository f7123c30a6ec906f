#!/bin/bash
# Browsers that call each other. browser.sh [SCENARIO...], see lib.sh; the
# programs behind it are in browser/ ("npm ci" there first).
#
# Host 1 is the web and signalling server, hosts 2 and 3 have a browser each,
# a (the offerer) and b; host 4 is the TURN and STUN server. Leaves
# NAME.pcap, NAME.truth.json (what getStats() and the pages said) and, where
# secrets are known, NAME.keylog.
# shellcheck disable=SC2119 # tap takes options, not ours
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

web=http://10.77.0.1:8080/
stun='{"urls":"stun:10.77.0.4:3478"}'
turn='{"urls":"turn:10.77.0.4:3478?transport=udp","username":"lab","credential":"lab-secret"}'

# ask ORDER...: an order to pages.mjs; its answer is printed.
ask() {
	local answer
	echo "$*" >&"${PAGES[1]}"
	read -r -t 120 -u "${PAGES[0]}" answer || answer='error no answer'
	case $answer in
	ok*) echo "${answer#ok }" ;;
	*)
		echo "$0: $name: $*: $answer" >&2
		return 1
		;;
	esac
}

serve() {
	local host=$1
	shift
	on "$host" node "$here/browser/server.mjs" "10.77.0.$host" "$@" \
		>"$lab/server.log" 2>&1 &
	pids+=($!)
	until grep -q ready "$lab/server.log"; do sleep 0.1; done
}

# page HOST NAME BROWSER [OPTION...]: opened before the tap, so that the
# capture has the signalling but not the page's own files.
page() {
	local host=$1 who=$2 kind=$3
	shift 3
	ask open "$who" "$kind" "$web" ip netns exec "$tag-$host" -- "$@" \
		>>"$lab/versions"
}

# One address a host keeps the candidate pairs few.
only_ipv4() {
	local host
	for host in "$@"; do
		on "$host" ip -6 addr flush dev eth0 scope global
	done
}

# net: hosts and the web server, as most scenarios have them.
net() {
	need node chromium
	lab_up 4
	only_ipv4 2 3
	serve 1 "$@"
	pages
}

pages() {
	coproc PAGES { exec node "$here/browser/pages.mjs" "$lab" 2>"$lab/pages.log"; }
	pids+=("$PAGES_PID")
}

two() {
	page 2 a "$1"
	page 3 b "$2"
}

# open A-CONFIG [B-CONFIG]: both ends of the call, JSON without braces.
open() {
	ask a "lab.open({name:'a',${1:-}})" >/dev/null
	ask b "lab.open({name:'b',polite:true,${2-${1:-}}})" >/dev/null
}

# up: a calls b and both are connected; media begins.
up() {
	ask a 'lab.call()' >/dev/null
	ask all "lab.state('connected')" >/dev/null
	sleep 0.5
	ask all "lab.snap('start')" >/dev/null
}

# finish: first silence, then the last figures, then the end.
finish() {
	ask all 'lab.quiet()' >/dev/null
	sleep 1
	ask all "lab.snap('end')" >/dev/null
	ask all 'lab.close()' >/dev/null
	sleep 0.5
	untap
	truth "$@"
}

# truth [TEXT]: what there is to know besides the capture.
truth() {
	local key
	ask truth "$lab/pages.json" >/dev/null
	ask quit >/dev/null
	cp "$lab/cap" "$LAB_OUT/$name.pcap"
	rm -f "$LAB_OUT/$name.keylog"
	for key in "$lab"/*.keylog; do
		[ -s "$key" ] && cat "$key" >>"$LAB_OUT/$name.keylog"
	done
	ledger >"$lab/counters"
	node "$here/browser/truth.mjs" "$name" "$lab" "$@" \
		>"$LAB_OUT/$name.truth.json"
	echo "== $name.pcap $(stat -c %s "$LAB_OUT/$name.pcap") bytes"
}

# What nft rules with a comment have counted.
ledger() {
	local host
	for host in sw $(seq 1 "$hosts"); do
		on "$host" nft list ruleset 2>/dev/null | sed -nE \
			"s/.*packets ([0-9]+).*comment \"(.*)\".*/host $host: \\2: \\1/p"
	done
}

# relay_at HOST [OPTION...]: a coturn there.
relay_at() {
	local host=$1
	shift
	need turnserver
	on "$host" turnserver -n -L "10.77.0.$host" -E "10.77.0.$host" \
		-p 3478 --min-port 40000 --max-port 40999 -a -u lab:lab-secret \
		-r lab.example -b "$lab/turndb$host" --no-tls --no-dtls --no-cli \
		--pidfile "$lab/turn$host.pid" -v --log-file stdout --simple-log \
		"$@" >"$lab/turn$host.log" 2>&1 &
	pids+=($!)
	for _ in $(seq 50); do
		on "$host" ss -lun | grep -q ":3478" && return
		sleep 0.1
	done
	cat "$lab/turn$host.log" >&2
	exit 1
}

# Direct, as two pages of one office have it.
rec_cc_direct() {
	net
	two chromium chromium
	tap
	open
	up
	sleep 6
	finish
}

# Both sides may use the relay only; what goes from relayed address to
# relayed address stays inside the server.
rec_cc_relay() {
	net
	relay_at 4
	two chromium chromium
	tap
	open "rtc:{iceServers:[$turn],iceTransportPolicy:'relay'}"
	up
	sleep 6
	finish
}

scenarios "$@"
