#!/bin/bash
# Two phones, no proxy. call.sh [SCENARIO...], see lib.sh.
# shellcheck disable=SC2119 # tap takes options, not ours
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

pair() {
	lab_up 3
	count 2 10000-20000
	count 3 10000-20000
	phone 2 alice "regint=0;audio_codecs=$1" "${3:-8000}"
	phone 3 bob "regint=0;audio_codecs=$1;answermode=$2" "${3:-8000}"
}

# talk SECONDS: alice calls bob and both hear each other so long.
talk() {
	tell 2 dial "sip:bob@10.77.0.3"
	heard 2 'Call established'
	sleep "$1"
}

rec_basic_call() {
	pair pcma auto
	tap
	talk 11
	tell 2 hangup
	untap
	keep 2 3
}

# The callee hangs up, Opus at 48 kHz.
rec_opus_call() {
	pair opus/48000/2 auto 48000
	tap
	talk 11
	tell 3 hangup
	untap
	keep 2 3
}

# G.722 has the RTP clock 8000 but 16000 samples a second.
rec_g722_call() {
	pair g722/16000 auto 16000
	tap
	talk 6
	tell 2 hangup
	untap
	keep 2 3
}

# The phone rings and its user declines.
rec_busy_486() {
	pair pcma manual
	tap
	tell 2 dial "sip:bob@10.77.0.3"
	heard 3 'Incoming call'
	sleep 1.5
	tell 3 hangup
	sleep 0.5
	untap
	keep 2 3
}

# The caller gives up while it rings.
rec_cancel() {
	pair pcma manual
	tap
	tell 2 dial "sip:bob@10.77.0.3"
	heard 3 'Incoming call'
	sleep 2
	tell 2 hangup
	sleep 0.5
	untap
	keep 2 3
}

# The caller holds and resumes; then the callee does; the callee hangs up.
rec_hold_resume() {
	pair pcmu auto
	tap
	talk 2
	tell 2 hold
	sleep 2
	tell 2 resume
	sleep 1.5
	tell 3 hold
	sleep 1.5
	tell 3 resume
	sleep 1.5
	tell 3 hangup
	untap
	keep 2 3
}

# Digits by RFC 4733; the callee presses one too.
rec_dtmf() {
	local digit
	pair pcma auto
	tap
	talk 1
	for digit in 1 5 0 '*' '#' 5; do
		tell 2 sndcode "$digit"
		sleep 0.6
	done
	tell 3 sndcode 9
	sleep 1
	tell 2 hangup
	untap
	keep 2 3
}

# Both phones lose their network in mid call: no BYE. Something else goes
# on for a while, so that the time of the packets passes.
rec_no_bye() {
	pair pcmu auto
	host_up 4
	host_up 5
	tap
	talk 4
	on 2 ip link set eth0 down
	on 3 ip link set eth0 down
	for _ in $(seq "${SILENCE:-33}"); do
		sleep 10
		on 4 bash -c 'echo still here >/dev/udp/10.77.0.5/9'
	done
	untap
	keep 2 3
}

# The call is up when the capture starts; BYE is seen.
rec_already_up() {
	pair pcma auto
	talk 3
	tap
	sleep 5
	tell 2 hangup
	untap
	keep 2 3
}

# The call outlasts the capture.
rec_still_up() {
	pair pcma auto
	tap
	talk 5
	untap
	keep 2 3
}

# A tap that sees the media ports only.
rec_rtp_only() {
	pair pcma auto
	tap udp portrange 10000-20000
	talk 6
	tell 2 hangup
	untap
	keep 2 3
}

# Nanosecond time stamps, the file compressed.
rec_nano() {
	pair pcmu auto
	tap --time-stamp-precision=nano
	talk 4
	tell 2 hangup
	untap
	gzip -9n <"$lab/cap" >"$lab/cap.gz"
	mv "$lab/cap.gz" "$lab/cap"
	ext=pcap.gz keep 2 3
}

# One call on two taps with different link types: Ethernet at the switch
# and Linux cooked v2 ("any") on bob's host, joined as pcapng. Each packet
# is there twice.
rec_two_links() {
	local cooked
	need mergecap
	pair pcma auto
	on 3 tcpdump -q --immediate-mode -i any -y LINUX_SLL2 -U -Z root -w "$lab/cooked" \
		not port 4444 2>"$lab/cooked.log" &
	cooked=$!
	pids+=("$cooked")
	until grep -q listening "$lab/cooked.log"; do sleep 0.1; done
	tap
	talk 3
	tell 2 hangup
	untap
	end_of "$cooked"
	mergecap -F pcapng -w "$lab/both" "$lab/cap" "$lab/cooked"
	mv "$lab/both" "$lab/cap"
	ext=pcapng keep 2 3
}

scenarios "$@"
