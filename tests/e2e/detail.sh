#!/bin/sh
# What the viewer tells of one call: record, messages, timeline, packets,
# sound, legs; over all samples, against the report and the packets' bytes.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

if ! "$CALLSCOPE" serve --help >/dev/null 2>&1; then
	echo 'SKIP detail: this program was built without the viewer'
	exit 0
fi
dir=$tmp/data
server=

# serve OPTION...: the viewer of the store, at a free port: $url, $token.
serve()
{
	rm -f "$tmp/serve"
	# 9 is the end of a pipe, below
	"$CALLSCOPE" serve -o "$dir" --http 127.0.0.1:0 "$@" 2>"$tmp/serve" \
		9>&- &
	server=$!
	url=
	while [ -z "$url" ] && kill -0 "$server" 2>/dev/null; do
		url=$(sed -n 's|.*viewer is at \(http://[^ ]*\)/$|\1/api/v1|p' \
			"$tmp/serve" 2>/dev/null)
	done
	[ -n "$url" ]
	result 'detail: it serves' $? "$(cat "$tmp/serve")"
}

unserve()
{
	[ -z "$server" ] || kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
	server=
}
trap 'unserve; rm -rf "$tmp"' EXIT

# login NAME ROLE: a token for it.
login()
{
	(umask 077 && echo "a long password of $1" >"$tmp/password")
	"$CALLSCOPE" user add "$1" --role "$2" -o "$dir" \
		--password-file "$tmp/password" >/dev/null 2>&1
	"$CALLSCOPE" user token "$1" -o "$dir" 2>/dev/null
}

# ask PATH: the status; the answer is left in the file answer.
ask()
{
	curl -s -o "$tmp/answer" -w '%{http_code}' \
		-H "Authorization: Bearer $token" "$url$1"
}

# says NAME TEXT: the answer has it.
says()
{
	grep -qF -- "$2" "$tmp/answer"
	result "$1" $? "$(head -c 300 "$tmp/answer")"
}

# --- all samples --------------------------------------------------------------

