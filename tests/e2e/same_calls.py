"""same_calls.py FILE-REPORT LIVE-REPORT [JITTER_MS]: whether a live capture saw
what was read from the file: calls with their messages, sessions, and the media
of both; with JITTER_MS the jitter, too, within that. A line for each of the first
differences, or "same CALLS STREAMS" if there is none."""

import json
import sys


def load(path):
    calls, streams = [], {}
    for line in open(path, encoding="utf-8"):
        record = json.loads(line)
        if record["type"] not in ("call", "session"):
            continue
        calls.append(record)
        for s in record["streams"]:
            key = (record["call_id"], s["src"], s["dst"], s["ssrc"])
            streams.setdefault(key, []).append(s)
    return calls, streams


def messages(call):
    return tuple((m["src"], m["dst"], m["method"], m["status"], m["cseq"],
                  m["len"]) for m in call["messages"])


def told(call):
    return (call["type"], call["call_id"], call["state"], call["status"],
            messages(call))


FIELDS = ("codec", "packets", "bytes", "lost", "duplicates", "out_of_order")

file_calls, file_streams = load(sys.argv[1])
live_calls, live_streams = load(sys.argv[2])
jitter_ms = float(sys.argv[3]) if len(sys.argv) > 3 else None
wrong = []

for what, a, b in (("only in the file", file_calls, live_calls),
                   ("only live", live_calls, file_calls)):
    there = [told(c) for c in b]
    for c in a:
        if told(c) in there:
            there.remove(told(c))
        else:
            wrong.append("%s: %s" % (what, str(told(c))[:300]))
for key in sorted(set(file_streams) | set(live_streams), key=str):
    a, b = file_streams.get(key, []), live_streams.get(key, [])
    if len(a) != len(b):
        wrong.append("%s: %d and %d streams" % (key, len(a), len(b)))
    for x, y in zip(a, b):
        for f in FIELDS:
            if x[f] != y[f]:
                wrong.append("%s: %s %s, live %s" % (key, f, x[f], y[f]))
        if jitter_ms is None or not x["jitter_ms"]:
            continue
        for f in ("mean", "max"):
            if abs(x["jitter_ms"][f] - y["jitter_ms"][f]) > jitter_ms:
                wrong.append("%s: jitter %s %s, live %s" %
                             (key, f, x["jitter_ms"][f], y["jitter_ms"][f]))
for line in wrong[:3]:
    print(line)
if not wrong:
    print("same %d %d" % (len(file_calls),
                          sum(len(v) for v in file_streams.values())))
