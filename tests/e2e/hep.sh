#!/bin/sh
# HEP: what one callscope sends another one takes in, by UDP, TCP and TLS, and
# the calls are the same; agents of others; who is let in; what is sent. Ports
# are those that the system gives.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

# What options.sh leaves to this file.
covers()
{
	: "$1"
}

pid=
clean()
{
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
	rm -rf "$tmp"
}
trap clean EXIT

# listen HOW OPTION...: starts one that takes HEP; its port is left in $port.
listen()
{
	rm -rf "$tmp/taken" "$tmp/taken.json" "$tmp/err.taken"
	how=$1
	shift
	"$CALLSCOPE" --hep-listen "$how:127.0.0.1:0" -o "$tmp/taken" --db none \
		--http none -q --json "$tmp/taken.json" "$@" \
		>"$tmp/out.taken" 2>"$tmp/err.taken" </dev/null &
	pid=$!
	if ! until_true 60 grep -q 'HEP is taken at' "$tmp/err.taken"; then
		echo "FAIL hep: cannot listen by $how: $(cat "$tmp/err.taken")"
		exit 1
	fi
	port=$(sed -n 's/.*HEP is taken at .*:\([0-9]*\)$/\1/p' \
		"$tmp/err.taken")
}

# The end of it: what it has is read.
finish()
{
	kill -INT "$pid"
	wait "$pid"
	status=$?
	pid=
	[ ! -f "$tmp/taken.json" ] ||
		"$tools/flat" "$tmp/taken.json" >"$tmp/taken.flat"
}

# send TO FILE OPTION...: the packets of a file as HEP.
send()
{
	to=$1 file=$2
	shift 2
	report -r "$file" --hep-send "$to" "$@"
}

# What HEP can tell of the calls in a flat report.
calls()
{
	awk -F'\t' '
	$2 == "type" { now = $3 }
	now == "call" && ($2 ~ /^(call_id|state|status|reason|ended_by)$/ ||
	    $2 ~ /^(caller|callee)\.(user|host|tag|addr|agent)$/ ||
	    $2 == "transport" ||
	    $2 ~ /^messages\[[0-9]+\]\.(method|status|src|dst|cseq)$/) {
		print $2, $3
	}' "$1" | sort
}

taken()
{
	sed -n 's/.*HEP: \([0-9]*\) packets taken.*/\1/p' "$tmp/err.taken"
}

# said PATTERN: what the listener's last line has before it.
said()
{
	sed -n "s/.*HEP: .* \([0-9]*\) $1.*/\1/p" "$tmp/err.taken"
}

# --- there and back -----------------------------------------------------------

# A certificate for an address, its own issuer.
certificate()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-nodes -days 2 -subj /CN=collector -addext \
		"subjectAltName=IP:127.0.0.1" -keyout "$1.key" -out "$1.crt" \
		2>/dev/null && chmod 0600 "$1.key"
}

# round NAME HOW FILE
round()
{
	listen "$2" -c "$tmp/conf.in"
	send "$2:127.0.0.1:$port" "$3" -c "$tmp/conf.out"
	same "hep: $1: all is sent" "$status $(grep -c ' 0 dropped, 0 refused' \
		"$tmp/err")" '0 1'
	finish
	calls "$tmp/flat" >"$tmp/there"
	calls "$tmp/taken.flat" >"$tmp/back"
	[ -s "$tmp/there" ] && cmp -s "$tmp/there" "$tmp/back"
	result "hep: $1: the same calls" $? \
		"$(diff "$tmp/there" "$tmp/back" | head -n 5)"
}

covers hep-listen
covers hep-send
covers hep-tls-cert
covers hep-tls-key
covers hep-send-ca
: >"$tmp/conf.in"
: >"$tmp/conf.out"
basic=$samples/basic-call.pcap
for each in udp tcp; do
	round "$each" "$each" "$basic"
