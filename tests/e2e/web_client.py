"""Clients that no browser is: web_client.py WHAT HOST PORT [MORE].

Prints one word that tells how it ended. Nothing is asserted about time; each
wait ends after a minute, as "waited".
"""
import os
import resource
import socket
import sys
import threading

WAIT = 60


def connect(host, port):
    s = socket.create_connection((host, int(port)), timeout=WAIT)
    return s


def wait_for_end(s):
    """Until the server closes: what it said, and how it ended."""
    said = b''
    try:
        while True:
            piece = s.recv(65536)
            if not piece:
                return said, 'closed'
            said += piece
    except socket.timeout:
        return said, 'waited'
    except OSError:
        return said, 'closed'


def status_of(said):
    """The status line's number, if there is one."""
    words = said.split(b'\r\n', 1)[0].split()
    return words[1].decode() if len(words) > 1 else 'nothing'


def send(s, data):
    try:
        s.sendall(data)
    except OSError:
        pass  # it was refused before all was sent


def silent(host, port):
    """Connects, and says nothing."""
    return wait_for_end(connect(host, port))[1]


def half(host, port):
    """Half a request, and no more."""
    s = connect(host, port)
    send(s, b'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Half: ')
    return wait_for_end(s)[1]


def half_body(host, port):
    """A form that never ends."""
    s = connect(host, port)
    send(s, b'POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n'
            b'Content-Type: application/x-www-form-urlencoded\r\n\r\nuser=a')
    return wait_for_end(s)[1]


def slow(host, port):
    """A header of many lines, one byte at a time, for ever."""
    s = connect(host, port)
    send(s, b'GET /healthz HTTP/1.1\r\nHost: x\r\n')
    s.settimeout(0.2)
    for _ in range(WAIT * 5):
        try:
            s.sendall(b'a')
            if not s.recv(1):
                return 'closed'
        except socket.timeout:
            continue
        except OSError:
            return 'closed'
    return 'waited'


def raw(host, port, text):
    """Sends text as it is (with Python's escapes); the answer's status."""
    s = connect(host, port)
    send(s, text.encode().decode('unicode_escape').encode('latin-1'))
    return status_of(wait_for_end(s)[0])


def chunked(host, port, size):
    """A body of size bytes that does not say how long it is."""
    s = connect(host, port)
    send(s, b'POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
            b'Transfer-Encoding: chunked\r\n\r\n')
    left = int(size)
    while left > 0:
        n = min(left, 4096)
        send(s, b'%x\r\n' % n + b'a' * n + b'\r\n')
        left -= n
    send(s, b'0\r\n\r\n')
    return status_of(wait_for_end(s)[0])


def idle(host, port, count, token):
    """Many that say nothing, then one that asks."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = int(count) + 64
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    held = [connect(host, port) for _ in range(int(count))]
    s = connect(host, port)
    send(s, b'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
            b'Authorization: Bearer ' + token.encode() + b'\r\n\r\n')
    status = status_of(wait_for_end(s)[0])
    for h in held:
        h.close()
    return status


def crowd(host, port, count):
    """Keeps count connections open; one more: served, closed or waiting."""
    held = [connect(host, port) for _ in range(int(count))]
    # The first is answered when the server has seen all of them.
    send(held[-1], b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    held[-1].recv(65536)
    s = connect(host, port)
    send(s, b'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    said = wait_for_end(s)[0]
    return status_of(said)


def rush(host, port, count, path, token):
    """The same from many at once: how many times each status."""
    found = {}
    lock = threading.Lock()
    gate = threading.Barrier(int(count))

    def one():
        s = connect(host, port)
        gate.wait()
        send(s, b'GET ' + path.encode() + b' HTTP/1.1\r\nHost: x\r\n'
                b'Connection: close\r\nAuthorization: Bearer '
                + token.encode() + b'\r\n\r\n')
        status = status_of(wait_for_end(s)[0])
        with lock:
            found[status] = found.get(status, 0) + 1

    threads = [threading.Thread(target=one) for _ in range(int(count))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return ' '.join('%s:%d' % e for e in sorted(found.items()))


def main():
    what = {f.__name__: f for f in (silent, half, half_body, slow, raw,
                                    chunked, idle, crowd, rush)}
    print(what[sys.argv[1]](*sys.argv[2:]))
    sys.stdout.flush()
    os._exit(0)


main()
