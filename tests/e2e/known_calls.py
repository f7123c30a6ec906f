#!/usr/bin/env python3
"""known_calls.py OUT CALLS [SEED]: a capture (Ethernet, microseconds) of calls
of all kinds that overlap, and on standard output what is true of them:

    Call-ID  state  status  answer  end  microseconds from answer to end

Times are microseconds since 1970, "-" where there is none. Beside the calls
there are registrations, OPTIONS and RTP without signalling. The same arguments
give the same bytes.
"""
import random
import socket
import struct
import sys

START_US = 1790000000 * 1000000  # a day in 2026
RTP = 12  # packets each way, 20 ms apart, after the answer and before the end


def ip_of(n):
    return "10.%d.%d.%d" % (n >> 16 & 255, n >> 8 & 255, n & 255)


def datagram(src, dst, payload):
    (sip, sport), (dip, dport) = src, dst
    udp = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
    ip += socket.inet_aton(sip) + socket.inet_aton(dip)
    total = sum(struct.unpack("!10H", ip))
    total = (total & 0xffff) + (total >> 16)
    total = (total & 0xffff) + (total >> 16)
    ip = ip[:10] + struct.pack("!H", ~total & 0xffff) + ip[12:]
    return b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + ip + udp


class Capture:
    def __init__(self):
        self.packets = []

    def put(self, us, src, dst, payload):
        # ties keep the order in which they were put
        self.packets.append((us, len(self.packets), src, dst, payload))

    def write(self, path):
        self.packets.sort()
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0,
                                  262144, 1))
            for us, _, src, dst, payload in self.packets:
                frame = datagram(src, dst, payload)
                out.write(struct.pack("<IIII", us // 1000000, us % 1000000,
                                      len(frame), len(frame)))
                out.write(frame)


class Call:
    """What happens in one call; kind says how it goes."""

    # of a hundred
    KINDS = (["bye-a"] * 35 + ["bye-b"] * 30 + ["busy"] * 10 +
             ["cancel"] * 8 + ["moved"] * 2 + ["no-bye"] * 10 +
             ["unanswered"] * 5)
    # What display names may hold: nothing of it may fail a batch.
    NAMES = [b"", b"Anna ", b"J\xf6rg ", b"\xf0\x9f\x93\x9e ", b"\xff\xfe\xc0 ",
             b'"O\'Hara; DROP TABLE cdr" ', b"\xe6\xbc\xa2\xe5\xad\x97 "]

    def __init__(self, cap, n, rand):
        self.cap, self.n, self.rand = cap, n, rand
        self.id = "known-%d@lab" % n
        self.kind = rand.choice(self.KINDS)
        self.a = (ip_of(0x010000 + n % 900), 5060)
        self.b = (ip_of(0x020000 + n % 700), 5060)
        self.number = "4930%07d" % rand.randrange(10 ** 7)
        self.name = rand.choice(self.NAMES)

    def sip(self, us, start, method, answer, body=b"", extra=""):
        to_tag = ";tag=b%d" % self.n if answer or method == "BYE" else ""
        head = ("%s\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%d%s\r\n"
                % (start, self.a[0], self.n, method))
        party = b"From: %s<sip:%s@lab>;tag=a%d\r\n" % (
            self.name, self.number.encode(), self.n)
        tail = ("To: <sip:%d@lab>%s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n%s"
                "Content-Length: %d\r\n\r\n"
                % (1000 + self.n % 5000, to_tag, self.id,
                   2 if method == "BYE" else 1, method, extra, len(body)))
        src, dst = (self.b, self.a) if answer else (self.a, self.b)
        self.cap.put(us, src, dst, head.encode() + party + tail.encode() +
                     body)

    def request(self, us, method, body=b"", extra=""):
        self.sip(us, "%s sip:%d@lab SIP/2.0" % (method, 1000 + self.n % 5000),
                 method, False, body, extra)

    def answer(self, us, status, method, body=b"", extra=""):
        self.sip(us, "SIP/2.0 " + status, method, True, body, extra)

    def sdp(self, who, port):
        return ("v=0\r\no=- %d 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\n"
                "t=0 0\r\nm=audio %d RTP/AVP 8\r\n"
                % (self.n, who[0], who[0], port)).encode()

    def rtp(self, us, first):
        """RTP packets each way from us on; the time of the last."""
        for i in range(RTP):
            for side, (src, dst) in enumerate(((self.ma, self.mb),
                                               (self.mb, self.ma))):
                last = us + i * 20000 + side * 7
                self.cap.put(last, src, dst, struct.pack(
                    "!BBHII", 0x80, 8, (first + i) & 0xffff,
                    (first + i) * 160, 2 * self.n + side + 1) + b"\xd5" * 160)
        return last

    def run(self, us):
        """Makes the packets; answers the line of truth."""
        rand = self.rand
        port = 10000 + self.n % 20000 * 2
        self.ma, self.mb = (self.a[0], port), (self.b[0], port)
        self.request(us, "INVITE", self.sdp(self.a, port),
                     "Content-Type: application/sdp\r\nUser-Agent: lab %d\r\n"
                     % (self.n % 7))
        ring = us + 50000 + rand.randrange(900000)
        self.answer(ring, "180 Ringing", "INVITE")
        if self.kind == "unanswered":
            return "unanswered", "-", None, None
        over = ring + 100000 + rand.randrange(3000000)
        if self.kind in ("busy", "moved"):
            status = {"busy": "486 Busy Here", "moved":
                      "302 Moved Temporarily"}[self.kind]
            self.answer(over, status, "INVITE",
                        extra="Contact: <sip:x@elsewhere>\r\n")
            self.request(over + 20000, "ACK")
            return ("failed" if self.kind == "busy" else "redirected",
                    int(status[:3]), None, None)
        if self.kind == "cancel":
            self.request(over, "CANCEL")
            self.answer(over + 10000, "200 OK", "CANCEL")
            self.answer(over + 20000, "487 Request Terminated", "INVITE")
            self.request(over + 30000, "ACK")
            return "cancelled", 487, None, None
        self.answer(over, "200 OK", "INVITE", self.sdp(self.b, port),
                    "Content-Type: application/sdp\r\n")
        self.request(over + 20000, "ACK")
        end = over + 600000 + rand.randrange(40000000)
        self.rtp(over + 30000, 1)
        last = self.rtp(end - RTP * 20000 - 1000, 1 + RTP)
        if self.kind == "no-bye":
            return "expired", 200, over, last
        self.request(end, "BYE") if self.kind == "bye-a" else \
            self.bye_of_callee(end)
        return "completed", 200, over, end

    def bye_of_callee(self, us):
        def text(start):
            return ("%s\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKr%d\r\n"
                    "From: <sip:%d@lab>;tag=b%d\r\nTo: <sip:%s@lab>;tag=a%d"
                    "\r\nCall-ID: %s\r\nCSeq: 9 BYE\r\nContent-Length: 0\r\n"
                    "\r\n" % (start, self.b[0], self.n, 1000 + self.n % 5000,
                              self.n, self.number, self.n, self.id)).encode()
        self.cap.put(us, self.b, self.a, text("BYE sip:a@lab SIP/2.0"))
        self.cap.put(us + 20000, self.a, self.b, text("SIP/2.0 200 OK"))