done
round 'SIP by TCP' udp "$samples/sip-tcp-burst.pcap"
round 'IPv6' tcp "$samples/ipv6-call.pcap"
round 'a fork' tcp "$samples/fork.pcap"
same 'hep: registrations, too' "$(
	listen tcp
	send "tcp:127.0.0.1:$port" "$samples/registrations.pcap"
	finish
	grep -c '"type":"registration"' "$tmp/taken.json"
)" "$(grep -c '"type":"registration"' "$tmp/report")"

if certificate "$tmp/one" && certificate "$tmp/two"; then
	printf 'hep-tls-cert = %s\nhep-tls-key = %s\n' "$tmp/one.crt" \
		"$tmp/one.key" >"$tmp/conf.in"
	echo "hep-send-ca = $tmp/one.crt" >"$tmp/conf.out"
	round tls tls "$basic"
	# Another issuer: nothing is sent, and it is said why.
	listen tls -c "$tmp/conf.in"
	echo "hep-send-ca = $tmp/two.crt" >"$tmp/conf.out"
	"$CALLSCOPE" -r "$basic" --hep-send "tls:127.0.0.1:$port" -q --db none \
		--record none -o "$tmp/data" -c "$tmp/conf.out" \
		>"$tmp/out" 2>"$tmp/err" &
	sender=$!
	until_true 60 grep -q 'certificate is not accepted' "$tmp/err"
	result 'hep: a collector of another issuer is refused' $?
	kill -INT "$sender"
	wait "$sender"
	same 'hep: a file that could not be sent: exit status' $? 3
	finish
	same 'hep: nothing was taken of it' "$(taken)" 0
else
	echo 'SKIP hep: tls: no openssl to make a certificate with'
fi

# --- a recording of HEP -------------------------------------------------------

listen udp
send "udp:127.0.0.1:$port" "$samples/prack-183.pcap"
finish
calls "$tmp/taken.flat" >"$tmp/back"
report -r "$(pcaps "$tmp/taken" | head -n 1)"
calls "$tmp/flat" >"$tmp/there"
[ -s "$tmp/there" ] && cmp -s "$tmp/there" "$tmp/back"
result 'hep: its pcap, read again, gives the same call' $?
if command -v tshark >/dev/null 2>&1; then
	same 'hep: tshark reads SIP in it' "$(tshark -r "$(pcaps "$tmp/taken")" \
		-Y sip -T fields -e sip.Method 2>/dev/null | head -n 1)" INVITE
else
	echo 'SKIP hep: tshark reads the pcap: no tshark'
fi

# --- who is let in ------------------------------------------------------------

# let_in LINE [LINE]: packets taken and refused, with these in the listener's
# and in the sender's configuration.
let_in()
{
	echo "$1" >"$tmp/conf.in"
	echo "${2-}" >"$tmp/conf.out"
	listen udp -c "$tmp/conf.in"
	send "udp:127.0.0.1:$port" "$samples/cancel.pcap" -c "$tmp/conf.out"
	finish
	echo "$(taken) $(said refused)"
}

covers hep-allow
same 'hep: hep-allow, from there' "$(let_in 'hep-allow = 127.0.0.0/8')" '6 0'
same 'hep: hep-allow, from elsewhere' "$(let_in 'hep-allow = 192.0.2.1')" '0 6'
covers hep-auth-file
covers hep-send-auth-file
for each in right wrong; do
	echo "$each key" >"$tmp/$each"
	chmod 0600 "$tmp/$each"
done
same 'hep: the key' "$(let_in "hep-auth-file = $tmp/right" \
	"hep-send-auth-file = $tmp/right")" '6 0'
same 'hep: the key is said nowhere' \
	"$(grep -rlF 'right key' "$tmp/taken" "$tmp"/err* "$tmp/taken.json")" ''
same 'hep: a wrong key' "$(let_in "hep-auth-file = $tmp/right" \
	"hep-send-auth-file = $tmp/wrong")" '0 6'
