# shellcheck shell=sh
# Where records are stored; mysql.sh looks closer. keep-cdrs is in live.sh.

covers db-password-file
# Nobody listens there: what is wrong with the file is said before.
run -r "$basic" -o "$tmp/data" --record none -q \
	--db mysql://u@127.0.0.1:1/d --db-password-file "$tmp/nowhere"
grep -q 'the password file .*nowhere: No such file' "$tmp/err"
result 'options: db-password-file' $?
conf "db-password-file = $tmp/nowhere" 'db = mysql://u@127.0.0.1:1/d'
run -c "$tmp/conf" -r "$basic" -o "$tmp/data" --record none -q
grep -q 'the password file .*nowhere: No such file' "$tmp/err"
result 'options: db-password-file as a key' $?
