#!/bin/bash
# A phone behind a masquerading router; the tap is outside if nothing else
# is said. nat.sh [SCENARIO...], see lib.sh.
# shellcheck disable=SC2119 # tap takes options, not ours
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# Host 2 is the router; alice is on host 5 behind it, 192.168.77.5, and her
# SDP says so. Bob on host 3 has a way out, but not to her. behind_nat [HOW]
behind_nat() {
	lab_up 3
	on 3 ip route add default via 10.77.0.1
	router 2 5 77 "${1-masquerade fully-random}"
	count 5 10000-20000
	count 3 10000-20000
}

# No relay: bob hears alice, her phone never hears his packets.
rec_nat_one_way() {
	behind_nat
	phone 5 alice 'regint=0;audio_codecs=pcma'
	phone 3 bob 'regint=0;audio_codecs=pcma;answermode=auto'
	tap
	tell 5 dial sip:bob@10.77.0.3
	heard 5 'Call established'
	sleep 5
	tell 5 hangup
	untap
	keep 5 3
}

# A relay that sends to where alice's packets come from.
rec_nat_relay() {
	behind_nat
	relay 1
	proxy 1 RELAY
	PROXY=10.77.0.1
	count 1 30000-30100
	phone 3 bob 'regint=600;audio_codecs=pcma;answermode=auto'
	heard 3 '200 OK'
	phone 5 alice 'regint=0;audio_codecs=pcma'
	tap
	tell 5 dial sip:bob@10.77.0.1
	heard 5 'Call established'
	sleep 5
	tell 5 hangup
	untap
	keep 5 1 3
}

# A STUN server with two addresses and two ports (RFC 5780) asked from behind
# the router; the tap is inside.
ask() {
	need turnserver turnutils_natdiscovery turnutils_stunclient
	on 1 ip addr add 10.77.0.11/24 dev eth0
	on 1 turnserver -n -S -L 10.77.0.1 -L 10.77.0.11 --no-cli --no-tls \
		--no-dtls --simple-log -l "$lab/stun.log" \
		--pidfile "$lab/stun.pid" --userdb "$lab/stun.db" \
		>"$lab/stun.out" 2>&1 &
	pids+=($!)
	sleep 1.5
	TAP_AT=2 TAP=inside tap
	{
		on 5 timeout 60 turnutils_natdiscovery -m -f 10.77.0.1
		on 5 timeout 20 turnutils_stunclient -f 10.77.0.1
	} >"$lab/asked" 2>&1 || true
	untap
	sed "/^=*$/d; s/^[0-9]*: : //; s/^/  /" "$lab/asked" >>"$lab/said"
	keep
}

# The router keeps ports: one mapping for every remote.
rec_stun_keeps() {
	behind_nat masquerade
	ask
}

# Another port for every remote.
rec_stun_random() {
	behind_nat
	ask
}

# The classic protocol of RFC 3489, without a magic cookie, by its first
# client and server (Debian: stun-client, stun-server).
rec_stun_classic() {
	need stun stund
	behind_nat masquerade
	on 1 ip addr add 10.77.0.11/24 dev eth0
	on 1 stund -h 10.77.0.1 -a 10.77.0.11 >"$lab/stund.log" 2>&1 &
	pids+=($!)
	sleep 1
	TAP_AT=2 TAP=inside tap
	on 5 timeout 60 stun 10.77.0.1 -p 20000 >"$lab/asked" 2>&1 || true
	untap
	grep -aE '^(Primary|Return|Secon)' "$lab/asked" >>"$lab/said"
	keep
}

scenarios "$@"
