# shellcheck shell=sh
# Masking; mask.sh looks closer.

covers mask-numbers
report -r "$samples/two-legs.pcap"
same 'options: mask-numbers 64' "$(values call caller.asserted | grep -c xx)" 0
report -r "$samples/two-legs.pcap" --mask-numbers 2
[ "$(values call caller.asserted | grep -c 'sip:+..xxxx')" -gt 0 ]
result 'options: mask-numbers 2' $?
covers mask-dtmf
digits()
{
	values call 'dtmf[].digit' | tr -d '\n'
}
report -r "$samples/dtmf-info.pcap"
same 'options: mask-dtmf no' "$(digits | grep -c x)" 0
report -r "$samples/dtmf-info.pcap" --mask-dtmf
same 'options: mask-dtmf' "$(digits)" xxxxxx
