#!/bin/sh
# What goes wrong is said so that the user knows what to do: the file, packet
# or setting is named, the exit status is right, and everything readable before
# the damage is in the report.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

basic=$samples/basic-call.pcap
# Relative names keep messages short; the program is reached by anybody.
cp "$CALLSCOPE" "$tmp/callscope"
CALLSCOPE=./callscope
chmod 755 "$tmp"
cd "$tmp" || exit 1

# fails NAME STATUS TEXT OPTION...: it ends so and says TEXT on standard error.
fails()
{
	name="errors: $1" want=$2 text=$3
	shift 3
	run "$@"
	if [ "$status" -ne "$want" ]; then
		echo "FAIL $name: status $status, wanted $want"
	elif ! grep -qF -- "$text" err; then
		echo "FAIL $name: says '$(head -n 2 err)', not '$text'"
	else
		echo "PASS $name"
	fi
}

# keeps NAME STATUS TEXT PACKETS FILE: the same of a damaged capture whose
# first PACKETS packets are in the report.
keeps()
{
	fails "$1" "$2" "$3" -r "$5" --json report --db none --record none -q
	"$tools/flat" report >flat
	same "errors: $1: packets read" "$(values summary packets)" "$4"
}

# --- the command line ---------------------------------------------------------

run
same 'errors: no arguments: status' "$status" 1
same 'errors: no arguments: three lines' "$(cat out err | wc -l | tr -d ' ')" 3
run --help
same 'errors: --help: status' "$status" 0
same 'errors: --help: nothing on standard error' "$(wc -c <err | tr -d ' ')" 0
run --version
same 'errors: --version' "$(sed 's/[0-9.]*$//' out)" 'callscope '
fails 'mistyped option' 1 'did you mean --sensor?' --senser x -r "$basic"
fails 'letters swapped' 1 'did you mean --record?' --reocrd none -r "$basic"
fails 'unlike anything' 1 'callscope --help lists them' --zzzzzz -r "$basic"
fails 'unknown letter' 1 'unknown option -Z' -Z -r "$basic"
fails 'option without its value' 1 '--json needs a value' -r "$basic" --json
fails 'flag with a value' 1 '--utc takes no value' -r "$basic" --utc=yes
fails 'word that is no option' 1 'trunk.pcap: no option' trunk.pcap
fails 'bad choice' 1 'give all, headers, signalling or none' \
	-r "$basic" --record sound
fails 'bad store' 1 'DATABASE or none' -r "$basic" --db calls.db
fails 'file and interface' 1 'files, or live' -r "$basic" -i lo
fails 'live option with a file' 1 '--snaplen is for live capture' \
	-r "$basic" --snaplen 96
fails 'key of the file only' 1 'key of the configuration file only' \
	-r "$basic" --max-calls 5
fails 'nothing to read' 1 'nothing to read' --utc
fails 'bad filter' 1 'filter "udp prot 5060"' -r "$basic" -f 'udp prot 5060'

# --- the configuration file ---------------------------------------------------

cat >bad.conf <<'CONF'
# comment
utc = yes
max-cals = 5
record = sound
call-linger = 5 parsecs
just words
max-depth = 100000
CONF
fails 'unknown key' 1 'bad.conf:3: max-cals: unknown key: did you mean max-calls?' \
	-c bad.conf --check-config
for line in 4:\ record 5:\ call-linger 6: 7:\ max-depth; do
	grep -q "^bad.conf:$line" err
	result "errors: bad.conf:$line is named" $? "$(cat err)"
done
fails 'no such configuration' 1 'nowhere.conf: No such file' \
	-c nowhere.conf -r "$basic"
fails 'folder as configuration' 1 '/' -c / -r "$basic"
run -c "$samples/callscope.conf" --check-config
same 'errors: --check-config of the sample' "$status" 0
echo 'utc = yes' >good.conf
run -c good.conf --check-config
same 'errors: --check-config says OK' "$status $(cat out)" '0 good.conf: OK'

# --- keys ---------------------------------------------------------------------

fails 'no such key file' 1 'cannot read nowhere.keys: No such file' \
	-r "$basic" --keys nowhere.keys --db none --record none -q
{ tls_key 1; echo 'what is this'; echo 'and this'; } >bad.keys
chmod 600 bad.keys
fails 'bad key line' 0 'bad.keys: line 2: not a key log line' \
	-r "$basic" --keys bad.keys --db none --record none -q --json report
same 'errors: bad key line: said once' "$(wc -l <err | tr -d ' ')" 1
"$tools/flat" report >flat
same 'errors: bad key line: all are counted' "$(counter keys.bad_line)" 2
chmod 644 bad.keys
fails 'keys that everybody may read' 0 'chmod o-r bad.keys keeps them' \
	-r "$basic" --keys bad.keys --db none --record none -q
