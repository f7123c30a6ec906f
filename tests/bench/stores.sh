#!/bin/sh
# stores.sh BUILD: what the MySQL/MariaDB store can take, with a server of our
# own.
#
# COUNT calls (default 1 000 000) with two streams each go through callscope's
# sink; then LOAD DATA puts the same rows into the same tables, with all their
# indexes and partitions, and both must hold the same. Then a table of ROWS
# calls (default 10 000 000) over a month is searched by the last digits of
# numbers. Prints each figure with its goal; exit status 1: one was missed.
# Takes half an hour and 30 GB in TMPDIR.
set -eu
LC_ALL=C
export LC_ALL

build=$1
: "${CALLSCOPE_SRC=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${CALLSCOPE_BUILD=$build}"
: "${COUNT:=1000000}" "${ROWS:=10000000}" "${POOL:=4G}" "${SHAPES:=thin full}"
# shellcheck source=tests/e2e/lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"
# shellcheck disable=SC2034 # read there
db_on_disk=yes
# shellcheck source=tests/e2e/mariadb_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/mariadb_lib.sh"

if why=$(db_missing any); then
	echo "SKIP stores: $why"
	exit 0
fi
CALLSCOPE_DB_PASSWORD=$db_password
export CALLSCOPE_DB_PASSWORD
missed=0

# judge NAME MEASURED RELATION GOAL UNIT
judge()
{
	verdict=$(awk -v v="$2" -v rel="$3" -v goal="$4" 'BEGIN {
		print (rel == ">=" ? v >= goal : v <= goal) ? "ok" : "MISS" }')
	printf '%-48s %9s %-8s goal %s %-6s %s\n' "$1" "$2" "$5" "$3" "$4" \
		"$verdict"
	[ "$verdict" = ok ] || missed=1
}

now()
{
	date +%s.%N
}

# --- storing ------------------------------------------------------------------

# tables DATABASE: those that have rows to load, of records and their arrays.
tables()
{
	db_sql big "SELECT table_name FROM information_schema.tables
		WHERE table_schema = '$1' AND table_type = 'BASE TABLE'
		AND table_name NOT IN ('schema_version', 'sensor')
		ORDER BY table_name" | while read -r table; do
		[ -z "$(db_sql big "SELECT 1 FROM $table LIMIT 1" "$1")" ] ||
			echo "$table"
	done
}

# load FROM TO: the rows of a database into the same, empty tables of another;
# sets seconds.
load()
{
	seconds=0
	db_sql big "DROP DATABASE IF EXISTS $2; CREATE DATABASE $2"
	for table in $(tables "$1"); do
		rm -f "$tmp/rows/$table"
		db_sql big "SELECT * FROM $1.$table
			INTO OUTFILE '$tmp/rows/$table' CHARACTER SET binary;
			CREATE TABLE $2.$table LIKE $1.$table"
		begin=$(now)
		db_sql big "LOAD DATA INFILE '$tmp/rows/$table'
			INTO TABLE $2.$table CHARACTER SET binary"
		seconds=$(echo "$begin $(now) $seconds" |
			awk '{ print $2 - $1 + $3 }')
		rm -f "$tmp/rows/$table"
	done
}

# equal FROM TO: the same rows in all tables?
equal()
{
	for table in $(tables "$1"); do
		db_sql big "CHECKSUM TABLE $1.$table, $2.$table" |
			awk -v table="$table" '{ sum[NR] = $2 } END {
				if (sum[1] != sum[2] || NR != 2)
					print table " differs" }'
	done
}

# storing SHAPE
storing()
{
	db_sql big 'DROP DATABASE IF EXISTS sink; CREATE DATABASE sink'
	"$fill" "$(db_url big sink)" "$COUNT" "$today" 86400 "$1" \
		>"$tmp/figures"
	read -r _ took rate cpu <"$tmp/figures"
	load sink loaded
	differs=$(equal sink loaded)
	loaded=$(echo "$COUNT $seconds" | awk '{ printf "%d", $1 / $2 }')
	printf '%s calls, %s: sink %s s (%s s CPU of its own), LOAD DATA %s s' \
		"$COUNT" "$1" "$took" "$cpu" "$seconds"
	printf ' (%s calls/s)\n' "$loaded"
	if [ -n "$differs" ]; then
		echo "MISS: after LOAD DATA $differs"
		missed=1
	fi
	judge "$1: rate of the sink to that of LOAD DATA" \
		"$(awk "BEGIN { printf \"%.2f\", $rate / $loaded }")" '>=' 0.5 x
	[ "$1" != thin ] ||
		judge "$1: rate of the sink" "$rate" '>=' 10000 calls/s
}

# --- searching ----------------------------------------------------------------

# columns: of table cdr; those that must differ from row to row are made of
# what the row is a copy of and of its number.
columns()
{
	db_sql big "SELECT column_name FROM information_schema.columns
		WHERE table_schema = 'sink' AND table_name = 'cdr'
		AND extra NOT LIKE '%GENERATED%'
		ORDER BY ordinal_position"
}

