#!/bin/sh
# What a live capture that root started may still do: user, capabilities,
# no_new_privs and seccomp of every thread, whose files it writes, and what it
# says. In namespaces of its own, with a user callscope in its own /etc/passwd
# and without. Needs root.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"
# shellcheck source=life_lib.sh
. "$CALLSCOPE_SRC/tests/e2e/life_lib.sh"

# What options.sh leaves to this file.
covers()
{
	: "$1"
}

trap clean EXIT
can_run privileges || exit 0

# each FIELD: the values of all threads, each once.
each()
{
	sed -n "s/^$1:[[:space:]]*//p" /proc/"$pid"/task/*/status | sort -u |
		tr -s '[:space:]' ' ' | sed 's/ $//'
}

# owners DIR: of all that is in it.
owners()
{
	find "$1" -printf '%U:%G\n' | sort -u | tr '\n' ' '
}

# The main thread is the last to give up what it does not need.
filtered()
{
	[ "$(each Seccomp)" = 2 ]
}

covers user
covers group
ids=63711:63712
umask 077
tls_key 1 >"$tmp/keys"
umask 022
begin user "$near" --http 127.0.0.1:80 --keys "$tmp/keys"
grep -q 'runs as the user callscope, with cap_net_raw$' "$tmp/err"
result 'privileges: user: says so' $? "$(cat "$tmp/err")"
same 'privileges: user: uid of all threads' "$(each Uid)" \
	'63711 63711 63711 63711'
same 'privileges: user: gid' "$(each Gid)" '63712 63712 63712 63712'
same 'privileges: user: no other groups' "$(each Groups)" 63712
until_true 20 filtered
same 'privileges: user: no_new_privs' "$(each NoNewPrivs)" 1
same 'privileges: user: seccomp' "$(each Seccomp)" 2
same 'privileges: user: bounding set' "$(each CapBnd)" 0000000000002000
same 'privileges: user: inheritable' "$(each CapInh)$(each CapAmb)" \
	00000000000000000000000000000000
each CapPrm | grep -qx '0000000000000000\( 0000000000002000\)\{0,1\}'
result 'privileges: user: permitted' $? "$(each CapPrm)"
[ "$(find "/proc/$pid/task" -maxdepth 1 -mindepth 1 | wc -l)" -ge 6 ]
result 'privileges: user: all threads were looked at' $?
! grep -q 'keys: ' "$tmp/err"
result 'privileges: user: keys that only root may read' $? "$(cat "$tmp/err")"
inside curl -s -o "$tmp/page" http://127.0.0.1/healthz
result 'privileges: user: a port that only root may take' $?
play "$samples/basic-call.pcap"
finish TERM
same 'privileges: user: status' "$status" 0
same 'privileges: user: the call' "$(values call state)" completed
same 'privileges: user: in the database' \
	"$(sql "$tmp/live/callscope.db" 'SELECT state FROM cdr')" completed
same 'privileges: user: its pcap' "$(pcaps "$tmp/live" | wc -l)" 1
same 'privileges: user: files are its own' "$(owners "$tmp/live")" "$ids "

# What a run as root left is given to it; what is not ours is not.
chown -R 0:0 "$tmp/live"
begin user "$near" --http none
play "$samples/basic-call.pcap"
finish TERM
same 'privileges: given: status' "$status" 0
same 'privileges: given: files are its own' "$(owners "$tmp/live")" "$ids "
rm -rf "$tmp/live"
mkdir "$tmp/live"
echo mine >"$tmp/live/diary"
begin user "$near" --http none
grep -q "stays root, with cap_net_raw: .* may not write to $tmp/live" \
	"$tmp/err"
result 'privileges: a folder of somebody else: says so' $? "$(cat "$tmp/err")"
same 'privileges: a folder of somebody else: its owner' \
	"$(stat -c %u "$tmp/live" "$tmp/live/diary" | sort -u)" 0
same 'privileges: a folder of somebody else: bounding set' "$(each CapBnd)" \
	0000000000002000
finish TERM
rm -rf "$tmp/live"

# Nobody to become.
begin nobody "$near" --http none
same 'privileges: no user: one line' \
	"$(grep -c 'there is no user callscope .*stays root, with cap_net_raw' \
		"$tmp/err")" 1
same 'privileges: no user: capabilities' "$(each CapBnd)" 0000000000002000
until_true 20 filtered
same 'privileges: no user: no_new_privs, seccomp' \
	"$(each NoNewPrivs) $(each Seccomp)" '1 2'
finish TERM
same 'privileges: no user: status' "$status" 0

covers keep-net-raw
covers seccomp
covers core-dumps
printf '%s\n' 'keep-net-raw = no' 'seccomp = no' 'core-dumps = yes' \
	>"$tmp/conf"
begin user "$near" --http none -c "$tmp/conf"
same 'privileges: keep-net-raw = no' "$(each CapPrm) $(each CapBnd)" \
	'0000000000000000 0000000000000000'
same 'privileges: seccomp = no' "$(each Seccomp)" 0
same 'privileges: core-dumps = yes' \
	"$(awk '/core file/ { print $5 == $6 }' "/proc/$pid/limits")" 1
finish TERM
begin user "$near" --http none
same 'privileges: core dumps' \
	"$(awk '/core file/ { print $5 }' "/proc/$pid/limits")" 0
finish TERM

# By name.
begin user "$near" --http none --user none
# The folder is the user's: root alone may not write to it.
grep -q 'stays root, as user = none says, with cap_net_raw, cap_dac_override, cap_chown$' \
	"$tmp/err"
result 'privileges: user none: says so' $? "$(cat "$tmp/err")"
same 'privileges: user none: uid' "$(each Uid)" '0 0 0 0'
finish TERM
rm -rf "$tmp/live"
echo 'group = daemon' >"$tmp/conf"
begin user "$near" --http none --user bin -c "$tmp/conf"
same 'privileges: another user and group' "$(each Uid) $(each Gid)" \
	"$(id -u bin) $(id -u bin) $(id -u bin) $(id -u bin) 1 1 1 1"
finish TERM
begin user "$near" --http none --user nobody-of-that-name
finish TERM
same 'privileges: a user that is not there: status' "$status" 1
grep -q 'no user nobody-of-that-name .*--user' "$tmp/err"
result 'privileges: a user that is not there: what to do' $?

# As systemd's unit does it: never root, with the one capability.
rm -rf "$tmp/live"
mkdir "$tmp/live"
chown 63711:63712 "$tmp/live"
rm -f "$tmp/report"
chmod 777 "$tmp"
as='setpriv --reuid 63711 --regid 63712 --clear-groups --inh-caps +net_raw
	--ambient-caps +net_raw'
begin user "$near" --http none
as=
until_true 20 filtered
same 'privileges: ambient: no_new_privs, seccomp' \
	"$(each NoNewPrivs) $(each Seccomp)" '1 2'
same 'privileges: ambient: nothing is left to be inherited' \
	"$(each CapInh)$(each CapAmb)" 00000000000000000000000000000000
same 'privileges: ambient: capabilities of the main thread' \
	"$(sed -n 's/^CapPrm:[[:space:]]*//p' "/proc/$pid/status")" \
	0000000000000000
same 'privileges: ambient: of those that capture' \
	"$(grep -l '^cs-capture' /proc/"$pid"/task/*/comm |
		sed 's/comm$/status/' |
		xargs sed -n 's/^CapPrm:[[:space:]]*//p' | sort -u)" \
	0000000000002000
