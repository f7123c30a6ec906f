#!/bin/bash
# Browsers that call each other directly, or try to: what they do, how they
# tell each other, what their network does. browser.sh [SCENARIO...], see
# pages.sh.
# shellcheck disable=SC2119 # tap takes options, not ours
# shellcheck source-path=SCRIPTDIR source=pages.sh
. "$(dirname "$0")/pages.sh"

# Direct, as two pages of one office have it.
rec_cc_direct() {
	net
	both chromium chromium
}

rec_ff_direct() {
	net
	both firefox firefox
}

rec_ff_dtls12() {
	local old='media.peerconnection.dtls.version.max=771'
	net
	page 2 a firefox $old
	page 3 b firefox $old
	tap
	open
	up
	sleep 3
	finish
}

rec_fc_direct() {
	net
	both firefox chromium
}

# Firefox to Firefox with 10 of 100 RTP packets of a lost before the tap: with
# the keys the feedback can be read.
rec_ff_loss() {
	net
	lossy 2 'numgen random mod 100 < 10'
	both firefox firefox '' 5 lost=before
}

# Restarted by a in the middle.
rec_cc_restart() {
	net
	two chromium chromium
	tap
	open
	up
	sleep 2
	ask a 'lab.restart()' >/dev/null
	sleep 2
	finish
}

# Nothing by UDP ever reaches b.
rec_cc_fail() {
	net
	drop 3 'meta l4proto udp' 'udp to host 3 lost behind the tap'
	two chromium chromium
	tap
	open
	fails all lost=behind
}

# b goes deaf in mid call: consent is lost. The pages go on counting what
# they no longer send.
rec_cc_consent() {
	net
	two chromium chromium
	tap
	open
	up
	sleep 2
	drop 3 'meta l4proto udp' 'udp to host 3 lost behind the tap'
	ask all "lab.state('failed', 60)" >/dev/null
	finish lost=behind result=connected sent=unknown
}

# 10 of 100 RTP packets of a are lost before the tap.
rec_cc_loss() {
	net
	lossy 2 'numgen random mod 100 < 10'
	both chromium chromium '' 5 lost=before
}

# Without leave to use a camera host addresses are hidden behind mDNS names;
# for that Chromium needs a default route.
rec_cc_mdns() {
	net
	stray 2 3
	two chromium chromium
	tap
	open 'audio:false,video:false'
	up
	sleep 2
	finish
}

rec_cc_nontrickle() {
	net
	both chromium chromium 'whole:true' 2
}

# The tap leaves out the signalling.
rec_cc_unsignalled() {
	net
	two chromium chromium
	tap not tcp
	open
	up
	sleep 3
	finish signalling=none
}

# The tap sees what b sends and not what it gets.
rec_cc_one_way() {
	net
	two chromium chromium
	tap udp and not src host 10.77.0.2
	open
	up
	sleep 3
	finish signalling=none sees=b
}

rec_cc_http() {
	net
	both chromium chromium "signal:'poll'" 3
}

# WHIP: the server at b's host answers for it, b only receives.
rec_cc_whip() {
	SERVER=3
	web=http://10.77.0.3:8080/
	net
	two chromium chromium
	tap
	open "signal:'whip',data:false" "signal:'endpoint',audio:false,video:false,data:false,whole:true"
	up
	sleep 3
	finish signalling=whip
}

# Two layers of one picture by RID.
rec_cc_simulcast() {
	net
	two chromium chromium
	tap
	open "data:false,video:{width:640,height:360,rate:8},layers:[{rid:'h',maxBitrate:120000},{rid:'l',scaleResolutionDownBy:2,maxBitrate:40000}]" \
		'audio:false,video:false,data:false'
	up
	sleep 4
	finish
}

# Each m-line has a transport of its own.
rec_cc_bundle_none() {
	net
	both chromium chromium "split:true,rtc:{bundlePolicy:'max-compat'}" 3
}

# Video comes later, by a second offer.
rec_cc_late() {
	net
	two chromium chromium
	tap
	open "late:'video'"
	up
	sleep 2
	ask a 'lab.later()' >/dev/null
	sleep 3
	finish
}

# Both offer at the same time; b gives way.
rec_cc_glare() {
	net
	two chromium chromium
	tap
	open
	up
	sleep 2
	ask all 'lab.offer()' >/dev/null
	sleep 2
	finish
}

rec_cc_ipv6() {
	only_ipv4() { :; }
	net
	both chromium chromium '' 3
}

# What the WebSocket may do to a message: compressed, binary, in pieces.
rec_cc_deflate() {
	net deflate
	both chromium chromium '' 3
}

rec_cc_binary() {
	net
	both chromium chromium binary:true 3
}

rec_cc_pieces() {
	net pieces
	both chromium chromium '' 3
}

# Codecs.
rec_cc_h264() {
	net
	both chromium chromium "prefer:['h264']" 3
}

rec_cc_vp9() {
	net
	both chromium chromium "prefer:['vp9']" 3
}

rec_cc_av1() {
	net
	both chromium chromium "prefer:['av1']" 3
}

rec_cc_red() {
	net
	both chromium chromium "prefer:['red'],video:false" 3
}

scenarios "$@"
