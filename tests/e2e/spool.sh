#!/bin/sh
# The spool keeps itself: what a live capture deletes and what it does not,
# legal holds, compressed pcaps, a disk that runs full. Live parts need root
# and Linux's veth, those of the disk a tmpfs.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

basic=$samples/basic-call.pcap
near=cs-s$$ far=cs-r$$ pid=''
disk=''
clean()
{
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
	ip link del "$near" 2>/dev/null
	[ -z "$disk" ] || umount "$disk"
	rm -rf "$tmp"
}
trap clean EXIT

# What options.sh leaves to this file.
covers()
{
	: "$1"
}

# conf LINE...: the configuration file of the next runs.
conf()
{
	for line; do
		echo "$line"
	done >"$tmp/conf"
}

# index DIR: the lines of all indexes, without uids.
index()
{
	find "$1/spool" -name index -exec cat {} + | cut -d ' ' -f 2-
}

# kinds PCAP: its SIP and RTP packets.
kinds()
{
	report -r "$1"
	echo "$(values summary sip) $(values summary rtp)"
}

# --- compressed ---------------------------------------------------------------

run -r "$basic" -o "$tmp/plain" --json "$tmp/plain.json" -q
conf 'spool-gzip = yes'
run -c "$tmp/conf" -r "$basic" -o "$tmp/gz" --json "$tmp/gz.json" -q
same 'spool: gzip: status' "$status" 0
"$tools/flat" "$tmp/gz.json" >"$tmp/flat"
uid=$(values call uid)
same 'spool: gzip: the record names the file' \
	"$(cd "$tmp/gz" && find spool -name '*.pcap*')" "$(values call pcap)"
same 'spool: gzip: the database too' \
	"$(sql "$tmp/gz/callscope.db" 'SELECT pcap FROM cdr')" \
	"$(values call pcap)"
gzip -dc "$tmp/gz/$(values call pcap)" | cmp - "$(pcaps "$tmp/plain")" \
	>"$tmp/err" 2>&1
result 'spool: gzip: the same packets' $?
same 'spool: gzip: is read like any other' \
	"$(kinds "$(pcaps "$tmp/gz")")" "$(kinds "$(pcaps "$tmp/plain")")"
[ "$(wc -c <"$(pcaps "$tmp/gz")")" -lt "$(wc -c <"$(pcaps "$tmp/plain")")" ]
result 'spool: gzip: smaller' $?
run -r "$basic" -o "$tmp/gz" --db none -q
same 'spool: gzip: what knows no less replaces it' \
	"$(cd "$tmp/gz" && find spool -name '*.pcap*')" \
	"$(cd "$tmp/plain" && find spool -name '*.pcap*')"

covers spool-queue
# The least queue: everything is written all the same.
conf 'spool-queue = 64k'
run -c "$tmp/conf" -r "$basic" -o "$tmp/queue" --db none -q
cmp "$(pcaps "$tmp/queue")" "$(pcaps "$tmp/plain")" >"$tmp/err" 2>&1
result 'spool: a short queue' $?

# --- a file for each minute ---------------------------------------------------

conf 'spool-files = minute'
run -c "$tmp/conf" -r "$samples" -o "$tmp/minute" --db none \
	--json "$tmp/minute.json" -q
"$tools/flat" "$tmp/minute.json" >"$tmp/flat"
same 'spool: minute: records name no file' \
	"$({ values call pcap; values session pcap; } | sort -u)" null
same 'spool: minute: nothing but the files of minutes' \
	"$(find "$tmp/minute/spool" -type f ! -name index |
		grep -v '/[0-5][0-9]\.pcapng$')" ''
# All calls of the samples, and each has a line.
same 'spool: minute: a line for each call' \
	"$(find "$tmp/minute/spool" -name index -exec cat {} + |
		cut -d ' ' -f 1,2 | sort -u | wc -l | tr -d ' ')" \
	"$(run -r "$samples" -o "$tmp/calls" --db none -q
		pcaps "$tmp/calls" | wc -l | tr -d ' ')"
