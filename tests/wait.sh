# shellcheck shell=sh
# For scripts that wait for something: sourced, not run.

# until_true SECONDS COMMAND...: waits that long at most.
until_true()
{
	tries=$(($1 * 20))
	shift
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.05
	done
}