copied()
{
	caller="CONCAT('49', LPAD(CRC32(CONCAT(uid, seq)), 10, '0'))"
	callee="CONCAT('44', LPAD(CRC32(CONCAT(seq, uid)), 10, '0'))"
	columns | sed \
		-e "s/^uid\$/$1/" -e 's/^start$/start + INTERVAL seq DAY/' \
		-e "s/^caller_user\$/$caller/" \
		-e "s/^caller_user_rev\$/REVERSE($caller)/" \
		-e "s/^callee_user\$/$callee/" \
		-e "s/^callee_user_rev\$/REVERSE($callee)/" |
		paste -s -d ,
}

# month: bounds of 30 days from today on, in the form of uids.
month()
{
	python3 - "$today" <<'PYTHON'
import sys
B32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
parts = []
for day in range(1, 31):
    ms = (int(sys.argv[1]) + day * 86400) * 1000
    text = "".join(B32[ms >> 5 * i & 31] for i in range(9, -1, -1))
    parts.append(f"PARTITION d{day} VALUES LESS THAN ('{text}{'0' * 16}')")
print(", ".join(parts), ", PARTITION rest VALUES LESS THAN (MAXVALUE)")
PYTHON
}

# fill_month: ROWS calls over 30 days in search.cdr: copies of those of a day,
# each under another time, hash and number.
fill_month()
{
	uid='CONV(FLOOR(UNIX_TIMESTAMP(start) * 1000) + seq * 86400000, 10, 32)'
	# from the digits of CONV() to those of a ULID
	for pair in V,Z U,Y T,X S,W R,V Q,T P,S O,R N,Q M,P L,N K,M J,K I,J; do
		uid="REPLACE($uid, '${pair%,*}', '${pair#*,}')"
	done
	uid="CONCAT(LPAD($uid, 10, '0'), UPPER(SUBSTR(SHA1(CONCAT(uid, seq)), 1, 16)))"
	db_sql big 'DROP DATABASE IF EXISTS search; CREATE DATABASE search'
	db_sql big "CREATE TABLE cdr LIKE sink.cdr;
		ALTER TABLE cdr REMOVE PARTITIONING;
		ALTER TABLE cdr $(db_keys big sink DROP);
		ALTER TABLE cdr PARTITION BY RANGE COLUMNS (uid) ($(month))" search
	per=$((ROWS / 30))
	day=0
	while [ "$day" -lt 30 ]; do
		db_sql big "SET time_zone = '+00:00'; INSERT IGNORE INTO cdr
			($(columns | paste -s -d ,))
			SELECT $(copied "$uid") FROM
			(SELECT * FROM sink.cdr LIMIT $per) AS c,
			(SELECT $day AS seq) AS s" search
		day=$((day + 1))
	done
	db_sql big "ALTER TABLE cdr $(db_keys big sink ADD); ANALYZE TABLE cdr" search \
		>/dev/null
}

# searches DIGITS COLUMN: the calls of twenty endings, the latest first.
searches()
{
	n=1
	while [ "$n" -le 20 ]; do
		digits=$(printf '%08d' $((n * 448177 % 100000000)) | rev |
			cut -c "1-$1")
		echo "SELECT uid, start, caller_user, callee_user, status,
			duration_ms FROM cdr WHERE $2 LIKE '$digits%'
			ORDER BY start DESC LIMIT 100;"
		n=$((n + 1))
	done
}

# search NAME DIGITS COLUMN: once to warm up, then again; the slowest counts.
search()
{
	{
		searches "$2" "$3"
		echo 'SET profiling_history_size = 100; SET profiling = 1;'
		searches "$2" "$3"
		echo 'SHOW PROFILES;'
	} | mariadb --no-defaults -u root -S "$db_socket" -N -B search |
		awk -F'\t' '$3 ~ /^SELECT uid/ { print $2 * 1000 }' |
		sort -n >"$tmp/times"
	judge "$1, slowest of $(wc -l <"$tmp/times")" \
		"$(tail -n 1 "$tmp/times")" '<=' 50 ms
	echo "    the middle one: $(sed -n 10p "$tmp/times") ms"
}

# --- all of it ----------------------------------------------------------------

fill=$build/obj/tests/bench/store_fill
today=$(date -u -d 'today 00:00' +%s)
db_folder rows
db_start big --innodb-buffer-pool-size="$POOL" --innodb-log-file-size=2G \
	--max-allowed-packet=64M --tmpdir="$tmp/db-tmp"
echo "MariaDB $(db_sql big 'SELECT VERSION()'): $db_durability,"
echo "buffer pool $POOL, log 2G, $(nproc) processors"
for shape in $SHAPES; do
	storing "$shape"
done
if [ "$ROWS" -gt 0 ]; then
	fill_month
	echo "$(db_sql big 'SELECT COUNT(*) FROM cdr' search) rows in table cdr"
	search 'calls of numbers that end with 6 digits' 6 caller_user_rev
	search 'calls of numbers that end with 4 digits' 4 caller_user_rev
fi
exit "$missed"
