#!/bin/sh
# run.sh: holds the report on every sample against tests/golden/NAME.jsonl,
# byte for byte apart from elapsed_ms.
# run.sh --renew NAME...: writes them anew (review the diff before it goes in).
#
# A sample with options of its own has a line "NAME options..." in options.txt;
# one with a key log beside it is read with that.
set -eu

here=$CALLSCOPE_SRC/tests/golden
samples=$CALLSCOPE_SRC/samples
: "${CALLSCOPE=$CALLSCOPE_BUILD/callscope}"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/golden.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# report SAMPLE NAME TO
report()
{
	options=$(sed -n "s/^$2 //p" "$here/options.txt")
	keys=$samples/$2.keylog
	[ -f "$keys" ] || keys=
	# shellcheck disable=SC2086 # options are words
	"$CALLSCOPE" -r "$1" ${keys:+--keys "$keys"} --json "$tmp/report" --db none -q \
		--sensor golden -o "$tmp/data" $options >/dev/null
	sed 's/"elapsed_ms":[0-9.]*/"elapsed_ms":0.000/' "$tmp/report" >"$3"
	rm -rf "$tmp/data"
}

name_of()
{
	basename "$1" | sed 's/\.gz$//; s/\.pcap\(ng\)\{0,1\}$//'
}

renew=
[ "${1:-}" = --renew ] && { renew=1; shift; }
if [ -n "$renew" ] && [ $# -eq 0 ]; then
	echo "golden: say which: make golden NAME=\"NAME ...\" (or NAME=all)" >&2
	exit 1
fi
wanted=" $* "

for sample in "$samples"/*.pcap "$samples"/*.pcapng "$samples"/*.gz; do
	[ -f "$sample" ] || continue
	name=$(name_of "$sample")
	expected=$here/$name.jsonl
	if [ -n "$renew" ]; then
		case $wanted in
		*" $name "* | *" all "*)
			report "$sample" "$name" "$expected"
			echo "renewed $name"
			;;
		esac
		continue
	fi
	if [ ! -f "$expected" ]; then
		echo "FAIL golden-$name: there is no $name.jsonl yet"
	elif ! report "$sample" "$name" "$tmp/now" 2>"$tmp/err"; then
		echo "FAIL golden-$name: $(head -n 1 "$tmp/err")"
	elif cmp -s "$expected" "$tmp/now"; then
		echo "PASS golden-$name"
	else
		echo "FAIL golden-$name: $(cmp "$expected" "$tmp/now" 2>&1)"
	fi
done