def beside(cap, n, us):
    """A registration, an OPTIONS or RTP that nobody announced."""
    a, b = (ip_of(0x030000 + n), 5060), (ip_of(0x040000), 5060)
    if n % 3 == 2:
        for i in range(60):
            cap.put(us + i * 20000, (a[0], 7000), (b[0], 7000), struct.pack(
                "!BBHII", 0x80, 0, i, i * 160, n + 1) + b"\xff" * 160)
        return
    method = "REGISTER" if n % 3 else "OPTIONS"
    text = ("Via: SIP/2.0/UDP %s;branch=z9hG4bKo%d\r\nFrom: <sip:r%d@lab>;"
            "tag=r\r\nTo: <sip:r%d@lab>%%s\r\nCall-ID: beside-%d\r\n"
            "CSeq: 1 %s\r\nContact: <sip:r%d@%s>\r\nExpires: 3600\r\n"
            "Content-Length: 0\r\n\r\n" % (a[0], n, n, n, n, method, n, a[0]))
    cap.put(us, a, b, ("%s sip:lab SIP/2.0\r\n" % method +
                       text % "").encode())
    cap.put(us + 15000, b, a, ("SIP/2.0 200 OK\r\n" +
                               text % ";tag=s").encode())


def main():
    path, calls = sys.argv[1], int(sys.argv[2])
    rand = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    cap = Capture()
    us = START_US
    for n in range(calls):
        us += rand.randrange(100000)
        call = Call(cap, n, rand)
        state, status, begin, end = call.run(us)
        billed = "-" if begin is None else end - begin
        print(call.id, state, status, begin or "-", end or "-", billed,
              sep="\t")
        if n % 10 == 9:
            beside(cap, n // 10, us + 5000)
    # Hours later: whoever has not hung up by now never will.
    for n in range(calls, calls + 3):
        beside(cap, 3 * n, us + 4 * 3600 * 1000000 + n * 1000)
    cap.write(path)


main()
