#!/bin/bash
# STUN, TURN and ICE between phones, with coturn. turn.sh [SCENARIO...], see
# lib.sh. Media is plain RTP, so that what goes through the relay can be
# read.
# shellcheck disable=SC2119 # tap takes options, not ours
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# coturn [OPT...]: on host 1, for user lab. Its own word of what became of
# the allocations goes to NAME.said.
coturn() {
	need turnserver
	on 1 env "${KEYS[@]}" turnserver -n -L 10.77.0.1 -E 10.77.0.1 \
		-a -r lab.example -u lab:secret --no-cli \
		--min-port 49152 --max-port 49252 --fingerprint \
		--simple-log -l "$lab/turn.log" --pidfile "$lab/turn.pid" \
		--userdb "$lab/turn.db" -v "$@" >"$lab/turn.out" 2>&1 &
	pids+=($!)
	for _ in $(seq 50); do
		on 1 ss -lun | grep -q 10.77.0.1:3478 && return
		sleep 0.1
	done
	cat "$lab/turn.out" >&2
	exit 1
}

# What it says of sessions, errors and traffic.
turn_said() {
	echo "coturn:" >>"$lab/said"
	grep -hE 'session [0-9]+: (new|closed|usage|peer usage|realm|refreshed|peer|.*error)|rror' \
		"$lab/turn.log" | sed 's/^[0-9]*: //; s/^[: ]*INFO: //; s/^/  /' >>"$lab/said" || true
}

server='stunserver="turn:10.77.0.1";stunuser=lab;stunpass=secret'

pair() {
	count 2 10000-20000
	count 3 10000-20000
	phone 2 alice "regint=0;audio_codecs=pcma;$1"
	phone 3 bob "regint=0;audio_codecs=pcma;answermode=auto;${2:-$1}"
}

talk() {
	tell 2 dial "sip:bob@10.77.0.3"
	heard 2 'Call established'
	sleep "$1"
	tell 2 hangup
	sleep 1
	untap
}

# A relayed address in the SDP of both, no ICE.
rec_turn_call() {
	lab_up 3
	coturn
	tap
	pair "medianat=turn;$server"
	talk 2.5
	turn_said
	keep 2 3
}

# DTLS-SRTP inside the relay, both legs at the tap.
rec_turn_srtp() {
	lab_up 3
	coturn
	keys
	RTCP_MUX=yes
	tap
	pair "medianat=turn;mediaenc=dtls_srtp;$server"
	talk 2
	turn_said
	keep 2 3
}

# The reflexive address in the SDP, as a STUN server says it; no NAT.
rec_stun_call() {
	lab_up 3
	coturn
	tap
	pair 'medianat=stun;stunserver="stun:10.77.0.1"'
	talk 3
	keep 2 3
}

# ICE with all kinds of candidates; host to host wins.
rec_ice_call() {
	lab_up 3
	coturn
	RTCP_MUX=yes
	tap
	pair "medianat=ice;$server"
	talk 4
	turn_said
	keep 2 3
}

# The phones cannot reach each other, nor the relayed addresses them: the
# pair of the two relayed addresses wins.
rec_ice_relay() {
	lab_up 3
	coturn
	RTCP_MUX=yes
	apart
	apart 1 'udp sport != 3478'
	tap
	pair "medianat=ice;$server"
	talk 9.5
	turn_said
	keep 2 3
}

# A relayed address and a host address win. baresip 1.0.0 then gives up both
# allocations and sends where nothing passes.
rec_ice_relay_lost() {
	lab_up 3
	coturn
	RTCP_MUX=yes
	apart
	tap
	pair "medianat=ice;$server"
	talk 4
	turn_said
	keep 2 3
}

# apart [HOST MATCH]: UDP between hosts 2 and 3 is dropped behind the tap, SIP
# is not; or that from HOST.
apart() {
	local i
	for i in 2 3; do
		on "$i" nft "add table ip apart; add chain ip apart in {
			type filter hook input priority 0; };
			add rule ip apart in ip saddr 10.77.0.${1:-$((5 - i))} \
			${2:-udp dport != 5060} counter drop"
		# No answer by IPv6 either.
		on "$i" ip addr flush dev eth0 scope global to fd77::/64
	done
}

