#!/bin/sh
# Bills: a generated capture with known calls, in three files; the sum of what
# is billable equals the truth to the microsecond in the view and in the feed,
# however the files are read, and after kill -9 at any moment. The SQL and the
# script of docs/BILLING.md are run as they stand there.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"
doc=$CALLSCOPE_SRC/docs/BILLING.md

# --- the truth ----------------------------------------------------------------

# calls FROM TO SECONDS: the script of those calls, from that time on, and in
# the file truth a line each: Call-ID, billable microseconds, flags. Every
# seventh has no BYE but media, every eleventh neither, every fifth no ACK,
# every thirteenth is busy, every seventeenth rings on.
calls()
{
	awk -v from="$1" -v to="$2" -v at="$3" -v truth="$tmp/truth" '
	# Microseconds as seconds; the tenth behind keeps floats from cutting.
	function t(us) { return sprintf("%d.%06d1", us / 1000000, us % 1000000) }
	function say(us, src, dst, start, cseq, more) {
		printf "%s udp %s:5060 %s:5060 %s\\r\\nVia: SIP/2.0/UDP 10.0.0.1;" \
			"branch=z9hG4bK%s%s\\r\\nFrom: <sip:030%d@x>;tag=a\\r\\n" \
			"To: <sip:%s@x>%s\\r\\nCall-ID: c%d\\r\\nCSeq: %s\\r\\n%s\n",
			t(us), src, dst, start, cseq, n, 1000 + n, to_user,
			start ~ /^INVITE/ ? "" : ";tag=b", n, cseq, more
	}
	function sdp(ip, port) {
		return "Content-Type: application/sdp\\r\\n\\r\\nv=0\\r\\no=- 1 1 " \
			"IN IP4 " ip "\\r\\ns=-\\r\\nc=IN IP4 " ip "\\r\\nt=0 0\\r\\n" \
			"m=audio " port " RTP/AVP 8\\r\\n"
	}
	BEGIN {
		A = "10.0.0.1"; B = "192.0.2.7"
		for (n = from; n <= to; n++) {
			start = at * 1000000 + (n - from) * 7123457
			answer = start + 1000000 + n * 7919 % 999983
			stop = answer + n * 1299709 % 299999993 + 1
			to_user = n % 3 ? "004420" n * 7 : "0150" n * 7
			say(start, A, B, "INVITE sip:b@x SIP/2.0", "1 INVITE",
				sdp(A, 4000 + n * 2))
			if (n % 17 == 0)
				continue
			if (n % 13 == 0) {
				say(answer, B, A, "SIP/2.0 486 Busy", "1 INVITE",
					"\\r\\n")
				continue
			}
			say(answer, B, A, "SIP/2.0 200 OK", "1 INVITE",
				sdp(B, 6000 + n * 2))
			flags = ""
			if (n % 5)
				say(answer + 1000, A, B, "ACK sip:b@x SIP/2.0",
					"1 ACK", "\\r\\n")
			else
				flags = "no-ack"
			if (n % 11 && n % 7)
				say(stop, A, B, "BYE sip:b@x SIP/2.0", "2 BYE",
					"Reason: Q.850;cause=16\\r\\n\\r\\n")
			else
				flags = flags (flags ? " " : "") "no-bye"
			if (n % 11 == 0)
				flags = flags " no-media"
			else for (i = 0; i < 5; i++)
				printf "%s rtp=%d,8,%d,%d %s:%d %s:%d *160\n",
					t(stop - (4 - i) * 20000), n, i, i * 160,
					A, 4000 + n * 2, B, 6000 + n * 2
			print "c" n, n % 11 ? stop - answer : "null", flags >>truth
		}
		n = "end" to
		say((at + 9000) * 1000000, A, B, "OPTIONS sip:b@x SIP/2.0",
			"1 OPTIONS", "\\r\\n")
	}' | sort -s -n -k 1,1 | "$tools/made" "$tmp/in/$2.pcap"
}