# Sections that follow each other: anyone reads them.
run -c "$tmp/conf" -r "$basic" -o "$tmp/one" -q
run -c "$tmp/conf" -r "$samples/busy-486.pcap" -o "$tmp/one" -q
for each in $(pcaps "$tmp/one"); do
	cat "$each"
done >"$tmp/both.pcapng"
report -r "$tmp/both.pcapng"
same 'spool: minute: its file is read whole' \
	"$status $(values call state | sort | tr '\n' ' ')" \
	'0 completed failed '

# One call is exported as if it had a file of its own.
for each in one gz; do
	run export -o "$tmp/$each" --uid "$uid" --pcap --to "$tmp/$each.pcap"
	cmp "$tmp/$each.pcap" "$(pcaps "$tmp/plain")" >"$tmp/err" 2>&1
	result "spool: export of $each" $?
done

# --- a killed run -------------------------------------------------------------

# Its parts are completed by the next run, whatever that reads.
mkdir -p "$tmp/killed/spool/.open"
head -c 100000 "$(pcaps "$tmp/plain")" \
	>"$tmp/killed/spool/.open/$uid.pcap.part"
run -r "$samples/busy-486.pcap" -o "$tmp/killed" --db none -q
same 'spool: killed: status' "$status" 0
grep -q 'spool: completed 1 recordings that a run before' "$tmp/err"
result 'spool: killed: says so' $?
left=$(pcaps "$tmp/killed" | grep "$uid")
same 'spool: killed: its part is whole' "$(kinds "$left" | cut -d ' ' -f 1)" 4
same 'spool: killed: status of the part' "$status" 0
same 'spool: killed: nothing is left' "$(find "$tmp/killed" -name '*.part')" ''

# --- holds --------------------------------------------------------------------

held()
{
	sql "$tmp/plain/callscope.db" 'SELECT held FROM cdr'
}

run hold -o "$tmp/plain" "$uid"
same 'spool: hold' "$status $(cat "$tmp/out") $(held)" "0 $uid: held 1"
same 'spool: hold: the list' "$(cat "$tmp/plain/spool/held")" "$uid"
run -r "$basic" -o "$tmp/plain" -q
same 'spool: hold: stays when the call is stored again' "$(held)" 1
run release -o "$tmp/plain" "$uid"
same 'spool: release' "$status $(cat "$tmp/out") $(held)" "0 $uid: released 0"
same 'spool: release: the list' "$(cat "$tmp/plain/spool/held")" ''
run hold -o "$tmp/plain" "$uid" 01KZZZZZZZZZZZZZZZZZZZZZZZ
same 'spool: hold: an unknown uid: status' "$status $(held)" '1 0'
grep -q 'no call 01KZZZZZZZZZZZZZZZZZZZZZZZ in the database' "$tmp/err"
result 'spool: hold: an unknown uid' $?
run hold -o "$tmp/plain" alice
grep -q "'alice' is no uid" "$tmp/err"
result 'spool: hold: what is no uid' $?
run hold -o "$tmp/plain"
same 'spool: hold: nothing' "$status" 1
run hold -o "$tmp/plain" --db none "$uid"
same 'spool: hold: no database' "$status $(cat "$tmp/plain/spool/held")" \
	"0 $uid"

# --- live ---------------------------------------------------------------------

if [ "$(id -u)" -ne 0 ]; then
	echo 'SKIP spool: live: needs root'
	exit 0
fi
if ! ip link add "$near" type veth peer name "$far" 2>"$tmp/err"; then
	echo "SKIP spool: live: no veth here: $(head -n 1 "$tmp/err")"
	exit 0
fi
for each in "$near" "$far"; do
	sysctl -q "net.ipv6.conf.$each.disable_ipv6=1" 2>/dev/null
	ip link set "$each" up
done

# says TEXT: on standard error, within a while.
says()
{
	until_true 20 grep -q "$1" "$tmp/err"
}

