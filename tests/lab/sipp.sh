#!/bin/bash
# SIPp at both ends, for what phones do not do. sipp.sh [SCENARIO...], see
# lib.sh; the scenario files are in sipp/.
# shellcheck disable=SC2119 # tap takes options, not ours
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

FROM=2 NEAR=10.77.0.2 PORT=5060 AT=3 FAR=10.77.0.3
METHOD='' STATUS='' CALLS=1

# A headerless A-law tone of three seconds, as rtp_stream wants it.
media() {
	need sox sipp
	sox -q -n -r 8000 -c 1 -t al "$lab/tone.al" synth 3 sine 440 gain -12
}

# The scenario with METHOD and STATUS put in: SIPp takes no keyword there.
fill() {
	sed "s/METHOD/$METHOD/; s/STATUS/$STATUS/; s/RESPONSE/${STATUS%% *}/" \
		"$here/sipp/$1"
}

# far SCENARIO [OPT...] answers on host AT, address FAR; near SCENARIO
# [OPT...] calls it from host FROM and returns when its calls are over.
far() {
	fill "$1" >"$lab/far$AT.xml"
	shift
	(cd "$lab" && on "$AT" sipp -sf "far$AT.xml" -p 5060 -bg -nostdin \
		-i "$FAR" -mi "${FAR//[][]/}" -mp 7000 -trace_err -error_file "$lab/far$AT.err" "$@" >/dev/null) || true
	sleep 1
}

near() {
	fill "$1" >"$lab/near$FROM.xml"
	shift
	(cd "$lab" && on "$FROM" sipp -sf "near$FROM.xml" -p "$PORT" -nostdin \
		-i "$NEAR" -mi "${NEAR//[][]/}" -mp 6000 -s bob -m "$CALLS" \
		-trace_stat -stf "$lab/near$FROM.csv" -timeout 60 \
		-trace_err -error_file "$lab/near$FROM.err" "$@" "$FAR:5060" \
		>"$lab/near$FROM.log" 2>&1) || {
		cat "$lab/near$FROM.err" "$lab/near$FROM.log" >&2
		exit 1
	}
	awk -F';' -v n="$FROM" 'NR == 1 { split($0, name) }
		END { for (i in name)
			if (name[i] ~ /^(Successful|Failed)Call.C|^Retrans.*C/)
				print "sipp on host " n ": " name[i] " " $i }' \
		"$lab/near$FROM.csv" | sort >>"$lab/said"
}

pair() {
	lab_up 3
	media
	count 2 6000-6100
	count 3 7000-7100
}

# Early media behind a reliable 183 (100rel, PRACK), then 180 and 200.
rec_prack_183() {
	pair
	far prack-uas.xml
	tap
	near prack-uac.xml
	untap
	keep 2 3
}

# Digits by SIP INFO: dtmf-relay bodies and one plain dtmf body.
rec_dtmf_info() {
	pair
	far info-uas.xml
	tap
	near info-uac.xml
	untap
	keep 2 3
}

# An INVITE of about 3000 bytes and an answer as long: IPv6 fragments at
# the smallest MTU that IPv6 allows.
rec_ipv6_fragments() {
	NEAR='[fd77::2]' FAR='[fd77::3]'
	pair
	on 2 ip link set eth0 mtu 1280
	on 3 ip link set eth0 mtu 1280
	far big-uas.xml
	tap
	near big-uac.xml
	untap
	keep 2 3
}

# The same over IPv4, with media.
rec_ipv4_fragments() {
	pair
	far big-uas.xml
	tap
	near big-uac.xml
	untap
	keep 2 3
}

# Many calls at once over one slow TCP connection with small segments:
# messages wait for the line, so that several share a segment and others
# are split over two or three.
rec_sip_tcp_burst() {
	pair
	tcp_line 2
	tcp_line 3
	far plain-uas.xml -t t1
	tap
	CALLS=20
	near plain-uac.xml -t t1 -r 20 -rp 20
	untap
	keep 2 3
}

