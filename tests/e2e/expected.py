#!/usr/bin/env python3
"""expected.py CALLSCOPE CAPTURES CLASS,...: holds the report on each capture against what compare.py leaves out:
RTCP reports by type, counts of the summary, final states of registrations, statuses of transactions, DTMF digits.
A capture that the expected file calls doubtful is left alone. Prints PASS and FAIL lines as the other tests do.
"""
import collections, json, os, re, subprocess, sys, tempfile

# Where the expected file and the report count different things, and why the report stands (seen by hand, packet by packet).
KNOWN = {
    ("webrtc/dtls13-wolfssl.pcap", "dtls"): "tshark 4.0 does not know the encrypted records of DTLS 1.3",
    ("sip/linphone-asterisk-stun.pcap", "rtp"): "tshark's heuristics miss the stream to 10.0.2.4:7078, 76 packets",
}

# Digits that were pressed, sorted: from the name of the capture, else what tshark reads (each RFC 4733 timestamp once; bodies of INFO).
DIGITS = {f"dtmf_2833_{d}.pcap": d for d in "0123459"} | {
    "dtmf_2833_pound.pcap": "#",
    "dtmf_relay_asymm.pcapng": "11222233445566",
    "dtmf_relay_digitdrop.pcapng": "123",
    "dtmf_relay_iwrk_rtpnte.pcapng": "123",
    "dtmf_relay_no_iwrk.pcapng": "123",
    "dtmf_relay_noasymm.pcapng": "112233456",
    "dtmf_relay_notify_mtp_nte_rfc2833.pcapng": "123",
    "sip_dtmf_nte_rfc2833.pcapng": "#*0123456789",
    "sip_dtmf_info.pcapng": "#*0123456789",
    "SIP_DTMF2.cap": "1236789",
    "Forensic_challenge_4.pcap": "###112222344555",
    "DTMFsipinfo.pcap": "1234",
}


def read(program, path):
    with tempfile.TemporaryDirectory() as tmp:
        cmd = [program, "-r", path, "--json", "-", "--db", "none", "--record", "none", "-q", "-o", tmp]
        r = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=300)
    if r.returncode not in (0, 2):
        raise RuntimeError(r.stderr.decode(errors="replace").strip()[-200:])
    return [json.loads(line) for line in r.stdout.splitlines()]


class Holder:
    def __init__(self, file):
        self.file = file

    def hold(self, what, have, want):
        name = f"expected: {self.file} {what}"
        if have == want:
            print(f"PASS {name}")
        elif (self.file, what) in KNOWN:
            print(f"PASS {name} ({have}, not {want}: {KNOWN[self.file, what]})")
        else:
            print(f"FAIL {name}: {have}, expected {want}")


def summary(exp, rep, h):
    """Kinds of packets. Frames that quote others (ICMP) count nowhere."""
    have = rep[-1]
    rtp = exp.get("rtp") or {}
    if rtp.get("streams") and rtp["streams_total"] == rtp["streams_trusted"]:
        h.hold("rtp", have["rtp"], rtp["packets_total"])
    rtcp = exp.get("rtcp") or {}
    if rtcp and rtcp["by_type_tshark"] == rtcp["by_type_independent"] and not rtcp.get("srtcp_frames"):
        h.hold("rtcp", have["rtcp"], rtcp["frames"])
    stun = exp.get("stun") or {}
    if stun.get("messages") and set(stun.get("by_transport", {})) <= {"udp"}:
        h.hold("stun", have["stun"], stun["messages"] + (stun.get("classic_rfc3489_messages") or 0))
    frames = sum(p["frames"] for p in exp.get("protocols", []) if p["path"].endswith("udp:dtls"))
    if frames:
        h.hold("dtls", have["dtls_packets"], frames)


def reports(exp, rep, h):
    """Sender reports, each with the stream of its sender, and report blocks about streams that are there."""
    rtcp = exp.get("rtcp") or {}
    blocks = rtcp.get("report_blocks") or []
    if not rtcp or rtcp["by_type_tshark"] != rtcp["by_type_independent"] or len(blocks) != rtcp.get("report_blocks_total", 0):
        return
    streams = [t for r in rep for t in r.get("streams") or []]
    hops = collections.Counter(t["ssrc"] for t in streams)
    if any(n > 1 for n in hops.values()):
        return
    sent = collections.Counter()
    for f in rtcp["flows"]:
        if len(f["sender_ssrcs"]) == 1:
            sent[f["sender_ssrcs"][0]] += f["types"].get("SR", 0)
        else:
            return
    about = collections.Counter(b["about"] for b in blocks)
    for t in streams:
        c = t["rtcp"]
        h.hold(f"{t['ssrc']} sender reports", c["sr"], sent[t["ssrc"]])
        h.hold(f"{t['ssrc']} report blocks", c["rr"], about[t["ssrc"]])
        lost = [b["cumulative_lost"] for b in blocks if b["about"] == t["ssrc"]]
        if lost:
            h.hold(f"{t['ssrc']} lost reported", c["lost_reported"], lost[-1])
            worst = max(b["fraction_lost"] for b in blocks if b["about"] == t["ssrc"])
            h.hold(f"{t['ssrc']} worst fraction", round(c["fraction_lost_max"], 2), round(100 * worst / 256, 2))


def registrations(exp, rep, h):
    state, status = {}, {}
    for r in rep:
        if r["type"] == "registration":
            state[r["call_id"]], status[r["call_id"]] = r["state"], r["status"]
    for c in (exp.get("sip") or {}).get("calls", []):
        if c["kind"] != "registration" or not c["requests"].get("REGISTER"):
            continue
        last = c.get("final_status")
        h.hold(f"{c['call_id']} status", status.get(c["call_id"]), last)
        if last and last >= 300:
            h.hold(f"{c['call_id']} state", state.get(c["call_id"]), "failed")
        elif last:
            ok = state.get(c["call_id"]) in ("registered", "unregistered", "expired")
            h.hold(f"{c['call_id']} state", ok and "done" or state.get(c["call_id"]), "done")


def transactions(exp, rep, h):
    got = collections.defaultdict(list)
    for r in rep:
        if r["type"] == "sip_transaction":
            got[r["call_id"]].append(r)
    for c in (exp.get("sip") or {}).get("calls", []):
        if c["kind"] not in ("options", "subscription", "publish", "message"):
            continue
        rs = got.get(c["call_id"], [])
        h.hold(f"{c['call_id']} status", c.get("final_status") in [r["status"] for r in rs], True)


def digits(exp, rep, h):
    want = DIGITS.get(os.path.basename(exp["file"]))
    if want is not None:
        have = "".join(sorted(d["digit"] for r in rep for d in r.get("dtmf") or []))
        h.hold("digits", have, want)


def main():
    program, root, classes = sys.argv[1:4]
    for entry in json.load(open(os.path.join(root, "index.json"))):
        if entry["folder"] not in classes.split(","):
            continue
        exp = json.load(open(os.path.join(root, entry["expected"])))
        if exp.get("doubtful"):
            continue
        h = Holder(exp["file"])
        try:
            rep = read(program, os.path.join(root, exp["file"]))
        except (RuntimeError, ValueError, subprocess.TimeoutExpired) as e:
            h.hold("is read", str(e), "")
            continue
        for area in (summary, reports, registrations, transactions, digits):
            area(exp, rep, h)


main()
