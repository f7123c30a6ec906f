#!/bin/sh
# Masking: no number and no pressed key is left in records and pcaps, and the
# rest of the call is what it was.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

# What a record says, but for where it is kept, its other legs, keys, and what
# is known of whole numbers only.
told()
{
	grep '^{"type":"\(call\|session\)"' "$1" |
		sed 's/"pcap":\("[^"]*"\|null\)//; s/"group_id":"[^"]*"//
			s/"call[a-z]*_e164":\("[^"]*"\|null\)//g
			s/"group_id":null//; s/"dtmf":\[[^]]*\]//'
}

# Each recorded call read again is the call, over each transport.
for name in basic-call dtmf dtmf-info sip-tcp sip-tls ws-binary ws-deflate \
	ipv4-fragments sdes-call two-legs jssip-wss; do
	sample=$(ls "$samples/$name".pcap*)
	keys=$samples/$name.keylog
	[ -f "$keys" ] && cp "$keys" "$tmp/keys" && keys=$tmp/keys || keys=
	rm -rf "$tmp/data"
	run -r "$sample" -o "$tmp/data" --db none --json "$tmp/whole" -q \
		--mask-numbers 3 --mask-dtmf ${keys:+--keys "$keys"}
	told "$tmp/whole" | sort >"$tmp/told"
	: >"$tmp/again"
	pcaps "$tmp/data" >"$tmp/list"
	while read -r pcap; do
		report -r "$pcap" ${keys:+--keys "$keys"}
		told "$tmp/report" >>"$tmp/again"
		same "mask: $name: no digit in ${pcap##*/}" \
			"$(values call 'dtmf[].digit' | tr -d 'x\n')" ''
	done <"$tmp/list"
	sort "$tmp/again" | diff "$tmp/told" - >"$tmp/diff"
	result "mask: $name: the same call" $? "$(tr '\n' ' ' <"$tmp/diff" |
		cut -c 1-600)"
done
report -r "$samples/dtmf.pcap" --mask-dtmf
same 'mask: keys in the record' \
	"$(values call 'dtmf[].digit' | tr -d '\n')" xxxxxxx
report -r "$samples/dtmf.pcap"
same 'mask: not unless asked' "$(values call 'dtmf[].digit' | sort -u | grep -c x)" 0

# A call with its number wherever one may be.
number=4917123456789
{
	printf '0 udp 10.0.0.1:5060 10.0.0.2:5060 '
	printf 'INVITE sip:+%s@x;user=phone SIP/2.0\\r\\n' $number
	printf 'Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\\r\\n'
	printf 'f: "Tel %s" <sip:%s@x>;tag=1\\r\\n' $number $number
	printf 'To: %s <tel:+%s>\\r\\n' $number $number
	printf 'Contact: <sip:%s@10.0.0.1:5060>\\r\\n' $number
	printf 'P-Asserted-Identity: <sip:%s@x>, <tel:%s>\\r\\n' $number $number
	printf 'Diversion: <sip:%s:secret@x>;reason=unknown\\r\\n' $number
	printf 'Authorization: Digest username="%s", uri="sip:%s@x"\\r\\n' \
		$number $number
	printf 'Call-ID: m\\r\\nCSeq: 1 INVITE\\r\\n'
	printf 'Content-Type: multipart/mixed;boundary=b\\r\\n\\r\\n'
	printf -- '--b\\r\\nContent-Type: application/sdp\\r\\n\\r\\n'
	printf 'v=0\\r\\no=%s 1 1 IN IP4 10.0.0.1\\r\\ns=-\\r\\n' $number
	printf 'c=IN IP4 10.0.0.1\\r\\nt=0 0\\r\\nm=audio 4000 RTP/AVP 8\\r\\n'
	printf -- '--b\\r\\nContent-Type: application/ISUP\\r\\n\\r\\n'
	printf 'ISUP%s\\r\\n--b--\\r\\n\n' $number
	printf '1 udp 10.0.0.2:5060 10.0.0.1:5060 '
	printf 'SIP/2.0 486 Busy\\r\\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\\r\\n'
	printf 'From: <sip:%s@x>;tag=1\\r\\nTo: <sip:%s@x>;tag=2\\r\\n' \
		$number $number
	printf 'Call-ID: m\\r\\nCSeq: 1 INVITE\\r\\n\\r\\n\n'
} | "$tools/made" "$tmp/number.pcap"

# left DIGITS: the longest beginning of the number in pcap, database, report.
left()
{
	rm -rf "$tmp/data"
	run -r "$tmp/number.pcap" -o "$tmp/data" --json "$tmp/data/report" -q "$@"
	n=0
	while [ "$n" -lt 13 ] && cat "$(pcaps "$tmp/data")" "$tmp"/data/*.db* \
		"$tmp/data/report" | grep -qaF "$(echo $number |
			cut -c "1-$((n + 1))")"; do
		n=$((n + 1))
	done
	echo "$n"
}
# One or two digits may be anything: a time, a port.
for keep in 4 6 12; do
	same "mask: $keep digits stay" "$(left --mask-numbers $keep)" $keep
done
same 'mask: all stay' "$(left --mask-numbers 64)" 13
same 'mask: all stay unless asked' "$(left)" 13
report -r "$tmp/number.pcap" --mask-numbers 5
same 'mask: caller' "$(values call caller.user)" 49171xxxxxxxx
same 'mask: caller, name' "$(values call caller.name)" 'Tel 49171xxxxxxxx'
same 'mask: caller, uri' "$(values call caller.uri)" sip:49171xxxxxxxx@x
same 'mask: callee' "$(values call callee.user)" +49171xxxxxxxx
same 'mask: asserted' "$(values call caller.asserted)" sip:49171xxxxxxxx@x

# KPML (RFC 4730) is in no record, but in the pcap of its call.
{
	printf '0 udp 10.0.0.1:5060 10.0.0.2:5060 INVITE sip:b@x SIP/2.0\\r\\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\\r\\nFrom: <sip:a@x>;tag=1\\r\\nTo: <sip:b@x>\\r\\nCall-ID: k\\r\\nCSeq: 1 INVITE\\r\\n\\r\\n\n'
	printf '1 udp 10.0.0.2:5060 10.0.0.1:5060 NOTIFY sip:a@x SIP/2.0\\r\\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK2\\r\\nFrom: <sip:b@x>;tag=2\\r\\nTo: <sip:a@x>;tag=1\\r\\nCall-ID: k\\r\\nCSeq: 1 NOTIFY\\r\\nEvent: kpml\\r\\nContent-Type: application/kpml-response+xml\\r\\n\\r\\n<kpml-response version="1.0" code="200" digits="98765" tag="t"/>\n'
} | "$tools/made" "$tmp/kpml.pcap"
for mask in '' --mask-dtmf; do
	rm -rf "$tmp/data"
	# shellcheck disable=SC2086 # an option or none
	run -r "$tmp/kpml.pcap" -o "$tmp/data" --db none -q $mask
	grep -qaF 'digits="98765"' "$(pcaps "$tmp/data")"
	same "mask: KPML ${mask:-as it was}" $? "$([ "$mask" ]; echo $((!$?)))"
done
