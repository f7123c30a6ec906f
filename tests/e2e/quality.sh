#!/bin/sh
# R and MOS through whole captures with a known loss, evenly spread, against
# the published figures of the E-model (ITU-T G.107 with the codec values of
# G.113, random loss).
set -u
# shellcheck source=lib.sh
. "$CALLSCOPE_SRC/tests/e2e/lib.sh"

gen=$CALLSCOPE_BUILD/obj/tests/bench/gen_calls
conf=$tmp/conf

# near NAME GOT WANTED BY: both sides of the call.
near()
{
	echo "$2" | awk -v want="$3" -v by="$4" '
		{ d = $1 - want; if (d < 0) d = -d
		  if ($1 == "null" || d > by) bad = bad " " $1 }
		END { exit bad != "" || NR != 2 }'
	result "$1" $? "$(echo "$2" | tr '\n' ' '), wanted $3"
}

# codec, payload type, conceals, every n-th lost, R, MOS
while read -r codec pt plc lose r mos; do
	name=quality-$codec-$plc-1/$lose
	printf 'g711-plc = %s\n' "$plc" >"$conf"
	"$gen" 1 40 "$tmp/lossy.pcap" 1 "$lose" "$pt"
	report -r "$tmp/lossy.pcap" -c "$conf"
	near "$name-r" "$(values call 'streams[].r_factor')" "$r" 0.02
	near "$name-mos" "$(values call 'streams[].mos.adaptive')" "$mos" 0.002
	lost=0
	[ "$lose" -eq 0 ] || lost=$((2000 / lose))
	same "$name-lost" "$(values call 'streams[].lost' | tr '\n' ' ')" \
		"$lost $lost "
	rm -f "$tmp/lossy.pcap"
done <<EOF
g711 8 yes 0 93.20 4.409
g711 8 yes 100 89.56 4.328
g711 0 yes 50 86.19 4.235
g711 0 yes 20 77.42 3.923
g711 8 yes 10 66.13 3.411
g711 8 no 100 75.28 3.834
g711 8 no 50 63.04 3.256
g711 8 no 20 42.12 2.169
g711 8 no 10 26.77 1.481
g729 18 yes 0 82.20 4.104
g729 18 yes 100 78.00 3.946
g729 18 yes 20 64.70 3.340
g723 4 yes 0 78.20 3.954
g723 4 yes 50 69.36 3.567
g723 4 yes 10 47.55 2.447
EOF
