#!/bin/sh
# Each option of --help and each key of samples/callscope.conf has an effect
# on a real run: nothing is accepted and ignored. covers() says what a test is
# about; at the end everything must have been covered. What needs a live
# interface is in live.sh and replay.sh, HEP in hep.sh.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

basic=$samples/basic-call.pcap
A=10.0.0.1 B=10.0.0.2
: >"$tmp/covered"

# covers NAME: also the name of the results that follow.
covers()
{
	name=$1
	echo "$1" >>"$tmp/covered"
}

# conf LINE...: the configuration file of the next runs.
conf()
{
	for line; do
		echo "$line"
	done >"$tmp/conf"
}

# set_to VALUE FILE...: a report with the key set to that.
set_to()
{
	conf "$name = $1"
	shift
	report -c "$tmp/conf" -r "$@"
	[ "$status" -eq 0 ] || echo "FAIL options: $name: $(cat "$tmp/err")"
}

# make FILE: a capture of the script on standard input, put into order of time.
make()
{
	sort -s -n -k 1,1 | "$tools/made" "$tmp/$1" ||
		echo "FAIL options: cannot make $1"
}

# request SECONDS METHOD CALL-ID CSEQ [HEADERS-AND-BODY]
request()
{
	printf '%s udp %s:5060 %s:5060 %s\n' "$1" "$A" "$B" \
		"$2 sip:b@x SIP/2.0\\r\\nVia: SIP/2.0/UDP $A;branch=z9hG4bK$3$4$2\\r\\nFrom: <sip:a@x>;tag=a$3\\r\\nTo: <sip:b@x>${tag-}\\r\\nCall-ID: $3\\r\\nCSeq: $4 $2\\r\\n${5-\\r\\n}"
}

# response SECONDS STATUS METHOD CALL-ID CSEQ [HEADERS-AND-BODY]
response()
{
	printf '%s udp %s:5060 %s:5060 %s\n' "$1" "$B" "$A" \
		"SIP/2.0 $2 So\\r\\nVia: SIP/2.0/UDP $A;branch=z9hG4bK$4$5$3\\r\\nFrom: <sip:a@x>;tag=a$4\\r\\nTo: <sip:b@x>;tag=b$4\\r\\nCall-ID: $4\\r\\nCSeq: $5 $3\\r\\n${6-\\r\\n}"
}

# sdp ADDRESS PORT: what follows the headers of a message with an offer.
sdp()
{
	printf '%s' "Content-Type: application/sdp\\r\\n\\r\\nv=0\\r\\no=- 1 1 IN IP4 $1\\r\\ns=-\\r\\nc=IN IP4 $1\\r\\nt=0 0\\r\\nm=audio $2 RTP/AVP 8\\r\\n"
}

# rtp FROM TO SSRC [SOURCE DESTINATION]: a packet each 20 ms, FROM until TO.
rtp()
{
	awk -v from="$1" -v to="$2" -v ssrc="$3" -v src="${4:-$A:4000}" \
		-v dst="${5:-$B:4002}" 'BEGIN {
		n = int((to - from) * 50 + 0.5)
		for (i = 0; i < n; i++)
			printf "%.3f rtp=%s,8,%d,%d %s %s *160\n",
				from + i / 50, ssrc, from * 50 + i,
				from * 8000 + i * 160, src, dst
	}'
}

# other SECONDS: a packet of somebody else, so that time goes on.
other()
{
	printf '%s udp 10.9.9.9:9 10.9.9.8:9 x\n' "$1"
}

# --- input --------------------------------------------------------------------

covers read
report -r "$basic"
same 'options: read: calls' "$(values summary calls)" 1
conf "read = $basic"
report -c "$tmp/conf"
same 'options: read as a key' "$(values summary calls)" 1
report --read "$basic" -r "$samples/busy-486.pcap"
same 'options: read twice' "$(values summary calls)" 2

covers filter
report -r "$basic" -f 'udp port 5060'
same 'options: filter' "$(values summary sip) $(values summary rtp)" '6 0'
set_to 'udp and not port 5060' "$basic"
same 'options: filter as a key' "$(values summary sip)" 0
# VLAN tags are looked through.
{
	request 0 OPTIONS o 1 | sed 's/udp/udp@7/'
	other 1
} | make vlan
report -r "$tmp/vlan" -f 'udp port 5060'
same 'options: filter: behind a VLAN tag' "$(values summary sip)" 1
# Later fragments pass.
report -r "$samples/ipv4-fragments.pcap" -f 'udp port 5060'
same 'options: filter: fragments' "$(values call status)" 200