mkdir "$tmp/in"
: >"$tmp/truth"
calls 100 229 0
calls 230 339 10000
calls 340 459 20000
one=$tmp/in/229.pcap two=$tmp/in/339.pcap three=$tmp/in/459.pcap
truth=$(awk '{ sum += $2 } END { print sum }' "$tmp/truth")
n=$(wc -l <"$tmp/truth" | tr -d ' ')

cat >"$tmp/conf" <<'CONF'
silence-timeout = 20m
trunk = carrier 192.0.2.0/24
e164-country = 49
CONF

# bill FILE...: a run that goes on with what is stored.
bill()
{
	for each; do
		set -- "$@" -r "$each"
		shift
	done
	run -c "$tmp/conf" -o "$tmp/data" --record none -q \
		--billing-feed "$tmp/feed" "$@"
}

anew()
{
	rm -rf "$tmp/data" "$tmp/feed"
}

view()
{
	sql "$tmp/data/callscope.db" "$1"
}

# in_order: the files of the feed by their numbers.
in_order()
{
	find "$tmp/feed" -name 'calls-*.csv' | sed 's/.*-\([0-9]*\)\.csv$/\1 &/' |
		sort -n | cut -d ' ' -f 2-
}

# The lines of the feed; those that nothing replaces.
lines()
{
	in_order | xargs cat | grep -v '^version' | tr -d '\r'
}
now()
{
	lines | awk -F, '{ line[$2] = $0; replaced[$3] = 1 }
		END { for (seq in line) if (!(seq in replaced)) print line[seq] }' |
		sort -t , -n -k 2,2
}

# The script of the manual.
sed -n '/^# check-feed/,/^```/p' "$doc" | grep -v '^```' >"$tmp/check-feed"

# right NAME: both are the truth, and the feed is whole.
right()
{
	same "billing: $1: the view's sum" \
		"$(view 'SELECT count(*), sum(billing_billable_us),
			CAST(round(sum(billable_s) * 1000000) AS INTEGER)
			FROM billing_cdr JOIN cdr USING (uid)')" \
		"$n	$truth	$truth"
	now >"$tmp/now"
	same "billing: $1: the feed's sum" "$(awk -F, '{
		split($8, part, "."); sum += part[1] * 1000000 + part[2]
		} END { print NR, sum }' "$tmp/now")" "$n $truth"
	same "billing: $1: numbers of lines" "$(lines | awk -F, '
		$2 != NR { print "line", NR, "is", $2; exit }')" ''
	sh "$tmp/check-feed" "$tmp/feed" >"$tmp/err" 2>&1
	result "billing: $1: the manifests" $?
	same "billing: $1: nothing unfinished" \
		"$(find "$tmp/feed" -name '*.part')" ''
}

# --- each way of reading ------------------------------------------------------

bill "$one" "$two" "$three"
same 'billing: status' "$status" 0
right 'one run'
cp -r "$tmp/feed" "$tmp/feed.one"
view 'SELECT call_id, coalesce(billing_billable_us, '"'null'"'),
	billing_flags FROM cdr JOIN billing_cdr USING (uid)' |
	tr '\t' ' ' | sort | sed 's/ $//' >"$tmp/got"
sed 's/ $//' "$tmp/truth" | sort | diff - "$tmp/got" >"$tmp/err"
result 'billing: each call: time and flags' $?
same 'billing: numbers, trunk, direction' "$(view 'SELECT DISTINCT
	caller_e164 LIKE '"'+49301___'"', trunk, direction, q850, status
	FROM billing_cdr WHERE flags = '"''")" '1	carrier	out	16	200'
same 'billing: callee numbers' "$(view 'SELECT DISTINCT
	substr(callee_e164, 1, 5) FROM billing_cdr ORDER BY 1')" \
	"$(printf '+4420\n+4915')"

# The feed says what the view says, column by column.
view 'SELECT uid, start, answer, "end", printf('"'%.6f'"', billable_s), caller,
	callee, caller_e164, callee_e164, trunk, direction, status, q850, codec,
	printf('"'%.3f'"', mos), flags FROM billing_cdr
	WHERE billable_s NOT NULL AND mos NOT NULL' |
	tr '\t' , | sort >"$tmp/rows"
