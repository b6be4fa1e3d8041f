#!/bin/bash
# base_locks.sh: alter, rebuild and drop lock the views of a base in the order in which readers do, as TAP.
# Needs a cluster (PGHOST, PGPORT, PGUSER).
set -uo pipefail

n=0
bad=0
database=cv_base_locks
dropdb --if-exists --force $database
createdb $database || exit 1
trap 'dropdb --force $database' EXIT

run()
{
	psql -X -q -A -t -v ON_ERROR_STOP=1 -d $database "$@"
}

# waits_for_history WHAT SQL: passes if the command waits for a reader of history at history itself, with what stands
# on it locked and what it stands on not, and goes on once the reader has finished
waits_for_history()
{
	local reader command locked

	run -c "SET application_name = 'reader'" -c BEGIN -c "SELECT count(*) FROM shop.history" -c "SELECT pg_sleep(60)" > /dev/null 2>&1 &
	reader=$!
	until [ "$(run -c "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'reader' AND wait_event = 'PgSleep'")" = 1 ] || ! kill -0 $reader
	do
		sleep 0.1
	done
	run -c "SET lock_timeout = '60s'" -c "$2" > /dev/null &
	command=$!
	until [ "$(run -c "SELECT count(*) FROM pg_locks WHERE NOT granted")" = 1 ] || ! kill -0 $command
	do
		sleep 0.1
	done
	locked=$(run -c "
		SELECT concat_ws(' ', (SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_class c WHERE c.oid = l.relation),
			   'with', (SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_locks h JOIN pg_class c ON c.oid = h.relation
						WHERE h.pid = l.pid AND h.granted AND h.mode = 'AccessExclusiveLock' AND c.relkind = 'v'
						  AND c.relname IN ('customer_ranking', 'customer_profile', 'history', 'sales_lines')))
		FROM pg_locks l WHERE NOT l.granted")
	run -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'reader'" > /dev/null
	wait $reader
	n=$((n + 1))
	if wait $command && [ "$locked" = "history with customer_profile customer_ranking" ]
	then
		echo "ok $n - $1"
	else
		bad=$((bad + 1))
		echo "not ok $n - $1"
		echo "# waits for: $locked"
	fi
}

run <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION customer_value;
CREATE TABLE public.sales AS SELECT g % 20 AS customer, 'c' || g % 20 AS code, date '2024-01-01' + g AS day, g AS amount FROM generate_series(1, 200) g;
\o /dev/null
SELECT customer_value.create_customer_base('shop', 'public.sales', 'customer', 'day', 'amount');
SQL
waits_for_history 'views replaced in place' "SELECT customer_value.alter_customer_base('shop', duplicates => 'ignore')"
waits_for_history 'views made anew' "SELECT customer_value.alter_customer_base('shop', customer_id => 'code')"
waits_for_history 'rebuilt' "SELECT customer_value.rebuild_customer_base('shop')"
waits_for_history 'dropped' "SELECT customer_value.drop_customer_base('shop')"
echo "1..$n"
exit $((bad > 0))
