#!/bin/bash
# truth.sh CAPTURE...: what tshark sees in the captures, as a table for the
# golden test, tab separated: file, kind, key, field, value. Sums over RTP
# sequence numbers are made here from tshark's fields and held against
# tshark's own stream table; a difference ends the script. A key log beside
# the capture (NAME.keylog) is used. Media under ICE and TURN and what is
# encrypted, where tshark does not follow, is read by opened.py and shakes.py.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# One line a SIP message, several in one segment apart: source, method or
# status, Call-ID, CSeq, From tag, To tag, To URI, expires, time in us.
messages() {
	if [ -n "$(tshark -r "$1" -Y 'websocket.fin == 0' 2>/dev/null)" ]; then
		"$here/wsmessages.py" "$1"
		return
	fi
	tshark -r "$1" "${keys[@]}" -o tcp.reassemble_out_of_order:TRUE -O frame,sip -Y sip \
		2>/dev/null | awk '
	function put() {
		if (id != "")
			printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.0f\n", src,
				what, id, cseq, ft, tt, to, ex, us
		what = id = cseq = ft = tt = to = ex = "-"
		id = ""
	}
	/^    Epoch Time: / {
		put()
		split($3, t, ".")
		us = t[1] * 1000000 + substr(t[2], 1, 6)
	}
	/^Internet Protocol Version/ { put(); src = $6; sub(/,$/, "", src) }
	/^Session Initiation Protocol/ { put() }
	/^    Request-Line: / { what = $2 }
	/^    Status-Line: / { what = $3 }
	/^        .Generated Call-ID: / { id = $3; sub(/]$/, "", id) }
	/^            Sequence Number: / { cseq = $3 }
	/^            Method: / { cseq = cseq " " $2 }
	/^            SIP from tag: / { ft = $4 }
	/^            SIP to tag: / { tt = $4 }
	/^            SIP to address: / { to = $4; sub(/^sips?:/, "", to) }
	/^        Contact: .*expires=/ { ex = $0; sub(/.*expires=/, "", ex); sub(/[^0-9].*/, "", ex) }
	/^        Expires: / { if (ex == "-") ex = $2 }
	END { put() }'
}

signalling() {
	messages "$1" | awk -F'\t' -v file="${1##*/}" '
	function out(kind, key, field, value) {
		print file "\t" kind "\t" key "\t" field "\t" value
	}
	function ms(from, to) { return sprintf("%.3f", (to - from) / 1000) }
	{
		src = $1; what = $2; id = $3; cseq = $4; ft = $5; tt = $6; us = $9
		split(cseq, c, " ")
		method = c[2]
		reply = what ~ /^[1-6][0-9][0-9]$/
	}
	method ~ /^(INVITE|BYE)$/ && !(id in call) { call[id] = ++calls; ids[calls] = id }
	!reply && what == "INVITE" && tt == "-" {
		if (!(id in start)) start[id] = us
		initial[id, cseq] = 1
		caller[id] = ft
	}
	reply && initial[id, cseq] && what ~ /^18/ && !(id in ring) { ring[id] = us }
	reply && initial[id, cseq] && what ~ /^2/ && method == "INVITE" && !(id in up) { up[id] = us }
	!reply && what == "INVITE" && tt != "-" && (id in up) { re[id, cseq] = 1 }
	reply && method == "INVITE" && initial[id, cseq] && what >= 200 &&
	what != 401 && what != 407 && final[id] !~ /^2/ { final[id] = what }
	reply && method == "INVITE" && (what == 401 || what == 407) { challenged[id] = what }
	!reply && what == "CANCEL" { cancel[id] = "yes" }
	!reply && what == "BYE" && !(id in bye) { bye[id] = ft; byefrom[id] = src; over[id] = us }
	method == "REGISTER" {
		aor = $7
		if (!(aor in state)) { regs[++nregs] = aor; state[aor] = "-" }
		if (!reply) expires[id, cseq] = $8
		else if (what == 401) { if (state[aor] == "-") state[aor] = "failed" }
		else if (what ~ /^2/) state[aor] = expires[id, cseq] == "0" ? "unregistered" : "registered"
		if (reply) status[aor] = what
	}
	!reply && tt == "-" && what !~ /^(INVITE|ACK|BYE|CANCEL|REGISTER|PRACK)$/ &&
	!((id, cseq) in seen) {
		seen[id, cseq] = 1
		if (!(what in count)) methods[++nmethods] = what
		count[what]++
	}
	reply && (id, cseq) in seen { answer[method] = answer[method] " " what; delete seen[id, cseq]; seen[id, cseq "x"] = 1 }
	END {
		for (i = 1; i <= calls; i++) {
			id = ids[i]
			out("call", id, "final_status", id in final ? final[id] : "-")
			out("call", id, "answered", final[id] ~ /^2/ ? "yes" : id in caller ? "no" : "-")
			who = "-"
			if (id in bye && id in caller)
				who = bye[id] == caller[id] ? "caller" : "callee"
			out("call", id, "ended_by", who)
			if (id in byefrom) out("call", id, "bye_from", byefrom[id])
			if (id in ring) out("call", id, "ring_ms", ms(start[id], ring[id]))
			if (id in up) out("call", id, "setup_ms", ms(start[id], up[id]))
			if (id in up && id in over) out("call", id, "talk_ms", ms(up[id], over[id]))
			if (id in cancel) out("call", id, "cancelled", "yes")
			if (id in challenged) out("call", id, "challenged", challenged[id])
			n = 0
			for (k in re) { split(k, p, SUBSEP); if (p[1] == id) n++ }
			if (n) out("call", id, "reinvites", n)
		}
		for (i = 1; i <= nregs; i++) {
			out("registration", regs[i], "state", state[regs[i]])
			out("registration", regs[i], "status", status[regs[i]])
		}
		for (i = 1; i <= nmethods; i++) {
			out("transaction", methods[i], "count", count[methods[i]])
			out("transaction", methods[i], "status", substr(answer[methods[i]], 2))
		}
	}'
}

