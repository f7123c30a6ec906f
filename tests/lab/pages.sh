# shellcheck shell=bash disable=SC2119 # tap takes options, not ours
# Browsers in the lab: to be sourced by scripts whose scenarios have them. The
# programs behind it are in browser/ ("npm ci" there first).
#
# Host 1 is the web and signalling server, hosts 2 and 3 have a browser each,
# a (the offerer) and b; host 4 is the TURN and STUN server. Leaves
# NAME.pcap, NAME.truth.json (all that getStats() and the pages said),
# NAME.said (the same in a few lines) and, where secrets are known,
# NAME.keylog. browser/digest.mjs makes tests/e2e/stats/NAME.json of a truth.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

web=http://10.77.0.1:8080/

# ask ORDER...: an order to pages.mjs; its answer is printed.
ask() {
	local answer
	[ -n "${PAGES_PID:-}" ] || {
		cat "$lab/pages.log" >&2
		return 1
	}
	echo "$*" >&"${PAGES[1]}"
	read -r -t "${ASK_SECONDS:-120}" -u "${PAGES[0]}" answer || answer='error no answer'
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
	for _ in $(seq 100); do
		grep -qs ready "$lab/server.log" && return
		sleep 0.1
	done
	cat "$lab/server.log" >&2
	exit 1
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
	serve "${SERVER:-1}" "$@"
	pages
}

pages() {
	# Browsers leave things where they find room for them.
	coproc PAGES { TMPDIR=$lab exec node "$here/browser/pages.mjs" "$lab" 2>"$lab/pages.log"; }
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

# finish [NOTE...]: first silence, then the last figures, then the end.
finish() {
	ask all 'lab.quiet()' >/dev/null
	ask all 'lab.still()' >/dev/null
	ask all "lab.snap('end')" >/dev/null
	ask all 'lab.close()' >/dev/null
	sleep 0.5
	untap
	heeded
	truth "$@"
}

# fails PAGES [NOTE...]: a calls b, and those pages (a, b, all) see it fail.
fails() {
	ask a 'lab.call()' >/dev/null
	ask "$1" "lab.state('failed', 60)" >/dev/null
	ask all "lab.snap('end')" >/dev/null
	ask all 'lab.close()' >/dev/null
	untap
	truth "${@:2}"
}

# heeded: no host was too busy to read what had reached it.
heeded() {
	local host
	for host in $(seq 1 "$hosts"); do
		on "$host" nstat -asz UdpRcvbufErrors Udp6RcvbufErrors |
			awk '$2 > 0 { bad = 1; print } END { exit bad }' >&2 || {
			echo "$0: $name: host $host lost packets" >&2
			exit 1
		}
	done
}

# truth [NOTE...]: what there is to know besides the capture.
truth() {
	local key
	ask truth "$lab/pages.json" >/dev/null
	ask quit >/dev/null
	cp "$lab/cap" "$LAB_OUT/$name.pcap"
	rm -f "$LAB_OUT/$name.keylog"
	for key in "$lab"/*keylog; do
		[ -s "$key" ] && cat "$key" >>"$LAB_OUT/$name.keylog"
	done
	ledger >"$lab/counters"
	node "$here/browser/truth.mjs" "$name" "$lab" "$@" \
		>"$LAB_OUT/$name.truth.json"
	node "$here/browser/said.mjs" "$LAB_OUT/$name.truth.json" \
		>"$LAB_OUT/$name.said"
	echo "== $name.pcap $(stat -c %s "$LAB_OUT/$name.pcap") bytes"
	cat "$LAB_OUT/$name.said"
}

# What nft rules with a comment have counted.
ledger() {
	local host
	for host in sw $(seq 1 "$hosts"); do
		on "$host" nft list ruleset 2>/dev/null | sed -nE \
			"s/.*packets ([0-9]+).*comment \"(.*)\".*/host $host: \\2: \\1/p"
	done
}

# drop HOST EXPRESSION WHY: behind the tap, counted.
drop() {
	on "$1" nft -f - <<END
table inet lab_drop {
	chain in { type filter hook input priority 0;
		$2 counter drop comment "$3"
	}
}
END
}

# lossy HOST EXPRESSION: RTP of HOST lost before the tap; STUN, DTLS and RTCP
# (RFC 7983, RFC 5761: told by their first two bytes) always pass.
lossy() {
	on sw nft -f - <<END
table netdev before$1 {
	chain in { type filter hook ingress device "port$1" priority 0;
		meta l4proto udp @th,64,2 2 @th,72,8 != 192-223 $2 counter drop comment "rtp of host $1 lost before the tap"
	}
}
END
}

# both BROWSER BROWSER [CONFIG [SECONDS [NOTE...]]]: most scenarios are no
# more than that. The notes are for browser/digest.mjs.
both() {
	two "$1" "$2"
	tap
	open "${3:-}"
	up
	sleep "${4:-3}"
	finish "${@:5}"
}