same 'hep: no key' "$(let_in "hep-auth-file = $tmp/right")" '0 6'

# What was captured long ago has times out of reason; a day is none.
covers hep-skew
"$tools/part" "$samples/cancel.pcap" 1 0 "$tmp/old.pcap"
same 'hep: hep-skew: times out of reason' "$(
	let_in 'hep-skew = 1h' >/dev/null
	said 'times out of reason'
)" 6

covers hep-idle
covers hep-connections
if command -v python3 >/dev/null 2>&1; then
	printf 'hep-idle = 1s\nhep-connections = 2\n' >"$tmp/conf.in"
	listen tcp -c "$tmp/conf.in"
	python3 - "$port" >"$tmp/out" 2>"$tmp/err" <<-'END'
		# The third is closed at once, the others when they were silent.
		import socket, sys
		to = ('127.0.0.1', int(sys.argv[1]))
		socks = [socket.create_connection(to) for i in range(3)]
		for s in socks[:2]:
		    s.sendall(b'HEP3\x01\x00')
		for s in socks:
		    s.settimeout(60)
		    try:
		        print(len(s.recv(1)))
		    except ConnectionResetError:
		        print(0)
	END
	same 'hep: hep-idle, hep-connections' "$(tr '\n' ' ' <"$tmp/out")" \
		'0 0 0 '
	finish
else
	echo 'SKIP hep: hep-idle: no python3'
fi

# --- what is sent -------------------------------------------------------------

