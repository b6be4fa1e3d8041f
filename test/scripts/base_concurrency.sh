#!/bin/bash
# base_concurrency.sh: two sessions and one base, as TAP. While one maintains it, readers read on what was
# there before, a second maintainer waits its turn, and a rolled back fit leaves nothing behind.
set -uo pipefail

db=cv_concurrency
n=0
bad=0

is()
{
	n=$((n + 1))
	if [ "$1" = "$2" ]
	then
		echo "ok $n - $3"
	else
		bad=$((bad + 1))
		echo "not ok $n - $3"
		printf '# got:    %s\n# wanted: %s\n' "$1" "$2"
	fi
}

query()
{
	PGOPTIONS='-c client_min_messages=warning' psql -XqAt -d "$db" -c "$1" 2>&1
}

# the other session is fed line by line: say LINE waits until it has answered
start_session()
{
	mkfifo "$CV_TMP/session"
	PGOPTIONS='-c client_min_messages=warning' psql -XqAt -d "$db" > "$CV_TMP/session.out" 2>&1 < "$CV_TMP/session" &
	exec 3> "$CV_TMP/session"
}
say()
{
	echo "$1" >&3
	echo "\\echo @$((++said))" >&3
	for _ in $(seq 300)
	do
		grep -q "^@$said\$" "$CV_TMP/session.out" && return
		sleep 0.1
	done
	echo "# the other session did not answer: $1"
}

said=0
dropdb --if-exists $db
createdb $db
query "CREATE EXTENSION customer_value;
	CREATE TABLE sales AS SELECT c AS customer, date '2025-01-01' + (c * 37 + k * k * 29) % 330 AS day, 10 + c % 7 AS amount
		FROM generate_series(1, 200) AS c, generate_series(0, c % 6) AS k;" > /dev/null
query "SELECT FROM customer_value.create_customer_base('shop', 'sales', 'customer', 'day', 'amount')" > /dev/null

start_session
say "BEGIN;"
say "SELECT count(*) FROM customer_value.fit('shop');"

is "$(query "SELECT count(*) FROM shop.models")" 0 "another session does not see a fit before it is committed"
is "$(query "SELECT DISTINCT reason FROM shop.customer_profile")" "not fitted" "readers do not wait for a fit"
is "$(query "SELECT status FROM customer_value.customer_bases")" ok "the list of bases does not wait for a fit"
is "$(query "SET lock_timeout = '300ms'; SELECT customer_value.refresh('shop')" | head -1)" \
	"ERROR:  canceling statement due to lock timeout" "a second maintainer waits its turn"

say "ROLLBACK;"
is "$(query "SELECT count(*) FROM shop.models")" 0 "a rolled back fit leaves no model"
is "$(query "SELECT fitted_at IS NULL FROM shop.settings")" t "a rolled back fit leaves no trace in the settings"

say "BEGIN;"
say "SELECT count(*) FROM customer_value.fit('shop');"
query "SELECT count(*) FROM customer_value.fit('shop')" > "$CV_TMP/second.out" &
second=$!
say "COMMIT;"
wait $second
is "$(cat "$CV_TMP/second.out")" 2 "a maintainer that waited goes on after the first commits"
is "$(query "SELECT count(*) FILTER (WHERE is_chosen), count(*) FILTER (WHERE is_current) FROM shop.models")" "4|2" "two fits are two versions, one of them current"
is "$(query "SELECT count(DISTINCT model::text) FROM shop.models WHERE kind = 'purchase' AND is_chosen")" 1 "the same sales give the same model"

say "BEGIN; SELECT customer_value.drop_customer_base('shop');"
say "ROLLBACK;"
is "$(query "SELECT count(*) FROM shop.customer_ranking")" 200 "a rolled back drop leaves the base whole"

exec 3>&-
wait
dropdb $db
echo "1..$n"
[ $bad = 0 ]
