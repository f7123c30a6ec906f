"""Takes connections and never says a word: silent_server.py PORT FILE makes
FILE when it listens, and runs until it is ended."""
import socket
import sys

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()
open(sys.argv[2], "w").close()
held = []
while True:
    held.append(server.accept())
