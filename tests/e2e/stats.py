#!/usr/bin/env python3
"""stats.py REPORT DIGEST NAME [closed]: holds a report against what the
browsers' getStats() said of the same call (made by lab/browser/digest.mjs).

Prints "PASS NAME: what" or "FAIL NAME: what: why" for each thing compared.
"closed": the report was made without the key log that there is.
"""
import json
import sys

SRTP = {
    "SRTP_AES128_CM_HMAC_SHA1_80": "AES_CM_128_HMAC_SHA1_80",
    "SRTP_AEAD_AES_128_GCM": "AEAD_AES_128_GCM",
    "SRTP_AEAD_AES_256_GCM": "AEAD_AES_256_GCM",
}


class Judge:
    def __init__(self, name):
        self.name = name

    def hold(self, what, good, why=""):
        print(f"PASS {self.name}: {what}" if good
              else f"FAIL {self.name}: {what}: {why}")
        return good

    def same(self, what, got, wanted):
        return self.hold(what, got == wanted, f"{got!r}, wanted {wanted!r}")


def record(report, digest, judge):
    """The one call or session that there is."""
    found = [r for r in report if r["type"] in ("call", "session")]
    if not judge.same("one record", [r["type"] for r in found],
                      [digest["type"]]):
        found = [r for r in found if r.get("ice") or r.get("streams")]
    if not found:
        return None
    found = found[0]
    if digest["type"] == "session":
        judge.same("kind", found.get("kind"), "webrtc")
        judge.same("signalling", found.get("signalling"),
                   digest["signalling"])
    return found


def selected(entry):
    return [p for p in entry.get("pairs") or [] if p.get("selected")]


def turned(entry):
    """The same with a and b changed: without signalling a is who checked
    first."""
    swap = {"a": "b", "b": "a"}
    out = dict(entry, a=entry.get("b"), b=entry.get("a"))
    out["controlling"] = swap.get(entry.get("controlling"))
    out["pairs"] = [dict(p, local=p.get("remote"), remote=p.get("local"))
                    for p in entry.get("pairs") or []]
    return out


def ice(rec, digest, judge):
    entries = rec.get("ice") or []
    want = digest["ice"]
    if digest["result"] == "unknown" and digest["sees"] == "ab":
        judge.hold("ICE: nothing is connected", not any(
            e.get("result") == "connected" for e in entries),
            [e.get("result") for e in entries])
        return
    # Between two generations one side may check with its new name and the
    # other's old one.
    between = [e for e in entries if e.get("result") == "restarted" and
               len(want) > 1 and not any(
                   (e.get("a"), e.get("b")) == (w["a"], w["b"])
                   for w in want)]
    judge.same("ICE: generations and transports",
               len(entries) - len(between), len(want))
    for n, w in enumerate(want, 1):
        label = f"ICE {n}"
        at = w["selected"] and (w["selected"]["a"], w["selected"]["b"])
        either = entries + ([turned(e) for e in entries]
                            if digest["candidates"] is None else [])
        fits = [e for e in either if (e.get("a"), e.get("b")) ==
                (w["a"], w["b"])]
        if not judge.hold(f"{label}: found", fits,
                          [(e.get("a"), e.get("b")) for e in entries]):
            continue
        e = fits[0]
        result = "restarted" if w.get("restarted") else digest["result"]
        # Who sees one side only need not know.
        judge.hold(f"{label}: result", e.get("result") == result or
                   digest["sees"] != "ab" and e.get("result") == "unknown",
                   f"{e.get('result')}, wanted {result}")
        if digest["sees"] == "ab" and digest["result"] == "connected":
            judge.same(f"{label}: controlling", e.get("controlling"),
                       w["controlling"])
        if not at:
            if digest["result"] == "failed":
                judge.same(f"{label}: no pair is selected", selected(e), [])
            continue
        pairs = selected(e)
        judge.same(f"{label}: selected pair",
                   [(p.get("local"), p.get("remote")) for p in pairs], [at])
        if not pairs:
            continue
        judge.same(f"{label}: selected pair: nominated, succeeded",
                   (pairs[0].get("nominated"), pairs[0].get("state")),
                   (True, "succeeded"))
        judge.same(f"{label}: via relay", bool(pairs[0].get("via_relay")),
                   w["relayed"])


def candidates(rec, digest, judge):
    if digest["result"] == "unknown" and not rec.get("ice"):
        return  # nobody ever checked
    got = {"a": set(), "b": set()}
    for e in rec.get("ice") or []:
        for c in e.get("candidates") or []:
            got.setdefault(c["side"], set()).add(f"{c['addr']} {c['type']}")
    for side, wanted in (digest["candidates"] or {}).items():
        missing = sorted(set(wanted) - got[side])
        judge.hold(f"candidates of {side}", not missing,
                   f"{missing} not among {sorted(got[side])}")


def dtls(rec, digest, keys, judge):
    entries = rec.get("dtls") or []
    want = digest["dtls"]
    judge.hold("DTLS: there is some" if want else "DTLS: there is none",
               bool(entries) == bool(want), f"{len(entries)} entries")
    for w in want:
        seen = w["version"] == "1.2" or keys == "dtls"
        wanted = {
            "version": w["version"], "cipher": w["cipher"],
            "srtp_profile": w["profile"] if seen else None,
            "fingerprint_client": w["client"] if seen else None,
            "fingerprint_server": w["server"] if seen else None,
        }
        if seen and digest["candidates"] is not None:
            wanted["fingerprint_match"] = True
        if digest["sees"] != "ab":
            wanted = {"version": w["version"]}
        hits = [e for e in entries
                if all(e.get(k) == v for k, v in wanted.items())]
        near = [{k: e.get(k) for k in wanted} for e in entries]
        judge.hold("DTLS: version, cipher, profile, fingerprints", hits,
                   f"{near}, wanted {wanted}")


