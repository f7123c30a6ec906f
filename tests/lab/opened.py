#!/usr/bin/env python3
"""opened.py [--streams] CAPTURE [KEYLOG]: which SRTP of a capture opens with which keys.

An opinion of its own beside the program's: keys of SDES from the SDP as
tshark reads it (with the key log inside TLS too), of DTLS 1.0 and 1.2 from the
key log and the exporter; each stream is tried with each key. Packets inside
TURN channels and indications count on their leg. Output as for TRUTH, tab
separated: file, srtp, "source destination SSRC", field, value.

  suite      the suite whose tag fits
  opened     packets that authenticate, copies too
  closed     packets that do with no key
  keys       how many keys the stream used in turn
and "dtmf", the same key, rfc4733, digits (payload type 101) read in what was
opened; and "rtcp", SSRC spoken of, as in truth.sh, from plain RTCP and SRTCP
that opens. With --streams rows "stream" too: packets, lost, duplicates of all RTP,
for what tshark does not find inside TURN.
A stream whose payload has no more than 200 different bytes is a plain tone
and no "srtp".
"""

import base64
import hashlib
import hmac
import os
import re
import struct
import sys

import wire
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# name: bytes of key, salt, tag; GCM
SUITES = {
    "AES_CM_128_HMAC_SHA1_80": (16, 14, 10, False),
    "AES_CM_128_HMAC_SHA1_32": (16, 14, 4, False),
    "AES_256_CM_HMAC_SHA1_80": (32, 14, 10, False),
    "AES_256_CM_HMAC_SHA1_32": (32, 14, 4, False),
    "AEAD_AES_128_GCM": (16, 12, 16, True),
    "AEAD_AES_256_GCM": (32, 12, 16, True),
}
PROFILES = {1: "AES_CM_128_HMAC_SHA1_80", 2: "AES_CM_128_HMAC_SHA1_32",
            7: "AEAD_AES_128_GCM", 8: "AEAD_AES_256_GCM"}


def counter(key, iv, data):
    c = Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor()
    return c.update(data)


class Key:
    """A master key and what follows from it (RFC 3711, 4.3; RFC 7714)."""

    def __init__(self, suite, material):
        size, salt, self.tag, self.gcm = SUITES[suite]
        self.suite = suite
        master, self.master_salt = material[:size], material[size:size + salt]
        self.key = self.derive(master, 0, size)
        self.auth = self.derive(master, 1, 20)
        self.salt = self.derive(master, 2, salt)
        self.rtcp_key = self.derive(master, 3, size)
        self.rtcp_auth = self.derive(master, 4, 20)
        self.rtcp_salt = self.derive(master, 5, salt)

    def derive(self, master, label, size):
        x = bytearray(self.master_salt.ljust(14, b"\0"))
        x[7] ^= label
        return counter(master, bytes(x) + b"\0\0", bytes(size))

    def open(self, packet, head, roc):
        """The payload, or None where the tag does not fit."""
        seq = struct.unpack(">H", packet[2:4])[0]
        ssrc = packet[8:12]
        if self.gcm:
            iv = bytes(a ^ b for a, b in zip(
                self.salt, b"\0\0" + ssrc + struct.pack(">IH", roc, seq)))
            try:
                return AESGCM(self.key).decrypt(iv, packet[head:],
                                                packet[:head])
            except InvalidTag:
                return None
        body, tag = packet[:-self.tag], packet[-self.tag:]
        mac = hmac.new(self.auth, body + struct.pack(">I", roc), hashlib.sha1)
        if mac.digest()[:self.tag] != tag:
            return None
        iv = int.from_bytes(self.salt, "big") << 16
        iv ^= int.from_bytes(ssrc, "big") << 64
        iv ^= (roc << 16 | seq) << 16
        return counter(self.key, iv.to_bytes(16, "big"), body[head:])


    def open_rtcp(self, p):
        """RTCP of SRTCP, or None (RFC 3711, 3.4; RFC 7714, 9)."""
        if len(p) < 28:
            return None
        if self.gcm:
            index = p[-4:]
            iv = bytes(a ^ b for a, b in zip(
                self.rtcp_salt, b"\0\0" + p[4:8] + b"\0\0" +
                bytes([index[0] & 127]) + index[1:]))
            try:
                return p[:8] + AESGCM(self.rtcp_key).decrypt(
                    iv, p[8:-4], p[:8] + index)
            except InvalidTag:
                return None
        body, tag = p[:-10], p[-10:]
        if hmac.new(self.rtcp_auth, body, hashlib.sha1).digest()[:10] != tag:
            return None
        index = int.from_bytes(body[-4:], "big") & 0x7fffffff
        iv = int.from_bytes(self.rtcp_salt, "big") << 16
        iv ^= int.from_bytes(p[4:8], "big") << 64 ^ index << 16
        return body[:8] + counter(self.rtcp_key, iv.to_bytes(16, "big"),
                                  body[8:-4])