# Nothing gets through and there is no relay.
rec_ice_fail() {
	lab_up 3
	RTCP_MUX=yes
	apart
	tap
	pair 'medianat=ice'
	tell 2 dial "sip:bob@10.77.0.3"
	heard 2 'Call established'
	sleep 9
	tell 2 hangup
	sleep 0.5
	untap
	keep 2 3
}

# One phone has a second address that nobody reaches: pairs that fail beside
# one that succeeds.
rec_ice_dead() {
	lab_up 3
	on 2 ip link add eth1 type veth peer name eth2
	on 2 ip addr add 10.99.0.2/24 dev eth1
	on 2 ip link set eth1 up
	on 2 ip link set eth2 up
	# Host 1 would be the way there and drops it.
	on 3 ip route add default via 10.77.0.1
	RTCP_MUX=yes
	tap
	pair 'medianat=ice'
	talk 5
	keep 2 3
}

# A proxy changes the ICE password on its way to bob: alice refuses his
# checks (her own pass), 401.
rec_ice_401() {
	by_proxy 'OFFERED="/(ice-pwd:)../\1xx/"'
}

# A proxy makes bob believe that alice is ICE-lite: both are controlling,
# one is told so, 487.
rec_ice_487() {
	by_proxy 'OFFERED="/(a=ice-ufrag)/a=ice-lite\r\n\1/"'
}

by_proxy() {
	lab_up 3
	RTCP_MUX=yes
	proxy 1 "$1"
	PROXY=10.77.0.1
	count 2 10000-20000
	count 3 10000-20000
	phone 2 alice 'regint=600;audio_codecs=pcma;medianat=ice'
	phone 3 bob 'regint=600;audio_codecs=pcma;medianat=ice;answermode=auto'
	heard 3 '200 OK'
	tap
	tell 2 dial sip:bob@10.77.0.1
	heard 2 'Call established'
	sleep 3
	tell 2 hangup
	sleep 1
	untap
	keep 2 3
}

# client NAME [OPT...]: coturn's own client on host 2, through the relay to an
# echo on host 3.
client() {
	need turnutils_uclient turnutils_peer
	on 3 turnutils_peer -L 10.77.0.3 >"$lab/peer.log" 2>&1 &
	pids+=($!)
	sleep 0.3
	tap
	on 2 timeout 20 turnutils_uclient -u lab -w "${PASSWORD:-secret}" -c \
		-n "${MESSAGES:-12}" -m 1 -l 160 -e 10.77.0.3 "$@" 10.77.0.1 \
		>"$lab/client.log" 2>&1 || true
	sleep 0.5
	untap
	{
		echo "client:"
		grep -aE 'rror|tot_|Total|lost|exit' "$lab/client.log" |
			sed 's/^[0-9]*: //; s/^/  /' | sort -u
	} >>"$lab/said" || true
	turn_said
	keep
}

server_up() {
	lab_up 3
	coturn "$@"
}

# Channels, then the same by Send and Data indications.
rec_turn_channel() {
	server_up
	client
}

rec_turn_send() {
	server_up
	client -s
}

# The client's own leg over TCP, TLS and DTLS; a relay that is TCP itself
# (RFC 6062).
rec_turn_tcp() {
	server_up
	client -t
}

rec_turn_tls() {
	secure_server
	client -t -S
}

rec_turn_dtls() {
	secure_server
	client -S
}

secure_server() {
	lab_up 3
	certificate
	keys
	coturn --cert "$lab/cert.pem" --pkey "$lab/key.pem"
	KEYS=()
}

rec_turn_tcp_relay() {
	server_up
	client -T
}

# 401 again after the challenge.
rec_turn_401() {
	server_up
	PASSWORD=wrong client
}

# 486: each user may have one allocation.
rec_turn_486() {
	server_up --user-quota=1
	client -m 3
}

# 403: the peer is forbidden.
rec_turn_403() {
	server_up --denied-peer-ip=10.77.0.3
	client
}

# 508: one port to give away, two clients.
rec_turn_508() {
	server_up --max-port 49152
	client -m 2
}

# 438: nonces live for a second.
rec_turn_438() {
	server_up --stale-nonce=1
	MESSAGES=40 client -s -z 100
}

# 300: try another server.
rec_turn_300() {
	server_up --alternate-server=10.77.0.3:3478
	client
}

scenarios "$@"
