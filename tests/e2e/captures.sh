#!/bin/sh
# Holds the report on other people's captures against their expected results,
# where these are at hand.
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

: "${CALLSCOPE_SHARED=$CALLSCOPE_SRC/../shared}"
captures=$CALLSCOPE_SHARED/captures
classes=sip,rtp,encap,webrtc,turn,srtp,other-signalling

if [ ! -f "$captures/index.json" ]; then
	echo "SKIP captures: there is no $captures"
	exit 0
fi
if ! python3 -c '' 2>/dev/null; then
	echo "SKIP captures: there is no python3"
	exit 0
fi

python3 "$CALLSCOPE_SHARED/tools/compare.py" "$CALLSCOPE" "$captures" \
	--class "$classes" --area calls,others,streams,ice,turn,dtls,srtp -v --timeout 300 \
	>"$tmp/compared" 2>"$tmp/err"
# Its lines: a file, below it the differences, at the end "area N of N".
awk '
	/^[^ ]+\/[^ ]+$/ { file = $0; next }
	/^  / { sub(/^ +/, ""); print file ": " $0 }
	' "$tmp/compared" >"$tmp/differences"
sed 's/^/FAIL captures: /' "$tmp/differences"
sed -n 's/^\(.*[^ ]\)  *\([0-9]*\) of  *\([0-9]*\)  .*/\1 \2 \3/p' \
	"$tmp/compared" | while read -r line; do
	# as many results as things that were held and right
	right=$(echo "$line" | awk '{ print $(NF - 1) }')
	echo "PASS captures: ${line% * *}: $right"
done
grep -q ' right (' "$tmp/compared"
result 'captures: compare.py came to its end' $?

python3 "$CALLSCOPE_SRC/tests/e2e/expected.py" "$CALLSCOPE" "$captures" \
	"$classes" 2>"$tmp/err"
result 'captures: expected.py came to its end' $?
