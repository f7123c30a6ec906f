#!/usr/bin/env python3
"""What search.sh asks of the viewer and compares with plain SQL.

search.py make                             SQL of the calls that are made
search.py NAME URL TOKENS DATABASE PART... PASS and FAIL lines
search.py get URL TOKENS PATH              an answer
search.py compare EXPORT API               two CSV files
"""
import csv
import io
import json
import random
import sqlite3
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone

B32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BEGIN = 1795392000  # 2026-11-23T00:00:00Z
MADE = 6000


def uid_of(ms, tail):
    head = "".join(B32[ms >> 5 * i & 31] for i in range(9, -1, -1))
    return head + "".join(B32[tail >> 5 * i & 31] for i in range(15, -1, -1))


def time_of(ms):
    at = datetime.fromtimestamp(ms / 1000, timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def literal(v):
    if v is None:
        return "NULL"
    return "'%s'" % v.replace("'", "''") if isinstance(v, str) else str(v)


def make():
    draw = random.Random(5)
    for n in range(MADE):
        # Bursts: up to forty calls of one millisecond.
        ms = BEGIN * 1000 + n // 40 * 40000 + draw.choice((0, 0, 7, 900))
        caller = "4930%07d" % draw.randrange(10 ** 7)
        callee = draw.choice(("+4940555000", "112", "4930123456", "carla"))
        failed = draw.random() < 0.2
        length = draw.randrange(500, 200000)
        pdd = draw.randrange(20, 9000)
        end = ms + length
        mos = draw.choice((None, 2.2, 3.4, 3.5, 4.1, 4.4))
        row = {
            "uid": uid_of(ms, draw.getrandbits(80)),
            "type": "call",
            "sensor": draw.choice(("one", "two")),
            "state": "failed" if failed else "completed",
            "status": draw.choice((404, 486, 503)) if failed else 200,
            "reason": "Busy Here" if failed else "OK",
            "call_id": "made-%d@example.net" % n,
            "caller_user": caller, "caller_user_rev": caller[::-1],
            "callee_user": callee, "callee_user_rev": callee[::-1],
            "caller_addr": "10.9.%d.%d:5060" % (n % 3, draw.randrange(250)),
            "callee_addr": "10.8.0.%d:5060" % draw.randrange(4),
            "caller_agent": draw.choice(("Phone 1", "Phone 2", "Gate")),
            "transport": draw.choice(("udp", "tls")),
            "start": time_of(ms),
            "answer": None if failed else time_of(ms + pdd),
            "end_time": time_of(end),
            "last_packet": time_of(end),
            "duration_ms": length,
            "connect_ms": None if failed else max(length - pdd, 0),
            "pdd_ms": pdd,
            "a_codec": draw.choice(("PCMA", "opus", None)),
            "b_codec": draw.choice(("PCMA", "opus")),
            "a_mos_adaptive": mos,
            "b_mos_adaptive": draw.choice((None, 4.2)),
            "a_loss_pct": draw.choice((None, 0.0, 0.3, 7.5)),
            "b_loss_pct": draw.choice((None, 0.0, 2.0)),
            "a_jitter_ms_mean": draw.choice((None, 1.5, 40.0)),
            "b_rtt_ms_mean": draw.choice((None, 20.0, 180.0)),
            "ended_by": draw.choice(("caller", "callee")),
            "billing_trunk_in": draw.choice((None, "t1")),
        }
        print("INSERT INTO cdr (%s) VALUES (%s);" % (
            ", ".join(row), ", ".join(map(literal, row.values()))))
        if n % 50 == 0:
            print("INSERT INTO diagnosis (uid, n, code) VALUES "
                  "('%s', 0, 'one-way'), ('%s', 1, 'loss');" % (
                      row["uid"], row["uid"]))


class Viewer:
    def __init__(self, url, tokens):
        self.url, self.tokens = url, tokens

    def raw(self, path, user="ann", **params):
        q = urllib.parse.urlencode(params)
        rq = urllib.request.Request(
            self.url + "/api/v1" + path + ("?" + q if q else ""))
        token = open(f"{self.tokens}.{user}").read().strip()
        rq.add_header("Authorization", "Bearer " + token)
        try:
            with urllib.request.urlopen(rq, timeout=120) as r:
                return r.status, r.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()

    def get(self, path, **params):
        status, body = self.raw(path, **params)
        assert status == 200, (path, params, status, body[:200])
        return json.loads(body)

    def pages(self, path, name, **params):
        """All rows, page by page."""
        rows, cursor, n = [], "", 0
        while True:
            page = self.get(path, cursor=cursor, **params)
            rows += page[name]
            n += 1
            cursor = page["next"]
            if not cursor:
                return rows
            assert n < 20000, "pages without an end"


MOS = "min(coalesce(a_mos_adaptive, b_mos_adaptive)," \
    " coalesce(b_mos_adaptive, a_mos_adaptive))"
LOSS = "max(coalesce(a_loss_pct, b_loss_pct)," \
    " coalesce(b_loss_pct, a_loss_pct))"
JITTER = "max(coalesce(a_jitter_ms_mean, b_jitter_ms_mean)," \
    " coalesce(b_jitter_ms_mean, a_jitter_ms_mean))"
RTT = "max(coalesce(a_rtt_ms_mean, b_rtt_ms_mean)," \
    " coalesce(b_rtt_ms_mean, a_rtt_ms_mean))"


def side(cond):
    return "(%s OR %s)" % (cond.replace("%", "caller"),
                           cond.replace("%", "callee"))


LISTS = [  # q, from, to, SQL
    ("", "", "", "1"),
    ("123456", "", "", side("%_user GLOB '*123456'") + " OR "
     + side("%_user GLOB '123456*'")),
    ("4940555000", "", "", side("%_user IN ('+4940555000', '4940555000')")),
    ("+4940555000", "", "", side("%_user IN ('+4940555000', '4940555000')")),
    ("49301*", "", "", side("%_user GLOB '49301*'")),
    ("*555*", "", "", side("%_user GLOB '*555*'")),
    ("caller:*77", "", "", "caller_user GLOB '*77'"),
    ("car", "", "", side("%_user GLOB 'car*'")),
    ("10.9.1.0/24", "", "", side("%_addr GLOB '10.9.1.*'")),
    ("callee-ip:10.8.0.2", "", "", "callee_addr GLOB '10.8.0.2:*'"),
    ("made-77@example.net", "", "", "call_id = 'made-77@example.net'"),
    ("status:486", "", "", "status = 486"),
    ("status:404,503", "", "", "status IN (404, 503)"),
    ("-status:200", "", "", "status IS NOT 200"),
    ("mos<3.5", "", "", MOS + " < 3.5"),
    ("mos>=4.1", "", "", MOS + " >= 4.1"),
    ("loss>2", "", "", LOSS + " > 2"),
    ("loss<=2", "", "", LOSS + " <= 2"),
    ("jitter>30", "", "", JITTER + " > 30"),
    ("rtt<=20", "", "", RTT + " <= 20"),
    ("pdd>8s", "", "", "pdd_ms > 8000"),
    ("duration<1", "", "", "duration_ms < 1000"),
    ("codec:OPUS", "", "", "'opus' IN (lower(a_codec), lower(b_codec))"),
    ("-codec:opus", "", "",
     "'opus' NOT IN (lower(coalesce(a_codec, '')),"
     " lower(coalesce(b_codec, '')))"),
    ("agent:\"Phone 2\"", "", "", side("%_agent = 'Phone 2'")),
    ("agent:*one*", "", "", side("%_agent GLOB '*one*'")),
    ("transport:tls sensor:two", "", "",
     "transport = 'tls' AND sensor = 'two'"),
    ("ended-by:callee trunk:t1", "", "",
     "ended_by = 'callee' AND billing_trunk_in = 't1'"),
    ("diag:one-way", "", "",
     "uid IN (SELECT uid FROM diagnosis WHERE code = 'one-way')"),
    ("type:session", "", "", "type = 'session'"),
    ("kind:webrtc", "", "", "kind = 'webrtc'"),
    ("123456 status:486 codec:opus", "", "",
     "(" + side("%_user GLOB '*123456'") + ") AND status = 486 AND"
     " 'opus' IN (lower(a_codec), lower(b_codec))"),
    ("", "2026-11-23T00:10", "2026-11-23T00:20",
     "start >= '2026-11-23T00:10' AND start < '2026-11-23T00:20'"),
    ("112", "2026-11-23T00:10:00.0005", "2026-11-23T01:00",
     "(" + side("%_user GLOB '112*'") + " OR " + side("%_user GLOB '*112'")
     + ") AND start >= '2026-11-23T00:10:00.0005'"
     " AND start < '2026-11-23T01:00'"),
    ("nothing-like-it", "", "", "0"),
]


class Check:
    def __init__(self, name, viewer, db):
        self.name, self.v = name, viewer
        self.db = sqlite3.connect(db)

    def same(self, what, got, wanted):
        if got == wanted:
            print(f"PASS search: {self.name}: {what}")
            return
        if isinstance(got, list) and isinstance(wanted, list):
            at = next((i for i, (x, y) in enumerate(zip(got, wanted))
                       if x != y), min(len(got), len(wanted)))
            got = f"{len(got)} rows, at {at}: {got[at:at + 2]}"
            wanted = f"{len(wanted)} rows: {wanted[at:at + 2]}"
        print(f"FAIL search: {self.name}: {what}: {got}, wanted {wanted}")

    def sql(self, sql):
        return self.db.execute(sql).fetchall()

    def uids(self, where, order="uid DESC"):
        return [r[0] for r in self.sql(
            f"SELECT uid FROM cdr WHERE {where} ORDER BY {order}")]

    def lists(self):
        for q, begin, end, where in LISTS:
            params = {"q": q, "from": begin, "to": end, "limit": 97}
            rows = self.v.pages("/calls", "calls", **params)
            self.same(f"'{q}' {begin}", [r["uid"] for r in rows],
                      self.uids(where))
        rows = self.v.pages("/calls", "calls", q="status:486", sort="start",
                            limit=50)
        self.same("oldest first", [r["uid"] for r in rows],
                  self.uids("status = 486", "uid"))
        for name, table in (("registrations", "registration"),
                            ("transactions", "sip_transaction")):
            rows = self.v.pages("/" + name, name, limit=3)
            self.same(name, [r["uid"] for r in rows], [r[0] for r in self.sql(
                f"SELECT uid FROM {table} ORDER BY uid DESC")])
        aor = self.sql("SELECT aor FROM registration LIMIT 1")[0][0]
        rows = self.v.pages("/registrations", "registrations", aor=aor)
        self.same("history of an AOR", [r["uid"] for r in rows],
                  [r[0] for r in self.sql(
                      "SELECT uid FROM registration WHERE aor = '%s' "
                      "ORDER BY uid DESC" % aor)])
        rows = self.v.pages("/registrations", "registrations", q="*alice*")
        self.same("registrations by text", [r["uid"] for r in rows],
                  [r[0] for r in self.sql(
                      "SELECT uid FROM registration WHERE aor || ' ' || "
                      "contact LIKE '%alice%' ORDER BY uid DESC")])
        one = self.v.get("/registrations/" + rows[0]["uid"])
        self.same("one registration", one, rows[0])
        rows = self.v.pages("/transactions", "transactions", status="4xx",
                            method="OPTIONS")
        self.same("transactions by status", len(rows), self.sql(
            "SELECT count(*) FROM sip_transaction WHERE method = 'OPTIONS' "
            "AND status BETWEEN 400 AND 499")[0][0])

    def orders(self):
        for sort, value in (("duration", "duration_ms"), ("mos", MOS),
                            ("loss", LOSS), ("jitter", JITTER),
                            ("pdd", "pdd_ms")):
            for name, way in ((sort, ""), ("-" + sort, " DESC")):
                rows = self.v.pages("/calls", "calls", sort=name, limit=500,
                                    q="sensor:one")
                self.same(f"sort={name}", [r["uid"] for r in rows], self.uids(
                    "sensor = 'one'",
                    f"({value}) IS NULL, {value}{way}, uid DESC"))

    def files(self):
        status, text = self.v.raw("/calls", q="status:486", format="csv")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        self.same("csv", [r["uid"] for r in rows], self.uids("status = 486"))
        status, text = self.v.raw("/calls", q="call-id:none", format="csv")
        self.same("csv of nothing has its names",
                  (text[:9], text.count("\n")), ("uid,type,", 1))
        status, text = self.v.raw("/calls", q="status:486", format="jsonl",
                                  limit=100)
        lines = [json.loads(line) for line in text.splitlines()]
        page = self.v.get("/calls", q="status:486", limit=100)["calls"]
        self.same("jsonl is the list", lines, page)
        self.same("diagnoses", sum("one-way" in r["diagnoses"] for r in
                                   self.v.pages("/calls", "calls",
                                                limit=1000)),
                  self.sql("SELECT count(DISTINCT uid) FROM diagnosis WHERE "
                           "code = 'one-way'")[0][0])

    def figures(self):
        # From and to are times of the uid here.
        begin, end = BEGIN * 1000, (BEGIN + 4 * 86400) * 1000
        for q, where in (("", "1"), ("status:486", "status = 486")):
            for hours in (96, 3):
                end = begin + hours * 3600000
                self.figures_of(q, f"({where}) AND uid >= '%s' AND uid < '%s'"
                                % (uid_of(begin, 0), uid_of(end, 0)),
                                time_of(begin), time_of(end))

    def figures_of(self, q, where, begin, end):
        for _ in range(3000):
            d = self.v.get("/stats", q=q, **{"from": begin, "to": end})
            if d["complete"]:
                break
        name = f"figures '{q}' to {end}"
        t = d["totals"]
        tries = "type = 'call' AND state <> 'redirected' AND NOT (state = " \
            "'active' AND answer IS NULL)"
        reached = "(answer IS NOT NULL OR status IN (480, 486, 600, 603) OR " \
            "(pdd_ms IS NOT NULL AND (state IN ('cancelled', 'unanswered') " \
            "OR status = 408)))"
        row = self.sql(f"""SELECT sum(type = 'call'), sum(type = 'session'),
            sum({tries} AND answer IS NOT NULL), sum(state = 'failed' AND
            type = 'call'),
            round(100.0 * sum({tries} AND answer IS NOT NULL)
                / sum({tries}), 3),
            round(100.0 * sum({tries} AND {reached}) / sum({tries}), 3),
            round(avg(CASE WHEN type = 'call' THEN pdd_ms END), 3),
            round(avg({MOS}), 3), round(avg({LOSS}), 3),
            sum({MOS} < 3.5) FROM cdr WHERE {where}""")[0]
        self.same(name, [t[k] for k in (
            "calls", "sessions", "answered", "failed", "asr_pct", "ner_pct",
            "pdd_ms_mean", "mos_mean", "loss_pct_mean", "bad_mos")],
            list(row))
        self.same(name + ": series add up",
                  [sum(d["series"]["calls"]), sum(d["series"]["failed"]),
                   max(d["series"]["concurrent"])],
                  [t["calls"] + t["sessions"], t["failed"],
                   t["concurrent_max"]])
        self.same(name + ": failures",
                  [(f["status"], f["calls"]) for f in d["failures"]],
                  self.sql(f"""SELECT status, count(*) FROM cdr WHERE {where}
                      AND type = 'call' AND state = 'failed' AND
                      status IS NOT NULL GROUP BY status
                      ORDER BY 2 DESC, 1"""))
        self.same(name + ": codecs", {c["key"]: c["calls"]
                                      for c in d["by"]["codec"]},
                  dict(self.sql(f"""SELECT c, count(DISTINCT uid) FROM (
                      SELECT uid, a_codec AS c FROM cdr WHERE {where} UNION
                      SELECT uid, b_codec FROM cdr WHERE {where})
                      WHERE c IS NOT NULL GROUP BY c""")))
        self.same(name + ": MOS of all", sum(d["mos"]["counts"]), self.sql(
            f"SELECT count({MOS}) FROM cdr WHERE {where}")[0][0])
        if q or "T03" in end:
            return
        for entry in d["failures"][:2] + d["by"]["callee_ip"][:2] + \
                d["by"]["agent"][:2] + d["by"]["codec"][:1]:
            rows = self.v.pages("/calls", "calls", q=entry["q"], limit=1000,
                                **{"from": begin, "to": end})
            self.same(f"{name}: {entry['q']} finds them", len(rows),
                      entry["calls"])

    def masked(self):
        page = self.v.get("/calls", user="vic", q="made-77@example.net")
        row = page["calls"][0]
        self.same("masked: no number is whole",
                  row["caller_user"][3:].strip("x"), "")
        status, text = self.v.raw("/calls", user="vic", format="csv",
                                  q="made-77@example.net")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        self.same("masked: nor in CSV", rows[0]["caller_user"],
                  row["caller_user"])
        whole = self.sql("SELECT caller_user FROM cdr WHERE call_id = "
                         "'made-77@example.net'")[0][0]
        self.same("masked: a whole number is found",
                  row["uid"] in [r["uid"] for r in self.v.get(
                      "/calls", user="vic", q=whole)["calls"]], True)
        self.same("masked: its end finds nothing", self.v.get(
            "/calls", user="vic", q=whole[-6:])["calls"], [])
        for path, q in (("/calls", whole[:6] + "*"), ("/calls", "*77"),
                        ("/calls", "number:*5*"), ("/stats", "4930*"),
                        ("/registrations", "alice")):
            status, body = self.v.raw(path, user="vic", q=q)
            self.same(f"masked: {path} {q} is refused",
                      (status, json.loads(body)["error"]["code"]),
                      (403, "forbidden"))

    def complaints(self):
        for path, params, code, at in (
                ("/calls", {"q": "status:x"}, "bad_query", 7),
                ("/calls", {"q": "\u00f6 colour:red"}, "bad_query", 2),
                ("/calls", {"from": "yesterday"}, "bad_request", None),
                ("/calls", {"sort": "colour"}, "bad_request", None),
                ("/calls", {"limit": "0"}, "bad_request", None),
                ("/calls", {"limit": "1001"}, "bad_request", None),
                ("/calls", {"cursor": "x"}, "bad_request", None),
                ("/calls", {"cursor": "x", "sort": "mos"}, "bad_request",
                 None),
                ("/calls", {"format": "xml"}, "bad_request", None),
                ("/stats", {"from": "-1d", "to": "-2d"}, "bad_request", None),
                ("/stats", {"from": "2000-01-01"}, "bad_request", None),
                ("/registrations", {"q": "a*b"}, "bad_request", None),
                ("/transactions", {"status": "9"}, "bad_request", None)):
            status, body = self.v.raw(path, **params)
            e = json.loads(body)["error"]
            self.same(f"{path} {params} is refused",
                      (status, e["code"], e["at"]), (400, code, at))
        status, body = self.v.raw("/registrations/NONE")
        self.same("a registration that is not there", status, 404)


def compare(export, api):
    a = list(csv.DictReader(open(export, newline="")))
    b = list(csv.DictReader(open(api, newline="")))
    shared = [k for k in b[0] if k in a[0]]
    wrong = next((f"{x['uid']} {k}: {y[k]!r}, wanted {x[k]!r}"
                  for x, y in zip(a, b) for k in shared if x[k] != y[k]), "")
    if len(a) != len(b):
        wrong = f"{len(b)} rows, wanted {len(a)}"
    if not wrong and len(shared) < 50:
        wrong = f"only {len(shared)} columns are shared"
    print("FAIL" if wrong else "PASS",
          "search: csv is that of export" + (": " + wrong if wrong else ""))


def main():
    if sys.argv[1] == "make":
        make()
    elif sys.argv[1] == "compare":
        compare(*sys.argv[2:])
    elif sys.argv[1] == "get":
        print(Viewer(*sys.argv[2:4]).raw(sys.argv[4])[1], end="")
    else:
        c = Check(sys.argv[1], Viewer(*sys.argv[2:4]), sys.argv[4])
        for part in sys.argv[5:]:
            try:
                getattr(c, part)()
            except Exception as e:  # one part does not hide the others
                print(f"FAIL search: {c.name}: {part}: {e!r}"[:400])


main()
