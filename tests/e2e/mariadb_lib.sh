# shellcheck shell=sh disable=SC2034,SC2154 # used where it is sourced
# MariaDB servers of the test's own: sourced after lib.sh.
#
# Each has a name, its data and socket in $tmp/db-NAME, a free port on
# 127.0.0.1, and dies with the test. The data are in memory (/dev/shm) where
# there is room, for a test's many small commits; db_on_disk=yes, set before
# this is sourced, keeps them in $tmp. Nothing of the machine's own server is
# read or touched (--no-defaults). They run as whoever runs the test; as nobody
# when that is root.
#
# root needs no password on the socket; db_user has db_password over TCP and
# all rights on all databases.
#
# Durability is what a careful site has: each commit is flushed to the disk
# (innodb_flush_log_at_trx_commit=1, doublewrite on), no binary log.

db_user=callscope
db_password='s3cret pass'
db_durability='innodb_flush_log_at_trx_commit=1, innodb_doublewrite=ON, no binary log'
db_names=
db_via=

# db_missing [galera]: true, and says what, when servers cannot be run here.
db_missing()
{
	for db_need in mariadbd mariadb-install-db mariadb python3; do
		PATH=$PATH:/usr/sbin command -v "$db_need" >/dev/null || {
			echo "no $db_need (Debian's mariadb-server-core," \
				"mariadb-client-core, python3)"
			return 0
		}
	done
	[ "${1-}" = galera ] || return 1
	for db_need in rsync wsrep_sst_rsync; do
		command -v "$db_need" >/dev/null || {
			echo "no $db_need (Debian's mariadb-server, rsync)"
			return 0
		}
	done
	[ -z "$db_root" ] || {
		echo "rsync's server cannot reach $tmp as nobody"
		return 0
	}
	[ -f "$db_galera" ] || {
		echo "no libgalera_smm.so (Debian's galera-4)"
		return 0
	}
	return 1
}
db_galera=/usr/lib/galera/libgalera_smm.so
PATH=$PATH:/usr/sbin

# free_ports N: that many ports of 127.0.0.1 that nobody listens on, with
# the one above each free as well.
free_ports()
{
	python3 - "$1" <<'PYTHON'
import socket, sys
held, ports = [], []
while len(ports) < int(sys.argv[1]):
    pair = [socket.socket(), socket.socket()]
    try:
        pair[0].bind(("127.0.0.1", 0))
        pair[1].bind(("127.0.0.1", pair[0].getsockname()[1] + 1))
    except (OSError, OverflowError):
        continue
    held += pair
    ports.append(pair[0].getsockname()[1])
print(*ports)
PYTHON
}

# Before a command: the user of the servers. The folders on the way must let
# nobody through.
db_as="env TMPDIR=$tmp/db-tmp" db_nobody='' db_root=''
db_become='setpriv --reuid=nobody --regid=nogroup --clear-groups'
if [ "$(id -u)" -eq 0 ]; then
	chmod 711 "$tmp"
	case ${TMPDIR-} in
	*/callscope-*) chmod 711 "$TMPDIR" ;;
	esac
	if $db_become test -x "$tmp"; then
		db_nobody=yes db_as="$db_become $db_as"
	else
		db_root=--user=root
	fi
fi

