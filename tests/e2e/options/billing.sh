# shellcheck shell=sh disable=SC2154 # sourced by options.sh
# Rules of bills. The sample has two legs: 10.77.0.2 calls 10.77.0.4, which
# calls 10.77.0.3; the caller is alice, asserted as +442079460123.
legs=$samples/two-legs.pcap

# billing FIELD: of both calls, in one line.
billing()
{
	values call "billing.$1" | paste -s -d ' ' -
}

covers trunk
set_to 'north 10.77.0.4' "$legs"
same 'options: trunk: direction' "$(billing direction)" 'out in'
same 'options: trunk: names' "$(billing trunk_in)/$(billing trunk_out)" \
	'null north/north null'
conf 'trunk = north 10.77.0.4 in' 'trunk = wide 10.0.0.0/8 out'
report -c "$tmp/conf" -r "$legs"
same 'options: trunk: in and out' "$(billing direction)" 'out transit'
same 'options: trunk: the longest prefix' \
	"$(billing trunk_in)/$(billing trunk_out)" 'null north/wide wide'
conf 'trunk = a 10.0.0.0/8' 'trunk = b 10.0.0.0/8'
run --check-config -c "$tmp/conf"
same 'options: trunk: twice the same' "$status $(cat "$tmp/err")" \
	'1 callscope: trunk b: 10.0.0.0/8 is listed twice for the same direction: keep one'

covers e164
set_to '+44:+4499' "$legs"
same 'options: e164: a prefix' "$(billing caller_e164)" \
	'+44992079460123 +44992079460123'
conf 'trunk = north 10.77.0.4 in' 'e164 = north +44:-'
report -c "$tmp/conf" -r "$legs"
same 'options: e164: of a trunk' "$(billing caller_e164)" '+442079460123 null'
conf 'e164 = south 0:+49'
run --check-config -c "$tmp/conf"
same 'options: e164: of no trunk' "$status $(cat "$tmp/err")" \
	'1 callscope: e164 south 0:+49: there is no trunk south: add a line trunk = south ADDRESS'

covers e164-caller
set_to from "$legs"
same 'options: e164-caller: from' "$(billing caller_e164)" 'null null'
set_to asserted "$legs"
same 'options: e164-caller: asserted' "$(billing caller_e164)" \
	'+442079460123 +442079460123'

covers e164-country
{
	request 0 INVITE c 1
	response 0.1 200 INVITE c 1
} | sed 's/sip:a@x/sip:030-123456@x/g; s/sip:b@x/sip:0044207946@x/g' | make dialled
set_to 49 "$tmp/dialled"
same 'options: e164-country: national' "$(billing caller_e164)" +4930123456
same 'options: e164-country: international' "$(billing callee_e164)" +44207946
conf 'e164-country = 49' 'e164 = 0:-'
report -c "$tmp/conf" -r "$tmp/dialled"
same 'options: e164-country: a rule instead' \
	"$(billing caller_e164) $(billing callee_e164)" 'null +44207946'

covers billing-feed
report -r "$legs" --billing-feed "$tmp/feed"
same 'options: billing-feed: lines' "$(cat "$tmp"/feed/calls-*.csv | wc -l)" 3
same 'options: billing-feed: manifests' \
	"$(find "$tmp/feed" -name 'calls-*.json' | wc -l)" 1
run -r "$legs" --db none --record none -q --billing-feed /dev/null/feed
same 'options: billing-feed: no folder' "$status $(cat "$tmp/err")" \
	'1 callscope: cannot make the directory /dev/null/feed: Not a directory (choose another with --billing-feed DIR)'