cut -d , -f 4- "$tmp/now" | grep -F -f "$tmp/rows" | sort |
	diff "$tmp/rows" - >"$tmp/err"
result 'billing: the feed is the view' $?
[ "$(wc -l <"$tmp/rows")" -gt 50 ]
result 'billing: rows to compare' $?

bill "$three" "$one" "$two"
right 'twice'
same 'billing: twice: not a line more' "$(lines | wc -l | tr -d ' ')" "$n"

anew
bill "$three" "$two" "$one"
right 'files the other way round'
anew
for each in "$one" "$two" "$three"; do
	bill "$each"
done
right 'three runs'
anew
for each in "$three" "$one" "$two"; do
	bill "$each"
done
right 'three runs, another order'

# --- corrections --------------------------------------------------------------

# Half of it first: calls that are still up are not in the feed, others have
# to be corrected.
anew
"$tools/part" "$two" 1 400 "$tmp/in/half.pcap"
bill "$tmp/in/half.pcap"
same 'billing: a part: active calls are not billed' \
	"$(view "SELECT count(*) FROM billing_cdr JOIN cdr USING (uid)
		WHERE state = 'active'")" 0
bill "$one" "$two" "$three"
right 'a part, then all'
sed 's/49/43/' "$tmp/conf" >"$tmp/conf.43"
mv "$tmp/conf.43" "$tmp/conf"
before=$(lines | wc -l)
bill "$one" "$two" "$three"
right 'other rules'
same 'billing: other rules: corrections' \
	"$(lines | tail -n +$((before + 1)) | cut -d , -f 3 | grep -c .)" "$n"
same 'billing: other rules: the view' "$(view 'SELECT DISTINCT
	substr(caller_e164, 1, 3) FROM billing_cdr')" +43
sed 's/43/49/' "$tmp/conf" >"$tmp/conf.49"
mv "$tmp/conf.49" "$tmp/conf"

# --- kill -9 ------------------------------------------------------------------

# A moment later each time, until it is through.
anew
kills=0 ms=2
until timeout -s KILL "$((ms / 1000)).$(printf %03d $((ms % 1000)))" \
	"$CALLSCOPE" -c "$tmp/conf" -r "$three" -r "$one" -r "$two" \
	-o "$tmp/data" --record none -q --billing-feed "$tmp/feed" >/dev/null 2>&1
do
	kills=$((kills + 1)) ms=$((ms + ms / 6 + 1))
	[ $ms -lt 20000 ] || break
done
same 'billing: killed: not a line more' "$(lines | wc -l | tr -d ' ')" "$n"
bill "$one" "$two" "$three"
right killed
same 'billing: killed: nor later' "$(lines | wc -l | tr -d ' ')" "$n"
[ $kills -gt 0 ]
result 'billing: killed at some time' $?

# --- a chain that was touched -------------------------------------------------

