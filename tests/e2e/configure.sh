#!/bin/sh
# What configure says and leaves behind, and that uninstall takes away all that
# install put there.
set -u

tmp=$(mktemp -d) || exit 1
unset MAKEFLAGS MAKELEVEL MFLAGS
cp "$CALLSCOPE_SRC/configure" "$CALLSCOPE_SRC/Makefile.in" "$tmp"
chmod 755 "$tmp"
mkdir "$tmp/build"
cd "$tmp/build" || exit 1

# result NAME STATUS: STATUS is that of the command before.
result()
{
	if [ "$2" -eq 0 ]; then
		echo "PASS $1"
	else
		echo "FAIL $1: $(tail -n 5 out 2>/dev/null)"
	fi
}

# says NAME WANTED-STATUS TEXT COMMAND...: the command ends so and prints TEXT.
says()
{
	name=$1 want=$2 text=$3
	shift 3
	"$@" >out 2>&1 </dev/null
	[ $? -eq "$want" ] && grep -qF -- "$text" out
	result "$name" $?
}

says 'configure: unknown option' 1 "'--enable-asam' (configure --help" \
	../configure --enable-asam
says 'configure: unknown variable' 1 'FOO=1' ../configure FOO=1
says 'configure: option without its value' 1 'needs a folder' \
	../configure --prefix=
says 'configure: value apart' 1 'give --prefix=DIR' ../configure --prefix /usr
says 'configure: relative prefix' 1 'must begin with /' \
	../configure --prefix=usr
says 'configure: two sanitizers' 1 'exclude each other' \
	../configure --enable-asan --enable-tsan
says 'configure: help' 0 '--install-deps' ../configure --help
says 'configure: missing compiler' 1 "Debian's package gcc" \
	../configure CC=/nowhere/cc
[ ! -f Makefile ]
result 'configure: nothing written without a compiler' $?

# A pkg-config that knows no MySQL, no HTTP library and no Opus.
cat >nothing <<'END'
#!/bin/sh
case $* in *mysql*|*mariadb*|*microhttpd*|*opus*) exit 1 ;; esac
exec pkg-config "$@"
END
chmod +x nothing
says 'configure: missing MySQL' 1 \
	"Debian's package libmariadb-dev; or configure with --disable-mysql" \
	../configure PKG_CONFIG=./nothing
says 'configure: missing HTTP' 1 'sudo apt-get install libmicrohttpd-dev' \
	../configure PKG_CONFIG=./nothing --disable-mysql --disable-audio
says 'configure: missing Opus' 1 \
	"Debian's package libopus-dev; or configure with --disable-audio" \
	../configure PKG_CONFIG=./nothing --disable-mysql --disable-web
says 'configure: small' 0 'stores         SQLite' \
	../configure PKG_CONFIG=./nothing --disable-mysql --disable-web \
	--disable-audio
! grep -q 'HAVE_MYSQL\|HAVE_WEB\|HAVE_AUDIO\|HAVE_BCG729' config.h
result 'configure: small config.h' $?

# A machine without node, and a tarball on it.
if [ -f "$CALLSCOPE_SRC/web/web.h" ] && grep -q HAVE_WEB \
	"$CALLSCOPE_BUILD/config.h"; then
	mkdir plain-bin
	for each in /usr/local/bin/* /usr/bin/* /bin/*; do
		case ${each##*/} in
		node|nodejs|npm|npx|'*') ;;
		*) [ -e "plain-bin/${each##*/}" ] || ln -s "$each" plain-bin ;;
		esac
	done
	says 'configure: missing node' 1 "Debian's package nodejs; or take a" \
		env PATH="$PWD/plain-bin" ../configure --disable-mysql \
		--disable-audio
	grep -q 'configure with --disable-web' out
	result 'configure: what to do without node' $?
	mkdir -p ../web/ui/dist
	touch ../web/ui/dist/index.html
	says 'configure: a tarball needs no node' 0 'viewer         yes' \
		env PATH="$PWD/plain-bin" ../configure --disable-mysql \
		--disable-audio
	rm -rf ../web plain-bin
	says 'configure: small again' 0 'stores         SQLite' \
		../configure PKG_CONFIG=./nothing --disable-mysql \
		--disable-web --disable-audio
fi

touch -d '2020-01-01' config.h Makefile
says 'configure: repeated by config.status' 0 'Now run: make' ./config.status
[ -z "$(find config.h Makefile -newermt 2021-01-01)" ]
result 'configure: unchanged files are left alone' $?
says 'configure: folders' 0 '/x/sbin/callscope' ../configure --prefix=/x \
	PKG_CONFIG=./nothing --disable-mysql --disable-web --disable-audio
grep -q '"/x/etc/callscope/callscope.conf"' config.h
result 'configure: prefix moves the configuration' $?

user=
[ "$(id -u)" -ne 0 ] || user='setpriv --reuid=65534 --clear-groups'
# shellcheck disable=SC2086 # a list of words or nothing
says 'configure: --install-deps without root' 1 'sudo apt-get update &&' \
	$user ../configure --install-deps

# The build under test, installed below a folder and taken away again.
dest=$tmp/dest
conf=$(sed -n 's/^#define CALLSCOPE_CONF "\(.*\)"/\1/p' \
	"$CALLSCOPE_BUILD/config.h")
make_in()
{
	make -C "$CALLSCOPE_BUILD" DESTDIR="$dest" "$@" >out 2>&1
}
make_in install && [ -f "$dest$conf" ] &&
	find "$dest" -name callscope -perm -111 -type f | grep -q .
result 'install' $?
make_in uninstall && [ -z "$(find "$dest" -type f)" ]
result 'uninstall leaves nothing' $?
make_in install && echo '# mine' >>"$dest$conf" && make_in install &&
	[ -f "$dest$conf.new" ] && tail -n 1 "$dest$conf" | grep -q '^# mine'
result 'install keeps a changed configuration' $?
make_in uninstall && [ "$(find "$dest" -type f)" = "$dest$conf" ]
result 'uninstall keeps a changed configuration' $?
rm -rf "$tmp"
