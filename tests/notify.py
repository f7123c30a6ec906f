"""notify.py SOCKET FILE: what a service tells its manager (sd_notify(3)) goes
to FILE, a datagram a line with its sender's process before it, until killed."""
import os
import socket
import struct
import sys

path, to = sys.argv[1:]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
s.bind(path)
os.chmod(path, 0o666)
with open(to, 'w', buffering=1) as out:
    while True:
        data, anc, _, _ = s.recvmsg(4096, socket.CMSG_SPACE(12))
        pid = struct.unpack('3i', anc[0][2])[0] if anc else 0
        out.write('%d %s\n' % (pid, data.decode().replace('\n', ' ')))