cp -r "$tmp/feed.one" "$tmp/feed.bad"
first=$(find "$tmp/feed.bad" -name '*-00000002.csv')
sed -i '2s/200/486/' "$first"
sh "$tmp/check-feed" "$tmp/feed.bad" >"$tmp/out"
same 'billing: a changed file is found' "$? $(grep -c 00000002 "$tmp/out")" '1 1'
rm -f "$tmp"/feed.bad/*-00000002.*
sh "$tmp/check-feed" "$tmp/feed.bad" >"$tmp/out"
same 'billing: a missing file is found' "$? $(grep -c 00000003 "$tmp/out")" '1 1'

# --- the example of the manual ------------------------------------------------

# sql_of N: the N-th block.
sql_of()
{
	awk -v n="$1" '/^```sql/ { on = ++k == n; next } /^```/ { on = 0 } on' "$doc"
}
# What the rates come to, worked out here once more: uid, microseconds, number.
priced()
{
	awk -F'\t' '
	$3 == "" || $2 == "" { print $1, "null"; next }
	{
		setup = 0; minute = 0.012; first = 1; step = 1
		if ($3 ~ /^\+4915/) { minute = 0.09; first = 60 }
		if ($3 ~ /^\+44/) { setup = 0.01; minute = 0.018; first = step = 60 }
		s = first
		while (s * 1000000 < $2)
			s += step
		printf "%s %.4f\n", $1, setup + s * minute / 60
	}'
}
view 'SELECT uid, billing_billable_us, billing_callee_e164 FROM cdr
	JOIN billing_cdr USING (uid) ORDER BY uid' | priced >"$tmp/prices"

shown="SELECT uid, CASE WHEN price IS NULL THEN 'null'
	ELSE printf('%.4f', price) END FROM priced ORDER BY uid"
if command -v sqlite3 >/dev/null; then
	db=$tmp/data/callscope.db
	sql_of 2 | sqlite3 "$db"
	sql_of 3 | sqlite3 "$db"
	sqlite3 "$db" "$shown" | tr '|' ' ' | diff "$tmp/prices" - >"$tmp/err"
	result 'billing: prices of the view' $?
	{
		sql_of 1
		in_order | sed 's/.*/.import --csv --skip 1 & feed_line/'
	} | sqlite3 "$tmp/rating.db"
	sql_of 2 | sqlite3 "$tmp/rating.db"
	sql_of 3 | sed 's/billing_cdr/feed_call/' | sqlite3 "$tmp/rating.db"
	sqlite3 "$tmp/rating.db" "$shown" | tr '|' ' ' | diff "$tmp/prices" - >"$tmp/err"
	result 'billing: prices of the feed' $?
else
	echo 'SKIP billing: prices: no sqlite3 (Debian: sqlite3)'
fi

# --- MariaDB ------------------------------------------------------------------

# Stored there, the views and the prices are equal.
# shellcheck source=mariadb_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/mariadb_lib.sh"
if ! grep -q HAVE_MYSQL "$CALLSCOPE_BUILD/config.h"; then
	echo 'SKIP billing: MariaDB: built without it'
	exit 0
fi
# shellcheck disable=SC2119 # no cluster
if why=$(db_missing); then
	echo "SKIP billing: MariaDB: $why"
	exit 0
fi
if ! db_start rating --debug-no-sync --innodb-flush-method=nosync \
	>"$tmp/err" 2>&1; then
	echo "FAIL billing: MariaDB: $(cat "$tmp/err")"
	exit 0
fi
maria()
{
	mariadb --no-defaults -u root -S "$db_socket" -N -B rating
}
db_sql rating 'CREATE DATABASE rating'
printf '%s\n' "$db_password" >"$tmp/password"
for each in "$three" "$one" "$two" "$one"; do
	run -c "$tmp/conf" -r "$each" -o "$tmp/data" --record none -q \
		--db "$(db_url rating rating)" --db-password-file "$tmp/password"
	[ "$status" -eq 0 ] || echo "FAIL billing: MariaDB: $(cat "$tmp/err")"
done
{
	sql_of 2
	sql_of 3
} | maria
times='replace(substr(start, 1, 19), '"'T', ' '), replace(substr(\"end\""', 1,
	26), '"'T', ' ')"
view "SELECT uid, $times, printf('%.6f', billable_s), caller, callee, caller_e164,
	callee_e164, trunk, direction, status, q850, codec, mos, flags
	FROM billing_cdr WHERE billable_s NOT NULL ORDER BY uid" >"$tmp/rows"
echo "SELECT uid, substr(start, 1, 19), \`end\`, billable_s, caller, callee,
	caller_e164, callee_e164, trunk, direction, status, q850, codec, mos, flags
	FROM billing_cdr WHERE billable_s IS NOT NULL ORDER BY uid" | maria |
	sed 's/NULL//g' | diff "$tmp/rows" - >"$tmp/err"
result 'billing: MariaDB: the view' $?
same 'billing: MariaDB: the sum' "$(echo 'SELECT count(*), sum(billable_s)
	FROM billing_cdr' | maria)" \
	"$n	$((truth / 1000000)).$(printf %06d $((truth % 1000000)))"
echo "SELECT uid, coalesce(format(price, 4, 'en_US'), 'null')
	FROM priced ORDER BY uid" | maria | tr '\t' ' ' |
	diff "$tmp/prices" - >"$tmp/err"
result 'billing: MariaDB: prices' $?