# sessions: how many had their keys in the files, by the closing lines.
sessions()
{
	sed -n 's/^keys of \([0-9]*\) TLS and DTLS sessions$/\1/p' "$tmp/out"
}

covers keys
umask 077
{ tls_key 1; echo '# a comment'; tls_key 2; tls_key 2; } >"$tmp/keys"
tls_key 3 >"$tmp/more-keys"
report -r "$basic"
same 'options: keys: none' "$(sessions)" ''
report -r "$basic" --keys "$tmp/keys"
same 'options: keys' "$(sessions) $(cat "$tmp/err")" '2 '
report -r "$basic" --keys "$tmp/keys" --keys "$tmp/more-keys"
same 'options: keys twice' "$(sessions)" 3
set_to "$tmp/keys" "$basic"
same 'options: keys as a key' "$(sessions)" 2
if editcap --inject-secrets "tls,$tmp/keys" "$basic" "$tmp/with-keys" \
	2>"$tmp/err"; then
	report -r "$tmp/with-keys"
	same 'options: keys inside a pcapng' "$(sessions)" 2
else
	echo 'SKIP options: keys inside a pcapng: no editcap that can write them'
fi

covers srtp-keys
: >"$tmp/srtp-keys"
report -r "$basic" --srtp-keys "$tmp/srtp-keys"
same 'options: srtp-keys: status' "$status $(cat "$tmp/err")" '0 '
run -r "$basic" --srtp-keys "$tmp/nowhere" --db none --record none -q
grep -q 'cannot read .*nowhere: No such file' "$tmp/err"
result 'options: srtp-keys: no such file' $?
echo '* AES_CM_128_HMAC_SHA1_80 c2hvcnQ=' >"$tmp/srtp-keys"
report -r "$basic" --srtp-keys "$tmp/srtp-keys"
same 'options: srtp-keys: a bad line is counted' \
	"$(counter keys.bad_srtp_line)" 1
grep -q 'srtp-keys: line 1: .*the key has not the length' "$tmp/err"
result 'options: srtp-keys: a bad line is told' $?

# --- output -------------------------------------------------------------------

# Threads of that name, while more input may come.
covers workers
media_threads()
{
	cat "/proc/$1/task/"*/comm 2>/dev/null | grep -c '^cs-media'
}
mkfifo "$tmp/more"
"$CALLSCOPE" -r - --workers 3 --db none --record none -q -o "$tmp/w" \
	<"$tmp/more" >"$tmp/out" 2>"$tmp/err" &
pid=$!
exec 9>"$tmp/more"
cat "$basic" >&9
n=0
while [ "$(media_threads $pid)" != 3 ] && [ $n -lt 300 ]; do
	n=$((n + 1))
	sleep 0.1
done
same 'options: workers: threads' "$(media_threads $pid)" 3
exec 9>&-
wait $pid
same 'options: workers: status' "$? $(cat "$tmp/err")" '0 '
report -r "$basic" --workers 0
n=$(sessions)
set_to 2 "$basic"
same 'options: workers: as a key' "$(sessions)" "$n"

covers output
run -r "$basic" -o "$tmp/new/data" -q
same 'options: output' \
	"$(cd "$tmp/new/data" && echo *)" 'callscope.db spool'
(cd "$tmp" && "$CALLSCOPE" -r "$basic" -q >out 2>err)
[ -f "$tmp/callscope-data/callscope.db" ]
result 'options: output: its default' $?
conf "output = $tmp/new/other"
run -c "$tmp/conf" -r "$basic" -q
[ -d "$tmp/new/other/spool" ]
result 'options: output as a key' $?

covers db
run -r "$basic" -o "$tmp/new/nodb" -q --db none
[ ! -e "$tmp/new/nodb/callscope.db" ]
result 'options: db none' $?
run -r "$basic" -o "$tmp/new/nodb" -q --db "sqlite:$tmp/calls.sqlite"
same 'options: db sqlite:PATH' \
	"$(sql "$tmp/calls.sqlite" 'SELECT count(*) FROM cdr')" 1
