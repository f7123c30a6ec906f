#!/bin/sh
# The MySQL store with a real mariadbd: the same rows as in SQLite, upserts,
# text of all kinds, TLS, passwords, migrations, partitions and indexes.
# faults.sh has a server that fails.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"
# shellcheck source=mariadb_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/mariadb_lib.sh"

if ! grep -q HAVE_MYSQL "$CALLSCOPE_BUILD/config.h"; then
	echo 'SKIP mysql: built without it'
	exit 0
fi
if missing=$(db_missing any); then
	echo "SKIP mysql: $missing"
	exit 0
fi
# Nothing here outlives a power cut, so nothing waits for the disk.
fast='--debug-no-sync --innodb-flush-method=nosync'
# shellcheck disable=SC2086 # words
if ! db_start one $fast >"$tmp/err" 2>&1; then
	echo "FAIL mysql: $(cat "$tmp/err")"
	exit 0
fi

# database NAME: an empty one; url is its own.
database()
{
	db_sql one "DROP DATABASE IF EXISTS $1; CREATE DATABASE $1"
	url=$(db_url one "$1")
}

# tables DATABASE: without the views.
tables()
{
	db_sql one "SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'" "$1" |
		cut -f 1
}

# emptied: the database whole without rows, which is faster than a new one.
emptied()
{
	for each in $(tables whole | grep -v schema_version); do
		echo "DELETE FROM $each;"
	done >"$tmp/emptied"
	db_sql one "$(cat "$tmp/emptied")" whole
}

# store FILE...: a run into the database.
store()
{
	run -r "$@" -o "$tmp/data" --record none -q --db "$url" \
		--db-password-file "$tmp/password"
	[ "$status" -eq 0 ] ||
		echo "FAIL mysql: a run ends with $status: $(tail -n 3 "$tmp/err")"
}

# store_lite FILE...: the same into lite.db.
store_lite()
{
	run -r "$@" -o "$tmp/data" --record none -q --db "sqlite:$tmp/lite.db"
}

# rows_same NAME DATABASE: lite.db and the server hold the same.
rows_same()
{
	python3 "$CALLSCOPE_SRC/tests/e2e/same_rows.py" "$tmp/lite.db" \
		"$db_socket" "$2" >"$tmp/rows" 2>"$tmp/err"
	result "mysql: $1: both can be read" $?
	grep -v '^same' "$tmp/rows" | head -n 3 >"$tmp/err"
	[ ! -s "$tmp/err" ] && [ "$(wc -l <"$tmp/rows")" -ge 14 ]
	result "mysql: $1: the same rows in $(wc -l <"$tmp/rows") tables" $?
}

# sums DATABASE: of all tables.
sums()
{
	for each in $(tables "$1"); do
		db_sql one "CHECKSUM TABLE $each" "$1"
	done
}

# --- the same as SQLite -------------------------------------------------------

database whole
store_lite "$samples"
store "$samples"
rows_same 'all samples' whole
grep -q 'same cdr [1-9][0-9][0-9]' "$tmp/rows"
result 'mysql: all samples: there are rows' $?
sums whole >"$tmp/1.sums"
store "$samples"
sums whole | cmp - "$tmp/1.sums" >"$tmp/err" 2>&1
result 'mysql: a second run changes nothing' $?

# Three at once store the same calls: one is first, the others find them.
emptied
pids=
for each in 1 2 3; do
	"$CALLSCOPE" -r "$samples" -o "$tmp/at-once-$each" --record none -q \
		--db "$url" --db-password-file "$tmp/password" \
		>/dev/null 2>"$tmp/at-once-$each.err" </dev/null &
	pids="$pids $!"
done
for each in $pids; do
	wait "$each"
done
rows_same 'three at once' whole

# What is read from it, too.
for each in json csv; do
	run export --db "$url" --db-password-file "$tmp/password" \
		-o "$tmp/data" --$each --to -
	cp "$tmp/out" "$tmp/there"
	run export --db "sqlite:$tmp/lite.db" -o "$tmp/data" --$each --to -
	cmp "$tmp/there" "$tmp/out" >"$tmp/err" 2>&1 && [ -s "$tmp/there" ]
	result "mysql: export --$each of both is the same" $?