# listen DIR: with the lines of conf.
listen()
{
	: >"$tmp/err"
	"$CALLSCOPE" -i "$near" -o "$1" -c "$tmp/conf" --json "$tmp/live" \
		-f 'not arp' >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	says 'listening on' && return 0
	echo "FAIL spool: it does not listen: $(head -n 2 "$tmp/err")"
	exit 0
}

finish()
{
	kill -s TERM "$pid"
	until_true 20 ended "$pid" || kill -9 "$pid"
	wait "$pid"
	status=$?
	pid=
	"$tools/flat" "$tmp/live" >"$tmp/flat"
}

received()
{
	[ "$(cat "/sys/class/net/$near/statistics/rx_packets")" -ge "$1" ]
}

play()
{
	before=$(cat "/sys/class/net/$near/statistics/rx_packets")
	sent=$("$tools/replay" "$1" "$far")
	until_true 10 received $((before + sent))
}

# Two calls of 2023, each with signalling and media. The first is held.
for n in 1 2; do
	head="Via: SIP/2.0/UDP h;branch=z9hG4bK$n\\r\\nFrom: <sip:a@x>;tag=1\\r\\nTo: <sip:b@x>;tag=2\\r\\nCall-ID: c$n\\r\\nCSeq: 1 INVITE\\r\\n"
	sdp="Content-Type: application/sdp\\r\\n\\r\\nv=0\\r\\no=- 1 1 IN IP4 10.0.$n.1\\r\\ns=-\\r\\nc=IN IP4 10.0.$n.1\\r\\nt=0 0\\r\\nm=audio 4000 RTP/AVP 8\\r\\n"
	printf '%s\n' "0.$n udp 10.0.$n.1:5060 10.0.$n.2:5060 INVITE sip:b@x SIP/2.0\\r\\n$head$sdp"
	printf '%s\n' "1.$n udp 10.0.$n.2:5060 10.0.$n.1:5060 SIP/2.0 200 OK\\r\\n$head\\r\\n"
	awk -v n="$n" 'BEGIN {
		for (i = 0; i < 100; i++)
			printf "%.3f rtp=%d,8,%d,%d 10.0.%d.2:4002 10.0.%d.1:4000 *160\n",
				2 + n / 10 + i / 50, n, i, i * 160, n, n
	}'
done | sort -s -n -k 1,1 | "$tools/made" "$tmp/old.pcap"