[ ! -e "$tmp/new/nodb/callscope.db" ]
result 'options: db sqlite:PATH and no other' $?
conf 'db = none'
run -c "$tmp/conf" -r "$basic" -o "$tmp/new/nokey" -q
[ ! -e "$tmp/new/nokey/callscope.db" ]
result 'options: db as a key' $?

covers json
"$CALLSCOPE" -r "$basic" --json - -o "$tmp/data" >"$tmp/out" 2>"$tmp/err"
same 'options: json -: only the report on standard output' \
	"$(grep -vc '^{.*}$' "$tmp/out")" 0
grep -q '^time UTC' "$tmp/err"
result 'options: json -: the table on standard error' $?
echo 'older and longer than the report' >"$tmp/report"
run -r "$basic" --json "$tmp/report" -o "$tmp/data"
grep -q older "$tmp/report"
same 'options: json: a file is replaced' $? 1
conf "json = $tmp/key.jsonl"
run -c "$tmp/conf" -r "$basic" -o "$tmp/data"
[ -s "$tmp/key.jsonl" ]
result 'options: json as a key' $?

covers record
# Packets of the call's pcap and the bytes of its RTP.
recorded()
{
	rm -rf "$tmp/recorded"
	run -r "$basic" -o "$tmp/recorded" --db none -q "$@"
	file=$(pcaps "$tmp/recorded")
	echo "${file:-/dev/null}" >"$tmp/file"
	if [ -n "$file" ]; then
		report -r "$file"
		echo "$(values summary packets) $(values summary bytes)"
	else
		echo none
	fi
}
all=$(recorded)
same 'options: record: all by default' "$(recorded --record all)" "$all"
same 'options: record all: packets' "${all% *}" 1116
same 'options: record headers: packets' "$(recorded --record headers)" "$all"
# snap length: the bytes on the wire stay, those in the file do not
[ "$(wc -c <"$(cat "$tmp/file")")" -lt $((1116 * 16 + 6 * 1000 + 1110 * 62)) ]
result 'options: record headers: no payload' $?
head=$(recorded --record signalling)
same 'options: record signalling: packets' "${head% *}" 6
same 'options: record none' "$(recorded --record none)" none
conf 'record = signalling'
same 'options: record as a key' "$(recorded -c "$tmp/conf")" "$head"

covers record-secrets
# played ARGUMENT...: the key states of a DTLS session's capture file, read
# without a key log.
played()
{
	rm -rf "$tmp/recorded"
	cp "$samples/ff-direct.keylog" "$tmp/dtls-keys"
	run -r "$samples/ff-direct.pcap" --keys "$tmp/dtls-keys" \
		-o "$tmp/recorded" --db none -q "$@"
	report -r "$(pcaps "$tmp/recorded")"
	values session 'streams[0].key_state'
}
same 'options: record-secrets: none by default' "$(played)" missing
same 'options: record-secrets' "$(played --record-secrets)" ok
conf 'record-secrets = yes'
same 'options: record-secrets as a key' "$(played -c "$tmp/conf")" ok

covers sensor
report -r "$basic"
same 'options: sensor: default' "$(values call sensor)" file
uid=$(values call uid)
report -r "$basic" --sensor berlin-1
same 'options: sensor' "$(values call sensor)" berlin-1
differ 'options: sensor: part of the uid' "$(values call uid)" "$uid"
set_to key-1 "$basic"
same 'options: sensor as a key' "$(values call sensor)" key-1

covers quiet
run -r "$basic" -o "$tmp/data"
grep -q 'alice' "$tmp/out"
result 'options: a table' $?
for how in -q --quiet; do
	run -r "$basic" -o "$tmp/data" "$how"
	grep -q 'alice' "$tmp/out"
	same "options: $how" $? 1
done
conf 'quiet = yes'
run -c "$tmp/conf" -r "$basic" -o "$tmp/data"
grep -q 'alice' "$tmp/out"
same 'options: quiet as a key' $? 1

covers utc
TZ=XST-5:30 run -r "$basic" -o "$tmp/data"
grep -q '^time XST' "$tmp/out" && grep -q '^11-23 06:48:23' "$tmp/out"
result 'options: local time, its zone shown' $? "$(head -n 2 "$tmp/out")"
TZ=XST-5:30 run -r "$basic" -o "$tmp/data" --utc
grep -q '^time UTC' "$tmp/out" && grep -q '^11-23 01:18:23' "$tmp/out"
result 'options: utc' $? "$(head -n 2 "$tmp/out")"
conf 'utc = yes'
TZ=XST-5:30 run -c "$tmp/conf" -r "$basic" -o "$tmp/data"
grep -q '^11-23 01:18:23' "$tmp/out"
result 'options: utc as a key' $?
awk 'length > 100' "$tmp/out" >"$tmp/wide"
[ ! -s "$tmp/wide" ]
result 'options: the table fits 100 columns' $?

