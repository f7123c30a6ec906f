#!/bin/sh
# faults.sh: tests/e2e/faults.sh with 50 kills of callscope for each kind of
# store, and galera.sh, both with many calls. Prints their lines; exit status
# 1: something failed. KILLS and CALLS change the numbers.
set -u

here=$(dirname "$0")
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
{
	FAULT_KILLS=${KILLS-50} FAULT_CALLS=${CALLS-1000} \
		"$here/../e2e/faults.sh"
	GALERA_CALLS=${CALLS-1000} "$here/../e2e/galera.sh"
} 2>&1 | tee "$log"
! grep -v '^PASS \|^SKIP ' "$log" >/dev/null
