#!/bin/sh
# callscope export: what was stored comes out again, as rows, packets, sound.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

dir=$tmp/data

# export OPTION...: from the store that holds all samples.
export_()
{
	run export -o "$dir" "$@"
}

# says NAME TEXT: standard error or output has it.
says()
{
	grep -qF -- "$2" "$tmp/out" "$tmp/err"
	result "$1" $? "it says: $(cat "$tmp/out" "$tmp/err" | head -c 300)"
}

# uid SAMPLE: of the call in it that begins first.
uid()
{
	run -r "$samples/$1" -o "$tmp/one" --db none --record none -q \
		--json "$tmp/one.jsonl"
	sed -n 's/^{"type":"[cs][ae][ls][a-z]*","uid":"\([^"]*\)".*/\1/p' \
		"$tmp/one.jsonl" | sort | sed -n 1p
}

run -r "$samples" -o "$dir" --json "$tmp/report" -q
same 'export: the samples are stored' "$status" 0

# --- rows ---------------------------------------------------------------------

grep -E '^\{"type":"(call|session)"' "$tmp/report" | sort >"$tmp/wanted"
export_ --json
same 'export json: status' "$status" 0
sort "$tmp/out" >"$tmp/got"
cmp "$tmp/got" "$tmp/wanted" >"$tmp/why" 2>&1
result 'export json: equals the report, byte for byte' $? "$(cat "$tmp/why")"

records=$(awk 'END { print NR }' "$tmp/wanted")
export_ --csv --to "$tmp/all.csv"
says 'export csv: says what was written' "$tmp/all.csv: $records calls"
python3 - "$tmp/all.csv" "$tmp/wanted" <<'END' >"$tmp/why" 2>&1
import csv, json, sys
rows = {r["uid"]: r for r in csv.DictReader(open(sys.argv[1], newline=""))}
calls = [json.loads(line) for line in open(sys.argv[2])]
assert len(rows) == len(calls), (len(rows), len(calls))
for c in calls:
    r = rows[c["uid"]]
    for name in "type", "sensor", "call_id", "state", "start", "reason":
        assert r[name] == (c[name] or ""), (c["uid"], name, r[name])
    for side in "caller", "callee":
        for name in "user", "uri", "agent", "addr":
            wanted = (c[side] or {}).get(name) or ""
            assert r[f"{side}_{name}"] == wanted, (c["uid"], side, name)
    assert r["end_time"] == (c["end"] or ""), c["uid"]
    wanted = c["a"]["mos"]["adaptive"]
    assert (float(r["a_mos_adaptive"]) if wanted else r["a_mos_adaptive"]) \
        == (wanted or ""), c["uid"]
    wanted = c["duration_ms"]
    assert r["duration_ms"] == ("" if wanted is None else f"{wanted:.3f}")
assert not {"streams", "offers", "nat", "caller_user_rev"} & set(rows[c["uid"]])
END
result 'export csv: values are those of the report' $? "$(tail -n 1 "$tmp/why")"

# --- the search ---------------------------------------------------------------

count()
{
	export_ --csv "$@"
	sed 1d "$tmp/out" | grep -c .
}

cat >"$tmp/wanted.py" <<'END'
import json, sys
from datetime import datetime, timezone


def began(c):
    # A record without a start began when its uid says.
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    ms = 0
    for d in c["uid"][:10]:
        ms = ms * 32 + digits.index(d)
    at = datetime.fromtimestamp(ms / 1000, timezone.utc)
    return c["start"] or at.strftime("%Y-%m-%dT%H:%M:%S")


def sides(c, name):
    return [(c[s] or {}).get(name) or "" for s in ("caller", "callee")]


def ips(c):
    return [a.rpartition(":")[0] for a in sides(c, "addr")]


calls = [json.loads(line) for line in open(sys.argv[1])]
print(sum(bool(eval(sys.argv[2], globals() | {"c": c})) for c in calls))
END

# wanted PYTHON: calls of the report for which it is true.
wanted()
{
	python3 "$tmp/wanted.py" "$tmp/wanted" "$1"
}

# finds NAME PYTHON OPTION...
finds()
{
	finds_name=$1 finds_wanted=$(wanted "$2")
	shift 2
	same "export: $finds_name" "$(count "$@")" "$finds_wanted"
	differ "export: $finds_name is not everything" "$finds_wanted" "$records"
}