old()
{
	rm -rf "$1"
	run -r "$tmp/old.pcap" -o "$1" -q
	first=$(pcaps "$1" | sed -n 1p)
	second=$(pcaps "$1" | sed -n 2p)
	uid=${first##*/} uid=${uid%.pcap}
}

covers keep-media
covers keep-signalling
old "$tmp/age"
same 'spool: old calls' "$(kinds "$first") $(kinds "$second")" '2 100 2 100'
run hold -o "$tmp/age" "$uid"
conf 'keep-media = 1h' 'keep-signalling = 0' 'disk-floor = 0'
listen "$tmp/age"
grep -q 'keeps recordings for ever, their media 1 hour, at most 100 %' \
	"$tmp/err"
result 'spool: says what is kept' $? "$(cat "$tmp/err")"
says 'spool: deleted the media of 1 calls of 2023-11-14/22h (.*): older than'
result 'spool: keep-media: says what went' $? "$(cat "$tmp/err")"
finish
same 'spool: keep-media: its media is gone' "$(kinds "$second")" '2 0'
same 'spool: keep-media: a held call is whole' "$(kinds "$first")" '2 100'
conf 'keep-signalling = 1h' 'disk-floor = 0'
listen "$tmp/age"
says 'spool: deleted the recordings of 1 calls of 2023-11-14/22h'
result 'spool: keep-signalling: says what went' $? "$(cat "$tmp/err")"
same 'spool: keep-signalling' "$(pcaps "$tmp/age")" "$first"
run release -o "$tmp/age" "$uid"
finish
conf 'keep-signalling = 1h' 'disk-floor = 0'
listen "$tmp/age"
says 'spool: deleted the recordings of 1 calls of 2023-11-14/22h'
result 'spool: released calls go' $? "$(cat "$tmp/err")"
finish
same 'spool: released calls: nothing is left' \
	"$(find "$tmp/age/spool" -name '2023*')" ''

covers spool-max-media
covers spool-max-signalling
old "$tmp/bytes"
conf 'keep-media = 0' 'keep-signalling = 0' 'disk-floor = 0' \
	'spool-max-media = 30k'
listen "$tmp/bytes"
says 'deleted the media of 1 calls .*: media is more than 30.7 kB'
result 'spool: spool-max-media' $? "$(cat "$tmp/err")"
finish
same 'spool: spool-max-media: the oldest went' \
	"$(kinds "$first") $(kinds "$second")" '2 0 2 100'
conf 'keep-media = 0' 'keep-signalling = 0' 'disk-floor = 0' \
	'spool-max-signalling = 1k'
listen "$tmp/bytes"
says 'deleted the recordings of 1 calls .*: signalling is more than 1.0 kB'
result 'spool: spool-max-signalling' $? "$(cat "$tmp/err")"
finish
same 'spool: spool-max-signalling: the oldest went' \
	"$(pcaps "$tmp/bytes")" "$second"

# --- a full disk --------------------------------------------------------------

covers disk-floor
mkdir "$tmp/disk"
if ! mount -t tmpfs -o size=4m tmpfs "$tmp/disk" 2>"$tmp/err"; then
	echo "SKIP spool: disk: no tmpfs here: $(head -n 1 "$tmp/err")"
	exit 0
fi
disk=$tmp/disk
# fill PERCENT: so much of it is used.
fill()
{
	size=$(df -k --output=size "$disk" | tail -n 1)
	rm -f "$disk/fill"
	used=$(df -k --output=used "$disk" | tail -n 1)
	head -c $(((size * $1 / 100 - used) * 1024)) /dev/zero >"$disk/fill"
}

conf 'disk-floor = 20' 'keep-media = 0' 'keep-signalling = 0' 'db = none'
fill 85
listen "$disk/data"
says 'spool: the disk of .* % left: media is not recorded now, signalling is'
result 'spool: low disk: says that media stops' $? "$(cat "$tmp/err")"
play "$basic"
finish
same 'spool: low disk: the record is whole' \
	"$(values call 'streams[].packets' | tr '\n' ' ')" '551 551 '
same 'spool: low disk: its packets are counted' \
	"$(counter record.media_left_out)" 1102
same 'spool: low disk: only the signalling is recorded' \
	"$(kinds "$(pcaps "$disk/data")" | cut -d ' ' -f 2)" 0
rm -rf "$disk/data"
fill 95
listen "$disk/data"
says 'nothing is recorded now'
result 'spool: lower disk: says that all stops' $? "$(cat "$tmp/err")"
play "$basic"
fill 10
says 'everything is recorded again'
result 'spool: room again: says so' $? "$(cat "$tmp/err")"
play "$samples/busy-486.pcap"
finish
same 'spool: lower disk: the records are there' \
	"$(values call state | tr '\n' ' ')" 'completed failed '
same 'spool: room again: the next call is recorded' \
	"$(values call pcap | head -n 1) $(pcaps "$disk/data" | wc -l)" 'null 1'

# The oldest goes when the disk is full.
old "$disk/data"
fill 85
listen "$disk/data"
says 'deleted the recordings of 2 calls .*: less than 21 % of the disk was'
result 'spool: full disk: the oldest goes' $? "$(cat "$tmp/err")"
finish
same 'spool: full disk: it is gone' "$(pcaps "$disk/data")" ''

# With files nothing is left out: what could not be written is said.
rm -rf "$disk/data"
fill 97
run -r "$basic" -o "$disk/data" --db none --json "$tmp/full" -q
same 'spool: no space with -r: status' "$status" 3
grep -q 'cannot write .*No space left' "$tmp/err"
result 'spool: no space with -r: says so' $? "$(cat "$tmp/err")"
for each in $(pcaps "$disk/data"); do
	report -r "$each"
	same 'spool: no space with -r: whole packets' "$status" 0
done
