#!/bin/sh
# Holds the report on each sample against samples/TRUTH, every row of it: what
# tshark and the end points say (samples/SOURCES tells how it was made).
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

truth=$samples/TRUTH

# rows FILE KIND: key, field and value of its rows.
rows()
{
	awk -F'\t' -v OFS='\t' -v file="$1" -v kind="$2" '
		$1 == file && $2 == kind { print $3, $4, $5 }' "$truth"
}

# The report says the same as TRUTH, in the same words: key, field, value.
# TRUTH knows who ended a call from a BYE and from who began it only.
calls()
{
	awk -F'\t' -v OFS='\t' '
	function put(  by) {
		if (type == "call" && id != "") {
			by = v["ended_by"]
			if (byefrom == "" || v["partial"] == "start")
				by = "-"
			print id, "final_status", \
				v["status"] == "null" ? "-" : v["status"]
			print id, "answered", v["answer"] != "null" ? "yes" : \
				v["partial"] == "start" ? "-" : "no"
			print id, "ended_by", by
			print id, "bye_from", byefrom
			if (cancelled)
				print id, "cancelled", "yes"
			if (challenged)
				print id, "challenged", challenged
			print id, "reinvites", again
			if (v["ring"] != "null")
				print id, "ring_ms", v["pdd_ms"]
			print id, "setup_ms", v["setup_ms"]
			if (byefrom != "")
				print id, "talk_ms", v["connect_ms"]
		}
		split("", v)
		split("", seen)
		byefrom = cancelled = challenged = again = ""
	}
	function message(  reply) {
		reply = m["status"] != "null"
		if (m["method"] == "BYE" && !reply && byefrom == "") {
			byefrom = m["src"]
			sub(/:[0-9]+$/, "", byefrom)
			gsub(/[][]/, "", byefrom)
		}
		if (m["method"] == "CANCEL" && !reply)
			cancelled = 1
		if (m["method"] == "INVITE" && m["status"] ~ /^40[17]$/)
			challenged = m["status"]
		if (m["method"] == "INVITE" && !reply &&
		    v["answer"] != "null" && m["time"] > v["answer"] &&
		    !((m["src"], m["cseq"]) in seen)) {
			seen[m["src"], m["cseq"]] = 1
			again++
		}
	}
	$2 == "type" { put(); type = $3; id = "" }
	$2 == "call_id" { id = $3 }
	$2 ~ /^[a-z0-9_]+$/ { v[$2] = $3 }
	$2 ~ /^messages\[/ {
		name = $2
		sub(/.*\./, "", name)
		m[name] = $3
		# the last member of a message
		if (name == "copy_of")
			message()
	}
	END { put() }' "$tmp/flat"
}

streams()
{
	awk -F'\t' -v OFS='\t' '
	$2 ~ /^streams\[/ {
		name = $2
		sub(/^[^.]*\./, "", name)
		s[name] = $3
		key = s["src"] " " s["dst"] " " s["ssrc"]
		if (name == "packets" || name == "lost" || name == "duplicates")
			print key, name, $3
		else if (name == "jitter_ms.mean" || name == "jitter_ms.max")
			print key, "jitter_" substr(name, 11) "_ms", $3
	}' "$tmp/flat"
}

# What senders and receivers said of a stream, all its hops together.
rtcp()
{
	awk -F'\t' -v OFS='\t' '
	$2 ~ /^streams\[[0-9]+\]\.ssrc$/ { ssrc = $3 }
	$2 ~ /\.rtcp\.sr$/ { sr[ssrc] += $3 }
	$2 ~ /\.rtcp\.rr$/ { rr[ssrc] += $3 }
	$2 ~ /\.rtcp\.lost_reported$/ && $3 != "null" { lost[ssrc] = $3 }
	END {
		for (k in sr) {
			print k, "sender_reports", sr[k]
			print k, "report_blocks", rr[k]
			print k, "cumulative_lost", lost[k]
		}
	}' "$tmp/flat"
}

registrations()
{
	awk -F'\t' -v OFS='\t' '
	$2 == "type" { type = $3 }
	type == "registration" && $2 == "aor" { aor = $3; sub(/^sips?:/, "", aor) }
	type == "registration" && ($2 == "state" || $2 == "status") {
		last[aor OFS $2] = $3
	}
	END { for (k in last) print k, last[k] }' "$tmp/flat"
}

transactions()
{
	awk -F'\t' -v OFS='\t' '
	$2 == "type" { type = $3 }
	type != "sip_transaction" { next }
	$2 == "method" { method = $3 }
	$2 == "status" { status = $3 }
	$2 == "start" { print $3, method, status }' "$tmp/flat" | sort |
	awk -F'\t' -v OFS='\t' '
	{ n[$2]++; all[$2] = all[$2] (n[$2] > 1 ? " " : "") $3 }
	END {
		for (m in n) {
			print m, "count", n[m]
			print m, "status", all[m]
		}
	}'
}

digits()
{
	awk -F'\t' -v OFS='\t' '
	$2 == "type" { type = $3 }
	$2 == "call_id" { id = $3 }
	$2 ~ /^streams\[[0-9]+\]\.(stream_uid|src|dst|ssrc)$/ {
		name = $2
		sub(/.*\./, "", name)
		s[name] = $3
		key[s["stream_uid"]] = s["src"] " " s["dst"] " " s["ssrc"]
	}
	$2 ~ /^dtmf\[/ {
		name = $2
		sub(/.*\./, "", name)
		d[name] = $3
		if (name != "stream")
			next
		k = d["via"] == "info" ? id : key[$3]
		all[k OFS d["via"]] = all[k OFS d["via"]] d["digit"]
	}
	END { for (k in all) print k, all[k] }' "$tmp/flat"
}

# What was opened with keys. TRUTH has the names of RFC 4568 for all suites,
# and counts copies too.
srtp()
{
	awk -F'\t' -v OFS='\t' '
	$2 ~ /^streams\[/ {
		name = $2
		sub(/^[^.]*\./, "", name)
		s[name] = $3
		if (name != "duplicates" || s["srtp"] == "null")
			next
		key = s["src"] " " s["dst"] " " s["ssrc"]
		suite = s["srtp"]
		sub(/^SRTP_/, "", suite)
		sub(/^AES128_CM/, "AES_CM_128", suite)
		sub(/^AES256_CM/, "AES_256_CM", suite)
		print key, "suite", suite
		n = s["packets"] + s["duplicates"]
		print key, "opened", s["decrypted"] == "true" ? n : 0
		print key, "closed", s["decrypted"] == "true" ? 0 : n
	}' "$tmp/flat"
}

dtls()
{
	awk -F'\t' -v OFS='\t' '
	$2 ~ /^dtls\[/ {
		name = $2
		sub(/^[^.]*\./, "", name)
		d[name] = $3
		# the last member of a handshake
		if (name != "alert")
			next
		key = d["client"] " " d["server"]
		print key, "finished", d["finished"] == "null" ? "no" : "yes"
		for (name in d)
			if (name ~ /^(version|fingerprint_)/ || name == "alert")
				print key, name, d[name]
		print key, "srtp_profile", \
			d["srtp_profile"] == "null" ? "-" : d["srtp_profile"]
	}' "$tmp/flat"
}

# What was refused has its error in its own row; TRUTH has the last one.
turn()
{
	awk -F'\t' -v OFS='\t' '
	$2 ~ /^turn\[[0-9]+\]\./ {
		name = $2
		sub(/^[^.]*\./, "", name)
		if (name == "client")
			bound = refused = 0
		if (name ~ /^channels\[[0-9]+\]\.error$/ && $3 == "null")
			bound++
		if (name ~ /^(channels|permissions)\[[0-9]+\]\.error$/ &&
		    $3 != "null")
			refused = $3
		t[name] = $3
		if (name == "error" && $3 == "null" && refused)
			t[name] = refused
		# the last member of an allocation
		if (name != "integrity")
			next
		key = t["client"] " " t["server"]
		print key, "channels", bound
		for (name in t)
			if (name ~ /^(username|realm|relayed|mapped|error)$/)
				print key, name, t[name]
	}' "$tmp/flat"
}

# hold FILE KIND HOW: every row is there; nothing that TRUTH does not have.
# Times agree to 2 us, jitter to 5 % or 0.1 ms.
hold()
{
	rows "$1" "$2" >"$tmp/want"
	"$3" >"$tmp/have"
	awk -F'\t' -v name="truth: $1 $2" -v kind="$2" '
	function near(a, b, most) {
		return a != "" && a != "null" && a - b <= most && b - a <= most
	}
	function agrees(field, have, want) {
		if (field ~ /^jitter/)
			return near(have, want, want > 2 ? want * 0.05 : 0.1)
		if (field ~ /_ms$/)
			return near(have, want, 0.0021)
		return have == want
	}
	# not NR == FNR: the report may have nothing of a kind
	FILENAME == ARGV[1] {
		have[$1, $2] = $3
		keys[$1] = 1
		next
	}
	{
		known[$1] = 1
		if (agrees($2, have[$1, $2], $3))
			print "PASS " name " " $1 " " $2 " " $3
		else
			print "FAIL " name " " $1 " " $2 " " $3 ": report has " \
				have[$1, $2]
	}
	END {
		if (kind ~ /^(call|stream|registration|transaction)$/)
			for (k in keys)
				if (!(k in known))
					print "FAIL " name " " k ": not in TRUTH"
	}' "$tmp/have" "$tmp/want"
}

cut -f 1 "$truth" | sort -u >"$tmp/files"
while read -r file; do
	keys=$samples/${file%.*}.keylog
	[ -f "$keys" ] || keys=
	report ${keys:+--keys "$keys"} -r "$samples/$file"
	same "truth: $file is read" "$status" 0
	hold "$file" call calls
	hold "$file" stream streams
	hold "$file" rtcp rtcp
	hold "$file" registration registrations
	hold "$file" transaction transactions
	hold "$file" dtmf digits
	hold "$file" srtp srtp
	hold "$file" dtls dtls
	hold "$file" turn turn
done <"$tmp/files"

# A sample nobody vouches for is no sample; for those of browsers stats.sh
# asks what the browsers say.
for file in "$samples"/*.pcap* ; do
	name=${file##*/}
	[ -f "$CALLSCOPE_SRC/tests/e2e/stats/${name%.pcap}.json" ] ||
		grep -q "^$name	" "$truth"
	result "truth: has $name" $?
done