def hops(rec, ssrc):
    """Streams of that SSRC by hop: after an ICE restart there are two."""
    out = {}
    for s in rec.get("streams") or []:
        if ssrc and s["ssrc"] == ssrc:
            out.setdefault(s["hop"], []).append(s)
    return out


def total(streams, field):
    return sum(s.get(field) or 0 for s in streams)


def one_hop(label, main, rtx, w, judge):
    packets, both = total(main, "packets"), total(main + rtx, "packets")
    judge.same(f"{label}: lost", total(main, "lost"), w["lost"])
    if w.get("at_least"):
        judge.hold(f"{label}: packets", packets >= w["at_least"],
                   f"{packets}, wanted {w['at_least']} at least")
    if w["sent"] is not None and not w["lost_before"]:
        judge.same(f"{label}: packets sent", both, w["sent"])
    if w["received"] is not None:
        judge.same(f"{label}: packets received",
                   both if w["received_has_rtx"] else packets, w["received"])
    if w["frames"] is not None and all(s.get("video") for s in main):
        judge.same(f"{label}: frames", sum(
            s["video"].get("frames") or 0 for s in main), w["frames"])


def described(at, main, rtx, w, judge):
    """What only the signalling can tell."""
    judge.same(f"{at}: media", {s["media"] for s in main}, {w["kind"]})
    judge.hold(f"{at}: repaired by its RTX", all(
        s.get("repairs") == w["ssrc"] for s in rtx),
        [s.get("repairs") for s in rtx])
    if w["codec"]:
        judge.same(f"{at}: codec", {str(s["codec"]).lower() for s in main},
                   {w["codec"].lower()})
    if w["rid"]:
        judge.same(f"{at}: rid", {s["rid"] for s in main}, {w["rid"]})


def srtp(label, streams, w, digest, keys, judge):
    """On a hop beside rtpengine the media is clear."""
    if not digest["dtls"]:
        return
    profile = SRTP[digest["dtls"][0]["profile"]]
    visible = digest["dtls"][0]["version"] == "1.2" or keys == "dtls"
    secret = [s for s in streams if s.get("srtp")]
    judge.hold(f"{label}: encrypted", secret, "srtp is null")
    judge.same(f"{label}: suite", {s["srtp"] for s in secret},
               {profile if visible else "unknown"})
    judge.same(f"{label}: decrypted", {bool(s["decrypted"]) for s in secret},
               {keys == "dtls"})
    clear = secret and keys == "dtls" and w["kind"] == "video"
    for s in secret if clear else []:
        video = s.get("video") or {}
        judge.same(f"{label}: picture", (video.get("width"),
                   video.get("height")), (w["width"], w["height"]))


def streams(rec, digest, keys, judge):
    missing_before = 0
    for w in digest["streams"]:
        if w["sender"] and w["sender"] not in digest["sees"]:
            continue
        label = " ".join(filter(None, (w["kind"], w["rid"], "of",
                                       w["sender"] or "the other")))
        found, repair = hops(rec, w["ssrc"]), hops(rec, w["rtx"])
        if not judge.same(f"{label}: hops", sorted(found),
                          list(range(1, digest["hops"] + 1))):
            continue
        for hop, main in sorted(found.items()):
            rtx = repair.get(hop, [])
            at = label if digest["hops"] == 1 else f"{label} hop {hop}"
            one_hop(at, main, rtx, w, judge)
            if digest["candidates"] is not None:
                described(at, main, rtx, w, judge)
            if w["lost_before"] and hop == 1:
                missing_before += w["sent"] - total(main + rtx, "packets")
        every = [s for main in found.values() for s in main]
        srtp(label, every, w, digest, keys, judge)
    if digest["lost_before"]:
        judge.same("sent and not seen: what the kernel dropped",
                   missing_before, digest["lost_before"])


def turn(rec, digest, judge):
    want = digest["turn"]
    if not want:
        return
    got = rec.get("turn") or []
    relayed = {t.get("relayed") for t in got}
    judge.hold("TURN: relayed addresses", set(want["relayed"]) <= relayed,
               f"{relayed}, wanted {want['relayed']}")
    judge.hold("TURN: realm and user", all(
        (t.get("realm"), t.get("username")) ==
        (want["realm"], want["username"]) for t in got if t.get("relayed")),
        [(t.get("realm"), t.get("username")) for t in got])
    refused = [e.get("error") for t in got for e in
               [t, *(t.get("permissions") or []), *(t.get("channels") or [])]]
    for code in want["errors"]:
        judge.hold(f"TURN: error {code}", code in refused, refused)


def main():
    report, digest, name = sys.argv[1:4]
    with open(digest, encoding="utf-8") as f:
        digest = json.load(f)
    with open(report, encoding="utf-8") as f:
        report = [json.loads(line) for line in f]
    keys = None if "closed" in sys.argv[4:] else digest["keys"]
    judge = Judge(name)
    rec = record(report, digest, judge)
    if not judge.hold("a record of the call", rec, "there is none"):
        return
    ice(rec, digest, judge)
    candidates(rec, digest, judge)
    dtls(rec, digest, keys, judge)
    streams(rec, digest, keys, judge)
    turn(rec, digest, judge)
    judge.same("offers", len(rec.get("offers") or []), digest["offers"])


main()
