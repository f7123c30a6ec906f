"""same_rows.py SQLITE-FILE SOCKET DATABASE: every row of every table and view
of both stores, compared. A line each: "same TABLE ROWS" or "differ TABLE: what"."""

import sqlite3
import subprocess
import sys

path, socket, database = sys.argv[1:4]
lite = sqlite3.connect("file:%s?mode=ro" % path, uri=True)


def server(sql):
    """Rows as lists of text."""
    out = subprocess.run(
        ["mariadb", "--no-defaults", "-u", "root", "-S", socket, "-N", "-B",
         "--default-character-set=utf8mb4", database, "-e", sql],
        stdout=subprocess.PIPE, check=True).stdout.decode()
    return [line.split("\t") for line in out.splitlines()]


def columns(table):
    return [(r[1], r[2]) for r in
            lite.execute("SELECT * FROM pragma_table_info('%s')" % table)]


def value(text, kind, want):
    """What the server said in hex, as SQLite would say it."""
    if text == "~":
        return None
    raw = bytes.fromhex(text)
    if kind == "BLOB":
        return raw
    raw = raw.decode()
    if kind == "INTEGER" or isinstance(want, int):
        return int(raw)
    if kind == "REAL" or isinstance(want, float):
        return float(raw)
    if (isinstance(want, str) and len(want) == 27 and want[10] == "T" and
            len(raw) == 26 and raw[10] == " "):
        return raw.replace(" ", "T") + "Z"
    return raw


def hexed(name, kind):
    name = "`%s`" % name
    what = name if kind == "BLOB" else "CAST(%s AS CHAR)" % name
    return "IF(%s IS NULL, '~', HEX(%s))" % (name, what)


def compare(table):
    cols = columns(table)
    names = [c[0] for c in cols]
    there = {r[0] for r in server(
        "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE"
        " TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '%s'" % table)}
    if there != set(names):
        return "columns: %s" % sorted(there ^ set(names))
    keys = [k for k in ("uid", "n", "start", "name") if k in names]
    keys = keys[:3] if table == "quality" else keys[:2]
    order = " ORDER BY " + ", ".join(keys)
    a = list(lite.execute("SELECT %s FROM %s%s"
                          % (", ".join("`%s`" % n for n in names), table,
                             order)))
    b = server("SELECT %s FROM %s%s" % (", ".join(hexed(*c) for c in cols),
                                        table, order))
    if len(a) != len(b):
        return "%d and %d rows" % (len(a), len(b))
    for want, got in zip(a, b):
        for (name, kind), w, g in zip(cols, want, got):
            g = value(g, kind, w)
            if g != w:
                return "%s of %s: %r and %r" % (name, want[0], w, g)
    return len(a)


tables = [r[0] for r in lite.execute(
    "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
    " AND name NOT LIKE 'sqlite%' AND name <> 'schema_version'"
    " ORDER BY name")]
missing = {r[0] for r in server(
    "SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")} ^ set(
        tables + ["schema_version"])
if missing:
    print("differ tables: only in one of them: %s" % sorted(missing))
for each in tables:
    result = compare(each)
    if isinstance(result, int):
        print("same %s %d" % (each, result))
    else:
        print("differ %s: %s" % (each, result))
