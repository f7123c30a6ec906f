#!/bin/sh
# search.sh BUILD: what the viewer's searches take in a million calls of
# SQLite (COUNT) and ten million of MariaDB (ROWS, with a server of our own),
# over 30 days, first and tenth page of 100. A hundredth of the calls go to one
# number, a twentieth are busy, use opus; a call in a hundred thousand iLBC.
# Prints each with the processor time of a page and its goal of 100 ms; exit status 1: one was missed. What no
# index answers and hardly any call has is stopped after 400 ms: that is its
# goal. Takes half an hour and 20 GB in TMPDIR; COUNT=0 or ROWS=0 leaves a
# store out.
set -eu
LC_ALL=C
export LC_ALL

build=$1
: "${CALLSCOPE_SRC=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${CALLSCOPE_BUILD=$build}"
: "${COUNT:=1000000}" "${ROWS:=10000000}" "${POOL:=4G}"
# shellcheck source=tests/e2e/lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"
# shellcheck disable=SC2034 # read there
db_on_disk=yes
# shellcheck source=tests/e2e/mariadb_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/mariadb_lib.sh"

fill=$build/obj/tests/bench/store_fill
search=$build/obj/tests/bench/store_search
today=$(($(date -u +%s) / 86400 * 86400))
begin=$((today - 30 * 86400))
middle=$(date -u -d "@$((begin + 15 * 86400))" +%Y-%m-%d)
missed=0

# judge STORE: figures of store_search from standard input.
judge()
{
	while read -r rows first last cpu all query; do
		goal=100
		[ "$all" = all ] || goal=500
		verdict=$(awk -v a="$first" -v b="$last" -v goal="$goal" \
			'BEGIN { print a <= goal && b <= goal ? "ok" : "MISS" }')
		printf '%-8s %-44s %4s calls %7s %7s ms, %6s CPU  goal %s  %s\n' \
			"$1" "$query" "$rows" "$first" "$last" "$cpu" "$goal" \
			"$verdict"
		[ "$verdict" = ok ] || echo "$query" >>"$tmp/missed"
	done
}

# searches STORE URL CALL-ID NUMBER
searches()
{
	end=$(echo "$4" | tail -c 7)
	"$search" "$2" 10 "$end" 123456 "$4" 493063 "*$end" 10.0.8.7 \
		10.0.8.0/24 "$3" status:486 status:603 'status:4xx -status:486' \
		'mos<3.5' 'mos<2.1' 'loss>10' codec:opus codec:iLBC \
		'agent:PBX status:603' 'duration>180' \
		"$end from:$middle" "123456 from:$middle" \
		"status:486 from:${middle}T10:00 to:${middle}T12:00" \
		"codec:opus to:$middle" "*$(echo "$end" | cut -c 2-5)9*" |
		judge "$1"
}

# one TEXT: a word of it, by number.
word()
{
	echo "$1" | awk -v n="$2" '{ print $n }'
}

