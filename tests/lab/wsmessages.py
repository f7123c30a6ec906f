#!/usr/bin/env python3
"""wsmessages.py CAPTURE: SIP messages of WebSockets whose frames are
fragments, which tshark 4.0 does not join; in the lines of messages() in
truth.sh. The time is that of the segment with the last byte.
"""

import re
import sys

import wire


def joined(capture):
    """(time in us, source, message) of text and binary messages."""
    rest, parts = {}, {}
    for us, src, dst, data in wire.segments(capture, times=True):
        p = rest.get((src, dst), b"") + data
        if p[:4] in (b"GET ", b"HTTP") and b"\r\n\r\n" in p:
            p = p[p.index(b"\r\n\r\n") + 4:]
        while len(p) >= 2:
            size, at = p[1] & 127, 2
            if size > 125:
                at = 4 if size == 126 else 10
                size = int.from_bytes(p[2:at], "big")
            mask = p[at:at + 4] if p[1] & 128 else bytes(4)
            at += 4 if p[1] & 128 else 0
            if len(p) < at + size:
                break
            body = bytes(b ^ mask[i & 3]
                         for i, b in enumerate(p[at:at + size]))
            if p[0] & 15 < 3:
                whole = parts.pop((src, dst), b"") + body
                if p[0] & 128:
                    yield us, src, whole
                else:
                    parts[src, dst] = whole
            p = p[at + size:]
        rest[src, dst] = p


def one(pattern, text):
    found = re.search(pattern, text, re.M | re.I)
    return found.group(1) if found else "-"


def main():
    for us, src, message in joined(sys.argv[1]):
        text = message.decode()
        what = text.split(" ")[1 if text.startswith("SIP/2.0 ") else 0]
        print(src.rsplit(":", 1)[0], what, one(r"^Call-ID: (\S+)", text),
              one(r"^CSeq: (.*?)\r", text),
              one(r"^From: .*;tag=(\S+)", text),
              one(r"^To: .*;tag=(\S+)", text),
              one(r"^To: .*<sips?:([^>;]+)", text),
              one(r"^Expires: (\d+)", text), us, sep="\t")


main()