done
run export --db "$url" --db-password-file "$tmp/password" -o "$tmp/data" \
	--csv --to - --number '*100' --mos-below 4.5 --from 2020-01-01
cp "$tmp/out" "$tmp/there"
run export --db "sqlite:$tmp/lite.db" -o "$tmp/data" \
	--csv --to - --number '*100' --mos-below 4.5 --from 2020-01-01
cmp "$tmp/there" "$tmp/out" >"$tmp/err" 2>&1
result 'mysql: a search in both finds the same' $?

# Parts of calls, then wholes, then parts again: what knows more stays.
plain=$samples/transfer.pcap
"$tools/part" "$plain" 1 300 "$tmp/part" 2>"$tmp/err"
result 'mysql: a part is made' $?
emptied
rm -f "$tmp/lite.db"*
for each in "$tmp/part" "$plain" "$tmp/part"; do
	store "$each"
	store_lite "$each"
	rows_same "${each##*/}" whole
done

# --- text ---------------------------------------------------------------------

uri=$(awk 'BEGIN { for (i = 0; i < 2000; i++) printf "u" }')
{
	printf '0 udp 10.0.0.1:5060 10.0.0.2:5060 %s\n' \
		"INVITE sip:b@x SIP/2.0\\r\\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\\r\\nFrom: \"\\xf0\\x9f\\x98\\x80\\xc3\\xa9'\\\\\\xff\\x00\" <sip:$uri@x>;tag=a\\r\\nTo: <sip:b@x>\\r\\nCall-ID: \\xed\\xa0\\x80; DROP TABLE cdr\\r\\nCSeq: 1 INVITE\\r\\nUser-Agent: blank at the end \\r\\n\\r\\n"
} | "$tools/made" "$tmp/text.pcap"
emptied
rm -f "$tmp/lite.db"*
store_lite "$tmp/text.pcap"
store "$tmp/text.pcap"
grep -q 'longer than their column are cut' "$tmp/err"
result 'mysql: a cut is told' $?
same 'mysql: text that is no UTF-8, quotes, smileys' \
	"$(db_sql one 'SELECT HEX(caller_name), HEX(call_id) FROM cdr' whole)" \
	"$(sql "$tmp/lite.db" 'SELECT hex(caller_name), hex(call_id) FROM cdr' |
		tr '|' '\t')"
same 'mysql: a long text is cut at its column' \
	"$(db_sql one 'SELECT CHAR_LENGTH(caller_uri) < 1025,
		CHAR_LENGTH(caller_user), RIGHT(caller_user, 3) FROM cdr' whole)" \
	"1	190	uuu"

# --- who may connect ----------------------------------------------------------

# refused NAME WORDS URL [OPTION...]
refused()
{
	name=$1 words=$2
	shift 2
	rm -rf "$tmp/refused"
	run -r "$samples/basic-call.pcap" -o "$tmp/refused" --record none -q \
		--db "$@"
	[ "$status" -eq 1 ] && grep -q "$words" "$tmp/err"
	result "mysql: $name" $? "$status: $(cat "$tmp/err")"
}

printf 'wrong' >"$tmp/wrong"
refused 'a wrong password' 'Access denied' "$url" --db-password-file "$tmp/wrong"
refused 'no such database' "Unknown database 'nowhere'" \
	"$(db_url one nowhere)" --db-password-file "$tmp/password"
db_sql one 'CREATE DATABASE theirs; CREATE TABLE theirs.mails (x INT)'
refused 'the database of another program' 'another program' \
	"$(db_url one theirs)" --db-password-file "$tmp/password"
printf '%s' "$db_password" >"$tmp/bare"
emptied
store "$samples/basic-call.pcap"
run -r "$samples/basic-call.pcap" -o "$tmp/data" --record none -q --db "$url" \
	--db-password-file "$tmp/bare"
same 'mysql: a password file without a newline' "$status" 0
CALLSCOPE_DB_PASSWORD=$db_password "$CALLSCOPE" \
	-r "$samples/basic-call.pcap" -o "$tmp/data" --record none -q \
	--db "$url" >"$tmp/out" 2>"$tmp/err"
same 'mysql: a password of the environment' "$?" 0
refused 'TLS that the server has not' 'TLS' "$(db_url one whole tls=required)" \
	--db-password-file "$tmp/password"

