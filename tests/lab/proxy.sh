#!/bin/bash
# Phones behind a registrar and proxy. proxy.sh [SCENARIO...], see lib.sh.
# shellcheck disable=SC2119 # tap takes options, not ours
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

PROXY=10.77.0.1

# user HOST NAME ANSWERMODE [MORE]: a phone that registers.
user() {
	count "$1" 10000-20000
	phone "$1" "$2" "auth_pass=lab-$2;regint=600;audio_codecs=pcma;answermode=$3${4:-}"
	heard "$1" '200 OK'
}

# Registrations answered 401 first, an INVITE answered 407 first.
rec_auth_407() {
	PROXY=lab.example lab_up 3
	proxy 1 AUTH
	tap
	PROXY=lab.example
	user 2 alice auto ';outbound="sip:10.77.0.1"'
	user 3 bob auto ';outbound="sip:10.77.0.1"'
	tell 2 dial sip:bob@lab.example
	heard 2 'Call established'
	sleep 5
	tell 2 hangup
	untap
	keep 2 3
}

# A wrong password, then registrations that are withdrawn at the end.
rec_registrations() {
	lab_up 4
	proxy 1 AUTH
	PROXY=lab.example
	tap
	user 2 alice auto ';outbound="sip:10.77.0.1"'
	user 3 bob auto ';outbound="sip:10.77.0.1"'
	phone 4 mallory 'auth_pass=wrong;regint=600;outbound="sip:10.77.0.1"'
	sleep 3
	tell 2 quit
	tell 3 quit
	sleep 1
	untap
	keep 2 3 4
}

# Two phones of one user ring, the second answers, the first is cancelled.
rec_fork() {
	lab_up 4
	proxy 1
	user 2 alice auto
	user 3 bob manual
	user 4 bob manual
	tap
	tell 2 dial sip:bob@10.77.0.1
	heard 3 'Incoming call'
	heard 4 'Incoming call'
	sleep 1
	tell 4 accept
	heard 2 'Call established'
	sleep 5
	tell 2 hangup
	untap
	keep 2 3 4
}

# SIP over TCP; the small MTU of the phones splits messages over segments.
rec_sip_tcp() {
	TRANSPORT=tcp
	lab_up 3
	on 2 ip link set eth0 mtu 576
	on 3 ip link set eth0 mtu 576
	proxy 1
	tap
	user 2 alice auto
	user 3 bob auto
	tell 2 dial sip:bob@10.77.0.1
	heard 2 'Call established'
	sleep 4
	tell 3 hangup
	untap
	keep 2 3
}

# Bob's proxy answers with his real address; alice calls that.
rec_redirect_302() {
	lab_up 3
	proxy 1 REDIRECT
	user 2 alice auto
	user 3 bob auto
	tap
	tell 2 dial sip:bob@10.77.0.1
	heard 2 'Call established'
	sleep 3
	tell 2 hangup
	untap
	keep 2 3
}

# Alice calls bob and sends him on to carol (REFER); bob then calls carol.
rec_transfer() {
	lab_up 4
	proxy 1
	user 2 alice auto
	user 3 bob auto
	user 4 carol auto
	tap
	tell 2 dial sip:bob@10.77.0.1
	heard 2 'Call established'
	sleep 3
	tell 2 transfer sip:carol@10.77.0.1
	heard 4 'Call established'
	sleep 4
	tell 4 hangup
	sleep 0.5
	untap
	keep 2 3 4
}

# Media through rtpengine: each sender has a stream on both hops.
rec_media_relay() {
	lab_up 3
	relay 1
	proxy 1 RELAY
	count 1 30000-30100
	user 2 alice auto
	user 3 bob auto
	tap
	tell 2 dial sip:bob@10.77.0.1
	heard 2 'Call established'
	sleep 6
	tell 2 hangup
	untap
	keep 1 2 3
}

# Everything over IPv6 with an offer that does not fit one datagram of the
# smallest MTU: fragments on both hops.
rec_ipv6_call() {
	local i
	lab_up 3
	for i in 1 2 3; do
		on "$i" ip addr flush dev eth0 scope global
		on "$i" ip link set eth0 mtu 1280
		on "$i" ip addr add "fd77::$i/64" dev eth0 nodad
	done
	MODULES="g711 g722 opus g726 gsm l16 amr codec2"
	SIP_LISTEN='[::]:5060'
	PROXY='[fd77::1]'
	proxy 1
	tap
	for i in 2 3; do
		count "$i" 10000-20000
		phone "$i" "user$i" "regint=600;answermode=auto"
		heard "$i" '200 OK'
	done
	tell 2 dial 'sip:user3@[fd77::1]'
	heard 2 'Call established'
	sleep 4
	tell 2 hangup
	untap
	keep 2 3
}

# A callee nobody knows.
rec_not_found() {
	lab_up 2
	proxy 1
	user 2 alice auto
	tap
	tell 2 dial sip:nobody@10.77.0.1
	heard 2 '404'
	untap
	keep 2
}

scenarios "$@"