if [ "$COUNT" -gt 0 ]; then
	db=${SQLITE:-$tmp/callscope.db}
	[ -f "$db" ] ||
		"$fill" "sqlite:$db" "$COUNT" "$begin" 2592000 mixed >/dev/null
	echo "SQLite: $(sql "$db" 'SELECT count(*) FROM cdr') calls"
	one=$(sql "$db" 'SELECT call_id, caller_user FROM cdr WHERE uid >=
		(SELECT max(uid) FROM (SELECT uid FROM cdr ORDER BY uid
		LIMIT 1000)) LIMIT 1')
	searches SQLite "sqlite:$db" "$(word "$one" 1)" "$(word "$one" 2)"
fi

# month_sql: the table with its days, and ROWS calls.
month_sql()
{
	python3 - "$begin" "$ROWS" <<'PYTHON'
import sys
B32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
begin, rows = int(sys.argv[1]), int(sys.argv[2])


def head(ms):
    return "".join(B32[ms >> 5 * i & 31] for i in range(9, -1, -1))


def draw(name, below):
    return f"(CRC32(CONCAT('{name}', @day, '-', seq)) % {below})"


def user(name):
    return f"CONCAT('4930', LPAD({draw(name, 10 ** 9)}, 9, '0'))"


def addr(name):
    n = draw(name, 4000)
    return f"CONCAT('10.0.', {n} DIV 256, '.', {n} % 256, ':5060')"


def agent(name):
    return f"ELT({draw(name, 4)} + 1, 'Gateway/7.1', 'Phone 3.22', " \
        "'softphone/1.0.9', 'PBX')"


per = rows // 30
ms = f"(@begin + seq * 86400000 DIV {per + 1})"
digits = ", ".join(f"SUBSTR('{B32}', ({ms} >> {5 * i} & 31) + 1, 1)"
                   for i in range(9, -1, -1))
callee = f"IF({draw('hot', 100)} = 0, '4930555123456', {user('b')})"
fate = draw("fate", 10000)
status = f"CASE WHEN {fate} < 500 THEN 486 WHEN {fate} < 700 THEN 404 " \
    f"WHEN {fate} < 790 THEN 503 WHEN {fate} = 790 THEN 603 ELSE 200 END"
codec = f"CASE WHEN {fate} <= 790 THEN NULL WHEN {draw('rare', 100000)} = 0 " \
    f"THEN 'iLBC' WHEN {draw('codec', 20)} = 0 THEN 'opus' ELSE 'PCMA' END"
bad = f"{draw('bad', 100)} < 3"
mos = f"IF({fate} <= 790, NULL, IF({bad}, 2 + {draw('m', 1400)} / 1000, " \
    f"4 + {draw('m', 400)} / 1000))"
loss = f"IF({fate} <= 790, NULL, IF({bad}, 2 + {draw('l', 9000)} / 1000, " \
    "0.1))"
at = f"FROM_UNIXTIME({ms} / 1000)"
columns = {
    "uid": f"CONCAT({digits}, UPPER(SUBSTR(SHA1(CONCAT(@day, '-', seq)), 1,"
           " 16)))",
    "type": "'call'", "sensor": "'bench'", "packets": "100",
    "last_packet": at, "start": at, "end_time": at,
    "answer": f"IF({fate} <= 790, NULL, {at})",
    "call_id": "CONCAT(@day, '-', seq, '-bench@sip.example.net')",
    "state": f"IF({fate} <= 790, 'failed', 'completed')",
    "status": status, "reason": "'OK'", "transport": "'udp'",
    "caller_user": user("a"), "caller_user_rev": f"REVERSE({user('a')})",
    "callee_user": callee, "callee_user_rev": f"REVERSE({callee})",
    "caller_host": "'sip.example.net'", "callee_host": "'sip.example.net'",
    "caller_addr": addr("p"), "callee_addr": addr("q"),
    "caller_agent": agent("x"), "callee_agent": agent("y"),
    "duration_ms": f"1000 + {draw('d', 200000)}",
    "pdd_ms": f"100 + {draw('e', 1000)}",
    "connect_ms": f"IF({fate} <= 790, NULL, 1000 + {draw('d', 180000)})",
    "a_codec": codec, "b_codec": codec, "a_mos_adaptive": mos,
    "b_mos_adaptive": f"IF({fate} <= 790, NULL, 4.3)", "a_loss_pct": loss,
}
days = [f"PARTITION d{d} VALUES LESS THAN ('"
        f"{head((begin + d * 86400) * 1000)}{'0' * 16}')"
        for d in range(1, 31)]
print("SET time_zone = '+00:00';")
print("ALTER TABLE cdr PARTITION BY RANGE COLUMNS (uid) (",
      ", ".join(days), ", PARTITION rest VALUES LESS THAN (MAXVALUE));")
for day in range(30):
    print(f"SET @day = {day}, @begin = {(begin + day * 86400) * 1000};")
    print(f"INSERT INTO cdr ({', '.join(columns)}) SELECT"
          f" {', '.join(columns.values())} FROM seq_1_to_{per};")
PYTHON
}

if [ "$ROWS" -gt 0 ]; then
	if why=$(db_missing any); then
		echo "SKIP search: MariaDB: $why"
	else
		db_start big --innodb-buffer-pool-size="$POOL" \
			--innodb-log-file-size=2G --tmpdir="$tmp/db-tmp"
		db_sql big 'CREATE DATABASE model; CREATE DATABASE calls'
		for name in model calls; do
			"$build/callscope" migrate --db "$(db_url big $name)" \
				--db-password-file "$tmp/password" >/dev/null
		done
		db_sql big "ALTER TABLE cdr $(db_keys big model DROP)" calls
		month_sql | mariadb --no-defaults -u root -S "$db_socket" calls
		db_sql big "ALTER TABLE cdr $(db_keys big model ADD);
			ANALYZE TABLE cdr" calls >/dev/null
		echo "MariaDB: $(db_sql big 'SELECT count(*) FROM cdr' calls)" \
			"calls, buffer pool $POOL"
		one=$(db_sql big 'SELECT call_id, caller_user FROM cdr
			LIMIT 1000, 1' calls)
		CALLSCOPE_DB_PASSWORD=$db_password
		STORE_PID=$(cat "$tmp/db-big/pid")
		export CALLSCOPE_DB_PASSWORD STORE_PID
		searches MariaDB "$(db_url big calls)" "$(word "$one" 1)" \
			"$(word "$one" 2)"
	fi
fi
set +e # the server is killed by the trap
[ ! -s "$tmp/missed" ] || missed=1
exit "$missed"
