# shellcheck shell=sh disable=SC2034,SC2154 # shared with what sources it
# A live capture in network and mount namespaces of its own: sourced, not run.

near=cs-near far=cs-far pid='' first='' as='' helpers='' json=$tmp/report

clean()
{
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
	for each in $helpers; do
		kill "$each" 2>/dev/null
	done
	end_helper
	rm -rf "$tmp"
}

# can_run NAME: or says why not.
can_run()
{
	if [ "$(id -u)" -ne 0 ]; then
		echo "SKIP $1: needs root"
		return 1
	fi
	if ! "$CALLSCOPE" serve --help >/dev/null 2>&1; then
		echo "SKIP $1: built without the viewer"
		return 1
	fi
	if ! unshare -n -m ip link add "$near" type veth peer name "$far" \
		2>"$tmp/err"; then
		echo "SKIP $1: no veth here: $(head -n 1 "$tmp/err")"
		return 1
	fi
	# Others must be able to get to the data folder.
	chmod 755 "$tmp"
	grep -v '^callscope:' /etc/passwd >"$tmp/passwd.nobody"
	grep -v '^callscope:' /etc/group >"$tmp/group.nobody"
	cp "$tmp/passwd.nobody" "$tmp/passwd.user"
	cp "$tmp/group.nobody" "$tmp/group.user"
	echo 'callscope:x:63711:63712::/nonexistent:/bin/false' \
		>>"$tmp/passwd.user"
	echo 'callscope:x:63712:' >>"$tmp/group.user"
}

# It reads packets: the main thread has its filter, or needs none.
begun()
{
	ended "$pid" || { grep -q 'listening on' "$tmp/err" &&
		inside grep -q . /proc/net/packet; }
}

# What $first began.
end_helper()
{
	[ ! -s "$tmp/helper" ] || kill "$(cat "$tmp/helper")" 2>/dev/null
	rm -f "$tmp/helper"
}

# inside COMMAND...: in its network.
inside()
{
	nsenter -t "$pid" -n "$@"
}

# begin user|nobody IFACE OPTION...: starts it, with the user callscope on the
# machine or without; $as is a command that runs it. $first runs in its namespaces before it, and has made
# the file listens when it is ready, if it is one of those.
begin()
{
	with=$1 iface=$2
	shift 2
	: >"$tmp/err"
	# shellcheck disable=SC2016,SC2086 # for the shell inside; words
	unshare -n -m sh -c '
		tmp=$1 with=$2 near=$3 far=$4 first=$5
		shift 5
		mount --bind "$tmp/passwd.$with" /etc/passwd
		mount --bind "$tmp/group.$with" /etc/group
		ip link set lo up
		ip link add "$near" type veth peer name "$far"
		for each in "$near" "$far"; do
			sysctl -q "net.ipv6.conf.$each.disable_ipv6=1"
			ip link set "$each" up
		done 2>/dev/null
		eval "$first"
		while [ -n "$first" ] && [ ! -e "$tmp/listens" ]; do
			sleep 0.05
		done
		exec "$@"' sh "$tmp" "$with" "$near" "$far" "$first" \
		$as "$CALLSCOPE" -i "$iface" -o "$tmp/live" --json "$json" \
		-f 'not arp' -q "$@" >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	until_true 30 begun && return
	echo "FAIL it does not listen: $(head -n 2 "$tmp/err")"
}

# finish SIGNAL: ends it; its exit status is left in $status.
finish()
{
	kill -s "$1" "$pid" 2>/dev/null
	until_true 60 ended "$pid" || kill -9 "$pid"
	wait "$pid"
	status=$?
	pid=
	end_helper
	[ ! -e "$json" ] || "$tools/flat" "$json" >"$tmp/flat"
}


rx()
{
	inside sed -n "s/^ *$near: *[0-9]* *\([0-9]*\).*/\1/p" /proc/net/dev
}

# play FILE: every packet of it onto the wire.
play()
{
	before=$(rx)
	sent=$(inside "$tools/replay" "$1" "$far")
	until_true 20 took $((before + sent))
}

took()
{
	[ "$(rx)" -ge "$1" ]
}
