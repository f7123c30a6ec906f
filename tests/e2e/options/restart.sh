# shellcheck shell=sh
# Going on after a restart; restart.sh looks closer.

covers continue
"$tools/part" "$basic" 1 600 "$tmp/half.pcap"
"$tools/part" "$basic" 601 0 "$tmp/rest.pcap"
state_of()
{
	sql "$1/callscope.db" 'SELECT count(*) || state FROM cdr'
}
for each in half rest; do
	run -r "$tmp/$each.pcap" -o "$tmp/one" --record none -q --continue
	conf 'continue = yes'
	run -c "$tmp/conf" -r "$tmp/$each.pcap" -o "$tmp/two" --record none -q
	run -r "$tmp/$each.pcap" -o "$tmp/three" --record none -q
done
same 'options: continue' "$(state_of "$tmp/one")" 1completed
same 'options: continue as a key' "$(state_of "$tmp/two")" 1completed
differ 'options: without continue the rest is a call of its own' \
	"$(state_of "$tmp/three")" 1completed
rm -rf "$tmp/one" "$tmp/two" "$tmp/three"