# What an ICMP error quotes is no traffic.
fields() {
	tshark -r "$1" "${keys[@]}" "${guess[@]}" -Y "$2" -T fields \
		-E occurrence=f "${@:3}" 2>/dev/null
}

# Key of a stream: source, destination, SSRC.
streams() {
	fields "$1" 'rtp && udp && !icmp && !icmpv6' -e ip.src -e ipv6.src -e udp.srcport -e ip.dst \
		-e ipv6.dst -e udp.dstport -e rtp.ssrc -e rtp.seq |
	awk -F'\t' -v file="${1##*/}" '
	{
		from = $1 != "" ? $1 ":" $3 : "[" $2 "]:" $3
		to = $4 != "" ? $4 ":" $6 : "[" $5 "]:" $6
		key = from " " to " " $7
		seq = $8
		if (!(key in high)) { keys[++n] = key; low[key] = high[key] = seq }
		# extend to the cycle nearest the highest number so far
		seq += int((high[key] - seq + 32768) / 65536) * 65536
		if (seq > high[key]) high[key] = seq
		if (seq < low[key]) low[key] = seq
		if ((key, seq) in got) dup[key]++
		else { got[key, seq] = 1; uniq[key]++ }
	}
	END {
		for (i = 1; i <= n; i++) {
			k = keys[i]
			head = file "\tstream\t" k "\t"
			print head "packets\t" uniq[k]
			print head "lost\t" high[k] - low[k] + 1 - uniq[k]
			print head "duplicates\t" dup[k] + 0
		}
	}'
}

table() {
	tshark -q -r "$1" "${keys[@]}" "${guess[@]}" -z rtp,streams 2>/dev/null |
		awk '$7 ~ /^0x/ { for (i = 8; $i !~ /^[0-9]+$/; i++) ;
			print tolower($7), $3 ":" $4, $5 ":" $6, $i, $(i + 1),
				$(i + 7), $(i + 8) }'
}

# The same from tshark: packets with copies, and lost as it counts them.
tshark_says() {
	table "$1" | cut -d' ' -f1,4,5 | sort
}

# Jitter in ms, as tshark has it, for streams without copies and digits.
jitter() {
	table "$1" | awk -v file="${1##*/}" -v skip="$2" '
	index(skip, $1) == 0 {
		if ($2 ~ /:.*:/) { sub(/:[0-9]+$/, "]&", $2); $2 = "[" $2; sub(/:[0-9]+$/, "]&", $3); $3 = "[" $3 }
		head = file "\tstream\t" $2 " " $3 " " $1 "\t"
		print head "jitter_mean_ms\t" $6
		print head "jitter_max_ms\t" $7
	}'
}