# Rights to read and write rows are enough once the tables are there.
db_sql one "CREATE USER scribe@'%' IDENTIFIED BY '$db_password';
	GRANT SELECT, INSERT, UPDATE, DELETE ON whole.* TO scribe@'%'"
url="mysql://scribe@127.0.0.1:$db_port/whole"
store "$samples/busy-486.pcap"
same 'mysql: few rights' "$(db_sql one 'SELECT COUNT(*) FROM cdr' whole)" 2

# --- migrations ---------------------------------------------------------------

# migrate [OPTION...]
migrate()
{
	"$CALLSCOPE" migrate --db "$url" --db-password-file "$tmp/password" \
		"$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
}

newest=$(find "$CALLSCOPE_SRC/sql/mysql" -name '*.sql' | wc -l)
database new
migrate --check
same 'mysql: migrate --check: pending' \
	"$status $(grep -c ^pending: "$tmp/out")" "1 $newest"
same 'mysql: migrate --check changes nothing' "$(db_sql one 'SHOW TABLES' new)" ''
migrate
same 'mysql: migrate' "$status $(grep -c '^applied: .* s)$' "$tmp/out")" \
	"0 $newest"
migrate --check
same 'mysql: migrate --check: nothing to do' "$status" 0
db_sql one "INSERT INTO schema_version VALUES (99, 'later')" new
migrate
grep -q 'made by a newer callscope: its schema is version 99' "$tmp/err"
result 'mysql: migrate refuses a newer schema' $?

# What an interrupted migration left: some tables, no version.
db_sql one 'DELETE FROM schema_version; DROP TABLE stream, turn_allocation' new
migrate
same 'mysql: an interrupted migration goes on' "$status $(db_sql one \
	'SELECT COUNT(*) FROM stream' new)" '0 0'

database race
{ migrate; echo $status; } >"$tmp/first" 2>&1 &
other=$!
"$CALLSCOPE" migrate --db "$url" --db-password-file "$tmp/password" \
	>"$tmp/second" 2>&1
same 'mysql: two migrations at once: the second' "$?" 0
wait $other
same 'mysql: two migrations at once: the first' "$(tail -n 1 "$tmp/first")" 0
same 'mysql: two migrations at once: each once' "$(db_sql one \
	'SELECT COUNT(*) FROM schema_version' race)" "$newest"

# An older schema: records wait for migrate.
if [ "$newest" -gt 1 ]; then
	database older
	migrate
	db_sql one 'DELETE FROM schema_version WHERE version > 1' older
	run -r "$samples/basic-call.pcap" -o "$tmp/waits" --record none -q \
		--db "$url" --db-password-file "$tmp/password"
	[ "$status" -eq 3 ] && grep -q 'run callscope migrate' "$tmp/err"
	result 'mysql: an older schema is told' $?
fi

# --- partitions ---------------------------------------------------------------

# days TABLE: its partitions.
days()
{
	db_sql one "SELECT PARTITION_NAME FROM information_schema.PARTITIONS
		WHERE TABLE_SCHEMA = 'new' AND TABLE_NAME = '$1'
		ORDER BY PARTITION_ORDINAL_POSITION" | tr '\n' ' '
}

# expire NOW BEFORE
expire()
{
	CALLSCOPE_DB_PASSWORD=$db_password "$tools/expire" "$url" \
		"$1" "$2" 2>"$tmp/err" || cat "$tmp/err"
}

# A call a day: uids of midday, 2030-01-01 and the days after.
url=$(db_url one new)
day=1893456000
expire $day 0 >/dev/null
same 'mysql: days ahead' "$(days stream | grep -o 'p2030.*')" \
	'p20300101 p20300102 p20300103 p_future '
expire $((day + 86400)) 0 >/dev/null
same 'mysql: one more the next day' "$(days cdr | grep -o 'p2030.*')" \
	'p20300101 p20300102 p20300103 p20300104 p_future '
expire $((day + 86400)) 0 >/dev/null
same 'mysql: and no more within it' "$(days quality | grep -o 'p2030.*')" \
	'p20300101 p20300102 p20300103 p20300104 p_future '
python3 - $day >"$tmp/rows.sql" <<'PYTHON'
import sys
digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
def uid(ms, tail):
    text = ""
    for _ in range(10):
        text = digits[ms & 31] + text
        ms >>= 5
    return text + tail.rjust(16, "0")
