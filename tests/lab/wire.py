"""What is in a capture of the lab, read without callscope and without tshark:
Ethernet, IPv4, UDP and TCP that came in order or was repeated; STUN and TURN,
DTLS handshakes. Only as much as opened.py and shakes.py need.
"""

import hashlib
import re
import struct
import subprocess

COOKIE = b"\x21\x12\xa4\x42"


def records(data):
    """(time in us, frame) of pcap or pcapng with microseconds, written on a
    machine like this one."""
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        at = 0
        while at + 12 <= len(data):
            kind, size = struct.unpack("<II", data[at:at + 8])
            if kind == 6:  # an enhanced packet block
                high, low, n = struct.unpack("<III", data[at + 12:at + 24])
                yield high << 32 | low, data[at + 28:at + 28 + n]
            at += size
        return
    at = 24
    while at + 16 <= len(data):
        sec, us, n = struct.unpack("<III", data[at:at + 12])
        yield sec * 1000000 + us, data[at + 16:at + 16 + n]
        at += 16 + n


def frames(capture):
    """(time in us, packet) of IPv4."""
    with open(capture, "rb") as f:
        for us, frame in records(f.read()):
            if frame[12:14] == b"\x08\x00":
                yield us, frame[14:]


def ends(ip, ports):
    name = "%d.%d.%d.%d:%d"
    sport, dport = struct.unpack(">HH", ports)
    return name % (*ip[12:16], sport), name % (*ip[16:20], dport)


def datagrams(capture):
    """(source, destination, payload) of UDP."""
    for _, ip in frames(capture):
        if ip[9] == 17:
            udp = ip[(ip[0] & 15) * 4:]
            yield (*ends(ip, udp[:4]), udp[8:struct.unpack(">H", udp[4:6])[0]])


def segments(capture, times=False):
    """(source, destination, payload) of TCP, repetitions left out; or these
    behind the time."""
    following = {}
    for us, ip in frames(capture):
        if ip[9] != 6:
            continue
        tcp = ip[(ip[0] & 15) * 4:struct.unpack(">H", ip[2:4])[0]]
        key = ends(ip, tcp[:4])
        seq = struct.unpack(">I", tcp[4:8])[0]
        data = tcp[(tcp[12] >> 4) * 4:]
        if tcp[13] & 2:
            following[key] = seq + 1
        elif data and following.setdefault(key, seq) == seq:
            following[key] = seq + len(data)
            yield (us, *key, data) if times else (*key, data)


def inside_tls(capture, keylog):
    """(source, destination, data) of what TLS carries, by tshark."""
    def tshark(*more):
        return subprocess.run(["tshark", "-r", capture, "-o",
                               "tls.keylog_file:" + keylog, *more],
                              capture_output=True, text=True,
                              check=False).stdout.split("\n")

    ends = {}
    for line in tshark("-Y", "tls", "-T", "fields", "-e", "tcp.stream",
                       "-e", "ip.src", "-e", "tcp.srcport", "-e", "ip.dst",
                       "-e", "tcp.dstport"):
        word = line.split()
        if len(word) == 5:
            ends.setdefault(word[0], ("%s:%s" % (word[1], word[2]),
                                      "%s:%s" % (word[3], word[4])))
    for n, (client, server) in ends.items():
        for line in tshark("-q", "-z", "follow,tls,raw," + n):
            if re.fullmatch(r"[0-9a-f]+", line):
                yield client, server, bytes.fromhex(line)
            elif re.fullmatch(r"\t[0-9a-f]+", line):
                yield server, client, bytes.fromhex(line[1:])


def attributes(message):
    """[(type, value)] of a STUN message."""
    at, out = 20, []
    while at + 4 <= len(message):
        kind, size = struct.unpack(">HH", message[at:at + 4])
        out.append((kind, message[at + 4:at + 4 + size]))
        at += 4 + (size + 3) // 4 * 4
    return out


def unwrap(p):
    """What is inside TURN's ChannelData and Send or Data indications."""
    if len(p) >= 4 and 0x40 <= p[0] < 0x80:
        size = struct.unpack(">H", p[2:4])[0]
        if size <= len(p) - 4:
            return p[4:4 + size]
    if p[:2] in (b"\0\x16", b"\0\x17") and p[4:8] == COOKIE:
        return dict(attributes(p)).get(0x13, p)
    return p


