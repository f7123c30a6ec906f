#!/bin/sh
# The viewer's pure functions: web/ui/test by node's own test runner.
set -u

if ! command -v node >/dev/null 2>&1; then
	echo 'SKIP ui_unit: there is no node'
	exit 0
fi
cd "$CALLSCOPE_SRC/web/ui" || exit 1
# TAP says the same in each version: "ok 1 - name", nested ones are indented.
node --test --test-reporter=tap test/*.test.js 2>&1 | sed -n \
	-e 's/^ *ok [0-9]* - \(.*\)/PASS ui: \1/p' \
	-e 's/^ *not ok [0-9]* - \(.*\)/FAIL ui: \1: node --test web\/ui\/test tells/p'
