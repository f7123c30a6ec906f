#!/bin/sh
# Several sensors write into the nodes of one Galera cluster while one of them
# is killed, stays away for a while and comes back: no row lost or doubled,
# and each node has in the end what one server without faults would have.
#
# GALERA_CALLS is how many calls each of the three sensors has.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"
# shellcheck source=mariadb_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/mariadb_lib.sh"
# shellcheck source=faults_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/faults_lib.sh"

name=galera

if [ -z "${GALERA_CALLS-}" ] &&
	grep -q fsanitize "$CALLSCOPE_BUILD/Makefile" 2>/dev/null
then
	echo 'SKIP galera: left to the build without a sanitizer'
	exit 0
fi
: "${GALERA_CALLS:=200}"
if why=$(db_missing galera); then
	echo "SKIP galera: $why"
	exit 0
fi

# sensor N NODE INPUT NAME: a run that stores its calls in that node.
sensor()
{
	"$CALLSCOPE" -q -r "$3" -o "$tmp/sensor$1" --record none \
		--sensor "$4" --db "$(db_url "$2" calls)" \
		--db-password-file "$tmp/password" >"$tmp/out$1" \
		2>"$tmp/err$1" </dev/null
}

# sensors INPUT [same|fault]: all three at the same time, each with another
# node; the same: all are sensor1. Prints their exit statuses.
sensors()
{
	sensor_pids=
	for n in 1 2 3; do
		rm -f "$tmp/status$n"
		from=$n
		[ "${2-}" != same ] || from=1
		{
			sensor "$n" "g$n" "$tmp/$1$from.pcap" "sensor$from"
			echo $? >"$tmp/status$n"
		} &
		sensor_pids="$sensor_pids $!"
	done
	if [ "${2-}" = fault ]; then
		fault
	fi
	# shellcheck disable=SC2086 # words
	wait $sensor_pids
	cat "$tmp/status1" "$tmp/status2" "$tmp/status3" | paste -s -d ' '
}

# A node dies, while sensors write into it and the others.
fault()
{
	until [ -n "$(db_sql g1 'SELECT 1 FROM cdr LIMIT 1' calls)" ]; do
		# shellcheck disable=SC2086 # words
		kill -0 $sensor_pids 2>/dev/null || break
	done
	db_kill g2
}

# fresh: an empty database, on all nodes.
fresh()
{
	db_sql g1 'DROP DATABASE IF EXISTS calls; CREATE DATABASE calls'
	for n in 1 2 3; do
		db_sql "g$n" 'SET wsrep_sync_wait = 15; SHOW DATABASES' \
			>"$tmp/out"
	done
}

# Without faults, into a single server.
alone()
{
	db_sql g1 'CREATE DATABASE wanted'
	for n in 1 2 3; do
		"$CALLSCOPE" -q -r "$tmp/calls$n.pcap" -o "$tmp/alone" \
			--record none --sensor "sensor$n" --db \
			"$(db_url g1 wanted)" --db-password-file \
			"$tmp/password" >/dev/null 2>"$tmp/err" </dev/null ||
			echo "FAIL galera: without faults: $(cat "$tmp/err")"
	done
	rows g1:wanted '' >"$tmp/wanted"
}

for n in 1 2 3; do
	known "$GALERA_CALLS" "$n"
	mv "$tmp/known.pcap" "$tmp/calls$n.pcap"
	cp "$tmp/nothing.pcap" "$tmp/nothing$n.pcap"
done

# Its ports were free when they were chosen; somebody else may have been faster.
tries=3
until cluster_start; do
	tries=$((tries - 1))
	[ "$tries" -gt 0 ] || {
		echo 'FAIL galera: the cluster did not start'
		exit 1
	}
	cluster_clear
done
alone

# The same calls by three sensors at once, into an empty database: who makes
# the tables is up to them.
fresh
same 'galera: three sensors, three nodes: exit status' "$(sensors calls)" \
	'0 0 0'
for n in 1 2 3; do
	unchanged "galera: three sensors: node $n" "g$n:calls" ''
done

# Two of them send the same calls again, the third is new to it.
fresh
same 'galera: prepared' "$(sensors nothing)" '0 0 0'
case $(sensors calls fault) in
0\ [03]\ 0) echo 'PASS galera: a node killed: exit status' ;;
*) echo "FAIL galera: a node killed: $(cat "$tmp"/status? "$tmp"/err?)" ;;
esac
db_again g2 && cluster_wait g2 Synced
result 'galera: the node comes back' $?
same 'galera: what waited for the node' "$(sensors nothing) $(ls -d \
	"$tmp"/sensor?/queue 2>/dev/null)" '0 0 0 '
for n in 1 2 3; do
	unchanged "galera: a node killed: node $n" "g$n:calls" ''
done

# The same calls of the same sensor, told to all three nodes at once: whoever
# comes second changes nothing.
fresh
same 'galera: prepared again' "$(sensors nothing)" '0 0 0'
same 'galera: the same calls thrice: exit status' "$(sensors calls same)" \
	'0 0 0'
rows g2:calls '' >"$tmp/thrice"
fresh
sensor 1 g1 "$tmp/calls1.pcap" sensor1
mv "$tmp/thrice" "$tmp/wanted"
unchanged 'galera: the same calls thrice, or once' g1:calls ''
