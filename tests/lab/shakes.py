#!/usr/bin/env python3
"""shakes.py CAPTURE [KEYLOG]: DTLS handshakes, TURN allocations and NAT
mappings of a capture, as rows of TRUTH, tab separated: file, kind, key, field,
value.

  dtls   key "client server" (not inside TURN); version, srtp_profile,
         finished yes | no (both sides changed to the new cipher),
         fingerprint_client, fingerprint_server of certificates that were
         seen, fingerprint_match (both were seen, and every a=fingerprint of
         the SDP is one of theirs), alert (the last in clear)
  turn   key "client server"; username, realm, relayed, mapped, channels
         (numbers bound), error (the last that no success of the same method
         followed; 438, and a 401 to a request without credentials, are none)
  nat    key address; class of the mapping by Binding answers to requests from
         one port: EIM, ADM, APDM (RFC 4787), where it is not the address
         itself and there is more than one server address
"""

import os
import re
import struct
import sys

import wire

ALERTS = {0: "close_notify", 10: "unexpected_message",
          40: "handshake_failure", 80: "internal_error"}
VERSION = {0xFEFF: "1.0", 0xFEFD: "1.2"}
PROFILES = {1: "SRTP_AES128_CM_HMAC_SHA1_80", 2: "SRTP_AES128_CM_HMAC_SHA1_32",
            7: "SRTP_AEAD_AES_128_GCM", 8: "SRTP_AEAD_AES_256_GCM"}


def promised(capture):
    return {m.replace("SHA", "sha") for m in re.findall(
        r"fingerprint:((?:sha|SHA)-256 [0-9A-F:]+)", wire.sdp(capture))}


def dtls_rows(capture):
    sides = wire.dtls(capture, inside=False)
    said = promised(capture)
    inside = {side.messages[1][2:34]
              for ends, side in wire.dtls(capture).items()
              if 1 in side.messages and ends not in sides}
    for (client, server), side in sides.items():
        other = sides.get((server, client), wire.Side())
        if 1 not in side.messages or (1 in other.messages and
                                      list(sides).index((client, server)) >
                                      list(sides).index((server, client))):
            continue
        if side.messages[1][2:34] in inside:
            continue  # tried here, done inside TURN
        row = {"finished": "yes" if side.changed and other.changed else "no"}
        if 2 in other.messages:
            version, _, _, profile = wire.server_hello(other.messages[2])
            row["version"] = VERSION[version]
            row["srtp_profile"] = PROFILES.get(profile, "-")
        ours = wire.certificate(side), wire.certificate(other)
        for name, digest in zip(("client", "server"), ours):
            if digest:
                row["fingerprint_" + name] = digest
        if all(ours) and said:
            row["fingerprint_match"] = \
                "true" if said <= set(ours) else "false"
        if side.alerts + other.alerts:
            row["alert"] = ALERTS[(side.alerts + other.alerts)[-1]]
        yield client + " " + server, row


def address(value, xor):
    port, ip = struct.unpack(">H", value[2:4])[0], value[4:8]
    if xor:
        port ^= 0x2112
        ip = bytes(a ^ b for a, b in zip(ip, wire.COOKIE))
    return "%d.%d.%d.%d:%d" % (*ip, port)


class Allocation:
    def __init__(self):
        self.row = {}
        self.asked = {}  # transaction: method, attributes
        self.numbers = set()
        self.errors = {}

    def message(self, p):
        kind = struct.unpack(">H", p[:2])[0]
        method = kind & 0xf | (kind & 0xe0) >> 1 | (kind & 0x3e00) >> 2
        what, attrs = kind & 0x110, dict(wire.attributes(p))
        if what == 0:
            self.asked[p[8:20]] = attrs
        elif what == 0x100:
            self.good(method, self.asked.get(p[8:20], {}), attrs)
        elif what == 0x110:
            code = attrs[9][2] * 100 + attrs[9][3]
            if code != 438 and \
               (code != 401 or 6 in self.asked.get(p[8:20], {})):
                self.errors[method] = code

    def good(self, method, asked, attrs):
        self.errors.pop(method, None)
        if method == 3:
            self.row["relayed"] = address(attrs[0x16], True)
            self.row["mapped"] = address(attrs[0x20], True)
        if method == 3 and 6 in asked:
            self.row["username"] = asked[6].decode()
            self.row["realm"] = asked[0x14].decode()
        if method == 9:
            self.numbers.add(asked[0xc][:2])


def turn_rows(capture, keylog):
    turn = {}
    for src, dst, p in wire.stun_messages(capture, keylog):
        # Requests other than Binding tell who the client is.
        if p[0] == 0 and p[1] in (3, 4, 8, 9, 10):
            turn.setdefault((src, dst), Allocation()).message(p)
        elif (dst, src) in turn:
            turn[dst, src].message(p)
    for (client, server), a in turn.items():
        if a.row:
            a.row["channels"] = len(a.numbers)
        if a.errors:
            a.row["error"] = list(a.errors.values())[-1]
        if a.row:
            yield client + " " + server, a.row


def nat_rows(capture):
    seen = {}  # inner address and port: {server: mapped}
    for src, dst, p in wire.datagrams(capture):
        if len(p) < 20 or p[:2] != b"\1\1" or \
           struct.unpack(">H", p[2:4])[0] + 20 != len(p):
            continue
        attrs = dict(wire.attributes(p))
        mapped = address(attrs[0x20], True) if 0x20 in attrs and \
            p[4:8] == wire.COOKIE else address(attrs[1], False) \
            if 1 in attrs else dst
        if mapped != dst:
            seen.setdefault(dst, {})[src] = mapped
    for inner, by in seen.items():
        ips = {s.split(":")[0] for s in by}
        per_ip = {(s.split(":")[0], m) for s, m in by.items()}
        if len(ips) > 1:
            yield inner.split(":")[0], {
                "class": "EIM" if len(set(by.values())) == 1 else
                "ADM" if len(per_ip) == len(ips) and len(by) > len(ips)
                else "APDM"}


def main():
    capture, keylog = (sys.argv[1:] + [None])[:2]
    name = os.path.basename(capture)
    for kind, rows in (("dtls", dtls_rows(capture)),
                       ("turn", turn_rows(capture, keylog)),
                       ("nat", nat_rows(capture))):
        for key, row in rows:
            for field, value in row.items():
                print(name, kind, key, field, value, sep="\t")


main()