# --- this run -----------------------------------------------------------------

covers config
conf 'sensor = of-the-file' 'record = none'
report -c "$tmp/conf" -r "$basic"
same 'options: config' "$(values call sensor)" of-the-file
report --config "$tmp/conf" -r "$basic" --sensor of-the-line
same 'options: config: the command line wins' "$(values call sensor)" \
	of-the-line

covers check-config
run -c "$tmp/conf" -r "$basic" --check-config -o "$tmp/unmade"
same 'options: check-config' "$status $(cat "$tmp/out")" "0 $tmp/conf: OK"
[ ! -e "$tmp/unmade" ]
result 'options: check-config runs nothing' $?

covers help
run --help
cp "$tmp/out" "$tmp/help"
run -h
cmp "$tmp/out" "$tmp/help" >"$tmp/err" 2>&1
result 'options: help' $?
same 'options: help: an example each' \
	"$(grep -c '^ \{2,6\}\(-[A-Za-z], \)\{0,1\}--[a-z]' "$tmp/help")" \
	"$(grep -o 'Example:' "$tmp/help" | wc -l | tr -d ' ')"
awk 'length > 100' "$tmp/help" >"$tmp/wide"
[ ! -s "$tmp/wide" ]
result 'options: help: fits 100 columns' $? "$(head -n 1 "$tmp/wide")"
covers version
run --version
same 'options: version' "$(cat "$tmp/out")" "callscope $(
	sed -n 's/^#define CALLSCOPE_VERSION "\(.*\)"/\1/p' \
		"$CALLSCOPE_BUILD/config.h")"

# --- calls --------------------------------------------------------------------

covers realm
{
	rtp 0 1 1 | sed 's/ 10/@10 10/'
	rtp 0.005 1.005 2 | sed 's/ 10/@20 10/'
} | make two-vlans
report -r "$tmp/two-vlans"
same 'options: realm none: one flow' "$(values summary sessions)" 1
set_to vlan "$tmp/two-vlans"
same 'options: realm vlan: two' "$(values summary sessions)" 2

covers leg-header
{
	request 0 INVITE leg1 1 'X-Call: one\r\n\r\n'
	response 0.1 200 INVITE leg1 1
	request 0.2 INVITE leg2 1 'X-Call: one\r\n\r\n'
	response 0.3 200 INVITE leg2 1
} | make legs
report -r "$tmp/legs"
same 'options: leg-header: none' "$(values call group_id | uniq)" null
set_to X-Call "$tmp/legs"
group=$(values call group_id | uniq)
case $group in
null | *"
"*) echo "FAIL options: leg-header: groups are '$group'" ;;
*) echo 'PASS options: leg-header: one group' ;;
esac

covers session-id
id='Session-ID: 0123456789abcdef0123456789abcdef'
{
	request 0 INVITE leg1 1 \
		"$id;remote=00000000000000000000000000000000\\r\\n\\r\\n"
	request 0.2 INVITE leg2 1 \
		"$id;remote=00000000000000000000000000000000\\r\\n\\r\\n"
} | make session-ids
report -r "$tmp/session-ids"
same 'options: session-id: one group' \
	"$(values call group_id | grep -v null | uniq | wc -l | tr -d ' ')" 1
set_to no "$tmp/session-ids"
same 'options: session-id no' "$(values call group_id | uniq)" null

covers call-linger
{
	request 0 INVITE l 1 "$(sdp $A 4000)"
	response 0.1 200 INVITE l 1 "$(sdp $B 4002)"
	tag=';tag=bl' request 1 BYE l 2
	response 1.1 200 BYE l 2
	other 3
	response 4 200 BYE l 2
} | make linger
set_to 5s "$tmp/linger"
same 'options: call-linger 5s' "$(counter call.late_message)" 0
set_to 1s "$tmp/linger"
same 'options: call-linger 1s' "$(counter call.late_message)" 1

