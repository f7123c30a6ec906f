#!/bin/sh
# Who may include whom (sniffer/DESIGN.md): reads the #include "..." lines of
# all sources and tells for each layer whether it keeps to what lies below it.
set -eu
cd "${CALLSCOPE_SRC:-$(dirname "$0")/..}"

find sniffer dissectors storage web -name '*.[ch]' 2>/dev/null | sort |
	xargs grep -Hn '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' |
	awk '
BEGIN {
	# A layer and the layers that it may include, itself among them.
	may["base"] = "base"
	may["dissectors"] = "base dissectors"
	may["capture"] = "base dissectors capture"
	may["net"] = "base dissectors net"
	may["call"] = "base dissectors net call cdr"
	may["media"] = "base dissectors media cdr record"
	# Two contracts between the core and the stores, no more than types.
	may["cdr"] = "base cdr"
	may["record"] = "base"
	# Joins flows, calls and media.
	may["engine"] = "base dissectors net call media cdr record stats " \
		"snapshot engine"
	# What goes to another machine that the user names.
	may["collector"] = "base dissectors collector"
	may["config"] = "base config"
	may["stats"] = "base stats"
	may["snapshot"] = "base cdr stats snapshot"
	# What is told of the program itself, to whom ever.
	may["health"] = "base stats snapshot storage/outbuf.h health"
	may["storage"] = "base cdr record storage"
	# Of the stores only what reads.
	may["web"] = "base cdr stats snapshot health web " \
		"storage/db.h storage/io.h storage/outbuf.h " \
		"storage/quality.h storage/query.h storage/query_* " \
		"storage/stored.h"
	# Out of a store again; it runs an engine of its own.
	may["export"] = "base dissectors capture net call media cdr record " \
		"engine storage export"
	may["front"] = "base cdr record config stats snapshot health " \
		"storage/db_url.h storage/outbuf.h web/listen.h front"
	may["top"] = "*"
	layers = "base dissectors capture net call media cdr record engine " \
		"collector config stats snapshot health storage web export " \
		"front top"
}

# The layer of a path from the top; "" when there is none.
function layer(path, part)
{
	if (path == "sniffer/media/record.h")
		return "record"
	if (path ~ /^sniffer\/[a-z]+\//) {
		split(path, part, "/")
		return part[2] in may ? part[2] : ""
	}
	if (path ~ /^sniffer\/(cdr|config|stats|snapshot)\.[ch]$/) {
		sub(/^sniffer\//, "", path)
		sub(/\..*/, "", path)
		return path
	}
	if (path ~ /^sniffer\/(health|health_warn|process|mirror_words|status_text)\.[ch]$/)
		return "health"
	if (path ~ /^sniffer\/(main|run|run_[a-z]+|say|setup|setup_[a-z]+|why|cmd_[a-z]+)\.[ch]$/)
		return "top"
	if (path ~ /^sniffer\/[^\/]*$/)
		return "front"
	if (path ~ /^(dissectors|storage|web)\//) {
		sub(/\/.*/, "", path)
		return path
	}
	return ""
}

function allowed(from, path, list, n, i, word)
{
	if (may[from] == "*")
		return 1
	n = split(may[from], word, " ")
	for (i = 1; i <= n; i++)
		if (word[i] == path || word[i] == layer(path) ||
		    (word[i] ~ /\*$/ && index(path, substr(word[i], 1,
			    length(word[i]) - 1)) == 1))
			return 1
	return 0
}

{
	match($0, /:[0-9]+:/)
	file = substr($0, 1, RSTART - 1)
	at = substr($0, 1, RSTART + RLENGTH - 2)
	split($0, quoted, "\"")
	from = layer(file)
	to = layer(quoted[2])
	lines[from]++
	if (from == "")
		why = "this folder is in no layer"
	else if (to == "")
		why = "includes \"" quoted[2] "\": name it from the top"
	else if (!allowed(from, quoted[2]))
		why = from " must not include \"" quoted[2] "\""
	else
		next
	bad[from]++
	failed++
	printf "FAIL layers: %s: %s\n", at, why
}

END {
	n = split(layers, word, " ")
	for (i = 1; i <= n; i++) {
		if (lines[word[i]] && !bad[word[i]])
			printf "PASS layers: %s (%d includes)\n", word[i],
				lines[word[i]]
	}
	exit failed > 0
}'
