#!/usr/bin/env python3
"""What the viewer tells of each stored call, held against the report and the
packets: detail.py URL TOKEN REPORT DIR TMP. Lines PASS and FAIL."""

import json
import os
import re
import struct
import subprocess
import sys
import urllib.error
import urllib.request

url, token, report, data, tmp = sys.argv[1:6]
program = os.environ["CALLSCOPE"]
counted = {}
failed = {}


def get(path, method="GET", bearer=token, **headers):
    """Status, headers, body."""
    headers = {k.replace("_", "-"): v for k, v in headers.items()}
    rq = urllib.request.Request(url + path, method=method, headers={
        "Authorization": "Bearer " + bearer, **headers})
    try:
        with urllib.request.urlopen(rq, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as e:
        return e.code, e.headers, e.read()


def check(name, ok, why=""):
    counted[name] = counted.get(name, 0) + 1
    if not ok:
        failed.setdefault(name, []).append(str(why)[:300])


def near(a, b, by=0.0011):
    return (a is None) == (b is None) and (a is None or abs(a - b) <= by)


# --- the record --------------------------------------------------------------

def record(call, uid):
    status, headers, body = get(f"/calls/{uid}")
    check("the record is the report's", status == 200 and
          json.loads(body) == call, (uid, status, body[:200]))
    if status != 200:
        return
    tag = headers["ETag"]
    check("the same record is not sent again",
          get(f"/calls/{uid}", If_None_Match=tag)[0] == 304, uid)
    status, headers, again = get(f"/calls/{uid}/json")
    check("the record as a download", status == 200 and again == body and
          f'filename="{uid}.json"' in headers["Content-Disposition"], uid)


# --- messages ----------------------------------------------------------------

COLUMNS = ("time", "src", "dst", "transport", "method", "status", "cseq", "len",
           "retransmission", "copy_of")


def texts(call, uid, packets):
    status, _, body = get(f"/calls/{uid}/messages")
    check("messages: answered", status == 200, (uid, body))
    if status != 200:
        return
    told = json.loads(body)
    rows = told["messages"]
    if call["messages"]:
        check("messages: those of the record, in its order",
              [[m[c] for c in COLUMNS] for m in rows] ==
              [[m[c] for c in COLUMNS] for m in call["messages"]] and
              [m["n"] for m in rows] == list(range(len(rows))), uid)
        # Of a connection with holes some may lie in others' recordings.
        holes = any(m["transport"] == "tcp" for m in rows) and told["why"] == (
            "the recording lacks some messages")
        check("messages: all have their text", holes or
              told["text"] == "whole" and told["why"] is None,
              (uid, told["text"], told["why"]))
    elif call["signalling"]:
        check("messages: signalling that is not SIP has text", rows and
              told["text"] == "whole" and any(m["sdp"] for m in rows),
              (uid, told["why"]))
    else:
        check("messages: none", told["text"] == "none" and told["why"], uid)
    for m in rows:
        text = (m["text"] or "\\x").encode("utf-8")
        if b"\\x" in text: # not UTF-8
            continue
        first = text.split(b"\r\n")[0]
        if call["messages"]:
            check("messages: begin as their row says",
                  first.startswith(b"SIP/2.0 %d " % m["status"] if m["status"]
                                   else m["method"].encode() + b" "),
                  (uid, first))
            check("messages: are as long as their row says",
                  len(text) == m["len"], (uid, m["n"], len(text), m["len"]))
        if m["transport"] in ("udp", "tls", "ws", "wss") and len(text) < 1300:
            check("messages: the packets have these bytes", text in packets,
                  (uid, m["n"]))


# --- the timeline ------------------------------------------------------------

ARRAYS = ("t", "packets", "lost", "loss_pct", "jitter_ms", "jitter_ms_max",
          "delta_ms_max", "bitrate_kbps", "mos")


def most(values):
    return max((v for v in values if v is not None), default=None)


def line(told, s, x):
    where = (s["stream_uid"], x["packets"][:9])
    check("timeline: arrays are of one length",
          len({len(x[a]) for a in ARRAYS}) == 1, where)
    check("timeline: steps follow each other",
          all(b - a == told["step_ms"] for a, b in zip(x["t"], x["t"][1:])),
          where)
    check("timeline: packets add up", sum(x["packets"]) == s["packets"], where)
    check("timeline: losses add up", sum(x["lost"]) == s["lost"], where)
    check("timeline: runs of losses add up",
          sum(r["lost"] for r in x["losses"]) == s["lost"], where)
    check("timeline: runs of losses lie in the stream", all(
        x["t"][0] <= r["t"] <= x["t"][-1] + told["step_ms"]
        for r in x["losses"]), where)
    if s["jitter_ms"]["max"] is not None:
        check("timeline: the largest jitter", near(
            most(x["jitter_ms_max"]), s["jitter_ms"]["max"],
            0.0011 + s["jitter_ms"]["max"] / 1e5), where)
    if s["delta_ms"]["max"] is not None:
        check("timeline: the largest gap", near(
            most(x["delta_ms_max"]), s["delta_ms"]["max"],
            0.0011 + s["delta_ms"]["max"] / 1e5), where)
    check("timeline: a MOS where the stream has one",
          (most(x["mos"]) is None) == (s["mos"]["adaptive"] is None), where)
    check("timeline: gaps are gaps", all(
        (p == 0) == (b is None) for p, b in zip(x["packets"],
                                                x["bitrate_kbps"])), where)
    check("timeline: side", x["sender"] == {
        "caller": "a", "callee": "b"}.get(s["sender"], s["sender"]), where)
    if s["packets"] > 1 and s["codec"] and len(s["codecs"]) == 1:
        check("timeline: the codec", [c["codec"] for c in x["codecs"]] in
              ([s["codecs"][0]["codec"]], []), where)
    check("timeline: DSCP", x["dscp"] and
          s["dscp"] in [d["dscp"] for d in x["dscp"]], where)


def checks(call, told, uid):
    seen = {}
    for c in told["checks"]:
        key = (c["ice"], c["pair"], c["dir"], c["kind"])
        seen[key] = seen.get(key, 0) + 1
    for i, ice in enumerate(call["ice"]):
        for p, pair in enumerate(ice["pairs"]):
            for way in "ab", "ba":
                n = pair[way]
                check("timeline: checks are the pair's",
                      seen.get((i, p, way, "request"), 0) ==
                      n["requests"] + n["retransmissions"] and
                      seen.get((i, p, way, "error"), 0) == n["errors"] and
                      seen.get((i, p, way, "response"), 0) >= n["responses"],
                      (uid, i, p, way, n, seen))


def timeline(call, uid):
    status, _, body = get(f"/calls/{uid}/timeline")
    check("timeline: answered", status == 200, (uid, body))
    if status != 200:
        return
    told = json.loads(body)
    lines = {x["stream_uid"]: x for x in told["streams"]}
    check("timeline: from the packets, whole", told["source"] == "packets" and
          not told["truncated"], (uid, told["source"], told["why"]))
    check("timeline: all streams",
          sorted(lines) == sorted(s["stream_uid"] for s in call["streams"]),
          uid)
    for s in call["streams"]:
        if s["stream_uid"] in lines:
            line(told, s, lines[s["stream_uid"]])
        blocks = [r for r in told["rtcp"] if r["stream_uid"] == s["stream_uid"]
                  and r["type"] != "XR"]
        check("timeline: reports about a stream",
              len(blocks) == s["rtcp"]["rr"], (uid, len(blocks), s["rtcp"]))
        check("timeline: the largest share that a report has lost", near(
            most(r["fraction_lost_pct"] for r in blocks),
            s["rtcp"]["fraction_lost_max"]), uid)
        check("timeline: the longest round trip",
              not s["rtcp"]["rtt_ms_max"] or most(
                  r["rtt_ms"] for r in told["rtcp"]) is not None, uid)
    checks(call, told, uid)
    for n, d in enumerate(call["dtls"]):
        what = [x["what"] for x in told["dtls"] if x["dtls"] == n]
        check("timeline: a handshake's messages",
              "ClientHello" in what or not d["started"], (uid, what))


# --- files -------------------------------------------------------------------

def told_by(path, name):
    """The streams of the record that has that uid, or of the only one."""
    out = os.path.join(tmp, "again.jsonl")
    subprocess.run([program, "-r", path, "--json", out, "-q", "-o",
                    os.path.join(tmp, "again"), "--db", "none", "--record",
                    "none"], check=False, capture_output=True)
    with open(out, encoding="utf-8") as f:
        calls = [json.loads(x) for x in f]
    calls = [c for c in calls if c["type"] in ("call", "session")]
    mine = [c for c in calls if c["uid"] == name] or calls[:1]
    return mine[0]["streams"] if mine else []


def same_streams(a, b):
    return [(s["stream_uid"], s["packets"], s["lost"])
                              for s in a] == [
        (s["stream_uid"], s["packets"], s["lost"]) for s in b]


def pcaps(call, uid, recorded):
    path = os.path.join(tmp, "got.pcap")
    status, headers, body = get(f"/calls/{uid}/pcap")
    check("pcap: as recorded", status == 200 and body == recorded, uid)
    status, part_of, part = get(f"/calls/{uid}/pcap", Range="bytes=4-19")
    check("pcap: a range", status == 206 and part == body[4:20] and
          part_of["Content-Range"] == f"bytes 4-19/{len(body)}", uid)
    check("pcap: named after the call",
          f'filename="{uid}.pcap' in headers["Content-Disposition"], uid)
    for how in "?format=pcap&keys=0", "?format=pcapng", "?format=pcapng&keys=0":
        status, _, body = get(f"/calls/{uid}/pcap{how}")
        with open(path, "wb") as f:
            f.write(body)
        check("pcap: opens", status == 200 and body[:4] in (
            b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1", b"\x0a\x0d\x0d\x0a"),
            (uid, how))
        if how.endswith("pcapng"):
            check("pcap: has the same streams",
                  same_streams(told_by(path, uid), call["streams"]), uid)
        if "keys=0" in how:
            check("pcap: without keys", b"\x0a\x00\x00\x00" not in body[:4] and
                  b"KSLT" not in body, uid)


def loudest(body):
    """Of the left and the right channel."""
    n = (len(body) - 44) // 4
    v = struct.unpack(f"<{2 * n}h", body[44:44 + 4 * n])
    return max(map(abs, v[::2]), default=0), max(map(abs, v[1::2]), default=0)


def sound(call, uid):
    status, _, body = get(f"/calls/{uid}/peaks?points=200")
    peaks = json.loads(body)
    check("peaks: answered", status == 200, (uid, body))
    status, headers, body = get(f"/calls/{uid}/wav")
    heard = [s for s in call["streams"] if s["codec"] in (
        "PCMU", "PCMA", "G722", "opus") and (not s["srtp"] or s["decrypted"])]
    check("wav: there is sound, or a sentence", status == 200 or
          (status == 409 and not heard and json.loads(body)["error"]
           ["message"]), (uid, status, body[:200]))
    check("peaks: available when there is sound",
          peaks["available"] == (status == 200), (uid, peaks["why"]))
    if status != 200:
        check("peaks: say why not", peaks["why"] and not peaks["left"], uid)
        return
    left, right = loudest(body)
    check("wav: not silent", left or right, uid)
    check("peaks: as loud as the sound",
          near(max(peaks["left"]), left / 32768) and
          near(max(peaks["right"]), right / 32768), uid)
    check("peaks: as long as the sound", near(
        peaks["duration_ms"], (len(body) - 44) / 4 * 1000 / peaks["rate"]),
        uid)
    status, part_of, part = get(f"/calls/{uid}/wav", Range="bytes=44-1043",
                                If_Range=headers["ETag"])
    check("wav: a range", status == 206 and part == body[44:1044], uid)


# --- all of it ---------------------------------------------------------------

with open(report, encoding="utf-8") as f:
    lines = [json.loads(x) for x in f]
calls = [c for c in lines if c["type"] in ("call", "session")]
for one in calls:
    name = one["uid"]
    record(one, name)
    if not one["pcap"]:
        continue
    with open(os.path.join(data, one["pcap"]), "rb") as f:
        bytes_of = f.read()
    texts(one, name, bytes_of)
    timeline(one, name)
    pcaps(one, name, bytes_of)
    sound(one, name)

for name, n in counted.items():
    bad = failed.get(name)
    if bad:
        print(f"FAIL detail: {name}: {len(bad)} of {n}: {bad[0]}")
    else:
        print(f"PASS detail: {name} ({n})")
