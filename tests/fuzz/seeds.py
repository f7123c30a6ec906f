#!/usr/bin/env python3
"""seeds.py OUTDIR PATH...: small captures for fuzzing, made of captures (pcap,
or pcapng without blocks that matter) and folders of them.

Of each UDP flow the first few packets that look like RTP stay, and the first
sixty others of the whole; then a key log beside the capture (NAME.keylog)
goes in as a block of decryption secrets. What is still over 16 KB is cut.
"""
import gzip
import os
import struct
import subprocess
import sys

RTP_EACH, OTHERS, BYTES, KEYS = 6, 60, 16 * 1024, 4096
SECRETS_TLS = 0x544c534b


def packets(path):
    """(link type, [(time in us, bytes)]); pcapng by way of editcap."""
    with open(path, 'rb') as f:
        data = f.read()
    if data[:2] == b'\x1f\x8b':
        data = gzip.decompress(data)
    if data[:4] == b'\x0a\x0d\x0d\x0a':
        data = subprocess.run(['editcap', '-F', 'pcap', path, '-'],
                              capture_output=True, check=False).stdout
    for order in '<>':
        magic = struct.unpack(order + 'I', data[:4])[0] if len(data) > 24 else 0
        if magic in (0xa1b2c3d4, 0xa1b23c4d):
            break
    else:
        return 0, []
    scale = 1 if magic == 0xa1b2c3d4 else 1000
    link, at, out = struct.unpack(order + 'I', data[20:24])[0] & 0xffff, 24, []
    while at + 16 <= len(data):
        s, frac, cap, _ = struct.unpack(order + '4I', data[at:at + 16])
        out.append((s * 1000000 + frac // scale, data[at + 16:at + 16 + cap]))
        at += 16 + cap
    return link, out


def rtp_flow(p):
    """What tells flows apart, of a packet with RTP in UDP in IPv4; or None."""
    for head in (14, 16, 0, 4, 18):
        ip = p[head:]
        if len(ip) < 40 or ip[0] != 0x45 or ip[9] != 17:
            continue
        udp = ip[20:]
        if udp[8] >> 6 == 2 and not 192 <= udp[9] <= 223:
            return ip[12:20] + udp[:4] + udp[16:20]
    return None


def thin(found):
    seen, others, out, size = {}, 0, [], 0
    for time, p in found:
        flow = rtp_flow(p)
        if flow:
            seen[flow] = seen.get(flow, 0) + 1
            if seen[flow] > RTP_EACH:
                continue
        else:
            others += 1
            if others > OTHERS:
                continue
        size += len(p) + 32
        if size > BYTES:
            break
        out.append((time, p))
    return out


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack('<I', len(body) + 12)
    return struct.pack('<I', kind) + size + body + size


def pcapng(link, found, keys):
    out = block(0x0a0d0d0a, struct.pack('<IHHq', 0x1a2b3c4d, 1, 0, -1))
    out += block(1, struct.pack('<HHI', link, 0, 0))
    if keys:
        out += block(10, struct.pack('<II', SECRETS_TLS, len(keys)) + keys)
    for time, p in found:
        out += block(6, struct.pack('<5I', 0, time >> 32, time & 0xffffffff,
                                    len(p), len(p)) + p)
    return out


def pcap(link, found):
    out = struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, link)
    for time, p in found:
        out += struct.pack('<4I', time // 1000000, time % 1000000, len(p),
                           len(p)) + p
    return out


def captures(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, _, names in os.walk(path):
            yield from (os.path.join(folder, n) for n in sorted(names))


def main():
    to = sys.argv[1]
    os.makedirs(to, exist_ok=True)
    made = 0
    for path in captures(sys.argv[2:]):
        name = os.path.basename(path)
        if not name.endswith(('.pcap', '.pcapng', '.cap', '.gz')):
            continue
        link, found = packets(path)
        found = thin(found)
        if not found:
            continue
        keylog = os.path.splitext(path)[0] + '.keylog'
        out = pcap(link, found)
        if os.path.exists(keylog):
            with open(keylog, 'rb') as f:
                out = pcapng(link, found, f.read(KEYS))
        made += 1
        with open(os.path.join(to, '%03d-%s' % (made, name)), 'wb') as f:
            f.write(out)
    print('%d seeds in %s' % (made, to))


if __name__ == '__main__':
    main()
