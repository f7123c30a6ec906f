#!/bin/sh
# What "make check-deb" runs: the package of "make deb" in a chroot with a
# Debian 12 of its own: installed, run as the unit runs it but by hand (there
# is no systemd in it), upgraded, removed, purged. Takes a minute or two, and
# the first time as long as debootstrap does; so it is no part of make check.
#
# DEBIAN_TAR is a tarball of a minimal Debian 12 (default: one that debootstrap
# made before, obj/debian12.tar). Needs root and Debian's package archive.
set -u

if [ "${DEB_TEST_MOUNTS-}" != private ] && [ "$(id -u)" -eq 0 ]; then
	# What is mounted in here is nobody else's, and gone in the end.
	DEB_TEST_MOUNTS=private
	export DEB_TEST_MOUNTS
	exec unshare --mount --propagation private "$0" "$@"
fi
# shellcheck source=e2e/lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

root=$tmp/root ns=cs-deb$$ near=cs-deb0 pid='' listener=''
tar=${DEBIAN_TAR:-$CALLSCOPE_BUILD/obj/debian12.tar}
deb=$(find "$CALLSCOPE_BUILD" -maxdepth 1 -name 'callscope_*.deb' | sort |
	tail -n 1)
conf=$root/etc/callscope/callscope.conf
data=$root/var/lib/callscope
unit=$root/lib/systemd/system/callscope.service

clean()
{
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
	[ -z "$listener" ] || kill "$listener" 2>/dev/null
	ip netns del "$ns" 2>/dev/null
	for each in dev proc; do
		umount "$root/$each" 2>/dev/null
	done
	rm -rf --one-file-system "$tmp"
}
trap clean EXIT

skip()
{
	echo "SKIP deb: $1"
	exit 0
}

[ "$(id -u)" -eq 0 ] || skip 'needs root'
[ -f "$tar" ] || command -v debootstrap >/dev/null || skip 'needs debootstrap'
command -v python3 >/dev/null || skip 'needs python3'
[ -n "$deb" ] || skip 'no package here: make deb'

# in_root COMMAND...: its output in the files out and err.
in_root()
{
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@" \
		>"$tmp/out" 2>"$tmp/err" </dev/null
}