# Where the data are.
db_home=$tmp
db_room=$(df -mP /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
if [ "${db_on_disk-no}" = no ] && [ -w /dev/shm ] &&
	[ "${db_room:-0}" -gt 2000 ]
then
	db_home=$(mktemp -d /dev/shm/callscope-db.XXXXXX) || exit 1
	chmod 711 "$db_home"
fi

# db_folder NAME: an empty folder that the servers may write.
db_folder()
{
	mkdir -p "$db_home/$1"
	[ -e "$tmp/$1" ] || ln -s "$db_home/$1" "$tmp/$1"
	[ -z "$db_nobody" ] || chown nobody:nogroup "$db_home/$1"
}

db_folder db-tmp

# db_files: an empty server's data, made once and copied.
db_files()
{
	[ -d "$tmp/db-empty/mysql" ] && return 0
	db_folder db-empty
	# shellcheck disable=SC2086 # words
	$db_as mariadb-install-db --no-defaults --datadir="$tmp/db-empty" \
		--auth-root-authentication-method=normal --skip-test-db \
		>"$tmp/db-install.log" 2>&1
}

# db_wait NAME PID: until it takes queries; false when it ended first.
db_wait()
{
	until mariadb --no-defaults -u root -S "$tmp/db-$1/socket" \
		-e 'SELECT 1' >/dev/null 2>&1
	do
		kill -0 "$2" 2>/dev/null || return 1
		sleep 0.05
	done
}

# db_run NAME [OPTION...]: starts it on its data; waits until it is there.
db_run()
{
	db_dir=$(readlink -f "$tmp/db-$1")
	db_name=$1
	shift
	db_port=$(cat "$db_dir/port")
	db_socket=$db_dir/socket
	echo "$@" >"$db_dir/options"
	# shellcheck disable=SC2086 # words
	$db_as mariadbd --no-defaults --datadir="$db_dir/data" $db_root \
		--bind-address=127.0.0.1 --port="$db_port" \
		--socket="$db_socket" --pid-file="$db_dir/pid-file" \
		--log-error="$db_dir/log.err" --skip-name-resolve \
		--innodb-flush-log-at-trx-commit=1 --skip-log-bin \
		--innodb-log-file-size=64M --innodb-buffer-pool-size=64M \
		--performance-schema=OFF "$@" >"$db_dir/out" 2>&1 </dev/null 8>&- 9>&- &
	echo $! >"$db_dir/pid"
	db_wait "$db_name" $! || {
		echo "db $db_name did not start: $(cat "$db_dir/out" "$db_dir/log.err" 2>/dev/null | tail -n 3)" >&2
		return 1
	}
}

# db_prepare NAME: data and a port, not yet started.
db_prepare()
{
	db_files || {
		echo "mariadb-install-db: $(tail -n 3 "$tmp/db-install.log")" >&2
		return 1
	}
	db_folder "db-$1"
	cp -a "$tmp/db-empty/." "$tmp/db-$1/data"
	free_ports 1 >"$tmp/db-$1/port"
	db_names="$db_names $1"
}

# db_start NAME [OPTION...]: a new server; sets db_port and db_socket. What
# comes later in OPTIONs wins over ours.
db_start()
{
	db_prepare "$1" && db_run "$@" && db_grant "$1"
}

# db_grant NAME: the user that callscope logs in as.
db_grant()
{
	db_sql "$1" "CREATE USER IF NOT EXISTS '$db_user'@'%'
		IDENTIFIED BY '$db_password';
		GRANT ALL ON *.* TO '$db_user'@'%'"
}

# db_again NAME: after db_stop or db_kill, the same server with its options.
db_again()
{
	# shellcheck disable=SC2046 # words
	db_run "$1" $(cat "$tmp/db-$1/options")
}

# db_kill NAME: at once, as a power cut of the process would.
db_kill()
{
	db_signal KILL "$1"
}

# db_stop NAME: in order.
db_stop()
{
	db_signal TERM "$1"
}

db_signal()
{
	db_pid=$(cat "$tmp/db-$2/pid" 2>/dev/null) || return 0
	kill "-$1" "$db_pid" 2>/dev/null
	wait "$db_pid" 2>/dev/null
	rm -f "$tmp/db-$2/pid"
}

# db_sql NAME QUERY [DATABASE]: rows as lines, columns apart by tabs.
db_sql()
{
	mariadb --no-defaults --default-character-set=utf8mb4 -u root \
		-S "$tmp/db-$1/socket" -N -B -e "$2" ${3:+"$3"}
}

# cluster_start OPTION...: three nodes g1 g2 g3 of a Galera cluster, all on
# 127.0.0.1, each with ports of its own. A node that comes back takes a copy of
# another's data (rsync) when it cannot tell where it was.
cluster_start()
{
	# shellcheck disable=SC2046 # words
	set -- "$*" $(free_ports 6)
	cluster_address="gcomm://127.0.0.1:$2,127.0.0.1:$3,127.0.0.1:$4"
	cluster_node g1 "$2" "$5" "$1 --wsrep-new-cluster" || return 1
	db_grant g1
	echo "$(cluster_options "$2" "$5") $1" >"$tmp/db-g1/options"
	cluster_node g2 "$3" "$6" "$1" && cluster_node g3 "$4" "$7" "$1"
}

# cluster_clear: what of it came up goes, as if it had never been.
cluster_clear()
{
	for n in g1 g2 g3; do
		db_kill "$n"
		rm -rf "$db_home/db-$n" "$tmp/db-$n"
	done
}

# cluster_options PORT SST-PORT
cluster_options()
{
	echo "--wsrep-on=ON --wsrep-provider=$db_galera" \
		"--wsrep-cluster-address=$cluster_address" \
		"--wsrep-node-address=127.0.0.1:$1" \
		"--wsrep-sst-receive-address=127.0.0.1:$2" \
		"--wsrep-sst-method=rsync --binlog-format=ROW" \
		"--innodb-autoinc-lock-mode=2" \
		"--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:$1;ist.recv_addr=127.0.0.1:$(($1 + 1));gcache.size=64M"
}

# cluster_node NAME PORT SST-PORT OPTIONS
cluster_node()
{
	db_prepare "$1" || return 1
	# shellcheck disable=SC2046,SC2086 # words
	db_run "$1" $(cluster_options "$2" "$3") $4 || return 1
	cluster_wait "$1" Synced
}

# cluster_wait NAME STATE: as wsrep_local_state_comment has it.
cluster_wait()
{
	until db_sql "$1" "SHOW STATUS LIKE 'wsrep_local_state_comment'" \
		2>/dev/null | grep -q "$2"
	do
		kill -0 "$(cat "$tmp/db-$1/pid")" 2>/dev/null || return 1
		sleep 0.05
	done
}

# db_url NAME DATABASE [SETTINGS]: for --db; the password is in $tmp/password.
# db_via is another port that leads there.
db_url()
{
	echo "mysql://$db_user@127.0.0.1:${db_via:-$(cat "$tmp/db-$1/port")}/$2${3:+?$3}"
}
(umask 077; echo "$db_password" >"$tmp/password")

db_cleanup()
{
	for db_each in $db_names; do
		db_kill "$db_each"
	done
	rm -rf "$tmp" "$db_home"
}
trap db_cleanup EXIT
trap 'exit 1' HUP INT TERM

# db_keys SERVER DATABASE VERB: of its table cdr, beside the primary one, for
# ALTER TABLE.
db_keys()
{
	db_sql "$1" "SELECT index_name,
		GROUP_CONCAT(CONCAT(column_name,
			IF(sub_part IS NULL, '', CONCAT('(', sub_part, ')')))
			ORDER BY seq_in_index)
		FROM information_schema.statistics
		WHERE table_schema = '$2' AND table_name = 'cdr'
		AND index_name <> 'PRIMARY' GROUP BY index_name" |
		awk -F'\t' -v verb="$3" '{
			printf "%s%s KEY %s", (NR > 1 ? ", " : ""), verb, $1
			if (verb == "ADD")
				printf " (%s)", $2 }'
}
