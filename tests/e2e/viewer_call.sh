#!/bin/sh
# The call page of the web viewer: the other half of viewer.sh.
set -u

exec "$CALLSCOPE_SRC/tests/e2e/viewer.sh" @call
