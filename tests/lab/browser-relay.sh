#!/bin/bash
# Browsers behind relays and routers. browser-relay.sh [SCENARIO...], see
# pages.sh.
# shellcheck disable=SC2119 # tap takes options, not ours
# shellcheck source-path=SCRIPTDIR source=pages.sh
. "$(dirname "$0")/pages.sh"

stun='{"urls":"stun:10.77.0.4:3478"}'
turn='{"urls":"turn:10.77.0.4:3478?transport=udp","username":"lab","credential":"lab-secret"}'

# relay_at HOST [OPTION...]: a coturn there, without certificate no TLS.
relay_at() {
	local host=$1
	shift
	need turnserver
	on "$host" env "${KEYS[@]}" turnserver -n -L "10.77.0.$host" -E "10.77.0.$host" \
		-p 3478 --min-port 40000 --max-port 40999 -a -u lab:lab-secret \
		-r lab.example -b "$lab/turndb$host" --no-dtls --no-cli \
		--pidfile "$lab/turn$host.pid" -v --log-file stdout --simple-log \
		"$@" >"$lab/turn$host.log" 2>&1 &
	pids+=($!)
	for _ in $(seq 50); do
		on "$host" ss -lun | grep -q ":3478" && return
		sleep 0.1
	done
	cat "$lab/turn$host.log" >&2
	exit 1
}

# Both sides may use the relay only; what goes from relayed address to
# relayed address stays inside the server.
rec_cc_relay() {
	net
	relay_at 4
	both chromium chromium "rtc:{iceServers:[$turn],iceTransportPolicy:'relay'}" 3 hops=2
}

rec_ff_relay_keys() {
	net
	relay_at 4
	both firefox firefox "rtc:{iceServers:[$turn],iceTransportPolicy:'relay'}" 3 hops=2
}

rec_cc_turn_tcp() {
	net
	relay_at 4
	both chromium chromium "rtc:{iceServers:[${turn/=udp/=tcp}],iceTransportPolicy:'relay'}" 3 hops=2
}

# TURN over TLS; coturn tells its secrets.
rec_cc_turns() {
	local turns=${turn/turn:/turns:}
	turns=${turns/3478?transport=udp/5349?transport=tcp}
	net
	certificate
	keys
	relay_at 4 \
		--cert "$lab/cert.pem" --pkey "$lab/key.pem" --tls-listening-port 5349
	page 2 a chromium --ignore-certificate-errors
	page 3 b chromium --ignore-certificate-errors
	tap
	open "rtc:{iceServers:[$turns],iceTransportPolicy:'relay'}"
	up
	sleep 3
	finish hops=2 keys=tls
}

# Nothing passes between a and b directly: the relay wins, and one of the two
# is on its plain side.
rec_cc_turn_fallback() {
	net
	relay_at 4
	drop 2 'ip saddr 10.77.0.3 meta l4proto udp' 'udp of host 3 to host 2 lost behind the tap'
	drop 3 'ip saddr 10.77.0.2 meta l4proto udp' 'udp of host 2 to host 3 lost behind the tap'
	both chromium chromium "rtc:{iceServers:[$turn]}" 3 hops=2
}

# a behind the relay, b plain: both sides of the relay are in the capture.
rec_cc_relay_one() {
	net
	relay_at 4
	two chromium chromium
	tap
	open "rtc:{iceServers:[$turn],iceTransportPolicy:'relay'}" ''
	up
	sleep 3
	finish hops=2
}

# Each behind a relay of its own, on hosts 4 and 5.
rec_cc_relay_two() {
	net
	host_up 5
	relay_at 4
	relay_at 5
	two chromium chromium
	tap
	open "rtc:{iceServers:[$turn],iceTransportPolicy:'relay'}" \
		"rtc:{iceServers:[${turn/.4:/.5:}],iceTransportPolicy:'relay'}"
	up
	sleep 3
	finish hops=3
}

# A wrong password at the relay; the direct way works.
rec_cc_turn_denied() {
	net
	relay_at 4
	both chromium chromium "rtc:{iceServers:[${turn/lab-secret/wrong}]}" 2
}

# The relay may not send to b: 403 to CreatePermission, no connection.
rec_cc_turn_forbidden() {
	net
	relay_at 4 --denied-peer-ip=10.77.0.3
	two chromium chromium
	tap
	open "rtc:{iceServers:[$turn],iceTransportPolicy:'relay'}" ''
	fails a result=failed
}

# One allocation a user: 486 for b, which may use nothing but the relay.
rec_cc_turn_quota() {
	net
	relay_at 4 --user-quota=1
	two chromium chromium
	tap
	open "rtc:{iceServers:[$turn],iceTransportPolicy:'relay'}"
	ask a 'lab.call()' >/dev/null
	sleep 5
	ask all "lab.snap('end')" >/dev/null
	ask all 'lab.close()' >/dev/null
	untap
	truth result=unknown
}

# Hosts without a way to private addresses: what is sent there is sent to
# the web server, which has no use for it, and so is seen by the tap.
stray() {
	local host
	for host in "$@"; do
		on "$host" ip route add default via 10.77.0.1
	done
}

# A second tap, inside of the router of host 2: NAME-inside.pcap.
inside() {
	on 2 tcpdump -q --immediate-mode -B 16384 -i inside -U -Z root -w "$lab/inside" \
		2>"$lab/inside.log" &
	pids+=($!)
	until grep -qs listening "$lab/inside.log"; do sleep 0.1; done
}

# a behind a router that keeps ports, b outside.
rec_cc_nat() {
	net
	relay_at 4
	stray 3 4
	router 2 5 77 masquerade
	page 5 a chromium
	page 3 b chromium
	inside
	tap
	open "rtc:{iceServers:[$stun]}"
	up
	sleep 3
	finish
	cp "$lab/inside" "$LAB_OUT/$name-inside.pcap"
}

# two_nats CONFIG: both behind routers with another port for each remote.
two_nats() {
	net
	relay_at 4
	stray 4
	router 2 5 77 'masquerade fully-random'
	router 3 6 78 'masquerade fully-random'
	page 5 a chromium
	page 6 b chromium
	inside
	tap
	open "$1"
}

# No relay: no pair can work.
rec_cc_nat_sym() {
	two_nats "rtc:{iceServers:[$stun]}"
	fails all
	cp "$lab/inside" "$LAB_OUT/$name-inside.pcap"
}

rec_cc_nat_sym_relay() {
	two_nats "rtc:{iceServers:[$stun,$turn]}"
	up
	sleep 3
	finish hops=2
	cp "$lab/inside" "$LAB_OUT/$name-inside.pcap"
}

scenarios "$@"
