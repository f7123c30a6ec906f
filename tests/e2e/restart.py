#!/usr/bin/env python3
"""Read in parts, one run after the other with --continue, a capture gives what
it gives when it is read whole.

restart.py CALLSCOPE PART DIR CAPTURE PACKETS CUT[,CUT] [OPTION...]

CUTs are packet numbers behind which a part ends. Prints what differs, a line
each; nothing when nothing does.
"""
import json
import os
import shutil
import subprocess
import sys

SAME = ('type', 'state', 'status', 'reason', 'start', 'ring', 'answer', 'end',
        'duration_ms', 'connect_ms', 'pdd_ms', 'setup_ms', 'ended_by',
        'call_id', 'kind', 'signalling', 'partial', 'transport', 'billing')


def report(program, files, more):
    """The last line of each uid."""
    out = {}
    path = more[more.index('-o') + 1] + '.json'
    for name in files:
        done = subprocess.run([program, '-q', '-r', name, '--json', path]
                              + more, capture_output=True, check=False)
        if done.returncode not in (0, 2):
            sys.exit('status %d: %s' % (done.returncode,
                                        done.stderr.decode()))
        with open(path, encoding='utf-8') as lines:
            for line in lines:
                record = json.loads(line)
                if record['type'] in ('call', 'session'):
                    out[record['uid']] = record
    return out


def streams(record):
    """Sums of those that are the same but for a gap."""
    out = {}
    for s in record['streams']:
        key = (s['src'], s['dst'], s['ssrc'], s['sender'], s['media'],
               s['codec'], s['hop'])
        was = out.get(key, (0, 0, 0))
        out[key] = (was[0] + s['packets'], was[1] + s['lost'],
                    was[2] + s['bytes'])
    return out


def messages(record):
    return [(m['time'], m['method'], m['status'], m['retransmission'],
             m['copy_of']) for m in record['messages']]


def digits(record):
    return [(d['time'], d['digit'], d['via']) for d in record['dtmf']]


def compare(whole, parts):
    for uid in sorted(set(whole) | set(parts)):
        if uid not in parts or uid not in whole:
            only = whole.get(uid) or parts.get(uid)
            yield '%s %s %s only in %s' % (uid, only['type'], only['state'],
                                           'parts' if uid in parts
                                           else 'whole')
            continue
        a, b = whole[uid], parts[uid]
        for name in SAME:
            if a.get(name) != b.get(name):
                yield '%s %s: %s, wanted %s' % (uid, name, b.get(name),
                                                a.get(name))
        for what in (streams, messages, digits):
            x, y = what(a), what(b)
            if x != y:
                yield '%s %s: %s, wanted %s' % (uid, what.__name__, y, x)


def main(program, part, folder, capture, packets, cuts, *more):
    packets = int(packets)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    ends = [int(c) for c in cuts.split(',')] + [packets]
    files, first = [], 1
    for n, end in enumerate(ends):
        name = '%s/part-%d' % (folder, n)
        subprocess.run([part, capture, str(first), str(end - first + 1), name],
                       check=True)
        files.append(name)
        first = end + 1
    store = ['--db', 'none', '--record', 'none']
    whole = report(program, [capture],
                   ['-o', folder + '/whole'] + store + list(more))
    parts = report(program, files, ['-o', folder + '/parts', '--continue']
                   + store + list(more))
    for line in compare(whole, parts):
        print(line)


if __name__ == '__main__':
    main(*sys.argv[1:])