tls_key 1 | "$CALLSCOPE" -r "$basic" --keys /dev/stdin --db none \
	--record none -q >out 2>err
same 'errors: keys from a pipe' \
	"$(grep -c 'keys of 1 TLS and DTLS sessions' out) $(cat err)" '1 '

# --- input --------------------------------------------------------------------

fails 'no such file' 1 'nowhere.pcap: No such file' -r nowhere.pcap
mkdir empty
fails 'folder without captures' 1 'no capture files in empty' -r empty
echo 'no capture at all' >text
fails 'text' 2 'text: not read: this is text' -r text --db none --record none
: >nothing
fails 'empty file' 2 'nothing: ' -r nothing --db none --record none
head -c 30000 /dev/zero >zeros
fails 'zeros' 2 'zeros: ' -r zeros --db none --record none
fails 'a good and a bad file' 2 'text: not read' -r "$basic" -r text \
	--json report --db none --record none -q
"$tools/flat" report >flat
same 'errors: a good and a bad file: calls' "$(values summary calls)" 1

"$tools/part" "$basic" 1 100 first.pcap
head -c $(($(wc -c <first.pcap) + 7)) "$basic" >cut.pcap
keeps 'cut in a header' 2 'cut.pcap: packet 101: ' 100 cut.pcap
head -c $(($(wc -c <first.pcap) + 20)) "$basic" >cut.pcap
keeps 'cut in a packet' 2 'cut.pcap: packet 101: ' 100 cut.pcap
head -c 20 "$basic" >cut.pcap
fails 'cut in the file header' 2 'cut.pcap: ' -r cut.pcap --db none --record none
head -c 10000 "$samples/nano.pcap.gz" >cut.gz
fails 'cut gzip' 2 'cut.gz: packet ' -r cut.gz --json report --db none \
	--record none -q
"$tools/flat" report >flat
same 'errors: cut gzip: calls' "$(values summary calls)" 1
head -c 50000 "$samples/two-links.pcapng" >cut.pcapng
fails 'cut pcapng' 2 'cut.pcapng: packet ' -r cut.pcapng --json report \
	--db none --record none -q
"$tools/flat" report >flat
same 'errors: cut pcapng: calls' "$(values summary calls)" 1

# A record that claims 2 GB, the packets behind it still there.
cp "$basic" corrupt.pcap
printf '\377\377\377\177' | dd of=corrupt.pcap bs=1 conv=notrunc \
	seek=$(($(wc -c <first.pcap) + 8)) 2>dd.err
fails 'corrupt record' 2 'corrupt.pcap: packet 101: ' -r corrupt.pcap \
	--json report --db none --record none -q
"$tools/flat" report >flat
same 'errors: corrupt record: the rest is read' \
	"$(values summary packets) $(values call ended_by)" '1121 caller'

# A run with nothing in it says why.
run -r "$basic" -f 'port 9' --db none --record none
grep -q 'the filter "port 9" let none of 1122 packets through' out
result 'errors: a filter that lets nothing through' $? "$(cat out)"
run -r "$samples/rtp-only.pcap" -f 'port 9 or arp' --db none --record none
grep -q 'no calls found' out
result 'errors: no calls found' $? "$(cat out)"
run -r "$samples/rtp-only.pcap" --db none --record none
grep -q 'there is RTP without SIP: ' out
result 'errors: sessions, but no calls' $? "$(cat out)"

# --- the end by hand ----------------------------------------------------------

# Input that stops without ending: what was read is kept.
mkfifo pipe
for signal in INT TERM; do
	rm -rf stopped report
	"$CALLSCOPE" -r - -o stopped --json report -q <pipe >out 2>err &
	pid=$!
	exec 9>pipe
	cat "$samples/still-up.pcap" >&9
	tries=400
	until find stopped -name '*.part' 2>found.err | grep -q .; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || break
		sleep 0.05
	done
	kill -s "$signal" "$pid"
	wait "$pid"
	same "errors: stopped by $signal: status" $? 0
	exec 9>&-
	"$tools/flat" report >flat
	same "errors: stopped by $signal: what was read is kept" \
		"$(values call state) $(sql stopped/callscope.db \
			'SELECT state FROM cdr')" 'active active'
done

# --- interfaces ---------------------------------------------------------------

fails 'unknown interface' 1 'no interface nowhere0; there are: ' -i nowhere0
grep -q '[:,] lo\(,\|$\)' err
result 'errors: the interfaces that exist' $? "$(cat err)"

# --- stores -------------------------------------------------------------------