play "$samples/basic-call.pcap"
finish TERM
same 'privileges: ambient: the call' "$(values call state)" completed
chmod 755 "$tmp"

# The viewer alone.
# shellcheck disable=SC2016 # for the shell inside
unshare -n -m sh -c '
	mount --bind "$1/passwd.user" /etc/passwd
	mount --bind "$1/group.user" /etc/group
	ip link set lo up
	exec "$2" serve -o "$1/live" --http 127.0.0.1:80' sh "$tmp" \
	"$CALLSCOPE" >"$tmp/out" 2>"$tmp/err" </dev/null &
pid=$!
until_true 30 grep -q 'the viewer is at' "$tmp/err"
grep -q 'runs as the user callscope, with no capability$' "$tmp/err"
result 'privileges: serve: says so' $? "$(cat "$tmp/err")"
until_true 20 filtered
same 'privileges: serve: every thread' \
	"$(each Uid), $(each CapPrm)$(each CapBnd), $(each NoNewPrivs), $(
		each Seccomp)" \
	'63711 63711 63711 63711, 00000000000000000000000000000000, 1, 2'
inside curl -s -o "$tmp/page" -w '%{http_code}' http://127.0.0.1/healthz \
	>"$tmp/code"
same 'privileges: serve: answers' "$(cat "$tmp/code")" 401
finish TERM
same 'privileges: serve: status' "$status" 0

covers landlock
echo 'landlock = no' >"$tmp/conf"
rm -rf "$tmp/live"
begin user "$near" --http none -c "$tmp/conf"
play "$samples/basic-call.pcap"
finish TERM
same 'privileges: landlock = no: the call' "$(values call state)" completed
