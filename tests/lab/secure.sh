#!/bin/bash
# Encrypted media between phones: SDES and DTLS-SRTP. secure.sh
# [SCENARIO...], see lib.sh.
# shellcheck disable=SC2119 # tap takes options, not ours
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# pair ENC [MORE]: two phones with that media encryption, no proxy.
pair() {
	lab_up 3
	count 2 10000-20000
	count 3 10000-20000
	phone 2 alice "regint=0;audio_codecs=pcma;mediaenc=${1%none}${2:-}"
	phone 3 bob "regint=0;audio_codecs=pcma;answermode=auto;mediaenc=${1%none}${2:-}"
}

talk() {
	tell 2 dial "sip:bob@10.77.0.3"
	heard 2 'Call established'
	sleep "$1"
}

# press HOST DIGIT...
press() {
	local host=$1 digit
	shift
	for digit in "$@"; do
		tell "$host" sndcode "$digit"
		sleep 0.6
	done
}

# Keys in the SDP (RFC 4568), digits (RFC 4733) inside the SRTP, SRTCP.
rec_sdes_call() {
	pair srtp-mand
	tap
	talk 2
	press 2 4 7 1 1 '#'
	press 3 9
	sleep 5
	tell 2 hangup
	untap
	keep 2 3
}

# Hold and resume by both sides: four re-INVITEs, with whatever keys the
# phones then offer.
rec_sdes_hold() {
	pair srtp-mand
	tap
	talk 2
	tell 2 hold
	sleep 1
	tell 2 resume
	sleep 2
	tell 3 hold
	sleep 1
	tell 3 resume
	sleep 2
	tell 2 hangup
	untap
	keep 2 3
}

# relayed "FLAGS OF THE OFFER": through kamailio and rtpengine, which has
# keys of its own on either side.
relayed() {
	lab_up 3
	relay 1
	proxy 1 RELAY "OFFER=\"replace-origin $1\""
	count 1 30000-30100
	PROXY=10.77.0.1
	user 2 alice "${2:-srtp-mand}"
	user 3 bob "${3:-srtp-mand}"
	tap
	tell 2 dial sip:bob@10.77.0.1
	heard 2 'Call established'
	press 2 1 2
	sleep 0.5
	tell 2 hangup
	untap
	keep 1 2 3
}

user() {
	count "$1" 10000-20000
	phone "$1" "$2" "regint=600;audio_codecs=pcma;answermode=auto;mediaenc=${3%none}"
	heard "$1" '200 OK'
}

# The relay offers the second phone every suite it has.
rec_sdes_relay() {
	relayed ''
}

# no SUITE...: the flags that keep these out of the offer of the relay.
no() {
	printf 'SDES-no-%s ' "$@"
}

cm=(AES_CM_128_HMAC_SHA1_80 AES_CM_128_HMAC_SHA1_32)

# Plain RTP on the first hop. The first suites of the offer on the second
# are none that the phone has: it takes the fifth line, with the 32-bit tag.
rec_sdes_32() {
	relayed "RTP/SAVP $(no AEAD_AES_256_GCM AEAD_AES_128_GCM "${cm[0]}")" none
}

rec_sdes_gcm() {
	relayed "RTP/SAVP $(no "${cm[@]}" AEAD_AES_256_GCM)" none
}

rec_sdes_gcm256() {
	relayed "RTP/SAVP $(no "${cm[@]}" AEAD_AES_128_GCM)" none
}

# The relay was told to use no suite that the first phone offers: its answer
# is RTP/SAVP without a key, and nothing is forwarded.
rec_sdes_no_key() {
	relayed "$(no AEAD_AES_256_GCM AEAD_AES_128_GCM "${cm[0]}")"
}

# SRTP on the first hop, plain RTP on the second.
rec_sdes_half() {
	relayed 'RTP/AVP' srtp-mand none
}

# DTLS-SRTP with ICE: an association for RTP and one for RTCP.
rec_dtls_call() {
	dtls_talk
}

# The same on one port.
rec_dtls_mux() {
	RTCP_MUX=yes dtls_talk
}

dtls_talk() {
	keys
	pair dtls_srtp ';medianat=ice'
	tap
	talk 2
	press 2 8 5
	sleep 2
	tell 2 hangup
	untap
	keep 2 3
}