day = int(sys.argv[1]) * 1000
for i in range(4):
    for n in range(3):
        u = uid(day + i * 86400000 + 43200000, "C%d" % n)
        print("INSERT INTO cdr (uid, type, reason) VALUES ('%s', 'call', '%d%d');" % (u, i, n))
        print("INSERT INTO stream (uid, n) VALUES ('%s', 0), ('%s', 1);" % (u, u))
    u = uid(day + i * 86400000 + 43200000, "R")
    print("INSERT INTO registration (uid) VALUES ('%s');" % u)
for ms, what in ((0, "1970"), (day + 900 * 86400000, "2032")):
    print("INSERT INTO cdr (uid, type, reason) VALUES ('%s', 'call', '%s');" % (uid(ms, "X"), what))
PYTHON
db_sql one "$(cat "$tmp/rows.sql")" new
# in PARTITION: the reasons there
in_day()
{
	db_sql one "SELECT reason FROM cdr PARTITION ($1) ORDER BY uid" new |
		tr '\n' ' '
}
same 'mysql: a day is a partition' "$(in_day p20300102)" '10 11 12 '
same 'mysql: a time before 2000' "$(in_day p_old)" '1970 '
same 'mysql: a time that is far ahead' "$(in_day p_future)" '2032 '
same 'mysql: retention: a day that is not over stays' \
	"$(expire $((day + 4 * 86400)) $((day + 86399)) | tail -n 1)" '0 0'
same 'mysql: retention: a day goes' \
	"$(expire $((day + 4 * 86400)) $((day + 86400)))" \
	"retention: 4 records from before 2030-01-02T00:00:00Z deleted from the mysql database
4 0"
same 'mysql: retention: its partitions are gone' \
	"$(for each in cdr stream registration; do days $each; done |
		grep -c p20300101)" 0
db_sql one "UPDATE cdr SET held = 1 WHERE reason = '11'" new
same 'mysql: retention: a call on hold stays' \
	"$(expire $((day + 4 * 86400)) $((day + 3 * 86400)) | tail -n 1)" '7 1'
same 'mysql: retention: what is left' \
	"$(db_sql one 'SELECT reason, (SELECT COUNT(*) FROM stream s
		WHERE s.uid = c.uid) FROM cdr c ORDER BY uid' new |
		tr '\t\n' ': ')" '1970:0 11:2 30:2 31:2 32:2 2032:0 '
same 'mysql: retention: once more' \
	"$(expire $((day + 4 * 86400)) $((day + 3 * 86400)) | tail -n 1)" '0 1'

# A clock that was never set: the record is stored, said and counted.
{
	for n in 3 2 1; do
		printf -- '-169990000%s udp 10.0.0.1:5060 10.0.0.2:5060 %s\n' "$n" \
			"BYE sip:b@x SIP/2.0\\r\\nVia: SIP/2.0/UDP h;branch=z9hG4bK$n\\r\\nFrom: <sip:a@x>;tag=1\\r\\nTo: <sip:b@x>;tag=2\\r\\nCall-ID: odd$n\\r\\nCSeq: 1 BYE\\r\\n\\r\\n"
	done
} | "$tools/made" "$tmp/odd.pcap"
db_sql one 'CREATE DATABASE odd'
url=$(db_url one odd)
store "$tmp/odd.pcap"
same 'mysql: a time that cannot be: counted' \
	"$(sed -n 's/.*records with a time that cannot be: //p' "$tmp/err")" 3
same 'mysql: a time that cannot be: stored' \
	"$(db_sql one 'SELECT COUNT(*) FROM cdr PARTITION (p_old)' odd)" 3

# --- indexes ------------------------------------------------------------------

