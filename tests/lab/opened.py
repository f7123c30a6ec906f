#!/usr/bin/env python3
"""opened.py CAPTURE [KEYLOG]: which SRTP of a capture opens with which keys.

An opinion of its own beside the program's: keys of SDES from the SDP as
tshark reads it (with the key log inside TLS too), of DTLS 1.0 and 1.2 from the
key log and the exporter; each stream is tried with each key. Packets inside
TURN channels and indications count on their leg. Output as for TRUTH, tab
separated: file, srtp, "source destination SSRC", field, value.

  suite      the suite whose tag fits
  opened     packets that authenticate, copies too
  closed     packets that do with no key
  keys       how many keys the stream used in turn
  digits     RFC 4733, payload type 101, read in what was opened
Streams whose payload has no more than 200 different bytes are plain tones and
left out.
"""

import base64
import hashlib
import hmac
import os
import re
import struct
import subprocess
import sys

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


def sdes_keys(capture, keylog):
    cmd = ["tshark", "-r", capture, "-Y", "sdp", "-O", "sip,sdp",
           "-o", "tcp.reassemble_out_of_order:TRUE"]
    if keylog:
        cmd += ["-o", "tls.keylog_file:" + keylog]
    text = subprocess.run(cmd, capture_output=True, text=True,
                          check=False).stdout
    seen = {}
    for suite, key in re.findall(r"crypto:\d+ (\S+) inline:([^\s|\\]+)", text):
        if suite in SUITES:
            seen[suite, key] = None
    return [Key(s, base64.b64decode(k + "=" * (-len(k) % 4)))
            for s, k in seen]


def datagrams(capture):
    """(source, destination, payload) of UDP over IPv4 in Ethernet."""
    data = open(capture, "rb").read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") \
        else ">"
    at = 24
    while at + 16 <= len(data):
        size = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        frame = data[at + 16:at + 16 + size]
        at += 16 + size
        if frame[12:14] != b"\x08\x00" or frame[23] != 17:
            continue
        ip = frame[14:]
        udp = ip[(ip[0] & 15) * 4:]
        sport, dport, length = struct.unpack(">HHH", udp[:6])
        name = "%d.%d.%d.%d:%d"
        yield (name % (*ip[12:16], sport), name % (*ip[16:20], dport),
               unwrap(udp[8:length]))


def unwrap(p):
    """What is inside TURN's ChannelData and Send or Data indications."""
    if len(p) >= 4 and 0x40 <= p[0] < 0x80:
        size = struct.unpack(">H", p[2:4])[0]
        if size <= len(p) - 4:
            return p[4:4 + size]
    if len(p) >= 20 and p[:2] in (b"\0\x16", b"\0\x17"):
        at = 20
        while at + 4 <= len(p):
            kind, size = struct.unpack(">HH", p[at:at + 4])
            if kind == 0x13:
                return p[at + 4:at + 4 + size]
            at += 4 + (size + 3) // 4 * 4
    return p


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
    client, keys = {}, []
    for src, dst, p in datagrams(capture):
        if len(p) < 60 or p[0] != 22 or p[3:5] != b"\0\0":
            continue
        body = p[25:]
        if p[13] == 1 and body[2:34] in secrets:
            client[src, dst] = body[2:34]
        if p[13] != 2:
            continue
        version = struct.unpack(">H", body[:2])[0]
        at = 35 + body[34]
        cipher = struct.unpack(">H", body[at:at + 2])[0]
        use = re.search(b"\0\x0e\0\x05\0\x02(..)\0", body[at + 3:], re.S)
        # By channel the addresses are the relay's: any client will do.
        whose = [client[dst, src]] if (dst, src) in client \
            else list(client.values())
        for c in whose if use else []:
            suite = PROFILES[struct.unpack(">H", use.group(1))[0]]
            size, salt = SUITES[suite][:2]
            out = prf(version, cipher, secrets[c],
                      b"EXTRACTOR-dtls_srtp" + c + body[2:34],
                      2 * (size + salt))
            for i in (0, 1):
                k = out[i * size:(i + 1) * size]
                s = out[2 * size + i * salt:2 * size + (i + 1) * salt]
                keys.append(Key(suite, k + s))
    return keys


class Stream:
    def __init__(self):
        self.opened = self.closed = self.roc = 0
        self.last = None
        self.keys = []
        self.digits, self.stamp = "", None
        self.bytes = set()

    def take(self, p, head, keys):
        self.bytes.update(p[head:])
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
        if p[1] & 127 == 101 and p[4:8] != self.stamp and clear[0] < 16:
            self.stamp = p[4:8]
            self.digits += "0123456789*#ABCD"[clear[0]]


def main():
    capture = sys.argv[1]
    keylog = sys.argv[2] if len(sys.argv) > 2 else None
    keys = sdes_keys(capture, keylog) + dtls_keys(capture, keylog)
    streams = {}
    for src, dst, p in datagrams(capture):
        if len(p) < 13 or p[0] >> 6 != 2 or 192 <= p[1] < 224:
            continue
        head = 12 + (p[0] & 15) * 4
        if p[0] & 16:
            head += 4 + 4 * struct.unpack(">H", p[head + 2:head + 4])[0]
        name = "%s %s 0x%s" % (src, dst, p[8:12].hex())
        streams.setdefault(name, Stream()).take(p, head, keys)
    for name, s in streams.items():
        if len(s.bytes) <= 200:
            continue
        head = os.path.basename(capture) + "\tsrtp\t" + name + "\t"
        if s.keys:
            print(head + "suite\t" +
                  " ".join(dict.fromkeys(k.suite for k in s.keys)))
        print(head + "opened\t%d" % s.opened)
        print(head + "closed\t%d" % s.closed)
        if s.keys:
            print(head + "keys\t%d" % len(s.keys))
        if s.digits:
            print(head + "digits\t" + s.digits)


main()