# SIP over TLS 1.3 between the phones, plain RTP; and with SDES inside.
rec_sip_tls() {
	tls_talk none
}

rec_sip_tls_sdes() {
	tls_talk srtp-mand
}

# OpenSSL is told to go no higher than TLS 1.2.
rec_sip_tls12() {
	cat >"$lab/openssl.cnf" <<-'END'
	openssl_conf = all
	[all]
	ssl_conf = ssl
	[ssl]
	system_default = most
	[most]
	MaxProtocol = TLSv1.2
	END
	export OPENSSL_CONF=$lab/openssl.cnf
	tls_talk srtp-mand
}

tls_talk() {
	TRANSPORT=tls
	keys
	pair "$1"
	tap
	tell 2 dial "sip:bob@10.77.0.3"
	heard 2 'Call established'
	press 2 6 3
	sleep 0.5
	tell 3 hangup
	sleep 1
	untap
	keep 2 3
}

# DTLS 1.0: OpenSSL is told so.
rec_dtls10() {
	cat >"$lab/openssl.cnf" <<-'END'
	openssl_conf = all
	[all]
	ssl_conf = ssl
	[ssl]
	system_default = least
	[least]
	MinProtocol = DTLSv1
	MaxProtocol = DTLSv1
	CipherString = ALL:@SECLEVEL=0
	END
	export OPENSSL_CONF=$lab/openssl.cnf
	keys
	RTCP_MUX=yes
	pair dtls_srtp ';medianat=ice'
	tap
	talk 2
	tell 2 hangup
	untap
	keep 2 3
}

# DTLS-SRTP on the first hop, SDES on the second; the relay's keys too.
rec_dtls_to_sdes() {
	keys
	RTCP_MUX=yes
	relayed 'RTP/SAVP DTLS=off ICE=remove rtcp-mux-demux' \
		'dtls_srtp;medianat=ice'
}

# A proxy changes the key in the offer; the tap sees the second hop only.
rec_sdes_wrong_key() {
	lab_up 3
	proxy 1 'OFFERED="/inline:..../inline:AAAA/"'
	PROXY=10.77.0.1
	user 2 alice srtp-mand
	user 3 bob srtp-mand
	tap not '(host 10.77.0.2 and port 5060)'
	tell 2 dial sip:bob@10.77.0.1
	heard 2 'Call established'
	sleep 4
	tell 2 hangup
	untap
	keep 2 3
}

# Small segments, some lost before the tap and some behind it, so that the
# capture has holes that fill later, and data twice.
rec_sip_tls_loss() {
	local i
	TRANSPORT=tls
	keys
	pair srtp-mand
	for i in 2 3; do
		on "$i" ip link set eth0 mtu 400
		on "$i" nft "add table inet loss; add chain inet loss in {
			type filter hook input priority 0; };
			add rule inet loss in tcp dport != 4444 \
			meta length > 100 numgen inc mod 6 2 counter drop \
			comment \"lost behind the tap\""
		on sw nft "add table netdev loss$i; add chain netdev loss$i in {
			type filter hook ingress device \"port$i\" priority 0; };
			add rule netdev loss$i in tcp dport != 4444 \
			meta length > 100 numgen inc mod 6 4 counter drop \
			comment \"of host $i lost before the tap\""
	done
	tap
	tell 2 dial "sip:bob@10.77.0.3"
	heard 2 'Call established' 30
	sleep 2
	tell 2 hangup
	sleep 2
	untap
	for i in sw 2 3; do
		on "$i" nft list ruleset | sed -nE \
			"/the tap/s/.*packets ([0-9]+).*\"(.*)\".*/tcp segments \2 (host $i) \1/p"
	done >>"$lab/said"
	with_secrets
	keep 2 3
}

# Somebody on the way changes what the SDP says of the certificates; each
# phone then sees another one than it was told.
rec_dtls_forged() {
	local no='"/(fingerprint:SHA-256) ..:../\1 00:00/"'
	changed "OFFERED=$no" "ANSWERED=$no"
}

# The answer says a=setup:passive where the phone said active.
rec_dtls_roles() {
	changed 'ANSWERED="/setup:active/setup:passive/"'
}

