#!/bin/bash
# Browsers as SIP phones (JsSIP). browser-sip.sh [SCENARIO...], see pages.sh.
# shellcheck disable=SC2119 # tap takes options, not ours
# shellcheck source-path=SCRIPTDIR source=pages.sh
. "$(dirname "$0")/pages.sh"

# sip SOCKET [MORE]: both pages are phones of the proxy at host 1.
sip() {
	[ -f "$here/browser/build/jssip.js" ] ||
		(cd "$here/browser" && npm run --silent build >/dev/null 2>&1)
	ask b "lab.open({name:'b',user:'bob',socket:'$1',${2:-}})" >/dev/null
	ask a "lab.open({name:'a',user:'alice',ends:true,socket:'$1',${2:-}})" >/dev/null
}

# up_sip: as up, by SIP.
up_sip() {
	ask a "lab.call('bob')" >/dev/null
	ask all "lab.state('connected')" >/dev/null
	sleep 0.5
	ask all "lab.snap('start')" >/dev/null
}

# SIP over WebSocket, media direct.
rec_jssip() {
	web=${web}phone
	net
	proxy 1 WS
	two chromium chromium
	tap
	sip ws://10.77.0.1:8088
	up_sip
	sleep 3
	finish type=call
}

# SIP over secure WebSocket; the browsers write the secrets of its TLS.
rec_jssip_wss() {
	local wss=(--ignore-certificate-errors ${TLS_MAX:+"--ssl-version-max=$TLS_MAX"})
	web=${web}phone
	net
	proxy 1 WS TLS
	page 2 a chromium "${wss[@]}" "--ssl-key-log-file=$lab/a.keylog"
	page 3 b chromium "${wss[@]}" "--ssl-key-log-file=$lab/b.keylog"
	tap
	sip wss://10.77.0.1:8443 video:true
	up_sip
	sleep 3
	finish type=call keys=tls
}

rec_jssip_wss12() {
	TLS_MAX=tls1.2
	rec_jssip_wss
}

# A browser calls a phone: DTLS-SRTP on one side of rtpengine, plain RTP on
# the other; the relay tells its secrets.
rec_jssip_baresip() {
	PROXY=10.77.0.1
	web=${web}phone
	net
	keys
	relay 1
	KEYS=()
	proxy 1 WS RELAY
	phone 3 bob 'regint=600;audio_codecs=pcma;answermode=auto'
	heard 3 '200 OK'
	count 3 10000-20000
	page 2 a chromium
	tap
	ask a "lab.open({name:'a',user:'alice',ends:true,alone:true,socket:'ws://10.77.0.1:8088'})" >/dev/null
	up_sip
	sleep 3
	finish type=call hops=2
}

scenarios "$@"
