#!/bin/sh
# build.sh TARBALL DIR: what "make deb" runs: the Debian package of a tarball of
# "make dist", built in DIR. Prints the name of the package, which is left here.
set -eu

tarball=$1 dir=$2 name=$(basename "$1" .tar.gz)
version=${name#callscope-}

die()
{
	echo "make deb: $*" >&2
	exit 1
}

for tool in dpkg-buildpackage dh; do
	command -v $tool >/dev/null || die "needs $tool:
  apt-get install --no-install-recommends dpkg-dev debhelper"
done
rm -rf "$dir"
mkdir -p "$dir"
tar -C "$dir" -xzf "$tarball"
[ -f "$dir/$name/web/ui/dist/index.html" ] ||
	die 'the tarball is without the viewer: configure without --disable-web'
of=$(dpkg-parsechangelog -l "$dir/$name/debian/changelog" -S Version)
[ "${of%-*}" = "$version" ] ||
	die "debian/changelog is of version $of, configure of $version"
if ! (cd "$dir/$name" && dpkg-buildpackage -b -uc -us) >"$dir/log" 2>&1; then
	tail -n 30 "$dir/log" >&2
	die "dpkg-buildpackage failed: $dir/log"
fi
for deb in "$dir/callscope_${of}"_*.deb; do
	cp "$deb" .
	basename "$deb"
done
