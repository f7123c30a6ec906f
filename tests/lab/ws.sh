#!/bin/bash
# SIP over WebSocket (RFC 7118) with phones in node. ws.sh [SCENARIO...], see
# lib.sh; once before: (cd tests/lab/ws && npm ci).
# shellcheck disable=SC2119 # tap takes options, not ours
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# node_phone HOST NAME [OPT=VALUE...]: its words in $lab/pHOST/log.
node_phone() {
	local dir=$lab/p$1
	need node sox
	[ -d "$here/ws/node_modules" ] || {
		echo "$0: npm ci in $here/ws first" >&2
		exit 1
	}
	mkdir -p "$dir"
	[ -f "$dir/tone.al" ] || sox -q -n -r 8000 -c 1 -t al "$dir/tone.al" \
		synth 3 sine "$((300 + 100 * $1))" gain -12
	: >"$dir/log"
	on "$1" node "$here/ws/phone.mjs" name="$2" host="10.77.0.$1" \
		sound="$dir/tone.al" keylog="$lab/keylog" "${@:3}" \
		>"$dir/log" 2>&1 &
	pids+=($!)
}

# The two ends of one WebSocket; alice dials. direct [OPT=VALUE...]
direct() {
	[ "$hosts" -gt 0 ] || lab_up 3
	count 2 10000-65535
	count 3 10000-65535
	node_phone 3 bob listen="${PORT:-80}" "$@" ${CERT:+cert="$lab/cert.pem" key="$lab/key.pem"}
	heard 3 ready
	tap
	node_phone 2 alice url="ws${CERT:+s}://10.77.0.3:${PORT:-80}/sip" \
		dial=sip:bob@lab.example "$@"
	finish
}

finish() {
	heard 2 '^{' 30
	heard 3 '^{'
	sleep 0.5
	untap
	{
		echo "host 2: $(grep -a '^{' "$lab/p2/log")"
		echo "host 3: $(grep -a '^{' "$lab/p3/log")"
	} >>"$lab/said"
	${finish:-}
	keep 2 3
}

rec_ws_text() {
	direct form=text seconds=2
}

rec_ws_binary() {
	direct form=binary seconds=2
}

# Each message in four frames, a ping among them.
rec_ws_fragments() {
	direct form=fragments seconds=2
}

# permessage-deflate with its context kept.
rec_ws_deflate() {
	direct form=deflate seconds=2
}

# A 64-bit length where it is not needed, and one where it is: a MESSAGE of
# 70 kB. No Content-Length anywhere.
rec_ws_long() {
	direct form=long seconds=2 large=70000 length=no
}

# WSS to a node server, keys from its TLS.
rec_ws_secure() {
	certificate
	finish=with_secrets CERT=yes PORT=443 direct form=text seconds=2
}

# Alice on a WebSocket, bob a baresip on UDP, kamailio between: the call is on
# two hops in two forms, the media goes straight. gateway [OPT=VALUE...]
gateway() {
	lab_up 3
	count 2 10000-65535
	count 3 10000-20000
	proxy 1 WS
	PROXY=10.77.0.1 phone 3 bob 'regint=600;audio_codecs=pcma;answermode=auto'
	heard 3 '200 OK'
	tap
	node_phone 2 alice url=ws://10.77.0.1:8088 domain=10.77.0.1 register=1 \
		dial=sip:bob@10.77.0.1 "$@"
	heard 2 '^{' 30
	sleep 0.5
	untap
	echo "host 2: $(grep -a '^{' "$lab/p2/log")" >>"$lab/said"
	keep 2 3
}

rec_ws_gateway() {
	gateway seconds=2
}

rec_ws_gateway_binary() {
	gateway seconds=2 form=binary
}

# ICE and DTLS-SRTP by werift, all candidates in the SDP behind c=0.0.0.0 and
# port 9.
rec_ws_webrtc() {
	direct media=webrtc seconds=2
}

# No candidate in the SDP: they come by INFO (RFC 8840).
rec_ws_trickle() {
	direct media=webrtc trickle=1 seconds=2
}

# Both phones are behind one router (host 1) and learn an address outside;
# the c= lines have that, the media goes from host to host inside. The tap is
# inside.
rec_ws_srflx() {
	outside
	direct media=webrtc stun=203.0.113.5:3478 seconds=2
}

# A STUN server on host 5, reached through host 1, which masquerades.
outside() {
	need turnserver nft
	lab_up 3
	ip netns add "$tag-5"
	hosts=5
	on 5 ip link set lo up
	on 5 ip link add eth0 type veth peer name out netns "$tag-1"
	plain_nic 5 eth0
	plain_nic 1 out
	on 5 ip link set eth0 up
	on 1 ip link set out up
	on 5 ip addr add 203.0.113.5/24 dev eth0
	on 1 ip addr add 203.0.113.1/24 dev out
	on 1 sysctl -qw net.ipv4.ip_forward=1
	on 1 nft -f - <<-'END'
	table ip nat {
		chain post { type nat hook postrouting priority 100;
			oifname "out" masquerade
		}
	}
	END
	on 2 ip route add default via 10.77.0.1
	on 3 ip route add default via 10.77.0.1
	on 5 turnserver -n -S -L 203.0.113.5 --no-cli --no-tls --no-dtls \
		--no-rfc5780 --simple-log -l "$lab/stun.log" \
		--pidfile "$lab/stun.pid" --userdb "$lab/stun.db" \
		>"$lab/stun.out" 2>&1 &
	pids+=($!)
	sleep 1
}

# SRTP whose sequence numbers wrap: the rollover counter goes from 0 to 1
# after a second. The callee is a baresip.
wraps() {
	lab_up 3
	count 2 20000-40000
	count 3 10000-20000
	phone 3 bob 'regint=0;audio_codecs=pcma;answermode=auto;mediaenc=srtp-mand'
	[ "$1" = late ] || tap
	node_phone 2 alice udp=10.77.0.3:5060 dial=sip:bob@10.77.0.3 \
		media=sdes first=65486 seconds=4 "${@:2}"
	[ "$1" != late ] || { heard 2 ready && sleep 2 && tap; }
	heard 2 '^{' 30
	sleep 0.5
	untap
	echo "host 2: $(grep -a '^{' "$lab/p2/log")" >>"$lab/said"
	keep 2 3
}

rec_sdes_wrap() {
	wraps early
}

# The tap begins behind the wrap, the keys come with a re-INVITE: the counter
# is 1 and nothing says so.
rec_sdes_late() {
	wraps late again=3
}

scenarios "$@"