changed() {
	lab_up 3
	keys
	proxy 1 "$@"
	PROXY=10.77.0.1
	RTCP_MUX=yes
	user 2 alice 'dtls_srtp;medianat=ice'
	user 3 bob 'dtls_srtp;medianat=ice'
	tap
	tell 2 dial sip:bob@10.77.0.1
	heard 2 'Call established'
	sleep 5
	tell 2 hangup
	sleep 0.5
	untap
	keep 2 3
}

# What is DTLS never reaches the first phone: the other tries again and
# again until the call is given up.
rec_dtls_stuck() {
	deaf 'udp dport 10000-20000 @th,64,8 20-63 counter drop'
	sleep 8
	tell 2 hangup
	sleep 0.5
	untap
	keep 2 3
}

# Every other DTLS datagram to the first phone, from the first on, is lost
# behind the tap: a handshake with retransmissions that comes to its end.
rec_dtls_retry() {
	deaf 'udp dport 10000-20000 @th,64,8 20-63 numgen inc mod 2 0 counter drop'
	heard 3 'DTLS-SRTP complete' 20
	sleep 2
	tell 2 hangup
	sleep 0.5
	untap
	keep 2 3
}

deaf() {
	RTCP_MUX=yes
	keys
	pair dtls_srtp ';medianat=ice'
	on 2 nft "add table ip deaf; add chain ip deaf in { type filter hook \
		input priority 0; }; add rule ip deaf in $1"
	tap
	tell 2 dial "sip:bob@10.77.0.3"
}

# linphone HOST USER SUITES [OPT]: a linphonec that makes new keys for each
# offer and answer. "line HOST COMMAND" types a command.
linphone() {
	local dir=$lab/p$1
	need linphonec
	mkdir -p "$dir/.local/share/linphone" "$dir/.config/linphone"
	# It asks its routes for its own address.
	on "$1" ip route add default via 10.77.0.1
	tone "$dir/in.wav" 8000 "$((300 + 100 * $1))"
	cat >"$dir/rc" <<-END
		[sip]
		sip_port=5060
		sip_tcp_port=0
		sip_tls_port=0
		contact=sip:$2@10.77.0.$1
		media_encryption=srtp
		media_encryption_mandatory=1
		srtp_crypto_suites=$3
		keep_srtp_keys=0
		default_proxy=-1
		[rtp]
		audio_rtp_port=$((12000 + 2 * $1))
		[net]
		adaptive_rate_control=0
		[video]
		enabled=0
	END
	mkfifo "$dir/typed"
	: >"$dir/log"
	# Open for as long as the lab is, so that it never sees an end.
	sleep 600 >"$dir/typed" &
	pids+=($!)
	HOME=$dir on "$1" linphonec -c "$dir/rc" "${@:4}" <"$dir/typed" \
		>"$dir/log" 2>&1 &
	pids+=($!)
	heard "$1" 'linphonec>'
	line "$1" 'soundcard use files'
	line "$1" "play $dir/in.wav"
}

line() {
	echo "$2" >"$lab/p$1/typed"
}

# linphones SUITES SUITES: alice's, bob's.
linphones() {
	lab_up 3
	count 2 12000-12100
	count 3 12000-12100
	linphone 2 alice "$1"
	linphone 3 bob "$2" -a
	tap
	line 2 'call sip:bob@10.77.0.3'
	heard 2 'connected'
	sleep 3
}

# Hold and resume with new keys in every offer and answer, at once in use.
rec_sdes_rekey() {
	linphones AES_CM_128_HMAC_SHA1_80 AES_CM_128_HMAC_SHA1_80
	line 2 pause
	sleep 1.5
	line 2 'resume 1'
	sleep 3
	line 2 terminate
	sleep 1
	untap
	keep 2 3
}

# Two keys are offered, the answer takes the second, AES-256.
rec_sdes_second() {
	linphones 'AES_CM_128_HMAC_SHA1_80, AES_256_CM_HMAC_SHA1_80' \
		AES_256_CM_HMAC_SHA1_80
	line 2 terminate
	sleep 1
	untap
	keep 2 3
}

scenarios "$@"