covers call-retry
{
	request 0 INVITE r 1
	response 0.1 486 INVITE r 1
	request 0.2 ACK r 1
	other 10
	request 20 INVITE r 2
	response 20.1 200 INVITE r 2
} | make retry
report -r "$tmp/retry"
same 'options: call-retry 32s' "$(values call status)" 200
set_to 5s "$tmp/retry"
same 'options: call-retry 5s' "$(values call status | tr '\n' ' ')" '486 200 '

covers unanswered-timeout
{
	request 0 INVITE u 1
	response 0.1 180 INVITE u 1
	other 100
	response 110 200 INVITE u 1
} | make unanswered
report -r "$tmp/unanswered"
same 'options: unanswered-timeout 5m' "$(values call status)" 200
set_to 1m "$tmp/unanswered"
same 'options: unanswered-timeout 1m' "$(values call state)" unanswered

covers media-timeout
{
	request 0 INVITE m 1 "$(sdp $A 4000)"
	response 0.1 200 INVITE m 1 "$(sdp $B 4002)"
	rtp 0.2 1.2 1
	other 100
} | make no-bye
report -r "$tmp/no-bye"
same 'options: media-timeout 5m' "$(values call state)" active
set_to 1m "$tmp/no-bye"
same 'options: media-timeout 1m' "$(values call state)" expired

covers silence-timeout
{
	request 0 INVITE s 1
	response 0.1 200 INVITE s 1
	other 100
} | make silence
report -r "$tmp/silence"
same 'options: silence-timeout 4h' "$(values call state)" active
set_to 1m "$tmp/silence"
same 'options: silence-timeout 1m' "$(values call state)" expired

# --- media --------------------------------------------------------------------

covers adopt-window
{
	rtp 0 1 1
	request 5 INVITE m 1 "$(sdp $A 4000)"
	response 5.1 200 INVITE m 1 "$(sdp $B 4002)"
} | make early
report -r "$tmp/early"
same 'options: adopt-window 10s' \
	"$(values summary sessions) $(values call 'streams[0].packets')" '0 50'
set_to 2s "$tmp/early"
same 'options: adopt-window 2s' \
	"$(values summary sessions) $(values call streams)" '1 []'

covers session-packets
rtp 0 0.08 1 | make four
report -r "$tmp/four"
same 'options: session-packets 5' "$(values summary sessions)" 0
set_to 3 "$tmp/four"
same 'options: session-packets 3' \
	"$(values summary sessions) $(values session 'streams[0].packets')" \
	'1 4'

covers g711-plc
report -r "$samples/loss-rtcp.pcap"
with=$(values call 'streams[].mos.adaptive' | tr '\n' ' ')
set_to no "$samples/loss-rtcp.pcap"
without=$(values call 'streams[].mos.adaptive' | tr '\n' ' ')
echo "$with $without" | awk '{ exit !($3 < $1 - 0.2 && $4 < $2 - 0.1) }'
result 'options: g711-plc no: a worse score' $? "$without after $with"

# --- flows, fragments and TCP -------------------------------------------------

covers udp-idle
{
	rtp 0 1 1
	other 30
	rtp 60 61 1
} | make pause
report -r "$tmp/pause"
same 'options: udp-idle 3m' "$(values summary sessions)" 1
set_to 10s "$tmp/pause"
same 'options: udp-idle 10s' "$(values summary sessions)" 2

# Segments of one message. segment SECONDS FIRST-BYTE TEXT
segment()
{
	printf '%s tcp=%s %s:5060 %s:5060 %s\n' "$1" $(($2 + 1000)) "$A" "$B" "$3"
}
# A request of 200 bytes. tcp_request NUMBER
tcp_request()
{
	printf '%s' "OPTIONS sip:b@x SIP/2.0\\r\\nVia: SIP/2.0/TCP $A;branch=z9hG4bK$1\\r\\nFrom: <sip:a@x>;tag=1\\r\\nTo: <sip:b@x>\\r\\nCall-ID: tcp$1\\r\\nCSeq: $1 OPTIONS\\r\\nSubject: 012345678901234567890\\r\\nContent-Length: 0\\r\\n\\r\\n"
}
size=$(printf '%b' "$(tcp_request 1)" | wc -c)

