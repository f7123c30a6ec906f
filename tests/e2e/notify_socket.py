"""Listens where NOTIFY_SOCKET points: notify_socket.py PATH FILE writes each
line that comes to FILE, until it is ended."""
import socket
import sys

path, out = sys.argv[1:]
sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.bind(path)
with open(out, "w", buffering=1) as f:
    while True:
        f.write(sock.recv(4096).decode() + "\n")