def sdes_keys(capture, keylog):
    text = wire.sdp(capture, keylog)
    seen = {}
    for suite, key in re.findall(r"crypto:\d+ (\S+) inline:([^\s|\\]+)", text):
        if suite in SUITES:
            seen[suite, key] = None
    return [Key(s, base64.b64decode(k + "=" * (-len(k) % 4)))
            for s, k in seen]


def prf(version, cipher, secret, seed, size):
    def expand(name, secret, seed):
        out, a = b"", seed
        while len(out) < size:
            a = hmac.new(secret, a, name).digest()
            out += hmac.new(secret, a + seed, name).digest()
        return out[:size]

    if version == 0xFEFF:
        half = (len(secret) + 1) // 2
        return bytes(a ^ b for a, b in zip(
            expand("md5", secret[:half], seed),
            expand("sha1", secret[-half:], seed)))
    # The suites with SHA-384.
    strong = cipher in (0xC02C, 0xC030, 0x009D, 0x009F, 0xC024, 0xC028)
    return expand("sha384" if strong else "sha256", secret, seed)


def dtls_keys(capture, keylog):
    if not keylog:
        return []
    secrets = {}
    for line in open(keylog, encoding="ascii"):
        word = line.split()
        if word and word[0] == "CLIENT_RANDOM":
            secrets[bytes.fromhex(word[1])] = bytes.fromhex(word[2])
    keys = []
    sides = wire.dtls(capture)
    for (src, dst), side in sides.items():
        if 2 not in side.messages:
            continue
        version, ours, cipher, profile = wire.server_hello(side.messages[2])
        if profile is None:
            continue
        suite = PROFILES[profile]
        size, salt = SUITES[suite][:2]
        # By channel the addresses are the relay's: any client will do.
        near = sides.get((dst, src))
        for other in [near] if near and 1 in near.messages \
                else sides.values():
            random = other.messages.get(1, b"")[2:34]
            if random not in secrets:
                continue
            out = prf(version, cipher, secrets[random],
                      b"EXTRACTOR-dtls_srtp" + random + ours,
                      2 * (size + salt))
            for i in (0, 1):
                k = out[i * size:(i + 1) * size]
                s = out[2 * size + i * salt:2 * size + (i + 1) * salt]
                keys.append(Key(suite, k + s))
    return keys


class Digits:
    """One a time stamp."""

    def __init__(self):
        self.text, self.stamp = "", None

    def take(self, p, payload):
        if p[1] & 127 == 101 and p[4:8] != self.stamp and payload and \
           payload[0] < 16:
            self.stamp = p[4:8]
            self.text += "0123456789*#ABCD"[payload[0]]


class Stream:
    def __init__(self):
        self.opened = self.closed = self.roc = 0
        self.last = None
        self.keys = []
        # In what was opened, and in what is there.
        self.digits, self.clear = Digits(), Digits()
        self.bytes = set()
        self.low = self.high = None
        self.seen, self.copies = set(), 0

    def take(self, p, head, keys):
        self.bytes.update(p[head:])
        self.clear.take(p, p[head:])
        seq = struct.unpack(">H", p[2:4])[0]
        rocs = [self.roc, 0, 1, 2]
        if self.last is not None and self.last - seq > 32768:
            rocs.insert(0, self.roc + 1)
        if self.last is not None and seq - self.last > 32768 and self.roc:
            rocs.insert(0, self.roc - 1)
        # The key of the packet before is the likeliest.
        for key in self.keys[-1:] + keys:
            for roc in dict.fromkeys(rocs):
                clear = key.open(p, head, roc)
                if clear is not None:
                    self.fits(p, seq, key, roc, clear)
                    return
        self.closed += 1

    def fits(self, p, seq, key, roc, clear):
        self.opened += 1
        if key not in self.keys:
            self.keys.append(key)
        if roc >= self.roc:
            self.last, self.roc = seq, roc
        self.digits.take(p, clear)


    def numbers(self, seq):
        """Counts a sequence number, extended to the nearest cycle."""
        if self.high is None:
            self.low = self.high = seq
        seq += (self.high - seq + 32768) // 65536 * 65536
        self.high, self.low = max(self.high, seq), min(self.low, seq)
        self.copies += seq in self.seen
        self.seen.add(seq)