cat "$samples"/*.keylog >"$tmp/keys"
run -r "$samples" -o "$dir" --keys "$tmp/keys" --record-secrets \
	--json "$tmp/report" -q
same 'detail: the samples are stored' "$status" 0
token=$(login anna analyst)
serve
python3 "$CALLSCOPE_SRC/tests/e2e/detail.py" "$url" "$token" "$tmp/report" \
	"$dir" "$tmp" 2>"$tmp/err"
result 'detail: all calls were asked for' $?

# What can be had of a call is one thing after the other; others are refused.
uid=$(sql "$dir/callscope.db" \
	"SELECT uid FROM cdr WHERE type = 'call' AND a_packets > 0 LIMIT 1")
for path in "/calls/$uid/peaks?points=0" "/calls/$uid/pcap?format=mp3" \
	"/calls/$uid/pcap?legs=2" "/export/pcap?q=nonsense:1"; do
	same "detail: refused: $path" "$(ask "$path" | sed "s/$uid/UID/")" 400
done
for path in '' /json /messages /timeline /legs /peaks /pcap /wav; do
	same "detail: no such call: $path" \
		"$(ask "/calls/01ARZ3NDEKTSV4RRFFQ69G5FAV$path")" 404
	same "detail: no uid at all: $path" "$(ask "/calls/no-uid$path")" 404
done

# --- where each side was ------------------------------------------------------

# Of sessions as the terminal's table has it; none is without.
run -r "$samples/cc-relay.pcap" -r "$samples/cc-fail.pcap" \
	-r "$samples/cc-direct.pcap" -o "$tmp/table" --db none --record none --utc
awk '$3 ~ /:/ && $4 ~ /:/ { print $3, $4 }' "$tmp/out" >"$tmp/wanted"
ask '/calls?limit=1000' >/dev/null
python3 - "$tmp/answer" "$tmp/wanted" >"$tmp/got" 2>&1 <<'EOF'
import json, sys
calls = json.load(open(sys.argv[1]))["calls"]
pairs = {f'{c["a_addr"]} {c["b_addr"]}' for c in calls}
wanted = open(sys.argv[2]).read().splitlines()
print(len(wanted), [w for w in wanted if w not in pairs],
      [c["uid"] for c in calls if not c["a_addr"] or not c["b_addr"]])
EOF
same 'detail: where sessions were' "$(cat "$tmp/got")" '3 [] []'

# --- legs ---------------------------------------------------------------------

leg=$(sql "$dir/callscope.db" "SELECT uid FROM cdr WHERE group_id IN
	(SELECT group_id FROM cdr WHERE group_id IS NOT NULL
	GROUP BY group_id HAVING COUNT(*) > 1) LIMIT 1")
if [ -n "$leg" ]; then
	sql "$dir/callscope.db" "SELECT uid FROM cdr WHERE group_id =
		(SELECT group_id FROM cdr WHERE uid = '$leg')" | sort \
		>"$tmp/wanted"
	ask "/calls/$leg/legs" >/dev/null
	python3 -c 'import json, sys
print("\n".join(sorted(c["uid"] for c in json.load(sys.stdin)["calls"])))' \
		<"$tmp/answer" >"$tmp/got"
	same 'detail: legs: the group' "$(cat "$tmp/got")" "$(cat "$tmp/wanted")"
	same 'detail: legs: in one pcap: status' \
		"$(ask "/calls/$leg/pcap?legs=1")" 200
	report -r "$tmp/answer"
	same 'detail: legs: in one pcap: all of them' \
		"$(values call uid | sort)" "$(cat "$tmp/wanted")"
else
	echo 'FAIL detail: legs: no sample has any'
fi
ask "/calls/$uid/legs" >/dev/null
says 'detail: legs: without others itself' "\"uid\":\"$uid\""

# --- of a search --------------------------------------------------------------

same 'detail: export: status' "$(ask '/export/pcap?q=codec:PCMA&limit=3')" 200
report -r "$tmp/answer"
same 'detail: export: three calls' "$(values call uid | wc -l | tr -d ' ')" 3
same 'detail: export: nothing found' "$(ask '/export/pcap?q=agent:nobody')" 404

# --- what is gone -------------------------------------------------------------

rm -f "$dir/$(sql "$dir/callscope.db" \
	"SELECT pcap FROM cdr WHERE uid = '$uid'")"
same 'detail: gone: pcap' "$(ask "/calls/$uid/pcap?format=pcapng")" 409
says 'detail: gone: it says so' 'is gone (deleted'
ask "/calls/$uid/timeline" >/dev/null
says 'detail: gone: the slices of the store' '"source":"slices","why":"'
ask "/calls/$uid/messages" >/dev/null
says 'detail: gone: messages without text' '"text":"none","why":"'
python3 - "$tmp/answer" <<'END' >"$tmp/err" 2>&1
import json, sys
rows = json.load(open(sys.argv[1]))["messages"]
assert rows and all(m["text"] is None and m["src"] for m in rows), rows
END
result 'detail: gone: the rows are there' $?
ask "/calls/$uid/peaks" >/dev/null
says 'detail: gone: no waveform' '"available":false,"why":"'
unserve

# --- still going on -----------------------------------------------------------

# The beginning of a call, whose end does not come yet.
rm -rf "$dir"
mkfifo "$tmp/fifo"
"$CALLSCOPE" -r - -o "$dir" -q <"$tmp/fifo" >/dev/null 2>&1 &
reading=$!
exec 9>"$tmp/fifo"
head -c 250000 "$samples/opus-call.pcap" >&9
open=
tries=0
while [ -z "$open" ] && [ $tries -lt 2000 ]; do
	tries=$((tries + 1))
	open=$(find "$dir/spool/.open" -size +50k 2>/dev/null | head -n 1)
done
uid=${open##*/}
uid=${uid%%.*}
token=$(login anna analyst)
serve
same 'detail: open: its record so far' "$(ask "/calls/$uid")" 200
says 'detail: open: it is active' '"state":"active"'
ask "/calls/$uid/messages" >/dev/null
says 'detail: open: its messages' '"method":"INVITE","status":200'
says 'detail: open: with text' '"text":"whole","why":null'
ask "/calls/$uid/timeline" >/dev/null
says 'detail: open: its timeline' '{"source":"packets","why":null'
ask "/calls/$uid/peaks" >/dev/null
says 'detail: open: its sound' '{"available":true'
same 'detail: open: its packets' "$(ask "/calls/$uid/pcap")" 200
exec 9>&-
wait "$reading"
same 'detail: open: over' "$(ask "/calls/$uid")" 200
unserve

