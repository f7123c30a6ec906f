# shellcheck shell=bash
# Common ground of the recording scripts: hosts as network namespaces on
# one bridge, a tap on that bridge, SIP phones and a proxy on the hosts.
# To be sourced by bash; needs root, ip, tcpdump, and what a scenario uses.
#
#	lab_up N		bridge "sw" and hosts 1..N: 10.77.0.N, fd77::N
#	on N CMD...		run CMD on host N
#	router N M NET RULE	host M behind host N
#	tap [OPT...]		record what passes the bridge; untap ends it
#	phone N USER ACCOUNT	a baresip on host N (its files: $lab/pN)
#	tell N CMD [PARAMS]	a command to that phone
#	heard N REGEX [SECONDS]	wait until the phone has said it
#	proxy N [SWITCH...]	a kamailio on host N with proxy.cfg
#	relay N			an rtpengine beside that proxy
#	count N LOW-HIGH	count RTP and RTCP in the kernel of host N
#	keys			phones from now on write their TLS secrets
#	keep N...		take the capture and what hosts N say of it
# Everything is removed when a scenario ends, however it ends.

set -eu
: "${LAB_OUT:=.}" # where finished captures go
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab='' tag='' tap_pid=''
hosts=0
pids=()

# A script ends with: scenarios "$@". Each scenario is a function rec_NAME
# that runs in a lab of its own and calls keep; without names all are run.
scenarios() {
	local name bad=0
	[ $# -gt 0 ] || mapfile -t list < <(declare -F |
		sed -n 's/^declare -f rec_//p' | tr _ -)
	for name in "${@:-${list[@]}}"; do
		declare -F "rec_${name//-/_}" >/dev/null || {
			echo "$0: no scenario $name" >&2
			exit 1
		}
		# In the background: set -e does not hold in a condition.
		(lab_begin "$name" && "rec_${name//-/_}") &
		trap 'kill $!; wait $!; exit 1' INT TERM
		wait $! || { echo "$0: $name failed" >&2; bad=1; }
	done
	return $bad
}

lab_begin() {
	lab=$(mktemp -d "${TMPDIR:-/tmp}/lab.XXXXXX")
	tag=cs$BASHPID
	name=$1
	trap lab_down EXIT
	trap 'exit 1' INT TERM
}

need() {
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null || {
			echo "$0: $tool is not installed" >&2
			exit 1
		}
	done
}

lab_down() {
	local i
	set +e
	for i in "${pids[@]}"; do kill "$i" 2>/dev/null; done
	for i in $(seq 1 "$hosts") sw; do
		ip netns pids "$tag-$i" 2>/dev/null | xargs -r kill 2>/dev/null
	done
	sleep 0.5
	for i in $(seq 1 "$hosts") sw; do
		ip netns pids "$tag-$i" 2>/dev/null | xargs -r kill -9 2>/dev/null
		ip netns del "$tag-$i" 2>/dev/null
	done
	[ -n "${LAB_KEEP:-}" ] || rm -rf "$lab"
}
# Offloads are off: else UDP and TCP checksums leave unfilled and TCP
# segments leave larger than the MTU, which no real tap would see.
plain_nic() {
	on "$1" ethtool -K "$2" tx off rx off gso off tso off gro off \
		>/dev/null 2>&1
}

on() {
	local host=$1
	shift
	ip netns exec "$tag-$host" "$@"
}

lab_up() {
	local i
	need ip ethtool tcpdump
	ip netns add "$tag-sw"
	on sw ip link add br0 type bridge stp_state 0 mcast_snooping 0
	on sw ip link set br0 up
	for i in $(seq 1 "$1"); do
		host_up "$i"
	done
	sleep 0.3
}

host_up() {
	hosts=$1
	ip netns add "$tag-$1"
	# No duplicate address detection: the address works at once.
	on "$1" sysctl -qw net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.default.router_solicitations=0
	on "$1" ip link set lo up
	on "$1" ip link add eth0 address "02:77:00:00:00:0$1" type veth \
		peer name "port$1" netns "$tag-sw"
	plain_nic "$1" eth0
	plain_nic sw "port$1"
	on sw ip link set "port$1" master br0 up
	on "$1" ip link set eth0 up
	on "$1" ip addr add "10.77.0.$1/24" dev eth0
	on "$1" ip addr add "fd77::$1/64" dev eth0 nodad
}