basic=$(uid basic-call.pcap)
finds uid 'c["uid"] == "'"$basic"'"' --uid "$basic"
finds call-id 'c["call_id"] == "7a7e2cd5c3757b75"' --call-id 7a7e2cd5c3757b75
finds 'call-id twice' \
	'c["call_id"] in ("7a7e2cd5c3757b75", "fb21eb3106e9f8b1")' \
	--call-id 7a7e2cd5c3757b75 --call-id fb21eb3106e9f8b1
finds number '"carol" in sides(c, "user")' --number carol
finds 'number by its beginning' \
	'any(u.startswith("ca") for u in sides(c, "user"))' --number 'ca*'
finds 'number by its end' \
	'any(u.endswith("ob") for u in sides(c, "user"))' --number '*ob'
finds caller 'sides(c, "user")[0] == "bob"' --caller bob
finds callee 'sides(c, "user")[1] == "carol"' --callee carol
finds ip '"10.77.0.4" in ips(c)' --ip 10.77.0.4
finds 'ip of IPv6' '"[fd77::2]" in ips(c)' --ip fd77:0::2
finds subnet 'any(i in ("10.77.0.4", "10.77.0.5", "10.77.0.6", "10.77.0.7")
	for i in ips(c))' --ip 10.77.0.4/30
finds caller-ip 'ips(c)[0] == "10.77.0.4"' --caller-ip 10.77.0.4
finds callee-ip 'ips(c)[1] == "10.77.0.1"' --callee-ip 10.77.0.1
finds agent 'any(a.startswith("baresip") for a in sides(c, "agent"))' \
	--agent 'baresip*'
finds type 'c["type"] == "session"' --type session
finds state 'c["state"] == "cancelled"' --state cancelled
finds status '400 <= (c["status"] or 0) < 500' --status 4xx
finds 'status and state' 'c["status"] == 487 and c["state"] == "cancelled"' \
	--status 487 --state cancelled
finds mos-below 'any((c[s]["mos"]["adaptive"] or 9) < 3.5 for s in "ab")' \
	--mos-below 3.5
finds longer '(c["duration_ms"] or 0) >= 10000' --longer 10s
finds mos 'min([c[s]["mos"]["adaptive"] or 9 for s in "ab"]) < 3.5' \
	--mos '<3.5'
finds loss 'max([c[s]["loss_pct"] or 0 for s in "ab"]) > 1' --loss '>1'
finds jitter 'max([c[s]["jitter_ms"]["mean"] or 0 for s in "ab"]) > 1.5' \
	--jitter '>1.5'
finds rtt 'max([c[s]["rtt_ms_mean"] or 0 for s in "ab"]) >= 1' --rtt '>=1ms'
finds pdd '(c["pdd_ms"] or 0) > 100' --pdd '>0.1s'
finds duration '(c["duration_ms"] or 0) > 5000' --duration '>5'
finds codec '"opus" in (c["a"]["codec"], c["b"]["codec"])' --codec OPUS
finds transport 'c["transport"] == "tls"' --transport tls
finds kind 'c.get("kind") == "webrtc"' --kind webrtc
finds signalling 'c.get("signalling") == "json"' --signalling json
finds diag 'any(d["code"] == "loss" for d in c["diagnoses"])' --diag loss
finds ended-by 'c["ended_by"] == "callee"' --ended-by callee
finds user '"alice@lab.example" in ["%s@%s" % x for x in
	zip(sides(c, "user"), sides(c, "host"))]' --user alice@lab.example
finds 'number anywhere' 'any("aro" in u for u in sides(c, "user"))' \
	--number '*aro*'
same 'export: sensor' "$(count --sensor file)" "$records"
same 'export: trunk' "$(count --trunk none)" 0
finds shorter 'c["duration_ms"] is not None and c["duration_ms"] <= 1000' \
	--shorter 1000ms
