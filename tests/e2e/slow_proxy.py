#!/usr/bin/env python3
"""slow_proxy.py PORT-FILE TARGET-PORT RULE...: a TCP proxy on 127.0.0.1 that
fails on purpose, in the same way each time. Writes the port that it listens on
to PORT-FILE when it is ready, and a line on standard output for each thing it
did. Ends when its standard input does.

    delay=MS        each answer of the server waits so long
    cut=BYTES       after so many bytes from clients the connection ends, once;
                    may be given more than once, counted on
    lose-commit=N   the N-th COMMIT reaches the server, and when that has
                    answered, the connection ends: the client cannot know
    stall=BYTES     after so many bytes from clients nothing moves any more on
                    that connection; later connections are served
    refuse=N        the first N connections end at once
"""
import os
import selectors
import socket
import sys
import time


class Rules:
    def __init__(self, words):
        self.delay = 0.0
        self.cut, self.stall, self.lose = [], [], []
        self.refuse = self.seen = self.commits = 0
        for word in words:
            name, value = word.split("=")
            if name == "delay":
                self.delay = int(value) / 1000
            elif name == "refuse":
                self.refuse = int(value)
            else:
                {"cut": self.cut, "stall": self.stall,
                 "lose-commit": self.lose}[name].append(int(value))

    def reached(self, marks):
        for mark in marks:
            if self.seen >= mark:
                marks.remove(mark)
                return True
        return False


class Pair:
    """A client and its connection to the server."""

    def __init__(self, proxy, client, port):
        self.proxy, self.client = proxy, client
        self.server = socket.create_connection(("127.0.0.1", port))
        self.losing = self.stalled = False
        for end in (self.client, self.server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            proxy.wait.register(end, selectors.EVENT_READ, self)

    def close(self):
        for end in (self.client, self.server):
            if not self.stalled:
                self.proxy.wait.unregister(end)
            end.close()

    def stall(self):
        self.stalled = True
        for end in (self.client, self.server):
            self.proxy.wait.unregister(end)

    def ready(self, end):
        data = b""
        try:
            data = end.recv(65536)
        except OSError:
            pass
        if not data:
            self.close()
        elif end is self.client:
            self.from_client(data)
        elif self.losing:
            print("lost the answer to a COMMIT", flush=True)
            self.close()
        else:
            self.send(self.client, data, self.proxy.rules.delay)

    def from_client(self, data):
        rules = self.proxy.rules
        rules.seen += len(data)
        if rules.reached(rules.cut):
            print("cut a connection", flush=True)
            self.close()
            return
        if rules.reached(rules.stall):
            print("stalled a connection", flush=True)
            self.stall()
            return
        if data[4:].upper().startswith(b"\3COMMIT"):
            rules.commits += 1
            self.losing = rules.commits in rules.lose
        self.send(self.server, data, 0)

    def send(self, end, data, delay):
        if delay:
            time.sleep(delay)
        try:
            end.sendall(data)
        except OSError:
            self.close()


class Proxy:
    def __init__(self, port_file, target, rules):
        self.target, self.rules = target, rules
        self.wait = selectors.DefaultSelector()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.wait.register(self.listener, selectors.EVENT_READ, None)
        self.wait.register(sys.stdin, selectors.EVENT_READ, None)
        with open(port_file + ".new", "w") as out:
            print(self.listener.getsockname()[1], file=out)
        os.rename(port_file + ".new", port_file)

    def accept(self):
        client = self.listener.accept()[0]
        if self.rules.refuse:
            self.rules.refuse -= 1
            print("refused a connection", flush=True)
            client.close()
            return
        try:
            Pair(self, client, self.target)
        except OSError:
            client.close()

    def run(self):
        while True:
            for key, _ in self.wait.select():
                if key.fileobj is sys.stdin:
                    if not os.read(0, 4096):
                        return
                elif key.data is None:
                    self.accept()
                elif key.fileobj.fileno() >= 0:
                    key.data.ready(key.fileobj)


Proxy(sys.argv[1], int(sys.argv[2]), Rules(sys.argv[3:])).run()
