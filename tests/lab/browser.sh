#!/bin/bash
# Browsers that call each other. browser.sh [SCENARIO...], see lib.sh; the
# programs behind it are in browser/ ("npm ci" there first).
#
# Host 1 is the web and signalling server, hosts 2 and 3 have a browser each,
# a (the offerer) and b; host 4 is the TURN and STUN server. Leaves
# NAME.pcap, NAME.truth.json (all that getStats() and the pages said),
# NAME.said (the same in a few lines) and, where secrets are known,
# NAME.keylog. browser/digest.mjs makes tests/e2e/stats/NAME.json of a truth.
# shellcheck disable=SC2119 # tap takes options, not ours
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

web=http://10.77.0.1:8080/
stun='{"urls":"stun:10.77.0.4:3478"}'
turn='{"urls":"turn:10.77.0.4:3478?transport=udp","username":"lab","credential":"lab-secret"}'

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

# relay_at HOST [OPTION...]: a coturn there, without certificate no TLS.
relay_at() {
	local host=$1
	shift
	need turnserver
	on "$host" env "${KEYS[@]}" turnserver -n -L "10.77.0.$host" -E "10.77.0.$host" \
		-p 3478 --min-port 40000 --max-port 40999 -a -u lab:lab-secret \
		-r lab.example -b "$lab/turndb$host" --no-dtls --no-cli \
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

# Direct, as two pages of one office have it.
rec_cc_direct() {
	net
	both chromium chromium
}

# Both sides may use the relay only; what goes from relayed address to
# relayed address stays inside the server.
rec_cc_relay() {
	net
	relay_at 4
	both chromium chromium "rtc:{iceServers:[$turn],iceTransportPolicy:'relay'}" 3 hops=2
}

rec_ff_direct() {
	net
	both firefox firefox
}

rec_ff_dtls12() {
	local old='media.peerconnection.dtls.version.max=771'
	net
	page 2 a firefox $old
	page 3 b firefox $old
	tap
	open
	up
	sleep 3
	finish
}

rec_fc_direct() {
	net
	both firefox chromium
}

rec_ff_relay_keys() {
	net
	relay_at 4
	both firefox firefox "rtc:{iceServers:[$turn],iceTransportPolicy:'relay'}" 3 hops=2
}

# Firefox to Firefox with 10 of 100 RTP packets of a lost before the tap: with
# the keys the feedback can be read.
rec_ff_loss() {
	net
	lossy 2 'numgen random mod 100 < 10'
	both firefox firefox '' 5 lost=before
}

# Restarted by a in the middle.
rec_cc_restart() {
	net
	two chromium chromium
	tap
	open
	up
	sleep 2
	ask a 'lab.restart()' >/dev/null
	sleep 2
	finish
}

# Nothing by UDP ever reaches b.
rec_cc_fail() {
	net
	drop 3 'meta l4proto udp' 'udp to host 3 lost behind the tap'
	two chromium chromium
	tap
	open
	ask a 'lab.call()' >/dev/null
	ask all "lab.state('failed', 60)" >/dev/null
	ask all "lab.snap('end')" >/dev/null
	ask all 'lab.close()' >/dev/null
	untap
	truth lost=behind
}

# b goes deaf in mid call: consent is lost. The pages go on counting what
# they no longer send.
rec_cc_consent() {
	net
	two chromium chromium
	tap
	open
	up
	sleep 2
	drop 3 'meta l4proto udp' 'udp to host 3 lost behind the tap'
	ask all "lab.state('failed', 60)" >/dev/null
	finish lost=behind result=connected sent=unknown
}

# 10 of 100 RTP packets of a are lost before the tap.
rec_cc_loss() {
	net
	lossy 2 'numgen random mod 100 < 10'
	both chromium chromium '' 5 lost=before
}

rec_cc_turn_tcp() {
	net
	relay_at 4
	both chromium chromium "rtc:{iceServers:[${turn/=udp/=tcp}],iceTransportPolicy:'relay'}" 3 hops=2
}

# Nothing passes between a and b directly: the relay wins, and one of the two
# is on its plain side.
rec_cc_turn_fallback() {
	net
	relay_at 4
	drop 2 'ip saddr 10.77.0.3 meta l4proto udp' 'udp of host 3 to host 2 lost behind the tap'
	drop 3 'ip saddr 10.77.0.2 meta l4proto udp' 'udp of host 2 to host 3 lost behind the tap'
	both chromium chromium "rtc:{iceServers:[$turn]}" 3 hops=2
}

# a behind the relay, b plain: both sides of the relay are in the capture.
rec_cc_relay_one() {
	net
	relay_at 4
	two chromium chromium
	tap
	open "rtc:{iceServers:[$turn],iceTransportPolicy:'relay'}" ''
	up
	sleep 3
	finish hops=2
}

# Each behind a relay of its own, on hosts 4 and 5.
rec_cc_relay_two() {
	net
	host_up 5
	relay_at 4
	relay_at 5
	two chromium chromium
	tap
	open "rtc:{iceServers:[$turn],iceTransportPolicy:'relay'}" \
		"rtc:{iceServers:[${turn/.4:/.5:}],iceTransportPolicy:'relay'}"
	up
	sleep 3
	finish hops=3
}

# A wrong password at the relay; the direct way works.
rec_cc_turn_denied() {
	net
	relay_at 4
	both chromium chromium "rtc:{iceServers:[${turn/lab-secret/wrong}]}" 2
}

# The relay may not send to b: 403 to CreatePermission, no connection.
rec_cc_turn_forbidden() {
	net
	relay_at 4 --denied-peer-ip=10.77.0.3
	two chromium chromium
	tap
	open "rtc:{iceServers:[$turn],iceTransportPolicy:'relay'}" ''
	ask a 'lab.call()' >/dev/null
	ask a "lab.state('failed', 60)" >/dev/null
	ask all "lab.snap('end')" >/dev/null
	ask all 'lab.close()' >/dev/null
	untap
	truth result=failed
}

# One allocation a user: 486 for b, which may use nothing but the relay.
rec_cc_turn_quota() {
	net
	relay_at 4 --user-quota=1
	two chromium chromium
	tap
	open "rtc:{iceServers:[$turn],iceTransportPolicy:'relay'}"
	ask a 'lab.call()' >/dev/null
	sleep 5
	ask all "lab.snap('end')" >/dev/null
	ask all 'lab.close()' >/dev/null
	untap
	truth result=unknown
}

# nat HOST BEHIND NET MASQUERADE: host BEHIND in 192.168.NET.0/24 behind HOST.
nat() {
	local host=$1 behind=$2 net=$3
	hosts=$behind
	ip netns add "$tag-$behind"
	on "$behind" ip link set lo up
	on "$behind" ip link add eth0 type veth peer name inside netns "$tag-$host"
	plain_nic "$behind" eth0
	plain_nic "$host" inside
	on "$behind" ip link set eth0 up
	on "$host" ip link set inside up
	on "$behind" ip addr add "192.168.$net.$behind/24" dev eth0
	on "$host" ip addr add "192.168.$net.1/24" dev inside
	on "$behind" ip route add default via "192.168.$net.1"
	on "$host" sysctl -qw net.ipv4.ip_forward=1
	# Stray packets from outside must not take the ports of the router.
	on "$host" nft -f - <<-END
	table ip nat {
		chain post { type nat hook postrouting priority 100;
			oifname "eth0" $4
		}
		chain in { type filter hook input priority 0;
			iifname "eth0" ct state new drop
		}
		chain forth { type filter hook forward priority 0;
			iifname "eth0" ct state new drop
		}
	}
	END
}

# Hosts without a way to private addresses: what is sent there is sent to
# the web server, which has no use for it, and so is seen by the tap.
stray() {
	local host
	for host in "$@"; do
		on "$host" ip route add default via 10.77.0.1
	done
}

# A second tap, inside of the router of host 2: NAME-inside.pcap.
inside() {
	on 2 tcpdump -q --immediate-mode -B 16384 -i inside -U -Z root -w "$lab/inside" \
		2>"$lab/inside.log" &
	pids+=($!)
	until grep -qs listening "$lab/inside.log"; do sleep 0.1; done
}

# a behind a router that keeps ports, b outside.
rec_cc_nat() {
	net
	relay_at 4
	stray 3 4
	nat 2 5 77 masquerade
	page 5 a chromium
	page 3 b chromium
	inside
	tap
	open "rtc:{iceServers:[$stun]}"
	up
	sleep 3
	finish
	cp "$lab/inside" "$LAB_OUT/$name-inside.pcap"
}

# two_nats CONFIG: both behind routers with another port for each remote.
two_nats() {
	net
	relay_at 4
	stray 4
	nat 2 5 77 'masquerade fully-random'
	nat 3 6 78 'masquerade fully-random'
	page 5 a chromium
	page 6 b chromium
	inside
	tap
	open "$1"
}

# No relay: no pair can work.
rec_cc_nat_sym() {
	two_nats "rtc:{iceServers:[$stun]}"
	ask a 'lab.call()' >/dev/null
	ask all "lab.state('failed', 60)" >/dev/null
	ask all "lab.snap('end')" >/dev/null
	ask all 'lab.close()' >/dev/null
	untap
	truth
	cp "$lab/inside" "$LAB_OUT/$name-inside.pcap"
}

rec_cc_nat_sym_relay() {
	two_nats "rtc:{iceServers:[$stun,$turn]}"
	up
	sleep 3
	finish hops=2
	cp "$lab/inside" "$LAB_OUT/$name-inside.pcap"
}

# Without leave to use a camera host addresses are hidden behind mDNS names;
# for that Chromium needs a default route.
rec_cc_mdns() {
	net
	stray 2 3
	two chromium chromium
	tap
	open 'audio:false,video:false'
	up
	sleep 2
	finish
}

rec_cc_nontrickle() {
	net
	both chromium chromium 'whole:true' 2
}

# The tap leaves out the signalling.
rec_cc_unsignalled() {
	net
	two chromium chromium
	tap not tcp
	open
	up
	sleep 3
	finish signalling=none
}

# The tap sees what b sends and not what it gets.
rec_cc_one_way() {
	net
	two chromium chromium
	tap udp and not src host 10.77.0.2
	open
	up
	sleep 3
	finish signalling=none sees=b
}

rec_cc_http() {
	net
	both chromium chromium "signal:'poll'" 3
}

# WHIP: the server at b's host answers for it, b only receives.
rec_cc_whip() {
	SERVER=3
	web=http://10.77.0.3:8080/
	net
	two chromium chromium
	tap
	open "signal:'whip',data:false" "signal:'endpoint',audio:false,video:false,data:false,whole:true"
	up
	sleep 3
	finish signalling=whip
}

# Two layers of one picture by RID.
rec_cc_simulcast() {
	net
	two chromium chromium
	tap
	open "data:false,video:{width:640,height:360,rate:8},layers:[{rid:'h',maxBitrate:120000},{rid:'l',scaleResolutionDownBy:2,maxBitrate:40000}]" \
		'audio:false,video:false,data:false'
	up
	sleep 4
	finish
}

# Each m-line has a transport of its own.
rec_cc_bundle_none() {
	net
	both chromium chromium "split:true,rtc:{bundlePolicy:'max-compat'}" 3
}

# Video comes later, by a second offer.
rec_cc_late() {
	net
	two chromium chromium
	tap
	open "late:'video'"
	up
	sleep 2
	ask a 'lab.later()' >/dev/null
	sleep 3
	finish
}

# Both offer at the same time; b gives way.
rec_cc_glare() {
	net
	two chromium chromium
	tap
	open
	up
	sleep 2
	ask all 'lab.offer()' >/dev/null
	sleep 2
	finish
}

rec_cc_ipv6() {
	only_ipv4() { :; }
	net
	both chromium chromium '' 3
}

# What the WebSocket may do to a message: compressed, binary, in pieces.
rec_cc_deflate() {
	net deflate
	both chromium chromium '' 3
}

rec_cc_binary() {
	net
	both chromium chromium binary:true 3
}

rec_cc_pieces() {
	net pieces
	both chromium chromium '' 3
}

# sip SOCKET [MORE]: both pages are phones of the proxy at host 1.
sip() {
	[ -f "$here/browser/build/jssip.js" ] ||
		(cd "$here/browser" && npm run --silent build >/dev/null 2>&1)
	ask b "lab.open({name:'b',user:'bob',socket:'$1',${2:-}})" >/dev/null
	ask a "lab.open({name:'a',user:'alice',ends:true,socket:'$1',${2:-}})" >/dev/null
}

# up_sip: as up, by SIP.
up_sip() {
	ask a "lab.call('bob')" >/dev/null
	ask all "lab.state('connected')" >/dev/null
	sleep 0.5
	ask all "lab.snap('start')" >/dev/null
}

# SIP over WebSocket, media direct.
rec_jssip() {
	web=${web}phone
	net
	proxy 1 WS
	two chromium chromium
	tap
	sip ws://10.77.0.1:8088
	up_sip
	sleep 3
	finish type=call
}

# SIP over secure WebSocket; the browsers write the secrets of its TLS.
rec_jssip_wss() {
	local wss=(--ignore-certificate-errors ${TLS_MAX:+"--ssl-version-max=$TLS_MAX"})
	web=${web}phone
	net
	proxy 1 WS TLS
	page 2 a chromium "${wss[@]}" "--ssl-key-log-file=$lab/a.keylog"
	page 3 b chromium "${wss[@]}" "--ssl-key-log-file=$lab/b.keylog"
	tap
	sip wss://10.77.0.1:8443 video:true
	up_sip
	sleep 3
	finish type=call keys=tls
}

rec_jssip_wss12() {
	TLS_MAX=tls1.2
	rec_jssip_wss
}

# A browser calls a phone: DTLS-SRTP on one side of rtpengine, plain RTP on
# the other; the relay tells its secrets.
rec_jssip_baresip() {
	PROXY=10.77.0.1
	web=${web}phone
	net
	keys
	relay 1
	KEYS=()
	proxy 1 WS RELAY
	phone 3 bob 'regint=600;audio_codecs=pcma;answermode=auto'
	heard 3 '200 OK'
	count 3 10000-20000
	page 2 a chromium
	tap
	ask a "lab.open({name:'a',user:'alice',ends:true,alone:true,socket:'ws://10.77.0.1:8088'})" >/dev/null
	up_sip
	sleep 3
	finish type=call hops=2
}

# TURN over TLS; coturn tells its secrets.
rec_cc_turns() {
	local turns=${turn/turn:/turns:}
	turns=${turns/3478?transport=udp/5349?transport=tcp}
	net
	certificate
	keys
	relay_at 4 \
		--cert "$lab/cert.pem" --pkey "$lab/key.pem" --tls-listening-port 5349
	page 2 a chromium --ignore-certificate-errors
	page 3 b chromium --ignore-certificate-errors
	tap
	open "rtc:{iceServers:[$turns],iceTransportPolicy:'relay'}"
	up
	sleep 3
	finish hops=2 keys=tls
}

# Codecs.
rec_cc_h264() {
	net
	both chromium chromium "prefer:['h264']" 3
}

rec_cc_vp9() {
	net
	both chromium chromium "prefer:['vp9']" 3
}

rec_cc_av1() {
	net
	both chromium chromium "prefer:['av1']" 3
}

rec_cc_red() {
	net
	both chromium chromium "prefer:['red'],video:false" 3
}

scenarios "$@"