# --- masked -------------------------------------------------------------------

# Numbers of both sides, in URIs, names, an identity, a Call-ID and a reason.
rm -rf "$dir"
head='Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: "Tel 0301234567" <sip:+49301234567@x>;tag=1\r\nTo: <sip:+442071838750@x>\r\nCall-ID: 49301234567-c\r\nCSeq: 1 INVITE\r\nP-Asserted-Identity: <tel:+49301234567>\r\nContact: <sip:+49301234567@10.0.0.1>\r\n\r\n'
from='From: <sip:+49891234567@x>;tag=9\r\nTo: <sip:+49891234567@x>'
register="Via: SIP/2.0/UDP h;branch=z9hG4bK7\\r\\n$from\\r\\nCall-ID: r\\r\\nCSeq: 1 REGISTER\\r\\nContact: <sip:+49891234567@10.0.0.1>;expires=60\\r\\n\\r\\n"
options="Via: SIP/2.0/UDP h;branch=z9hG4bK8\\r\\n$from\\r\\nCall-ID: o\\r\\nCSeq: 1 OPTIONS\\r\\n\\r\\n"
printf '%s udp %s %s %s\n' \
	0 10.0.0.1:5060 10.0.0.2:5060 "INVITE sip:+442071838750@x SIP/2.0\\r\\n$head" \
	1 10.0.0.2:5060 10.0.0.1:5060 "SIP/2.0 486 +442071838750 is busy\\r\\n$head" \
	2 10.0.0.1:5060 10.0.0.2:5060 "REGISTER sip:x SIP/2.0\\r\\n$register" \
	3 10.0.0.2:5060 10.0.0.1:5060 "SIP/2.0 200 OK\\r\\n$register" \
	4 10.0.0.1:5060 10.0.0.2:5060 "OPTIONS sip:x SIP/2.0\\r\\n$options" \
	5 10.0.0.2:5060 10.0.0.1:5060 "SIP/2.0 200 OK\\r\\n$options" |
	"$tools/made" "$tmp/numbers.pcap"
run -r "$tmp/numbers.pcap" -o "$dir" -q
viewer=$(login vera viewer)
analyst=$(login anna analyst)
echo 'viewer-mask-numbers = 5' >"$tmp/conf"
serve -c "$tmp/conf"
uid=$(sql "$dir/callscope.db" 'SELECT uid FROM cdr')
token=$analyst
ask "/calls/$uid" >/dev/null
says 'detail: masked: an analyst sees numbers' '"user":"+49301234567"'
token=$viewer
ask "/calls/$uid" >/dev/null
says 'detail: masked: the first digits stay' '"user":"+49301xxxxxx"'
for path in "/calls/$uid" "/calls/$uid/json" "/calls/$uid/messages" \
	"/calls/$uid/timeline" "/calls/$uid/legs" /calls '/calls?format=csv' \
	'/calls?format=jsonl' /registrations /transactions /stats /live; do
	same "detail: masked: $path answers" "$(ask "$path")" 200
	grep -oE '49301234567|0301234567|442071838750|49891234567|234567|838750' \
		"$tmp/answer" >"$tmp/err"
	[ ! -s "$tmp/err" ]
	result "detail: masked: $path has no number" $?
done
ask "/calls/$uid/messages" >/dev/null
says 'detail: masked: no text for viewers' '"text":"none","why":"the text of'
for path in /pcap /wav /peaks; do
	same "detail: masked: $path is not for viewers" \
		"$(ask "/calls/$uid$path")" 403
done
same 'detail: masked: nor is /export/pcap' "$(ask /export/pcap)" 403