db_sql one "INSERT INTO cdr (uid, type, start, call_id, group_id, status,
		caller_user, caller_user_rev, callee_user, callee_user_rev,
		caller_addr, callee_addr, caller_agent, callee_agent,
		duration_ms, a_mos_adaptive, b_mos_adaptive)
	SELECT CONCAT('01M8AJDS', LPAD(seq, 18, '0')), 'call',
		FROM_UNIXTIME(1800000000 + seq), seq, seq, 200 + seq % 400,
		CONCAT('49', seq), REVERSE(CONCAT('49', seq)),
		CONCAT('44', seq), REVERSE(CONCAT('44', seq)),
		CONCAT('10.0.', seq, ':5060'), CONCAT('10.1.', seq, ':5060'),
		CONCAT('a', seq), CONCAT('b', seq), seq, 1 + seq / 5000,
		1 + seq / 5000
	FROM seq_1_to_20000;
	ANALYZE TABLE cdr" whole >/dev/null
while IFS='|' read -r index where; do
	same "mysql: a search uses $index" "$(db_sql one \
		"EXPLAIN SELECT uid FROM cdr WHERE $where" whole | cut -f 6)" \
		"$index"
done <<'END'
cdr_start|start BETWEEN '2027-01-15 08:00:00' AND '2027-01-15 08:01:00'
cdr_caller_user|caller_user LIKE '49123%'
cdr_callee_user|callee_user = '44123'
cdr_caller_user_rev|caller_user_rev LIKE '4321%'
cdr_callee_user_rev|callee_user_rev LIKE '4321%'
cdr_call_id|call_id = '77'
cdr_group_id|group_id = '77'
cdr_status|status = 486
cdr_caller_addr|caller_addr LIKE '10.0.77:%'
cdr_callee_addr|callee_addr = '10.1.77:5060'
cdr_caller_agent|caller_agent LIKE 'a123%'
cdr_callee_agent|callee_agent = 'b77'
cdr_duration|duration_ms < 100
cdr_a_mos|a_mos_adaptive < 1.05
cdr_b_mos|b_mos_adaptive < 1.05
END

# --- TLS ----------------------------------------------------------------------

db_stop one
if ! command -v openssl >/dev/null; then
	echo 'SKIP mysql: TLS: no openssl to make certificates with'
	exit 0
fi
# certificate NAME SUBJECT: signed by itself.
certificate()
{
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$2" \
		-addext "subjectAltName=DNS:$2" -keyout "$tmp/tls/$1.key" \
		-out "$tmp/tls/$1.pem" >"$tmp/err" 2>&1
}
mkdir "$tmp/tls"
certificate server localhost && certificate other localhost
result 'mysql: TLS: certificates are made' $?
chmod 755 "$tmp/tls"
chmod 644 "$tmp/tls"/*
# shellcheck disable=SC2086 # words
if ! db_start tls $fast --ssl-cert="$tmp/tls/server.pem" \
	--ssl-key="$tmp/tls/server.key" >"$tmp/err" 2>&1
then
	echo "FAIL mysql: TLS: $(cat "$tmp/err")"
	exit 0
fi
db_sql tls 'CREATE DATABASE secure; CREATE DATABASE open'
# tls_url HOST SETTINGS
tls_url()
{
	echo "mysql://$db_user@$1:$db_port/secure?$2"
}
# tls_store NAME URL
tls_store()
{
	url=$2
	store "$samples/basic-call.pcap"
	result "mysql: TLS: $1" "$status"
}
db_sql tls "ALTER USER '$db_user'@'%' REQUIRE SSL"
tls_store 'where the server offers it' "$(tls_url 127.0.0.1 tls=preferred)"
tls_store 'required, with the right authority' \
	"$(tls_url localhost "tls=required&ca=$tmp/tls/server.pem")"
tls_store 'the authority alone is enough' \
	"$(tls_url localhost "ca=$tmp/tls/server.pem")"
refused 'TLS: another authority' 'certificate\|TLS' \
	"$(tls_url localhost "ca=$tmp/tls/other.pem")" \
	--db-password-file "$tmp/password"
tls_store 'required, whoever has signed it' "$(tls_url 127.0.0.1 tls=required)"
refused 'TLS: verify, and nobody known has signed it' 'certificate\|TLS' \
	"$(tls_url localhost tls=verify)" --db-password-file "$tmp/password"
refused 'TLS: the name of another host' 'certificate\|TLS' \
	"$(tls_url 127.0.0.1 "ca=$tmp/tls/server.pem")" \
	--db-password-file "$tmp/password"
refused 'TLS: off, but the server wants it' 'Access denied' \
	"$(tls_url 127.0.0.1 tls=off)" --db-password-file "$tmp/password"