covers tcp-idle
half=$(tcp_request 1)
{
	segment 0 0 'OPTIONS sip:b@x SIP/2.0\r\n'
	other 30
	segment 60 25 "${half#*SIP/2.0\\r\\n}"
	other 61
} | make slow-tcp
report -r "$tmp/slow-tcp"
same 'options: tcp-idle 10m' "$(values sip_transaction call_id)" tcp1
set_to 10s "$tmp/slow-tcp"
same 'options: tcp-idle 10s' "$(values sip_transaction call_id)" ''

# The second of eight requests comes late.
{
	segment 0 0 "$(tcp_request 1)"
	for i in 2 3 4 5 6; do
		segment "0.$i" $((size * i)) "$(tcp_request $((i + 1)))"
	done
	segment 3 $((size * 7)) "$(tcp_request 8)"
	segment 5 "$size" "$(tcp_request 2)"
	other 6
} | make hole
covers tcp-gap-timeout
report -r "$tmp/hole"
same 'options: tcp-gap-timeout 2s' \
	"$(counter tcp.gap) $(values summary sip)" '1 7'
set_to 10s "$tmp/hole"
same 'options: tcp-gap-timeout 10s' \
	"$(counter tcp.gap) $(values summary sip)" '0 8'

covers tcp-gap-segments
conf 'tcp-gap-timeout = 10s' 'tcp-gap-segments = 3'
report -c "$tmp/conf" -r "$tmp/hole"
same 'options: tcp-gap-segments 3' \
	"$(counter tcp.gap) $(values summary sip)" '1 7'

# Two halves of a datagram with a REGISTER in it. halves ID AT LATER
halves()
{
	rest="From: <sip:a@x>;tag=f\\r\\nTo: <sip:a@x>\\r\\nCall-ID: frag\\r\\nCSeq: 1 REGISTER\\r\\n\\r\\n"
	# the first one has 80 bytes
	length=$((80 + $(printf '%b' "$rest" | wc -c)))
	printf '%s frag=%s,0,1 %s:0 %s:0 %s\n' "$2" "$1" "$A" "$B" \
		"\\x13\\xc4\\x13\\xc4\\x00\\x$(printf %02x $length)\\x00\\x00REGISTER sip:x SIP/2.0\\r\\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKfragme\\r\\n"
	printf '%s frag=%s,80,0 %s:0 %s:0 %s\n' "$3" "$1" "$A" "$B" "$rest"
}
covers frag-timeout
{
	halves 7 0 5
	other 6
} | make halves
report -r "$tmp/halves"
same 'options: frag-timeout 30s' "$(values summary sip)" 1
set_to 1s "$tmp/halves"
same 'options: frag-timeout 1s' "$(values summary sip)" 0

covers max-depth
request 0 OPTIONS d 1 | sed 's/udp/udp+8/' | make deep
report -r "$tmp/deep"
same 'options: max-depth 16' \
	"$(values summary sip) $(counter decode.too_deep)" '1 0'
set_to 4 "$tmp/deep"
same 'options: max-depth 4' \
	"$(values summary sip) $(counter decode.too_deep)" '0 1'

# --- limits -------------------------------------------------------------------

# limit VALUE FILE COUNTER: only with the key set is the counter there.
limit()
{
	report -r "$2"
	before=$(counter "$3")
	set_to "$1" "$2"
	if [ "$before" -eq 0 ] && [ "$(counter "$3")" -gt 0 ]; then
		echo "PASS options: $name $1: $3"
	else
		echo "FAIL options: $name $1: $3 is $before, then $(
			counter "$3")"
	fi
}

# turned_away COUNTER: what it counted was dropped.
turned_away()
{
	same "options: $name: dropped.limit" \
		"$(values summary dropped.limit)" "$(counter "$1")"
}

covers max-calls
limit 5 "$samples/sip-tcp-burst.pcap" call.limit
turned_away call.limit
[ "$(counter call.closed_early)" -gt 0 ]
result 'options: max-calls 5: ended calls make room' $? 'none did'
covers max-registrations
limit 1 "$samples/registrations.pcap" registration.limit
turned_away registration.limit
covers max-transactions
{
	request 0 OPTIONS t1 1
	request 0.1 OPTIONS t2 1
} | make two-transactions
limit 1 "$tmp/two-transactions" transaction.evicted
covers max-flows
limit 1 "$basic" flow.limit
turned_away flow.limit
covers max-pending
{
	rtp 0 1 1
	rtp 0 1 2 $A:6000 $B:6002
} | make two-flows
limit 1 "$tmp/two-flows" media.pending_limit
# attack KIND N: that capture (tests/tools/attack.c).
attack()
{
	"$tools/attack" "$1" "$2" "$tmp/attack" || exit 1
}
covers max-sessions
attack checks 50
limit 10 "$tmp/attack" session.evicted
covers max-connections
attack hellos 50
limit 10 "$tmp/attack" tcp.connection_evicted
covers source-waiting
attack one-host 50
limit 10 "$tmp/attack" call.evicted
covers flood-records
conf 'source-waiting = 10' 'flood-records = 5'
report -c "$tmp/conf" -r "$tmp/attack"
same 'options: flood-records 5: evicted, unrecorded, calls' \
	"$(counter call.evicted) $(counter call.unrecorded) $(
		values summary calls)" '40 34 36'
