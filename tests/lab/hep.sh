#!/bin/bash
# What agents send to a HEP collector. hep.sh [SCENARIO...], see lib.sh.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

PROXY=10.77.0.1

# user HOST NAME TRANSPORT
user() {
	TRANSPORT=$3 phone "$1" "$2" \
		"auth_pass=lab-$2;regint=600;audio_codecs=pcma;answermode=auto"
	heard "$1" '200 OK'
}

# The proxy tells of SIP (siptrace), by TCP from alice and by UDP to bob, and
# the media relay of RTCP, as JSON. The tap takes HEP alone; what the agents
# saw goes to NAME.seen.pcap, for the truth.
rec_hep_kamailio() {
	lab_up 4
	need socat
	on 4 socat -u UDP-RECV:9060 OPEN:/dev/null &
	pids+=($!)
	HOMER=10.77.0.4:9060 relay 1
	proxy 1 RELAY HEP
	on sw tcpdump -q --immediate-mode -i br0 -U -Z root -w "$lab/seen" \
		not udp port 9060 2>"$lab/seen.log" &
	pids+=($!)
	tap udp port 9060
	user 2 alice tcp
	user 3 bob udp
	tell 2 dial sip:bob@10.77.0.1
	heard 2 'Call established'
	sleep 12
	tell 2 hangup
	untap
	keep 2 3
	cp "$lab/seen" "$LAB_OUT/$name.seen.pcap"
}

scenarios "$@"
