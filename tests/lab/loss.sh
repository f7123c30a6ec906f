#!/bin/bash
# A call over a bad network. loss.sh [SCENARIO...], see lib.sh.
# "Before the tap" is lost on the way to the bridge and missing in the
# capture; "behind the tap" is in the capture and never arrives. The rules
# count what they do, exactly; only RTP is hit, RTCP always passes.
# shellcheck disable=SC2119 # tap takes options, not ours
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

rtp='udp dport 10000-20000 udp dport & 1 == 0'

# before HOST EXPRESSION: drop RTP of HOST that matches, at its bridge port.
before() {
	on sw nft -f - <<END
table netdev before$1 {
	chain in { type filter hook ingress device "port$1" priority 0;
		$rtp $2 counter drop comment "rtp of host $1 lost before the tap"
	}
}
END
}

# behind HOST EXPRESSION: drop RTP that reaches HOST.
behind() {
	on "$1" nft -f - <<END
table inet behind {
	chain in { type filter hook input priority 0;
		$rtp $2 counter drop comment "rtp to host $1 lost behind the tap"
	}
}
END
}

# twice HOST EXPRESSION: HOST sends RTP that matches two times.
twice() {
	on "$1" nft -f - <<END
table ip twice {
	chain out { type filter hook output priority 200;
		$rtp $2 counter dup to 10.77.0.$((5 - $1)) device "eth0" comment "rtp of host $1 sent twice"
	}
}
END
}

# slow HOST PERCENT: so many of the RTP packets of HOST wait in a queue of
# their own at 12 kbit/s and are overtaken by the rest.
slow() {
	on "$1" tc qdisc add dev eth0 root handle 1: htb default 10 r2q 1
	on "$1" tc class add dev eth0 parent 1: classid 1:10 htb rate 1gbit \
		quantum 1514
	on "$1" tc class add dev eth0 parent 1: classid 1:20 htb rate 8kbit \
		burst 220 cburst 220 quantum 1514
	on "$1" nft -f - <<END
table inet slow {
	chain out { type filter hook output priority 0;
		$rtp numgen random mod 100 < $2 meta priority set 1:20 counter comment "rtp of host $1 sent the slow way"
	}
}
END
}

ledger() {
	local host
	for host in sw 2 3; do
		on "$host" nft list ruleset | sed -nE \
			'/(lost|twice|slow)/s/.*packets ([0-9]+).*comment "(.*)".*/\2 \1/p'
	done >>"$lab/said"
}

# the_call SECONDS CODEC, recorded; host 2 ends it.
the_call() {
	tap
	tell 2 dial "sip:bob@10.77.0.3"
	heard 2 'Call established'
	sleep "$1"
	tell 2 hangup
	untap
	ledger
	keep 2 3
}

pair() {
	need nft
	lab_up 3
	count 2 10000-20000
	count 3 10000-20000
	phone 2 alice "regint=0;audio_codecs=pcma"
	phone 3 bob "regint=0;audio_codecs=pcma;answermode=auto"
}

# 5 of 100 of alice's packets and 2 of 100 of bob's, each at random.
rec_loss_rtcp() {
	pair
	before 2 'numgen random mod 100 < 5'
	before 3 'numgen random mod 100 < 2'
	the_call 16
}

# Bob's phone misses 8 of 100, the capture nothing: only RTCP tells.
rec_loss_behind() {
	pair
	behind 3 'numgen random mod 100 < 8'
	the_call 11
}

# Eight in a row of each hundred.
rec_loss_burst() {
	pair
	before 2 'numgen inc mod 100 < 8'
	the_call 11
}

# 3 of 100 twice from alice, 4 of 100 lost from bob.
rec_duplicates() {
	pair
	twice 2 'numgen random mod 100 < 3'
	before 3 'numgen random mod 100 < 4'
	the_call 11
}

# 6 of 100 of alice's are overtaken.
rec_reorder() {
	pair
	slow 2 6
	the_call 11
}

# Alice's line carries 256 kbit/s and something else in bursts: jitter.
rec_jitter() {
	local other
	pair
	on 2 tc qdisc add dev eth0 root tbf rate 256kbit burst 1600 limit 60000
	while :; do
		on 2 bash -c 'for _ in 1 2 3; do
			head -c 1200 /dev/zero >/dev/udp/10.77.0.1/9
		done' 2>/dev/null || true
		sleep 0.7
	done &
	other=$!
	pids+=("$other")
	the_call 11
}

scenarios "$@"