run -r "$basic" -o private --json private.jsonl -q
same 'errors: others cannot read what was written' \
	"$(find private private.jsonl -perm /007)" ''

if [ -w /dev/full ]; then
	fails 'report on a full disk' 3 '/dev/full: No space left' -r "$basic" \
		--json /dev/full --db none --record none -q
else
	echo 'SKIP errors: report on a full disk: there is no /dev/full'
fi
fails 'report into no folder' 1 'nowhere/report' -r "$basic" \
	--json nowhere/report --db none --record none
fails 'output below a file' 1 'choose another with -o DIR' -r "$basic" \
	-o text/data
fails 'output is a file' 1 'text' -r "$basic" -o text
fails 'a database that is none' 1 'text' -r "$basic" --db sqlite:text -o data
run -r "$basic" -q -o data
sql data/callscope.db 'INSERT INTO schema_version
	SELECT max(version) + 1, '"'later'"' FROM schema_version' 2>err
result 'errors: schema_version takes a row' $?
before=$(sql data/callscope.db 'SELECT count(*), max(uid) FROM cdr')
fails 'newer schema' 3 'newer' -r "$samples/busy-486.pcap" -q -o data
same 'errors: newer schema is left alone' \
	"$(sql data/callscope.db 'SELECT count(*), max(uid) FROM cdr')" "$before"

# As somebody who may not write.
other() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then
	other() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
fi
if other ./callscope --version >/dev/null 2>&1 && ! other touch mine 2>/dev/null
then
	cat >as-other <<'SCRIPT'
#!/bin/sh
[ "$(id -u)" -ne 0 ] ||
	exec setpriv --reuid=65534 --regid=65534 --clear-groups ./callscope "$@"
exec ./callscope "$@"
SCRIPT
	chmod 755 as-other
	cp "$basic" readable.pcap
	run -r "$basic" -q -o closed
	chmod -R a+rX,a-w closed
	CALLSCOPE=./as-other
	fails 'folder that may not be made' 1 'Permission denied' \
		-r readable.pcap -o new
	fails 'database that may not be written' 1 'data folder closed: Permission denied' \
		-r readable.pcap --record none -o closed
	fails 'spool that may not be written' 1 'data folder closed: Permission denied' \
		-r readable.pcap --db none -o closed
	fails 'no permission to capture' 1 'CAP_NET_RAW' -i lo --db none \
		--record none
	grep -q 'setcap cap_net_raw,cap_net_admin+ep' err
	result 'errors: the setcap line' $?
	CALLSCOPE=./callscope
else
	echo 'SKIP errors: permissions: cannot run as another user here'
fi

# A disk that runs full in the middle: small.sh SIZE OPTION...
cat >small.sh <<'SCRIPT'
#!/bin/sh
mount -t tmpfs -o "size=$1" callscope-test full || exit 99
shift
./callscope "$@"
status=$?
cp -r full/. left/
umount full
exit $status
SCRIPT
mkdir full left
# In a chroot the root is no mount whose propagation could be changed.
apart=
for way in 'unshare -m' 'unshare -m --propagation unchanged'; do
	[ -n "$apart" ] || ! $way sh -c \
		'mount -t tmpfs none full && umount full' 2>/dev/null || apart=$way
done
# Calls in the samples, with all keys: those of TRUTH and those of browsers.
all_calls=$({
	awk -F'\t' '$2 == "call" && $4 == "final_status"' "$samples/TRUTH"
	grep -l '"type": "call"' "$CALLSCOPE_SRC"/tests/e2e/stats/*.json
} | wc -l | tr -d ' ')
if [ "$(id -u)" -eq 0 ] && [ -n "$apart" ]; then
	cat "$samples"/*.keylog >keys
	for kind in --db --record; do
		size=160k # a database begins with as much
		[ "$kind" = --db ] || size=320k
		rm -rf left/*
		$apart sh small.sh "$size" -r "$samples" --keys keys -q -o full/data \
			"$kind" none --json report >out 2>err
		same "errors: disk full, $kind none: status" $? 3
		grep -q 'full/data/.*\(No space left\|disk is full\)' err
		result "errors: disk full, $kind none: says so" $? "$(cat err)"
		same "errors: disk full, $kind none: the report has all" \
			"$(grep -c '"type":"call"' report)" \
			"$all_calls"
		find left -name '.*' -type f >hidden
		same "errors: disk full, $kind none: no temporary file" \
			"$(cat hidden)" ''
		pcaps left/data | while read -r pcap; do
			run -r "$pcap" --db none --record none -q
			same 'errors: disk full: a pcap that is there is whole' \
				"$status" 0
		done
	done
else
	echo 'SKIP errors: a disk that runs full: cannot mount one here'
fi
