#!/bin/sh
# The viewer's lists and figures over both stores: pages hold what plain SQL
# finds, each row once; figures are those that SQL counts.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"
# shellcheck source=mariadb_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/mariadb_lib.sh"

if ! "$CALLSCOPE" --help | grep -q -- --http; then
	echo 'SKIP search: this build has no viewer'
	exit 0
fi
if ! command -v python3 >/dev/null; then
	echo 'SKIP search: there is no python3'
	exit 0
fi

dir=$tmp/data
here=$CALLSCOPE_SRC/tests/e2e

# The tables, with what the samples give; and thousands of calls beside.
run -r "$samples" -o "$dir" -q
same 'search: the samples are stored' "$status" 0
python3 "$here/search.py" make >"$tmp/calls.sql"
python3 - "$dir/callscope.db" "$tmp/calls.sql" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript("BEGIN;" + open(sys.argv[2]).read() + "COMMIT;")
END
result 'search: calls are made' $?

(umask 077; echo 'a long password' >"$tmp/pw")
for user in ann:analyst vic:viewer; do
	run user add "${user%:*}" --role "${user#*:}" -o "$dir" \
		--password-file "$tmp/pw"
	run user token "${user%:*}" -o "$dir"
	grep -o 'callscope_[0-9a-f]*' "$tmp/out" | head -n 1 \
		>"$tmp/token.${user%:*}"
done

# serve NAME OPTION...: sets url and pid.
serve()
{
	serve_log=$tmp/serve.$1
	: >"$serve_log"
	shift
	"$CALLSCOPE" serve -o "$dir" --http 127.0.0.1:0 -c "$tmp/conf" "$@" \
		>"$serve_log" 2>&1 </dev/null &
	pid=$!
	until url=$(grep -o 'http://127.0.0.1:[0-9]*' "$serve_log"); do
		kill -0 "$pid" 2>/dev/null || {
			echo "FAIL search: serve: $(tail -n 1 "$serve_log")"
			return 1
		}
		sleep 0.05
	done
	url=$(echo "$url" | head -n 1)
}

# check NAME PART...: search.py knows the parts.
check()
{
	check_name=$1
	shift
	python3 "$here/search.py" "$check_name" "$url" "$tmp/token" \
		"$dir/callscope.db" "$@"
}

end()
{
	kill "$pid"
	wait "$pid" 2>/dev/null
}

# An order is that of the calls which were found in time: here that is all.
printf 'viewer-mask-numbers = 3\nsearch-time = 1m\n' >"$tmp/conf"
serve sqlite && {
	check sqlite lists orders files figures masked complaints
	end
}

# Interrupted everywhere: still each row once.
{
	echo 'viewer-mask-numbers = 3'
	echo 'search-time = 10ms'
} >"$tmp/conf.short" && mv "$tmp/conf.short" "$tmp/conf"
serve short && {
	check 'sqlite, 10 ms' lists figures
	end
}

run export -o "$dir" --csv --newest
cp "$tmp/out" "$tmp/export.csv"
echo 'search-time = 5s' >"$tmp/conf"
serve export && {
	curl -sf -H "Authorization: Bearer $(cat "$tmp/token.ann")" \
		"$url/api/v1/calls?format=csv" >"$tmp/api.csv" 2>/dev/null ||
		python3 "$here/search.py" get "$url" "$tmp/token" \
			'/calls?format=csv' >"$tmp/api.csv"
	python3 "$here/search.py" compare "$tmp/export.csv" "$tmp/api.csv"
	end
}

if why=$(db_missing any); then
	echo "SKIP search: MariaDB: $why"
	exit 0
fi
db_start maria && db_sql maria 'CREATE DATABASE calls'
run -r "$samples" -o "$tmp/other" -q --db "$(db_url maria calls)" \
	--db-password-file "$tmp/password"
same 'search: mariadb: the samples are stored' "$status" 0
{
	echo 'SET time_zone = "+00:00";'
	sed "s/\(20[0-9-]*\)T\([0-9:.]*\)Z/\1 \2/g" "$tmp/calls.sql"
} | mariadb --no-defaults --default-character-set=utf8mb4 -u root \
	-S "$db_socket" calls
result 'search: mariadb: calls are made' $?
printf 'viewer-mask-numbers = 3\nsearch-time = 1m\n' >"$tmp/conf"
serve maria --db "$(db_url maria calls)" \
	--db-password-file "$tmp/password" && {
	check mariadb lists orders files figures masked
	end
}
