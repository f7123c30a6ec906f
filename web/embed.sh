#!/bin/sh
# embed.sh DIR: C text on standard output that holds the files below DIR,
# compressed, as web/assets.h declares them. What is compressed stays beside
# them: DIR.gz.
set -eu
LC_ALL=C
export LC_ALL

dir=$1
packed=$(mkdir -p "$1.gz" && cd "$1.gz" && pwd)
rm -f "$packed"/*

type_of()
{
	case $1 in
	*.html) echo 'text/html; charset=utf-8' ;;
	*.css) echo 'text/css; charset=utf-8' ;;
	*.js) echo 'text/javascript; charset=utf-8' ;;
	*.json) echo application/json ;;
	*.svg) echo image/svg+xml ;;
	*.woff2) echo font/woff2 ;;
	*) echo application/octet-stream ;;
	esac
}

names=$(cd "$dir" && find . -type f | sed 's,^\./,,' | sort)

echo '/* Written by web/embed.sh. */'
echo '#include "web/assets.h"'
echo
n=0
for name in $names; do
	gzip -9nc "$dir/$name" >"$packed/$n.gz"
	cat <<END
__asm__(".pushsection .rodata\n"
	"asset_$n: .incbin \"$packed/$n.gz\"\n"
	".popsection\n");
extern const uint8_t asset_${n}[] __attribute__((visibility("hidden")));
END
	n=$((n + 1))
done
echo
echo 'const struct asset assets[] = {'
n=0
for name in $names; do
	printf '\t{"%s", "%s", "W/\\"%s\\"",\n\t {asset_%d, %d}},\n' \
		"$name" "$(type_of "$name")" \
		"$(sha256sum "$dir/$name" | cut -c 1-32)" \
		$n "$(wc -c <"$packed/$n.gz")"
	n=$((n + 1))
done
printf '\t{0},\n};\n'