# It reaches the package archive as this machine does.
enter()
{
	mkdir "$root" || return 1
	if [ ! -f "$tar" ]; then
		debootstrap --variant=minbase --include=ca-certificates \
			bookworm "$root" >"$tmp/err" 2>&1 || return 1
		tar -C "$root" -cf "$tar.$$" . && mv "$tar.$$" "$tar"
	else
		tar -C "$root" -xf "$tar" || return 1
	fi
	cp /etc/resolv.conf /etc/hosts "$root/etc/"
	for each in /etc/apt/apt.conf.d/*; do
		grep -qi 'proxy\|cainfo' "$each" 2>/dev/null &&
			cp "$each" "$root/etc/apt/apt.conf.d/"
	done
	cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
	mount -t proc proc "$root/proc" && mount --bind /dev "$root/dev" &&
		in_root apt-get -q -o Acquire::Retries=3 update
}

# owner PATH: mode, user and group, as names of the chroot.
owner()
{
	in_root stat -c '%a %U:%G' "$1"
	cat "$tmp/out"
}

# --- what the package is -----------------------------------------------------

if command -v lintian >/dev/null; then
	lintian --allow-root --fail-on error,warning "$deb" >"$tmp/err" 2>&1
	result 'deb: lintian: no error, no warning' $? "$(cat "$tmp/err")"
else
	echo 'SKIP deb: lintian: is not installed'
fi

enter || skip "no Debian 12 to be had: $(tail -n 1 "$tmp/err")"

# --- install -----------------------------------------------------------------

cp "$deb" "$root/first.deb"
in_root apt-get -q -y -o Acquire::Retries=3 --no-install-recommends \
	install /first.deb
status=$?
result 'deb: installs' $status "$(tail -n 3 "$tmp/err")"
[ $status -eq 0 ] || exit 0
grep -q 'callscope user add NAME' "$tmp/out"
result 'deb: says what to do next' $?
same 'deb: the user has no shell and no home of its own' \
	"$(grep '^callscope:' "$root/etc/passwd" | cut -d: -f5-)" \
	'callscope monitor,,,:/var/lib/callscope:/usr/sbin/nologin'
same 'deb: its data' "$(owner /var/lib/callscope)" '750 callscope:callscope'
same 'deb: its logs' "$(owner /var/log/callscope)" '750 callscope:callscope'
same 'deb: its configuration' "$(owner /etc/callscope)" '750 root:callscope'
same 'deb: the file in it' "$(owner /etc/callscope/callscope.conf)" \
	'644 root:root'
same 'deb: the program' "$(owner /usr/sbin/callscope)" '755 root:root'
for each in man/man8/callscope.8.gz man/man5/callscope.conf.5.gz \
	doc/callscope/copyright doc/callscope/changelog.Debian.gz \
	doc/callscope/DEBIAN.md doc/callscope/examples/busy-486.pcap; do
	[ -s "$root/usr/share/$each" ]
	result "deb: has $each" $? 'is missing'
done
in_root callscope --check-config -c /etc/callscope/callscope.conf
result 'deb: the configuration is right' $?
in_root sh -c 'cd /tmp && callscope --utc -o /tmp/try \
	-r /usr/share/doc/callscope/examples/busy-486.pcap'
grep -q '^calls 1 (answered 0)' "$tmp/out"
result 'deb: reads a capture' $?
in_root sh -c 'echo correct-horse-battery >/root/password &&
	chmod 600 /root/password && callscope user add alice --role admin \
	-c /etc/callscope/callscope.conf --password-file /root/password'
result 'deb: callscope user add, as root' $?
same 'deb: whose file is the daemon'"'"'s' "$(owner /var/lib/callscope/users)" \
	'600 callscope:callscope'

# --- the unit ----------------------------------------------------------------

if command -v systemd-analyze >/dev/null; then
	# Programs are looked for on this machine.
	sed "s,/usr/sbin/callscope,$CALLSCOPE," "$unit" >"$tmp/callscope.service"
	systemd-analyze verify --man=no "$tmp/callscope.service" \
		>"$tmp/err" 2>&1 && ! grep -q 'callscope\.service' "$tmp/err"
	result 'deb: systemd-analyze verify' $? "$(cat "$tmp/err")"
	systemd-analyze security --offline=true --threshold=25 \
		"$tmp/callscope.service" >"$tmp/out" 2>"$tmp/err"
	result "deb: systemd-analyze security: $(sed -n \
		's/.*exposure level.*: \([0-9.]*\).*/\1/p' "$tmp/out")" $? \
		'exposed more than 2.5'
else
	echo 'SKIP deb: systemd-analyze: package systemd is not installed'
fi
if command -v logrotate >/dev/null; then
	sed 's/callscope callscope$/root root/' \
		"$root/etc/logrotate.d/callscope" >"$tmp/rotate"
	logrotate -d -s "$tmp/rotated" "$tmp/rotate" >"$tmp/err" 2>&1 &&
		! grep -q '^error' "$tmp/err"
	result 'deb: logrotate takes its file' $?
else
	echo 'SKIP deb: logrotate: is not installed'
fi

# value KEY: of the unit.
value()
{
	sed -n "s/^$1=//p" "$unit"
}

# command_of KEY [NAME=VALUE]: runs what is between the quotes of the unit's.
command_of()
{
	value "$1" | sed "s/^[^']*'//; s/'\$//" >"$root/command"
	shift
	in_root env "$@" sh /command
}

! command_of ExecCondition
result 'deb: a fresh unit is not started' $?
grep -q 'names no interface' "$tmp/err"
result 'deb: and says why' $?
printf 'interface = %s\nhttp = none\nsensor = deb\n' $near >>"$conf"
command_of ExecCondition
result 'deb: with an interface it is' $?

# --- a call ------------------------------------------------------------------

told()
{
	grep -q "$1" "$tmp/told"
}

# What systemd does with User, AmbientCapabilities and UMask.
start()
{
	: >"$tmp/told"
	rm -f "$root/run/notify"
	python3 "$CALLSCOPE_SRC/tests/notify.py" "$root/run/notify" \
		"$tmp/told" &
	listener=$!
	until_true 20 [ -S "$root/run/notify" ] || return 1
	# shellcheck disable=SC2046 # the words of ExecStart
	ip netns exec "$ns" chroot "$root" env -i \
		NOTIFY_SOCKET=/run/notify WATCHDOG_USEC=2000000 \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin setpriv \
		--reuid callscope --regid callscope --init-groups \
		--bounding-set -all,+net_raw --inh-caps -all,+net_raw \
		--ambient-caps -all,+net_raw --no-new-privs \
		sh -c 'umask 0027; exec "$@"' sh $(value ExecStart) \
		>"$tmp/said" 2>&1 </dev/null &
	pid=$!
	until_true 60 told READY=1
}

# stop: its exit status.
stop()
{
	kill -TERM "$pid"
	until_true 60 ended "$pid" || kill -9 "$pid"
	wait "$pid" 2>/dev/null
	status=$?
	pid=
	kill "$listener" 2>/dev/null
	wait "$listener" 2>/dev/null
	listener=
	return $status
}

records()
{
	[ "$(sql "$data/callscope.db" 'SELECT count(*) FROM cdr')" = "$1" ]
}

network()
{
	ip netns add "$ns" &&
		ip -n "$ns" link add $near type veth peer name cs-deb1 &&
		for each in lo $near cs-deb1; do
			ip netns exec "$ns" sysctl -q \
				"net.ipv6.conf.$each.disable_ipv6=1"
			ip -n "$ns" link set "$each" up
		done
}

play()
{
	ip netns exec "$ns" "$tools/replay" "$1" cs-deb1 >/dev/null
}

if network 2>"$tmp/err"; then
	start
	result 'deb: ExecStart: READY=1' $? "$(tail -n 2 "$tmp/said")"
	same 'deb: it is the user callscope' \
		"$(in_root stat -c %U "/proc/$pid"; cat "$tmp/out")" callscope
	# Those that reopen an interface keep it.
	same 'deb: no thread has more than CAP_NET_RAW' \
		"$(cat "/proc/$pid/task"/*/status |
			sed -n 's/^Cap\(Prm\|Eff\|Bnd\):.0*//p' |
			sort -u | tr '\n' ' ')" ' 2000 '
	until_true 60 told WATCHDOG=1
	result 'deb: it feeds the watchdog' $?
	play "$samples/busy-486.pcap"
	until_true 60 records 1
	result 'deb: a call is recorded' $?
	command_of ExecReload MAINPID="$pid"
	until_true 60 grep -q 'read again' "$tmp/said"
	result 'deb: ExecReload reloads' $? "$(tail -n 2 "$tmp/said")"
	play "$samples/cancel.pcap"
	until_true 60 records 2
	result 'deb: and it goes on' $?
	stop
	same 'deb: SIGTERM ends it' "$?" 0
	told STOPPING=1
	result 'deb: which it tells' $?
	same 'deb: nothing is for everybody' \
		"$(find "$data" -perm /007 ! -type l | head -n 3)" ''