class Reports:
    """Sender reports, blocks and the last cumulative loss, by SSRC."""

    def __init__(self):
        self.rows = {}

    def of(self, ssrc):
        return self.rows.setdefault("0x" + ssrc.hex(), [0, 0, None])

    def take(self, p, keys):
        for key in keys:
            clear = key.open_rtcp(p)
            if clear:
                p = clear
                break
        while len(p) >= 8:
            size = 4 + 4 * struct.unpack(">H", p[2:4])[0]
            # Encrypted, or no more than an address behind the first.
            if p[0] >> 6 != 2 or size > len(p) or not 200 <= p[1] < 208:
                return
            at = {200: 28, 201: 8}.get(p[1], size)
            if p[1] == 200:
                self.of(p[4:8])[0] += 1
            for i in range(p[0] & 31 if p[1] < 202 else 0):
                block = p[at + 24 * i:at + 24 * i + 24]
                if len(block) == 24:
                    row = self.of(block[:4])
                    row[1] += 1
                    row[2] = int.from_bytes(block[5:8], "big", signed=True)
            p = p[size:]


def main():
    plain = sys.argv[1] == "--streams"
    capture, keylog = (sys.argv[1 + plain:] + [None])[:2]
    keys = sdes_keys(capture, keylog) + dtls_keys(capture, keylog)
    streams, reports = {}, Reports()
    for src, dst, p in wire.datagrams(capture):
        p = wire.unwrap(p)
        if len(p) >= 8 and p[0] >> 6 == 2 and 192 <= p[1] < 224:
            reports.take(p, keys)
        if len(p) < 13 or p[0] >> 6 != 2 or 192 <= p[1] < 224:
            continue
        head = 12 + (p[0] & 15) * 4
        if p[0] & 16:
            head += 4 + 4 * struct.unpack(">H", p[head + 2:head + 4])[0]
        name = "%s %s 0x%s" % (src, dst, p[8:12].hex())
        stream = streams.setdefault(name, Stream())
        stream.numbers(struct.unpack(">H", p[2:4])[0])
        stream.take(p, head, keys)
    pressed = set()
    for name, s in streams.items():
        rows = []
        if plain:
            rows += [("stream", "packets", len(s.seen)),
                     ("stream", "lost", s.high - s.low + 1 - len(s.seen)),
                     ("stream", "duplicates", s.copies)]
        if len(s.bytes) > 200:
            rows += [("srtp", "suite", k) for k in
                     dict.fromkeys(k.suite for k in s.keys)]
            rows += [("srtp", "opened", s.opened),
                     ("srtp", "closed", s.closed)]
        if s.keys:
            rows.append(("srtp", "keys", len(s.keys)))
        digits = (s.digits if s.keys else s.clear).text \
            if s.keys or len(s.bytes) <= 200 else ""
        # What a relay passes on is pressed once.
        if digits and name[-10:] not in pressed:
            rows.append(("dtmf", "rfc4733", digits))
            pressed.add(name[-10:])
        for kind, field, value in rows:
            print(os.path.basename(capture), kind, name, field, value,
                  sep="\t")
    for ssrc, (sent, blocks, lost) in reports.rows.items():
        head = os.path.basename(capture) + "\trtcp\t" + ssrc + "\t"
        print(head + "sender_reports\t%d" % sent)
        print(head + "report_blocks\t%d" % blocks)
        if lost is not None:
            print(head + "cumulative_lost\t%d" % lost)


main()
