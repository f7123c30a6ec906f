# shellcheck shell=sh disable=SC2034,SC2154 # used where it is sourced
# What the tests of stores that fail have in common: sourced after lib.sh and
# mariadb_lib.sh. A store is named by what follows --db: sqlite, or the name of
# a server and a database on it, "one:calls".

# known CALLS [SEED]: the capture $tmp/known.pcap and its truth.
known()
{
	python3 "$CALLSCOPE_SRC/tests/e2e/known_calls.py" "$tmp/known.pcap" \
		"$1" "${2-1}" >"$tmp/known.truth"
	known_bytes=$(wc -c <"$tmp/known.pcap")
	head -c 24 "$tmp/known.pcap" >"$tmp/nothing.pcap"
}

# db_option STORE DIR: words for the command line.
db_option()
{
	case $1 in
	sqlite) echo "--db sqlite:$2/callscope.db" ;;
	*) echo "--db $(db_url "${1%:*}" "${1#*:}" "${db_settings-}")" \
		"--db-password-file $tmp/password" ;;
	esac
}

# new_store STORE DIR: nothing in it.
new_store()
{
	rm -rf "$2"
	[ "$1" = sqlite ] || db_sql "${1%:*}" "
		DROP DATABASE IF EXISTS ${1#*:}; CREATE DATABASE ${1#*:}"
}

# record STORE DIR INPUT [OPTION...]: a run that stores the calls of INPUT; what
# is recorded is in $what.
record()
{
	record_store=$1 record_dir=$2 record_input=$3
	shift 3
	# shellcheck disable=SC2046 # words
	run -q -r "$record_input" -o "$record_dir" --record "${what:-none}" \
		$(db_option "$record_store" "$record_dir") "$@"
}

# rows STORE DIR: every row of every table, as text, in order of its key.
rows()
{
	case $1 in
	sqlite) python3 - "$2/callscope.db" <<'PYTHON' ;;
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
names = [n for n, in db.execute("SELECT name FROM sqlite_master WHERE "
    "type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]
for name in names:
    if name != "schema_version":
        for row in sorted(map(repr, db.execute("SELECT * FROM " + name))):
            print(name, row)
PYTHON
	*) rows_of_server "${1%:*}" "${1#*:}" ;;
	esac
}

rows_of_server()
{
	# in a cluster: what the others have sent has arrived
	db_sql "$1" "SET wsrep_sync_wait = 1; $(db_sql "$1" "SELECT CONCAT('SELECT \"', table_name,
		'\", t.* FROM ', table_name, ' t;')
		FROM information_schema.tables
		WHERE table_schema = '$2' AND table_type = 'BASE TABLE'
		AND table_name <> 'schema_version'")" "$2" | sort
}

# query STORE DIR QUERY
query()
{
	case $1 in
	sqlite) sql "$2/callscope.db" "$3" ;;
	*) db_sql "${1%:*}" "$3" "${1#*:}" ;;
	esac
}

# recordings DIR: the files of the spool and their sums.
recordings()
{
	(cd "$1/spool" && find . -type f -name '*.pcap*' -exec sha256sum {} +) |
		sort -k 2
}

# undisturbed STORE DIR: what rows() of a run without faults are, in
# $tmp/wanted.
undisturbed()
{
	new_store "$1" "$2"
	record "$1" "$2" "$tmp/known.pcap"
	[ "$status" -eq 0 ] || echo "FAIL $name: status $status: $(cat "$tmp/err")"
	rows "$1" "$2" >"$tmp/wanted"
}

# unchanged NAME STORE DIR: are its rows those of the run without faults?
unchanged()
{
	rows "$2" "$3" >"$tmp/got"
	if cmp -s "$tmp/wanted" "$tmp/got"; then
		echo "PASS $1"
	else
		echo "FAIL $1: $(wc -l <"$tmp/got") rows, wanted" \
			"$(wc -l <"$tmp/wanted"): $(diff "$tmp/wanted" \
				"$tmp/got" | cut -c 1-300 | sed -n 2,5p)"
	fi
}

# begin STORE DIR [OPTION...]: a run in the background that reads what is
# given to feed; its report is in $tmp/said.
begin()
{
	begin_store=$1 begin_dir=$2
	shift 2
	rm -f "$tmp/fifo"
	mkfifo "$tmp/fifo"
	# shellcheck disable=SC2046 # words
	"$CALLSCOPE" -q -r - -o "$begin_dir" --record "${what:-none}" --json - \
		$(db_option "$begin_store" "$begin_dir") "$@" \
		<"$tmp/fifo" >"$tmp/said" 2>"$tmp/err" 8>&- 9>&- &
	begin_pid=$!
	exec 9>"$tmp/fifo"
	fed=0
}

# feed BYTES: the capture up to there.
feed()
{
	tail -c +$((fed + 1)) "$tmp/known.pcap" | head -c $(($1 - fed)) >&9
	fed=$1
}

# finish: no more input; the exit status of the run is in $status.
finish()
{
	exec 9>&-
	wait "$begin_pid"
	status=$?
}

# drain STORE DIR: a run that has nothing to read but what waits.
drain()
{
	record "$1" "$2" "$tmp/nothing.pcap"
}

# murder: kill -9 at once.
murder()
{
	kill -9 "$begin_pid"
	exec 9>&-
	wait "$begin_pid" 2>/dev/null
}

# announced: uids of the records that the run told of, whole lines only.
announced()
{
	sed -n 's/^{"type":"\(call\|session\|registration\|sip_transaction\)","uid":"\([0-9A-Z]*\)".*}$/\2/p' \
		"$tmp/said" | sort -u
}

# stored_uids STORE DIR
stored_uids()
{
	for stored_table in cdr registration sip_transaction; do
		query "$1" "$2" "SELECT uid FROM $stored_table"
	done | sort
}

# waits DIR: is there a queue?
waits()
{
	[ -d "$1/queue" ] && echo yes || echo no
}

# proxy_to PORT RULE...: a proxy before that port (slow_proxy.py); what it did
# is in $tmp/proxy.did. It lives until proxy_end.
proxy_to()
{
	rm -f "$tmp/proxy.port" "$tmp/proxy.in"
	mkfifo "$tmp/proxy.in"
	python3 "$CALLSCOPE_SRC/tests/e2e/slow_proxy.py" "$tmp/proxy.port" "$@" \
		<"$tmp/proxy.in" >"$tmp/proxy.did" 8>&- 9>&- &
	proxy_pid=$!
	exec 8>"$tmp/proxy.in"
	until [ -f "$tmp/proxy.port" ]; do
		kill -0 "$proxy_pid" || return 1
		sleep 0.05
	done
	db_via=$(cat "$tmp/proxy.port")
}

proxy_end()
{
	exec 8>&-
	wait "$proxy_pid"
	db_via=
}

# random N LIMIT SEED: that many numbers from 1 to LIMIT, always the same.
random()
{
	python3 -c "import random, sys
r = random.Random($3)
print(*(r.randrange(1, $2 + 1) for _ in range($1)))"
}
