#!/bin/sh
# Holds the report on each recording of browsers against what their getStats()
# said of the same call: stats/NAME.json for samples/NAME.pcap.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

here=$CALLSCOPE_SRC/tests/e2e

if ! python3 -c '' 2>/dev/null; then
	echo "SKIP stats: there is no python3"
	exit 0
fi

# hold NAME LABEL [OPTION...]: read with these options; LABEL may be "closed".
hold()
{
	name=$1 label=$2
	shift 2
	report -r "$samples/$name.pcap" "$@"
	same "stats: $name $label is read" "$status" 0
	python3 "$here/stats.py" "$tmp/report" "$here/stats/$name.json" \
		"stats: $name $label" "$label" 2>"$tmp/err" ||
		result "stats: $name $label" 1
}

for digest in "$here"/stats/*.json; do
	name=$(basename "$digest" .json)
	keys=$samples/$name.keylog
	if [ -f "$keys" ]; then
		hold "$name" keys --keys "$keys"
		# What TLS hid is not there at all without its keys.
		if grep -q '"keys": "dtls"' "$digest"; then
			hold "$name" closed
		fi
	else
		hold "$name" open
	fi
done
