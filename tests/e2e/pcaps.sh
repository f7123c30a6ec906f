#!/bin/sh
# The pcap of a call holds the call: read again it gives the same record, and
# others can open it.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

# What a record says, but for where it is kept, for its other legs, for what
# others' STUN told of its NATs, and whether a session that nobody closed was
# followed by silence.
told()
{
	grep '^{"type":"\(call\|session\)"' "$1" |
		sed 's/"pcap":\("[^"]*"\|null\)//; s/"group_id":"[^"]*"//
			s/"group_id":null//; s/"nat":\[[^]]*\]//
			/"state":"\(expired\|active\)"/ {
				/^{"type":"session"/ {
					s/"partial":[^,]*,//
					s/"state":[^,]*,//
					s/"end":[^,]*,//
					s/"duration_ms":[^,]*,//
				}
			}'
}

# opens PCAP PACKETS: tshark and tcpdump read it to the end.
opens()
{
	[ -z "${TEST_QUICK-}" ] || return 0
	if command -v tshark >/dev/null; then
		n=$(tshark -n -r "$1" -T fields -e frame.number 2>"$tmp/err" |
			wc -l)
		same "pcaps: ${1##*/} in tshark" "$((n))" "$2"
	fi
	# it refuses files with two link types
	if command -v tcpdump >/dev/null && [ "$(links "$1")" -eq 1 ]; then
		n=$(tcpdump -n -r "$1" 2>"$tmp/err" | grep -c '^[0-9:.]* ')
		same "pcaps: ${1##*/} in tcpdump" "$n" "$2"
	fi
}

# magic FILE: its first four bytes.
magic()
{
	od -An -tx1 -N4 "$1" | tr -d ' \n'
}

# links PCAP: 1 for a classic pcap, which has one; else 2.
links()
{
	case $(magic "$1") in
	0a0d0d0a) echo 2 ;;
	*) echo 1 ;;
	esac
}

command -v tshark >/dev/null || echo 'SKIP pcaps: there is no tshark'
command -v tcpdump >/dev/null || echo 'SKIP pcaps: there is no tcpdump'

# calls SAMPLE: each of its pcaps against its record.
calls()
{
	name=${1##*/}
	rm -rf "$tmp/data" "$tmp/back"
	keys=${1%.pcap*}.keylog
	[ -f "$keys" ] && cp "$keys" "$tmp/keys" && keys=$tmp/keys || keys=
	run -r "$1" -o "$tmp/data" --db none --json "$tmp/whole" -q \
		${keys:+--keys "$keys" --record-secrets}
	told "$tmp/whole" | sort >"$tmp/told"
	: >"$tmp/again"
	pcaps "$tmp/data" >"$tmp/list"
	while read -r pcap; do
		report -r "$pcap"
		same "pcaps: $name: ${pcap##*/} is whole" "$status" 0
		case $name in
		# A segment may hold messages of other calls, too.
		sip-tcp-*)
			uid=${pcap##*/}
			told "$tmp/report" | grep "\"uid\":\"${uid%.pcap}\"" \
				>>"$tmp/again"
			;;
		*)
			same "pcaps: $name: ${pcap##*/} has one record" \
				"$(told "$tmp/report" | wc -l | tr -d ' ')" 1
			told "$tmp/report" >>"$tmp/again"
			;;
		esac
		opens "$pcap" "$(values summary packets)"
	done <"$tmp/list"
	sort "$tmp/again" | diff "$tmp/told" - >"$tmp/diff"
	result "pcaps: $name: the same records" $? "$(tr '\n' ' ' <"$tmp/diff" |
		cut -c 1-600)"
}

count=0
for sample in "$samples"/*.pcap*; do
	count=$((count + 1))
	[ -z "${TEST_QUICK-}" ] || [ $((count % 3)) -eq 0 ] || continue
	case ${sample##*/} in
	# Its state follows from the silence of others, which is not in it.
	no-bye.pcap) continue ;;
	# TURN inside of TLS is recorded as captured.
	turn-tls.pcap) continue ;;
	# When a hole was filled is in segments with other calls' messages.
	sip-tcp-loss.pcap) continue ;;
	esac
	calls "$sample"
