# shellcheck shell=sh
# The pcaps of calls. What only a live capture heeds is in spool.sh: covers
# there has the names.

covers spool-files
conf 'spool-files = minute'
run -c "$tmp/conf" -r "$basic" -o "$tmp/minute" --db none -q
same 'options: spool-files' \
	"$(find "$tmp/minute/spool" -name '*.pcap*' | sed 's/.*-23//')" \
	/01/18.pcapng
conf 'spool-files = minute' 'spool-gzip = yes'
run -c "$tmp/conf" -r "$basic" -o "$tmp/minute" --db none -q
grep -q 'spool-gzip is for spool-files = call' "$tmp/err"
result 'options: spool-files and spool-gzip' $?

covers spool-gzip
conf 'spool-gzip = yes'
run -c "$tmp/conf" -r "$basic" -o "$tmp/gzip" --db none -q
same 'options: spool-gzip' "$(pcaps "$tmp/gzip" | sed 's/.*\(\.pcap\)/\1/')" \
	.pcap.gz

sed -n 's/^covers //p' "$CALLSCOPE_SRC/tests/e2e/spool.sh" >>"$tmp/covered"