covers memory-limit
attack invites 5000
limit 128M "$tmp/attack" call.evicted
covers max-streams
limit 1 "$tmp/two-flows" media.stream_limit
covers flow-streams
{
	rtp 0 1 1
	rtp 1 2 2
} | make two-ssrcs
limit 1 "$tmp/two-ssrcs" media.stream_limit
covers max-keys
conf 'max-keys = 1' "keys = $tmp/keys"
report -c "$tmp/conf" -r "$basic"
same 'options: max-keys 1: keys.limit' \
	"$(counter keys.limit) $(sessions)" '1 1'
# A connection of TLS 1.2 whose key never comes: both hellos, and what they
# protect. hello TYPE REST-OF-BODY
hello()
{
	printf '\\x16\\x03\\x03\\x00\\x%s\\x00\\x00\\x%s\\x03\\x03%032d%s' \
		"$1" "$2" 0 "$3"
}
{
	segment 0 0 "$(hello '2d\x01' 29 '\x00\x00\x02\x00\x2f\x01\x00')"
	echo "0.1 tcp=5000 $B:5060 $A:5060 $(
		hello '2a\x02' 26 '\x00\x00\x2f\x00')"
	segment 0.2 50 '\x14\x03\x03\x00\x01\x01'
	for i in 0 1 2 3 4 5 6 7 8 9; do
		segment "1.$i" $((56 + i * 1005)) '\x17\x03\x03\x03\xe8'
		segment "1.${i}5" $((61 + i * 1005)) '*1000'
	done
	other 3
} | make tls
for each in tls-hold tls-memory; do
	covers "$each"
	limit 2k "$tmp/tls" tls.hold_limit
done
covers web-message-max
limit 1k "$samples/ws-long.pcap" ws.message_limit
covers web-memory
limit 16k "$samples/ws-deflate.pcap" web.memory_limit
# The integrity of the messages of a TURN client, by what is configured.
turned()
{
	conf "$@"
	report -c "$tmp/conf" -r "$samples/turn-channel.pcap"
	values session 'turn[0].integrity' | sort -u
}
covers turn-user
same 'options: turn-user: none' "$(turned)" null
same 'options: turn-user' "$(turned 'turn-user = x:y' \
	'turn-user = lab:secret')" ok
same 'options: turn-user: another password' \
	"$(turned 'turn-user = lab:other')" wrong
covers turn-secret
same 'options: turn-secret: another one' "$(turned 'turn-secret = x')" wrong
covers max-nat
limit 1 "$samples/stun-keeps.pcap" nat.limit
covers call-memory
{
	request 0 INVITE c 1
	response 0.1 200 INVITE c 1
	for i in $(seq 2 400); do
		tag=';tag=bc' request "$i" INFO c "$i"
	done
} | make chatty
limit 16k "$tmp/chatty" call.memory_limit
covers max-fragments
{
	halves 7 0 1
	halves 8 0.5 1.5
} | make two-datagrams
limit 1 "$tmp/two-datagrams" ip.fragment_sets_limit
covers frag-memory
for i in $(seq 1 150); do
	echo "0.$((i + 1000)) frag=$i,0,1 $A:0 $B:0 *1400"
