# shellcheck shell=sh
# The pcaps of calls. What only a live capture heeds is in spool.sh: covers
# there has the names.

covers spool-gzip
conf 'spool-gzip = yes'
run -c "$tmp/conf" -r "$basic" -o "$tmp/gzip" --db none -q
same 'options: spool-gzip' "$(pcaps "$tmp/gzip" | sed 's/.*\(\.pcap\)/\1/')" \
	.pcap.gz

sed -n 's/^covers //p' "$CALLSCOPE_SRC/tests/e2e/spool.sh" >>"$tmp/covered"