# router HOST BEHIND NET RULE: host BEHIND is 192.168.NET.BEHIND behind HOST,
# a router that does to what leaves it what the nft rule says.
router() {
	local host=$1 behind=$2 net=192.168.$3
	need nft
	hosts=$behind
	ip netns add "$tag-$behind"
	on "$behind" ip link set lo up
	on "$behind" ip link add eth0 type veth peer name inside netns "$tag-$host"
	plain_nic "$behind" eth0
	plain_nic "$host" inside
	on "$behind" ip link set eth0 up
	on "$host" ip link set inside up
	on "$behind" ip addr add "$net.$behind/24" dev eth0
	on "$host" ip addr add "$net.1/24" dev inside
	on "$behind" ip route add default via "$net.1"
	on "$host" sysctl -qw net.ipv4.ip_forward=1
	# Stray packets from outside must not take the ports of the router.
	on "$host" nft -f - <<-END
	table ip nat {
		chain post { type nat hook postrouting priority 100;
			oifname "eth0" $4
		}
		chain in { type filter hook input priority 0;
			iifname "eth0" ct state new drop
		}
		chain forth { type filter hook forward priority 0;
			iifname "eth0" ct state new drop
		}
	}
	END
}

tap() {
	: >"$lab/tap.log"
	# -Z root: else tcpdump gives up its right to write the file.
	on "${TAP_AT:-sw}" tcpdump -q --immediate-mode -B 16384 -i "${TAP:-br0}" -U -Z root -w "$lab/cap" "$@" \
		2>"$lab/tap.log" &
	tap_pid=$!
	pids+=("$tap_pid")
	until grep -q listening "$lab/tap.log"; do sleep 0.1; done
}

# end_of PID: interrupt what runs below a background shell, await its end.
end_of() {
	pkill -INT -P "$1" || kill -INT "$1"
	wait "$1" || true
}

untap() {
	sleep 0.5
	end_of "$tap_pid"
	grep -q '^0 packets dropped by kernel' "$lab/tap.log" ||
		{ cat "$lab/tap.log" >&2; exit 1; }
}

# A tone of the codec's own rate: baresip 1.0.0 does not resample.
tone() {
	need sox
	[ -f "$1" ] || sox -q -n -r "$2" -c 1 -b 16 "$1" \
		synth 60 sine "$3" gain -12
}

# phone HOST USER "ACCOUNT PARAMETERS" [RATE]; PROXY names the registrar.
phone() {
	local dir=$lab/p$1 rate=${4:-8000} m
	local source=aufile,$dir/in.wav
	need baresip
	mkdir -p "$dir"
	[ "${TRANSPORT:-}" != tls ] || {
		certificate
		cat "$lab/key.pem" "$lab/cert.pem" >"$dir/both.pem"
	}
	# aufile cannot feed Opus, ausine nothing else.
	[ "$rate" != 48000 ] || source=ausine,440
	tone "$dir/in.wav" "$rate" "$((300 + 100 * $1))"
	{
		echo "sip_listen ${SIP_LISTEN:-0.0.0.0:5060}"
		echo "audio_player aufile,$dir/out.wav"
		echo "audio_source $source"
		echo "audio_buffer 20-160"
		echo "rtp_ports 10000-20000"
		echo "rtcp_mux ${RTCP_MUX:-no}"
		echo "ctrl_tcp_listen 127.0.0.1:4444"
		[ "${TRANSPORT:-}" != tls ] ||
			echo "sip_certificate $dir/both.pem"
		echo "module_path /usr/lib/baresip/modules"
		for m in ${MODULES:-g711 g722 opus} aufile ausine ctrl_tcp \
			rtcpsummary stun turn ice srtp dtls_srtp; do
			echo "module $m.so"
		done
		echo "module_tmp account.so"
		echo "module_tmp uuid.so"
		echo "module_app menu.so"
	} >"$dir/config"
	echo "<sip:$2@${PROXY:-10.77.0.$1}${TRANSPORT:+;transport=$TRANSPORT}>;$3" \
		>"$dir/accounts"
	printf '00000000-0000-4000-8000-0000000000%02d' "$1" >"$dir/uuid"
	: >"$dir/contacts"
	: >"$dir/log"
	# stdin stays open: the menu module reads it.
	on "$1" env "${KEYS[@]}" baresip -f "$dir" </dev/null \
		>"$dir/log" 2>&1 &
	pids+=($!)
	heard "$1" 'baresip is ready'
}

# keys: programs started from now on as "env "${KEYS[@]}" PROGRAM" write
# their TLS and DTLS secrets to one file, which keep takes to NAME.keylog.
KEYS=()
keys() {
	need cc
	cc -shared -fPIC -o "$lab/sslkeylog.so" "$here/sslkeylog.c" -ldl
	KEYS=("LD_PRELOAD=$lab/sslkeylog.so" "SSLKEYLOGFILE=$lab/keylog")
}

heard() {
	local n=$((10 * ${3:-10})) log=$lab/p$1/log
	until grep -aqE "$2" "$log"; do
		n=$((n - 1))
		[ "$n" -gt 0 ] || {
			echo "$0: host $1 never said \"$2\":" >&2
			tail -20 "$log" | cut -c-300 >&2
			exit 1
		}
		sleep 0.1
	done
}