finds from 'began(c) >= "2026-11-25"' --from 2026-11-25
finds until 'began(c) < "2026-11-23T01:30:00"' --until 2026-11-23T01:30
legs=$(python3 -c '
import collections, json, sys
n = collections.Counter(json.loads(l)["group_id"] for l in open(sys.argv[1]))
print(next(g for g in n if g and n[g] > 1))' "$tmp/wanted")
finds group 'c["group_id"] == "'"$legs"'"' --group "$legs"

export_ --csv --limit 2
same 'export: limit' "$(sed 1d "$tmp/out" | grep -c .)" 2
oldest=$(sed -n 2p "$tmp/out" | cut -c 1-26)
export_ --csv --newest
same 'export: newest first' "$(sed -n '$p' "$tmp/out" | cut -c 1-26)" "$oldest"

# --- packets ------------------------------------------------------------------

export_ --pcap --to "$tmp/pcaps/"
same 'export pcap: status' "$status" 0
pcaps "$dir" | while read -r file; do
	id=$(basename "$file" .pcap)
	[ ! -f "$tmp/pcaps/$id.pcap" ] || cmp "$file" "$tmp/pcaps/$id.pcap"
	[ -f "$tmp/pcaps/$id.pcap" ] || [ -f "$tmp/pcaps/$id.pcapng" ] ||
		echo "no $id"
done >"$tmp/why" 2>&1
[ ! -s "$tmp/why" ]
result 'export pcap: a file a call, as it was recorded' $? \
	"$(head -n 1 "$tmp/why")"
same 'export pcap: no more than these' \
	"$(find "$tmp/pcaps" -type f | grep -c .)" "$(pcaps "$dir" | grep -c .)"

# again FILE UID: the record of that call when the file is read.
again()
{
	run -r "$1" -o "$tmp/again" --db none --record none -q \
		--json "$tmp/again.jsonl"
	grep "\"uid\":\"$2\"" "$tmp/again.jsonl" |
		sed 's/"pcap":"*[^"]*"*}$//'
}
recorded()
{
	grep "\"uid\":\"$1\"" "$tmp/wanted" | sed 's/"pcap":"*[^"]*"*}$//'
}
export_ --pcapng --uid "$basic" --to "$tmp/basic.pcapng"
same 'export pcapng: the same call when it is read' \
	"$(again "$tmp/basic.pcapng" "$basic")" "$(recorded "$basic")"
ws=$(uid ws-deflate.pcap)
export_ --pcap --uid "$ws" --to "$tmp/ws.pcap"
says 'export pcap: a call that needs a pcapng' 'is a pcapng'
same 'export pcap: with its messages as they were read' \
	"$(again "$tmp/ws.pcap" "$ws")" "$(recorded "$ws")"

export_ --pcap --uid "$basic" --to -
cmp "$tmp/out" "$tmp/pcaps/$basic.pcap" >"$tmp/why" 2>&1
result 'export pcap: to standard output' $? "$(cat "$tmp/why")"

export_ --pcap --group "$legs" --merge --to "$tmp/merged.pcap"
says 'export merge: says what was written' 'packets of 2 calls'
merged=$(tail -n 1 "$tmp/out" | sed 's/.*: //')
same 'export merge: both legs are found in it' \
	"$(run -r "$tmp/merged.pcap" -o "$tmp/again" --db none --record none -q \
		--json - && grep -c "\"group_id\":\"$legs\"" "$tmp/out")" 2
first=$(grep "\"group_id\":\"$legs\"" "$tmp/wanted" |
	sed -n '1s/.*"uid":"\([^"]*\)".*/\1/p')
export_ --pcap --uid "$first" --legs --to "$tmp/legs/"
cmp "$tmp/legs/$first.pcap" "$tmp/merged.pcap" >"$tmp/why" 2>&1
result 'export legs: one file of the group' $? "$(cat "$tmp/why")"
export_ --pcap --uid "$first" --legs --merge --to "$tmp/legs.pcap"
cmp "$tmp/legs.pcap" "$tmp/merged.pcap" >"$tmp/why" 2>&1
result 'export legs: merged' $? "$(cat "$tmp/why")"
if command -v tcpdump >/dev/null; then
	tcpdump -tt -n -r - <"$tmp/merged.pcap" 2>"$tmp/err" |
		awk '$1 < last { bad++ }
			{ last = $1 }
			END { print bad + 0, (NR > 20) }' >"$tmp/order"
	same 'export merge: in order of time' "$(cat "$tmp/order")" '0 1'
else
	echo 'SKIP export merge: in order of time: there is no tcpdump'
fi

# --- sound --------------------------------------------------------------------

