"""ask_password.py PASSWORD AGAIN COMMAND...: runs it on a terminal of its own,
types both when it asks, prints what was on the screen and the exit status."""
import os
import pty
import sys


def read_until(fd, wanted, seen):
    while wanted not in seen:
        try:
            more = os.read(fd, 1000)
        except OSError:
            break
        if not more:
            break
        seen += more
    return seen


first, again, command = sys.argv[1], sys.argv[2], sys.argv[3:]
pid, fd = pty.fork()
if pid == 0:
    os.execv(command[0], command)
seen = read_until(fd, b"New password", b"")
seen = read_until(fd, b": ", seen)
os.write(fd, first.encode() + b"\n")
seen = read_until(fd, b"Once more", seen)
os.write(fd, again.encode() + b"\n")
seen = read_until(fd, b"\0 the end", seen)
print(seen.decode().replace("\r\n", "\n").strip())
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