covers hep-id
covers hep-send-queue
if command -v python3 >/dev/null 2>&1; then
	cat >"$tmp/collector.py" <<-'END'
		# The first packets that come, as their chunks say.
		import socket, struct, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.bind(('127.0.0.1', 0))
		s.settimeout(60)
		print(s.getsockname()[1], flush=True)
		for i in range(int(sys.argv[1])):
		    p, at, c = s.recv(65535), 6, {}
		    while at < len(p):
		        v, t, n = struct.unpack('>HHH', p[at:at + 6])
		        c[t] = p[at + 6:at + n]
		        at += n
		    n = lambda t: int.from_bytes(c[t], 'big')
		    a = lambda t: socket.inet_ntoa(c[t])
		    print(p[:4].decode(), n(1), n(2), a(3), n(7), a(4), n(8),
		          n(9), n(10), n(11), n(12), c[17].decode(),
		          c[19].decode(), c[15][:60].split(b'\r')[0].decode(),
		          flush=True)
	END
	printf 'hep-id = 77\nhep-send-queue = 256k\n' >"$tmp/conf"
	python3 "$tmp/collector.py" 10 >"$tmp/got" 2>&1 &
	collector=$!
	until_true 60 test -s "$tmp/got"
	report -r "$basic" --sensor north -c "$tmp/conf" \
		--hep-send "udp:127.0.0.1:$(head -n 1 "$tmp/got")"
	wait "$collector"
	same 'hep: an INVITE' "$(sed -n 2p "$tmp/got")" "HEP3 2 17 10.77.0.2 \
5060 10.77.0.3 5060 1795396703 846975 1 77 $(values call call_id) north \
INVITE sip:bob@10.77.0.3 SIP/2.0"
	same 'hep: reports of RTCP, of the call' "$(awk '
		$10 == 5 { print $12, $13, substr($14, 1, 8) }' "$tmp/got" |
		sort -u)" "$(values call call_id) north {\"ssrc\":"
else
	echo 'SKIP hep: what is sent: no python3'
fi

listen tcp
send "tcp:127.0.0.1:$port" "$samples/two-legs.pcap" --mask-numbers 2
finish
[ "$(values call caller.asserted "$tmp/taken.flat" |
	grep -c 'sip:+..xxxx')" -gt 0 ]
result 'hep: what is masked is sent masked' $?

# To oneself: what was sent is not taken again.
listen udp --hep-send udp:127.0.0.1:9 --sensor loop
send "udp:127.0.0.1:$port" "$samples/cancel.pcap" --sensor loop
finish
same 'hep: our own is refused' "$(taken) $(said refused)" '0 6'

# One that listens sends on, as it comes: tap -> first -> second.
if [ -f "$tmp/one.crt" ]; then
	how=tls
	printf 'hep-tls-cert = %s\nhep-tls-key = %s\nhep-send-ca = %s\n' \
		"$tmp/one.crt" "$tmp/one.key" "$tmp/one.crt" >"$tmp/conf.in"
else
	how=tcp
	: >"$tmp/conf.in"
fi
listen $how -c "$tmp/conf.in"
second=$port last=$pid
mkdir "$tmp/last"
mv "$tmp/taken" "$tmp/err.taken" "$tmp/last"
listen udp -c "$tmp/conf.in" --hep-send "$how:127.0.0.1:$second" --sensor one
send "udp:127.0.0.1:$port" "$samples/cancel.pcap"
kill -INT "$pid"
wait "$pid"
grep -q ' 6 packets sent, 0 dropped' "$tmp/err.taken"
result 'hep: live: what is taken is sent on' $? "$(cat "$tmp/err.taken")"
pid=$last
finish
same 'hep: live: and taken' "$(sed -n \
	's/.*HEP: \([0-9]*\) packets taken.*/\1/p' "$tmp/last/err.taken")" 6

# --- other agents -------------------------------------------------------------

if command -v sngrep >/dev/null 2>&1; then
	listen udp
	sngrep -N -q -I "$samples/fork.pcap" -H "udp:127.0.0.1:$port" \
		>"$tmp/out" 2>&1 </dev/null
	finish
	report -r "$samples/fork.pcap"
	calls "$tmp/flat" >"$tmp/there"
	calls "$tmp/taken.flat" >"$tmp/back"
	[ -s "$tmp/there" ] && cmp -s "$tmp/there" "$tmp/back"
	result 'hep: sngrep sends: the same calls' $? \
		"$(diff "$tmp/there" "$tmp/back" | head -n 5)"
else
	echo 'SKIP hep: sngrep sends: no sngrep'
fi

# What kamailio and rtpengine sent, sent again.
if command -v python3 >/dev/null 2>&1; then
	listen udp
	python3 - "$samples/hep-kamailio.pcap" "$port" <<-'END'
		import socket, struct, sys
		b = open(sys.argv[1], 'rb').read()
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		at = 24
		while at < len(b):
		    n = struct.unpack('<I', b[at + 8:at + 12])[0]
		    s.sendto(b[at + 16 + 14 + 20 + 8:at + 16 + n],
		             ('127.0.0.1', int(sys.argv[2])))
		    at += 16 + n
	END
	finish
	report -r "$samples/hep-kamailio.pcap"
	calls "$tmp/flat" >"$tmp/there"
	calls "$tmp/taken.flat" >"$tmp/back"
	[ -s "$tmp/there" ] && cmp -s "$tmp/there" "$tmp/back"
	result 'hep: kamailio sends: the same calls' $? \
		"$(diff "$tmp/there" "$tmp/back" | head -n 5)"
	same 'hep: rtpengine sends RTCP' \
		"$(values summary rtcp "$tmp/taken.flat")" \
		"$(values summary rtcp)"
else
	echo 'SKIP hep: kamailio sends: no python3'
fi

# --- beside an interface ------------------------------------------------------

if [ "$(id -u)" -eq 0 ] && [ -e /sys/class/net/lo ]; then
	listen udp -i lo
	send "udp:127.0.0.1:$port" "$samples/cancel.pcap"
	finish
	same 'hep: with -i: the call is there' "$(values call state \
		"$tmp/taken.flat" | sort -u) $(taken)" 'cancelled 6'
else
	echo 'SKIP hep: with -i: needs root'
fi