# tone SAMPLE [OPTION...]: what the call's WAV holds.
tone()
{
	tone_uid=$(uid "$1")
	shift
	export_ --wav --uid "$tone_uid" --to "$tmp/tone.wav" --force "$@"
	[ "$status" -ne 0 ] || "$CALLSCOPE_SRC/tests/e2e/tone.py" "$tmp/tone.wav"
}

same 'export wav: PCMA, caller left, callee right' "$(tone basic-call.pcap)" \
	'8000 | 500 0.0-11.0 | 600 0.0-11.0'
says 'export wav: says how long' '11.022 s from 2026-11-23T01:18:23.854192Z'
same 'export wav: G.722' "$(tone g722-call.pcap)" \
	'16000 | 500 0.0-6.1 | 600 0.0-6.1'
same 'export wav: each side once, though a relay is between' \
	"$(tone media-relay.pcap)" '8000 | 500 0.0-6.1 | 600 0.0-6.1'
opus=$(tone opus-call.pcap)
if grep -q 'define HAVE_AUDIO' "$CALLSCOPE_BUILD/config.h"; then
	same 'export wav: Opus' "$opus" '48000 | 440 0.0-11.1 | 440 0.0-11.1'
else
	says 'export wav: Opus, in a build without it' 'opus is not decoded'
fi
same 'export wav: SDES, keys in the call itself' "$(tone sdes-call.pcap)" \
	'8000 | 500 0.0-10.8 | 600 0.0-10.8'
same 'export wav: one side has another key' "$(tone sdes-wrong-key.pcap)" \
	'8000 | silent | 600 0.0-4.1'
says 'export wav: and says so' \
	'caller: AES_CM_128_HMAC_SHA1_80 is encrypted, and no key is known'

tone dtls-call.pcap >"$tmp/none"
same 'export wav: DTLS without keys: status' "$status" 3
says 'export wav: DTLS without keys' 'is encrypted, and no key is known'
same 'export wav: DTLS, keys that came later' \
	"$(tone dtls-call.pcap --keys "$samples/dtls-call.keylog")" \
	'8000 | 500 0.0-5.4 | 600 0.0-5.4'

# The keys of both offers, and media that nobody announced.
run -r "$samples/sdes-call.pcap" -f 'not port 5060' -o "$tmp/bare" -q
{
	echo '* AES_CM_128_HMAC_SHA1_80 o0pN8Jh7tuBAZmv7pq0mWRQzXYDaH3E/YBkKzp+k'
	echo '* AES_CM_128_HMAC_SHA1_80 huug86pSg0eTXjkMZ2O9F7iLwhBL9ff6oDpq5SVc'
} >"$tmp/srtp.keys"
chmod 600 "$tmp/srtp.keys"
run export -o "$tmp/bare" --wav --to "$tmp/bare.wav" \
	--srtp-keys "$tmp/srtp.keys"
same 'export wav: SRTP keys of a file' \
	"$("$CALLSCOPE_SRC/tests/e2e/tone.py" "$tmp/bare.wav")" \
	'8000 | 600 0.0-10.8 | 500 0.0-10.8'
run export -o "$tmp/bare" --wav --to "$tmp/bare.wav" --force \
	--srtp-keys "$tmp/none-there"
same 'export wav: a key file that is not there: status' "$status" 1
says 'export wav: a key file that is not there' "$tmp/none-there"

export_ --wav --uid "$basic" --to -
cp "$tmp/out" "$tmp/out.wav"
same 'export wav: to standard output' \
	"$("$CALLSCOPE_SRC/tests/e2e/tone.py" "$tmp/out.wav")" \
	'8000 | 500 0.0-11.0 | 600 0.0-11.0'
export_ --wav --ip 10.77.0.4 --to "$tmp/wavs/"
same 'export wav: a folder, some of it is silent: status' "$status" 3
[ "$(find "$tmp/wavs" -name '*.wav' | grep -c .)" -gt 1 ]
result 'export wav: a folder' $?

run -r "$samples/basic-call.pcap" -o "$tmp/heads" --record headers -q
run export -o "$tmp/heads" --wav --to "$tmp/heads.wav"
same 'export wav: recorded headers: status' "$status" 3
says 'export wav: recorded headers' 'PCMA was recorded without its payload'