done

# Nothing of a call is left out: packets by kind, of samples that hold nothing
# but one call.
for name in basic-call dtmf hold-resume jitter loss-rtcp media-relay \
	ipv4-fragments ipv6-fragments duplicates; do
	kinds='packets ip_fragments sip rtp rtcp'
	report -r "$samples/$name.pcap" -f 'udp or ip6 proto 44'
	whole=$(for kind in $kinds; do values summary "$kind"; done)
	run -r "$samples/$name.pcap" -o "$tmp/kinds-$name" --db none -q
	report -r "$(pcaps "$tmp/kinds-$name")"
	part=$(for kind in $kinds; do values summary "$kind"; done)
	case $name in
	jitter) # and others' datagrams
		whole=$(echo "$whole" | sed 1d)
		part=$(echo "$part" | sed 1d)
		;;
	esac
	same "pcaps: $name: nothing is left out" "$part" "$whole"
done

# Times and link types as in the source.
run -r "$samples/nano.pcap.gz" -o "$tmp/nano" --db none -q
pcap=$(pcaps "$tmp/nano")
same 'pcaps: nanoseconds: magic' "$(magic "$pcap")" 4d3cb2a1
run -r "$samples/basic-call.pcap" -o "$tmp/micro" --db none -q
same 'pcaps: microseconds: magic' "$(magic "$(pcaps "$tmp/micro")")" d4c3b2a1
if command -v tshark >/dev/null; then
	gzip -dc "$samples/nano.pcap.gz" >"$tmp/nano.pcap"
	for file in "$tmp/nano.pcap" "$pcap"; do
		tshark -n -r "$file" -Y 'udp && !icmp' -T fields -e frame.time_epoch \
			-e frame.len -e udp.checksum 2>/dev/null
	done | sort | uniq -c | awk '$1 != 2' >"$tmp/odd"
	[ ! -s "$tmp/odd" ]
	result 'pcaps: nanoseconds: each packet and time' $? \
		"$(head -n 3 "$tmp/odd")"
fi
run -r "$samples/two-links.pcapng" -o "$tmp/links" --db none -q
pcap=$(pcaps "$tmp/links")
same 'pcaps: two link types: pcapng' "$(magic "$pcap")" 0a0d0d0a
if command -v tshark >/dev/null; then
	same 'pcaps: two link types: both are there' \
		"$(tshark -n -r "$pcap" -T fields -e frame.encap_type \
			2>/dev/null | sort -u | wc -l | tr -d ' ')" 2
fi

# Tunnels and tags are inside as captured: the bytes are the same.
head='Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: t\r\nCSeq: 1 INVITE\r\n\r\n'
printf '%s udp@12+2 %s %s %s\n' \
	0 10.0.0.1:5060 10.0.0.2:5060 "INVITE sip:b@x SIP/2.0\\r\\n$head" \
	1 10.0.0.2:5060 10.0.0.1:5060 "SIP/2.0 486 Busy\\r\\n$head" |
	"$tools/made" "$tmp/tunnel.pcap"
run -r "$tmp/tunnel.pcap" -o "$tmp/tunnel" --db none -q
# but for the snap length in the file's header
tail -c +25 "$tmp/tunnel.pcap" >"$tmp/tunnel.want"
tail -c +25 "$(pcaps "$tmp/tunnel")" | cmp - "$tmp/tunnel.want" >"$tmp/err" 2>&1
result 'pcaps: tunnels as captured' $?

# Days and hours are those of the record's uid.
report -r "$samples/basic-call.pcap" --sensor path
run -r "$samples/basic-call.pcap" --sensor path -o "$tmp/path" -q --db none
same 'pcaps: path' "$(cd "$tmp/path" && find spool -name '*.pcap')" \
	"spool/2026-11-23/01/$(values call uid).pcap"
same 'pcaps: files are for the group, not for all' \
	"$(find "$tmp/path/spool" -type f ! -perm 0640 | wc -l | tr -d ' ')" 0