else
	echo "SKIP deb: a call: no namespace here: $(head -n 1 "$tmp/err")"
fi

# --- upgrade -----------------------------------------------------------------

version=$(dpkg-deb -f "$deb" Version)
dpkg-deb -R "$deb" "$tmp/next"
sed -i "s/^Version: .*/&.1/" "$tmp/next/DEBIAN/control"
echo '# new here' >>"$tmp/next/etc/callscope/callscope.conf"
sed -i "s,^[0-9a-f]*  etc/callscope/.*,," "$tmp/next/DEBIAN/md5sums"
dpkg-deb --root-owner-group -b "$tmp/next" "$root/next.deb" >/dev/null
# A database as the first version of the schema left it.
if command -v sqlite3 >/dev/null; then
	cp "$data/callscope.db" "$tmp/kept.db" 2>/dev/null
	rm -f "$data"/callscope.db*
	{
		cat "$CALLSCOPE_SRC/sql/sqlite/0001_initial.sql"
		echo "INSERT INTO schema_version VALUES (1, '0001_initial');"
	} | sqlite3 "$data/callscope.db" >/dev/null
	chown --reference="$data" "$data/callscope.db"
fi
cp "$conf" "$tmp/conf"
chmod 0700 "$root/var/log/callscope"
in_root apt-get -q -y -o Dpkg::Options::=--force-confold install /next.deb
result 'deb: upgrades' $?
in_root dpkg-query -W callscope
same 'deb: upgrade: to the new version' "$(cut -f2 "$tmp/out")" "$version.1"
cmp -s "$conf" "$tmp/conf"
result 'deb: upgrade: a changed configuration is kept' $?
[ -f "$conf.dpkg-dist" ]
result 'deb: upgrade: the new one lies beside it' $?
same 'deb: upgrade: modes that were changed are kept' \
	"$(owner /var/log/callscope)" '700 callscope:callscope'
grep -q alice "$data/users"
result 'deb: upgrade: logins are kept' $?
if command -v sqlite3 >/dev/null; then
	newest=$(find "$CALLSCOPE_SRC/sql/sqlite" -name '0*.sql' | sort |
		sed -n '$s,.*/0*\([0-9]*\)_.*,\1,p')
	same 'deb: upgrade: the database is of this version' \
		"$(sql "$data/callscope.db" \
			'SELECT max(version) FROM schema_version')" "$newest"
	same 'deb: upgrade: and still the daemon'"'"'s' \
		"$(owner /var/lib/callscope/callscope.db | cut -d' ' -f2)" \
		callscope:callscope
	[ ! -f "$tmp/kept.db" ] || cp "$tmp/kept.db" "$data/callscope.db"
else
	echo 'SKIP deb: upgrade: the database: needs sqlite3'
fi

# --- remove, purge -----------------------------------------------------------

in_root apt-get -q -y remove callscope
result 'deb: is removed' $?
[ ! -e "$root/usr/sbin/callscope" ] && [ ! -e "$unit" ]
result 'deb: remove: program and unit are gone' $?
cmp -s "$conf" "$tmp/conf" && [ -s "$data/users" ]
result 'deb: remove: configuration and data stay' $?
in_root apt-get -q -y install /next.deb && cmp -s "$conf" "$tmp/conf"
result 'deb: and installed again goes on with them' $?
in_root apt-get -q -y purge callscope
result 'deb: is purged' $?
grep -q 'rm -r /var/lib/callscope' "$tmp/out"
result 'deb: purge: says what it keeps' $?
left=$(cd "$root" && find . -xdev -name '*callscope*' ! -path './tmp/*' \
	! -path './var/lib/callscope/*' | tr '\n' ' ')
same 'deb: purge: nothing else is left' "$left" './var/lib/callscope '
in_root apt-get -q -y install /next.deb &&
	rm -r "$data" && install -d "$data" &&
	in_root apt-get -q -y purge callscope && [ ! -e "$data" ]
result 'deb: purge: a data folder without data goes' $?