echo 'spool-gzip = yes' >"$tmp/conf"
run -r "$samples/basic-call.pcap" -o "$tmp/gzipped" -q -c "$tmp/conf"
run export -o "$tmp/gzipped" --pcap --to "$tmp/gunzipped.pcap"
cmp "$tmp/gunzipped.pcap" "$tmp/pcaps/$basic.pcap" >"$tmp/why" 2>&1
result 'export pcap: out of a gzipped spool' $? "$(cat "$tmp/why")"
find "$tmp/gzipped/spool" -name '*.gz' -exec gunzip {} +
run export -o "$tmp/gzipped" --pcap --to "$tmp/renamed.pcap"
cmp "$tmp/renamed.pcap" "$tmp/pcaps/$basic.pcap" >"$tmp/why" 2>&1
result 'export pcap: under another name than the record says' $? \
	"$(cat "$tmp/why")"

# One file a minute: many calls in it, and the record names none.
echo 'spool-files = minute' >"$tmp/conf"
run -r "$samples" -o "$tmp/minutes" -q -c "$tmp/conf"
run export -o "$tmp/minutes" --pcap --uid "$basic" --to "$tmp/minute.pcap"
same 'export pcap: out of minutes: the same call when it is read' \
	"$(again "$tmp/minute.pcap" "$basic")" "$(recorded "$basic")"
run export -o "$tmp/minutes" --wav --uid "$basic" --to "$tmp/minute.wav"
same 'export wav: out of minutes' \
	"$("$CALLSCOPE_SRC/tests/e2e/tone.py" "$tmp/minute.wav")" \
	'8000 | 500 0.0-11.0 | 600 0.0-11.0'
run export -o "$tmp/minutes" --pcap --group "$legs" --merge \
	--to "$tmp/minute.merged"
same 'export merge: out of minutes' \
	"$(tail -n 1 "$tmp/out" | sed 's/.*: //')" "$merged"

# --- what is refused or missing -----------------------------------------------

# refuses NAME TEXT OPTION...
refuses()
{
	refuses_name=$1 text=$2
	shift 2
	export_ "$@"
	same "export: $refuses_name: status" "$status" 1
	says "export: $refuses_name" "$text"
}
refuses 'nothing found' 'no call was found' --json --call-id none
[ ! -s "$tmp/out" ]
result 'export: nothing found: nothing written' $?
refuses 'nothing found: no file' 'no call was found' --json --call-id none \
	--to "$tmp/none.json"
[ ! -e "$tmp/none.json" ]
result 'export: nothing found: no file is left' $?
refuses 'no format' 'choose one of' --uid "$basic"
refuses 'two formats' 'choose one of' --json --csv
refuses 'a bad value' '--status 9xx: give a status' --json --status 9xx
refuses 'a word' 'is no option' --json alice
refuses 'a file that is there' 'overwrite it with --force' --pcap \
	--uid "$basic" --to "$tmp/basic.pcapng"
refuses 'several into one file' 'more than one call was found' --pcap \
	--to "$tmp/several.pcap"
refuses 'rows into a folder' 'write one file' --json --to "$tmp"
refuses 'rows merged' '--merge is for' --json --merge
refuses 'merged into a folder' 'writes one file' --pcap --merge --to "$tmp"
refuses 'rows of legs' 'are found with --group' --json --legs
refuses 'no database' 'no database' --json --db none
refuses 'a folder that cannot be made' 'cannot make the folder' --pcap \
	--to "$tmp/no/folder/"
run export -o "$tmp/nowhere" --json
same 'export: no store: status' "$status" 1
says 'export: no store' 'there is no database'
export_ --csv --uid "$basic" --db "sqlite:$dir/callscope.db" -o "$tmp/nowhere"
same 'export: another database' "$status" 0

run -r "$samples/basic-call.pcap" -o "$tmp/unrecorded" --record none -q
run export -o "$tmp/unrecorded" --pcap --to "$tmp/"
same 'export: not recorded: status' "$status" 3
says 'export: not recorded' 'its packets were not recorded'
rm -r "$tmp/heads/spool"
run export -o "$tmp/heads" --pcap --merge --to "$tmp/gone.pcap"
same 'export: a recording that was deleted: status' "$status" 3
says 'export: a recording that was deleted' 'is gone'
[ ! -e "$tmp/gone.pcap" ]
result 'export: a recording that was deleted: no file is left' $?
find "$tmp" -name '.*.??????' >"$tmp/why"
[ ! -s "$tmp/why" ]
result 'export: no half of a file is left' $? "$(head -n 1 "$tmp/why")"
