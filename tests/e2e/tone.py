#!/usr/bin/env python3
"""tone.py WAV: a line that tells what a stereo file holds: its rate, then of
each side the pitch (Hz, to the next 10) of what is loud, or "silent", and
from when to when (tenths of a second)."""
import struct
import sys
import wave

LOUD = 1000


def side(samples, rate):
    loud = [i for i, v in enumerate(samples) if abs(v) > LOUD]
    if not loud:
        return "silent"
    first, last = loud[0], loud[-1]
    # The middle of the first second, where a tone is sure to be one.
    part = samples[first + rate // 4:first + rate * 3 // 4]
    turns = sum((a < 0) != (b < 0) for a, b in zip(part, part[1:]))
    pitch = turns / 2 * rate / max(1, len(part))
    return f"{round(pitch / 10) * 10} {first / rate:.1f}-{last / rate:.1f}"


with wave.open(sys.argv[1]) as f:
    assert f.getnchannels() == 2 and f.getsampwidth() == 2
    n, rate = f.getnframes(), f.getframerate()
    data = struct.unpack(f"<{2 * n}h", f.readframes(n))
print(rate, side(data[0::2], rate), side(data[1::2], rate), sep=" | ")