done | make many-fragments
limit 128k "$tmp/many-fragments" ip.fragment_bytes_limit
covers tcp-buffer
body=$(awk 'BEGIN { for (i = 0; i < 10000; i++) printf "x" }')
{
	segment 0 0 "$(tcp_request 1 | sed 's/Length: 0/Length: 20000/')$body"
	segment 1 $((size + 4 + 10000)) "$body"
} | make long-message
report -r "$tmp/long-message"
same 'options: tcp-buffer 256k' "$(values summary sip)" 1
limit 16k "$tmp/long-message" tcp.buffer_limit
covers tcp-memory
# Twelve connections hold 120 kB each, behind a hole.
for i in $(seq 1 12); do
	printf '%s\n' "0.0$((i + 10)) tcp=1 $A:$i $B:5060 OPTIONS sip:x SIP/2.0\\r\\n"
	for n in 1 2 3; do
		echo "0.1$((i + 10))$n tcp=$((n * 50000)) $A:$i $B:5060 *20000"
	done
done | make holding
limit 1M "$tmp/holding" tcp.hold_evicted
covers srtp-hold
covers srtp-memory
# Two calls' streams of a suite whose keys nobody knows.
secure()
{
	sdp "$1" "$2" | sed 's,RTP/AVP,RTP/SAVP,'
}
{
	request 0 INVITE s 1 "$(secure $A 4000)"
	response 0.1 200 INVITE s 1 "$(secure $B 4002)"
	rtp 0.2 1.2 1
	rtp 0.2 1.2 2 $B:4002 $A:4000
} | sort -n | make secure
held_srtp()
{
	conf "$@"
	report -r "$tmp/secure" -c "$tmp/conf"
	counter srtp.hold_limit
}
same 'options: srtp-hold 32k' "$(held_srtp)" 0
same 'options: srtp-hold 2k' "$(held_srtp 'srtp-hold = 2k')" 2
same 'options: srtp-hold 0' "$(held_srtp 'srtp-hold = 0')" 0
same 'options: srtp-memory 12k' "$(held_srtp 'srtp-memory = 12k')" 1
covers record-held
# Too few packets for a session, so that they wait for their call.
{
	rtp 0 0.08 1 | sed 's/\*160/*4000/'
	request 2 INVITE h 1 "$(sdp $A 4000)"
	response 2.1 200 INVITE h 1 "$(sdp $B 4002)"
} | make held
# A recording needs somebody who takes it.
held()
{
	rm -rf "$tmp/recorded"
	run -r "$tmp/held" -o "$tmp/recorded" --db none --json "$tmp/report" \
		-q "$@"
	"$tools/flat" "$tmp/report" >"$tmp/flat"
	counter record.held_limit
}
same 'options: record-held 64k' "$(held)" 0
conf 'record-held = 4k'
[ "$(held -c "$tmp/conf")" -gt 0 ]
result 'options: record-held 4k' $?
covers record-chunk
covers record-memory
# Twenty calls at a time: chunks of 1 MB are more than memory for it.
memory()
{
	rm -rf "$tmp/recorded"
	conf "$@"
	run -r "$samples/sip-tcp-burst.pcap" -o "$tmp/recorded" --db none -q \
		--json "$tmp/report" -c "$tmp/conf"
	"$tools/flat" "$tmp/report" >"$tmp/flat"
	counter record.memory_limit
}
same 'options: record-chunk 1M alone' "$(memory 'record-chunk = 1M')" 0
same 'options: record-memory 1M alone' "$(memory 'record-memory = 1M')" 0
[ "$(memory 'record-chunk = 1M' 'record-memory = 1M')" -gt 0 ]
result 'options: record-chunk and record-memory' $?

# --- those of an area in a file of their own ----------------------------------

for each in "$CALLSCOPE_SRC"/tests/e2e/options/*.sh; do
	# shellcheck source=/dev/null
	[ ! -e "$each" ] || . "$each"
done

# --- nothing is left out ------------------------------------------------------

sed -n 's/^ *\(-[A-Za-z], \)\{0,1\}--\([a-z0-9-]*\).*/\2/p' "$tmp/help" \
	>"$tmp/known"
sed -n 's/^#\([a-z0-9-]*\) =.*/\1/p' "$samples/callscope.conf" >>"$tmp/known"
# Those that have a script of their own.
for each in live replay hep observe privileges; do
	sed -n 's/^covers //p' "$CALLSCOPE_SRC/tests/e2e/$each.sh" >>"$tmp/covered"
done
sort -u "$tmp/known" >"$tmp/all"
while read -r each; do
	grep -qxF "$each" "$tmp/covered"
	result "options: $each has a test" $? 'none covers it'
done <"$tmp/all"
same 'options: as many as expected or more' \
	"$(awk 'END { print (NR >= 40) }' "$tmp/all")" 1