def stun_messages(capture, keylog=None):
    """(source, destination, message) with a magic cookie; UDP, TCP, TLS."""
    for src, dst, p in datagrams(capture):
        if len(p) >= 20 and p[4:8] == COOKIE and p[0] < 64:
            yield src, dst, p
    yield from framed(segments(capture))
    if keylog:
        yield from framed(inside_tls(capture, keylog))


def framed(pieces):
    """STUN messages between ChannelData in what streams carry."""
    rest = {}
    for src, dst, data in pieces:
        p = rest.get((src, dst), b"") + data
        while len(p) >= 4 and (p[0] < 2 or 0x40 <= p[0] < 0x80):
            size = struct.unpack(">H", p[2:4])[0]
            whole = 20 + size if p[0] < 2 else 4 + (size + 3) // 4 * 4
            if len(p) < whole:
                break
            if p[4:8] == COOKIE and p[0] < 2:
                yield src, dst, p[:whole]
            p = p[whole:]
        rest[src, dst] = p


class Side:
    """One direction of DTLS between two addresses."""

    def __init__(self):
        self.parts = {}
        self.messages = {}
        self.version = None
        self.changed = False  # ChangeCipherSpec was sent
        self.alerts = []

    def record(self, kind, version, epoch, body):
        if kind == 20:
            self.changed = True
        elif kind == 21 and epoch == 0 and len(body) >= 2:
            self.alerts.append(body[1])
        elif kind == 22 and epoch == 0:
            self.version = version
            while len(body) >= 12:
                size = int.from_bytes(body[9:12], "big")
                self.piece(body[:12], body[12:12 + size])
                body = body[12 + size:]

    def piece(self, head, data):
        kind, seq = head[0], struct.unpack(">H", head[4:6])[0]
        whole = int.from_bytes(head[1:4], "big")
        at = int.from_bytes(head[6:9], "big")
        have = self.parts.setdefault((kind, seq), {})
        have[at] = data
        out = b""
        for start in sorted(have):
            if start <= len(out):
                out = out[:start] + have[start]
        if len(out) == whole:
            self.messages.setdefault(kind, out)
            if kind == 1:  # the one with the cookie counts
                self.messages[1] = out


def dtls(capture, inside=True):
    """{(source, destination): Side}; INSIDE TURN too, or not."""
    sides = {}
    for src, dst, p in datagrams(capture):
        if inside:
            p = unwrap(p)
        while len(p) >= 13 and 20 <= p[0] < 64 and p[1] == 0xfe:
            epoch = struct.unpack(">H", p[3:5])[0]
            size = struct.unpack(">H", p[11:13])[0]
            sides.setdefault((src, dst), Side()).record(
                p[0], p[1] << 8 | p[2], epoch, p[13:13 + size])
            p = p[13 + size:]
    return sides


def server_hello(body):
    """(version, random, cipher, SRTP profile or None)."""
    at = 35 + body[34]
    use = re.search(b"\0\x0e\0\x05\0\x02(..)\0", body[at + 3:], re.S)
    return (struct.unpack(">H", body[:2])[0], body[2:34],
            struct.unpack(">H", body[at:at + 2])[0],
            struct.unpack(">H", use.group(1))[0] if use else None)


def certificate(side):
    """Its digest as in SDP, or None."""
    body = side.messages.get(11, b"")
    if len(body) < 7:
        return None
    size = int.from_bytes(body[3:6], "big")
    digest = hashlib.sha256(body[6:6 + size]).hexdigest().upper()
    return "sha-256 " + ":".join(re.findall("..", digest))


def sdp(capture, keylog=None):
    """The text of all SDP, as tshark reads it."""
    cmd = ["tshark", "-r", capture, "-Y", "sdp", "-O", "sip,sdp",
           "-o", "tcp.reassemble_out_of_order:TRUE"]
    if keylog:
        cmd += ["-o", "tls.keylog_file:" + keylog]
    return subprocess.run(cmd, capture_output=True, text=True,
                          check=False).stdout