# What the other side said of a stream: sender reports, blocks about it and
# the last cumulative loss; of the stream of that SSRC nearest its sender.
reports() {
	fields "$1" 'rtcp && !icmp && !icmpv6' -e rtcp.pt -e rtcp.rc \
		-e rtcp.senderssrc -e rtcp.ssrc.identifier -e rtcp.ssrc.cum_nr |
	awk -F'\t' -v file="${1##*/}" '
	function seen(s) { if (!(s in known)) { known[s] = 1; keys[++n] = s } }
	$1 == 200 { seen($3); sr[$3]++ }
	$2 == 1 { seen($4); blocks[$4]++; lost[$4] = $5 }
	END {
		for (i = 1; i <= n; i++) {
			head = file "\trtcp\t" keys[i] "\t"
			print head "sender_reports\t" sr[keys[i]] + 0
			print head "report_blocks\t" blocks[keys[i]] + 0
			if (keys[i] in lost) print head "cumulative_lost\t" lost[keys[i]]
		}
	}'
}

we_say() {
	streams "$1" | awk -F'\t' '
		$4 == "packets" { p[$3] = $5 } $4 == "lost" { l[$3] = $5 }
		$4 == "duplicates" {
			split($3, k, " ")
			print k[3], p[$3] + $5, l[$3] - $5
		}' | sort
}

# A digit is one event number with one time stamp.
digits() {
	fields "$1" 'rtpevent && udp && !icmp && !icmpv6' -e ip.src -e udp.srcport -e ip.dst \
		-e udp.dstport -e rtp.ssrc -e rtp.timestamp -e rtpevent.event_id |
	awk -F'\t' -v file="${1##*/}" '
	{
		key = $1 ":" $2 " " $3 ":" $4 " " $5
		if (last[key] == $6) next
		last[key] = $6
		if (!(key in said)) keys[++n] = key
		said[key] = said[key] substr("0123456789*#ABCD", $7 + 1, 1)
	}
	END { for (i = 1; i <= n; i++) print file "\tdtmf\t" keys[i] "\trfc4733\t" said[keys[i]] }'
	tshark -r "$1" -O sip,data-text-lines -Y 'sip.Method == INFO' 2>/dev/null | awk -v file="${1##*/}" '
	/^        Call-ID: / { id = $2; if (!(id in said)) keys[++n] = id }
	# The digit is all of the body here, not after "Signal=".
	/^        Content-Type: / { whole = $2 == "application/dtmf" }
	/^    Message Body/ { body = 1; next }
	body && whole { said[id] = said[id] $1; sub(/\\r\\n$/, "", said[id]) }
	{ body = 0 }
	/Signal=/ { d = $0; sub(/.*Signal=/, "", d); said[id] = said[id] substr(d, 1, 1) }
	END { for (i = 1; i <= n; i++) print file "\tdtmf\t" keys[i] "\tinfo\t" said[keys[i]] }'
}

for capture in "$@"; do
	log=${capture%.*}.keylog
	keys=()
	[ ! -f "$log" ] || keys=(-o "tls.keylog_file:$log")
	# RTP is guessed only where no SDP says what it is.
	guess=()
	[ -n "$(tshark -r "$capture" "${keys[@]}" -Y sdp 2>/dev/null)" ] ||
		guess=(--enable-heuristic rtp_udp)
	signalling "$capture"
	[ -f "$log" ] || log=
	python3 "$here/shakes.py" "$capture" ${log:+"$log"}
	if [ -n "$(tshark -r "$capture" "${keys[@]}" \
		-o tcp.reassemble_out_of_order:TRUE \
		-Y 'stun || dtls || sdp contains "inline:"' 2>/dev/null)" ]; then
		# How many keys is told in SOURCES.
		python3 "$here/opened.py" --streams "$capture" \
			${log:+"$log"} | sed '/\tsrtp\t.*\tkeys\t/d'
		continue
	fi
	sent=$(streams "$capture")
	pressed=$(digits "$capture")
	[ -z "$sent" ] || echo "$sent"
	jitter "$capture" "$pressed $(echo "$sent" | grep -P 'duplicates\t[^0]')"
	reports "$capture"
	[ -z "$pressed" ] || echo "$pressed"
	if ! diff <(tshark_says "$capture") <(we_say "$capture") >&2; then
		echo "$0: ${capture##*/}: the stream tables differ" >&2
		exit 1
	fi
done