tell() {
	local json
	json="{\"command\":\"$2\",\"params\":\"${3:-}\",\"token\":\"x\"}"
	# shellcheck disable=SC2016 # the inner shell expands
	on "$1" bash -c 'exec 3<>/dev/tcp/127.0.0.1/4444
		printf "%d:%s," "${#1}" "$1" >&3
		read -r -t 1 -d , _ <&3 || true' - "$json"
}

said() {
	local host
	for host in "$@"; do
		echo "host $host:"
		sed 's/\x1b\[[0-9;]*m//g' "$lab/p$host/log" 2>/dev/null |
			grep -aoE -e '\{.*\} [1-6][0-9][0-9] .*' \
				-e 'EX=BareSip.*' -e 'Call with [^ ]* term.*' \
				-e 'sip:[^ ]*: session closed:.*' \
				-e 'reg: .* [1-6][0-9][0-9] .*' \
				-e 'received event:.*' | sed 's/^/  /' || true
		on "$host" nft list table inet count 2>/dev/null |
			sed -nE 's/.*"([a-z_]+)" *$/\1/p; /packets/ {
				s/.*packets ([0-9]+).*comment "(.*)"/  kernel: \2 \1/p
			}' || true
	done >>"$lab/said"
}

# count HOST LOW-HIGH: the kernel of HOST counts what its programs send and
# what reaches them on these media ports, even ports RTP and odd ones RTCP.
count() {
	need nft
	on "$1" nft -f - <<END
table inet count {
	chain out { type filter hook output priority 100;
		udp sport $2 udp sport & 1 == 0 counter comment "rtp sent"
		udp sport $2 udp sport & 1 == 1 counter comment "rtcp sent"
	}
	chain in { type filter hook input priority 100;
		udp dport $2 udp dport & 1 == 0 counter comment "rtp received"
		udp dport $2 udp dport & 1 == 1 counter comment "rtcp received"
	}
}
END
}

# proxy HOST [NAME...]: kamailio with proxy.cfg, the names are its
# "#!ifdef" switches: WS also listens on port 8088, TLS on 8443.
proxy() {
	local host=$1 arg=() i
	need kamailio
	shift
	for i in "$@"; do
		arg+=(-A "$i")
		case $i in
		WS) arg+=(-l "tcp:10.77.0.$host:8088") ;;
		TLS) certificate && arg+=(-l "tls:10.77.0.$host:8443") ;;
		esac
	done
	for i in $(on "$host" ip -o addr show dev eth0 scope global |
		sed -nE 's/.* inet (.*)\/.*/\1/p; s/.* inet6 (.*)\/.*/[\1]/p'); do
		arg+=(-l "udp:$i:5060" -l "tcp:$i:5060")
	done
	on "$host" kamailio -DD -E -w "$lab" -f "$here/proxy.cfg" "${arg[@]}" \
		-Y "$lab" -P "$lab/kamailio.pid" -m 32 -M 8 -n 2 -N 2 \
		>"$lab/kamailio.log" 2>&1 &
	pids+=($!)
	for _ in $(seq 50); do
		on "$host" ss -lun | grep -q ":5060" && return
		sleep 0.1
	done
	cat "$lab/kamailio.log" >&2
	exit 1
}

# certificate: a throw-away one, of its own signature, with its key.
certificate() {
	need openssl
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
		-nodes -days 30 -subj /CN=lab.example \
		-addext subjectAltName=DNS:lab.example,IP:10.77.0.1,IP:10.77.0.4 \
		-keyout "$lab/key.pem" -out "$lab/cert.pem" 2>"$lab/openssl.log"
}

# relay HOST: an rtpengine for the proxy of that host, switch RELAY.
relay() {
	need rtpengine
	on "$1" env "${KEYS[@]}" rtpengine -f -E -i "10.77.0.$1" -n 127.0.0.1:2223 --table=-1 \
		${HOMER:+--homer="$HOMER" --homer-id=2102} \
		-m 30000 -M 30100 --pidfile="$lab/rtpengine.pid" \
		>"$lab/rtpengine.log" 2>&1 &
	pids+=($!)
	sleep 1
}

# with_secrets: the keys go into the capture, a pcapng, instead of a file.
with_secrets() {
	need editcap
	editcap --inject-secrets "tls,$lab/keylog" "$lab/cap" "$lab/sealed"
	mv "$lab/sealed" "$lab/cap"
	rm "$lab/keylog"
	ext=pcapng
}

# keep HOST...: take the capture $lab/cap to NAME.pcap (or .$ext) and what
# these hosts say about it to NAME.said.
keep() {
	said "$@"
	cp "$lab/cap" "$LAB_OUT/$name.${ext:-pcap}"
	cp "$lab/said" "$LAB_OUT/$name.said"
	# Both ends write the same secrets.
	[ ! -f "$lab/keylog" ] ||
		sort -u "$lab/keylog" >"$LAB_OUT/$name.keylog"
	echo "== $name.${ext:-pcap}"
	cat "$lab/said"
}