tcp_line() {
	on "$1" ip link set eth0 mtu 576
	on "$1" tc qdisc add dev eth0 root tbf rate 400kbit burst 1000 \
		limit 30000
}

# The same with lost segments: 8 of 100 before the tap, where the capture
# has a hole and later the repetition, and 8 of 100 behind it, where the
# capture has the data twice.
rec_sip_tcp_loss() {
	local i
	pair
	tcp_line 2
	tcp_line 3
	for i in 2 3; do
		on "$i" nft -f - <<-END
		table inet loss {
			chain in { type filter hook input priority 0;
				tcp dport 5060 meta length > 100 numgen random mod 100 < 8 counter drop comment "lost behind the tap"
			}
		}
		END
		on sw nft -f - <<-END
		table netdev loss$i {
			chain in { type filter hook ingress device "port$i" priority 0;
				tcp dport 5060 meta length > 100 numgen random mod 100 < 8 counter drop comment "of host $i lost before the tap"
			}
		}
		END
	done
	far plain-uas.xml -t t1
	tap
	CALLS=20
	near plain-uac.xml -t t1 -r 20 -rp 20
	untap
	for i in sw 2 3; do
		on "$i" nft list ruleset |
			sed -nE "/the tap/s/.*packets ([0-9]+).*\"(.*)\"/tcp segments \2 (host $i) \1/p"
	done >>"$lab/said"
	keep 2 3
}

# The CANCEL comes too late and crosses the 200.
rec_cancel_crossing() {
	pair
	far crossing-uas.xml
	tap
	near crossing-uac.xml
	untap
	keep 2 3
}

# Session timer and UPDATE, another codec by re-INVITE, Session-ID,
# P-Asserted-Identity, a BYE with the cause of the telephone network.
rec_update_timer() {
	pair
	far update-uas.xml
	tap
	near update-uac.xml
	untap
	keep 2 3
}

# Two calls with the same Session-ID pair, as on both sides of a back-to-back
# user agent (host 4).
rec_two_legs() {
	local one
	pair
	host_up 4
	far update-uas.xml
	AT=4 FAR=10.77.0.4
	far update-uas.xml
	tap
	near update-uac.xml &
	one=$!
	sleep 0.1
	FROM=4 NEAR=10.77.0.4 PORT=5070 FAR=10.77.0.3
	near update-uac.xml
	wait "$one"
	untap
	keep 2 3
}

# A tel: URI, refused with a Q.850 cause.
rec_refused_480() {
	pair
	far refused-uas.xml
	tap
	near refused-uac.xml
	untap
	keep 2 3
}

# Compact header names, odd spaces and case, quoted brackets, escapes.
rec_compact() {
	pair
	far plain-uas.xml
	tap
	near compact-uac.xml
	untap
	keep 2 3
}

# Requests outside of dialogs, each with its own Call-ID and answer.
rec_transactions() {
	local want
	pair
	tap
	for want in "OPTIONS 200 OK" "MESSAGE 202 Accepted" \
		"SUBSCRIBE 489 Bad Event" "PUBLISH 412 Conditional" \
		"NOTIFY 481 No Subscription" "OPTIONS 405 Not Allowed"; do
		STATUS=${want#* } METHOD=${want%% *}
		far request-uas.xml -m 1
		near request-uac.xml
		sleep 0.5
	done
	untap
	keep 2 3
}

# INVITE and BYE are each lost once behind the tap and sent again.
rec_retransmissions() {
	pair
	on 3 nft -f - <<-'END'
	table ip loss {
		chain in { type filter hook input priority 0;
			udp dport 5060 @th,64,24 0x494e56 numgen inc mod 2 0 counter drop comment "INVITE"
			udp dport 5060 @th,64,24 0x425945 numgen inc mod 2 0 counter drop comment "BYE"
		}
	}
	END
	far plain-uas.xml
	tap
	near plain-uac.xml
	untap
	on 3 nft list table ip loss |
		sed -nE 's/.*packets ([0-9]+).*"(.*)"/lost behind the tap: \2 \1/p' \
			>>"$lab/said"
	keep 2 3
}

scenarios "$@"
