#!/bin/bash
# views.sh [CUSTOMERS [WORK_MEM]]: how long it takes to read each view of a base with a hundred thousand customers, everything bound.
#
# Run it against a cluster with the extension installed: tools/with_cluster bench/views.sh. It makes and drops a
# database of its own. Milliseconds of one reading of all columns of all rows, rows, and MB that went through temporary files.
set -euo pipefail

customers=${1:-100000}
work_mem=${2:-4MB}
export PGOPTIONS="-c jit=off -c work_mem=$work_mem"
createdb cv_bench
trap 'dropdb --force cv_bench' EXIT
psql -Xq -v ON_ERROR_STOP=1 -v customers="$customers" -d cv_bench <<'SQL' > /dev/null
CREATE EXTENSION customer_value;
SELECT setseed(0.5);
-- a customer buys at a rate of its own from a day of its own until it leaves
CREATE TABLE sales AS
SELECT k AS customer_id, v.day, v.number AS order_id, 'P' || (v.line * 37 + k) % 500 AS product, 'C' || (v.line * 37 + k) % 12 AS category,
	   CASE WHEN random() < .7 THEN 'web' ELSE 'store' END AS channel, v.list, round(v.list * (1 - v.discount), 2) AS amount, round(v.list * .6, 2) AS cost
FROM (SELECT k, date '2021-01-01' + (random() * 1000)::integer AS first, -ln(1 - random()) * .01 AS rate, -ln(1 - random()) * 700 AS life
	  FROM generate_series(1, :customers) AS k) AS c
	CROSS JOIN LATERAL (SELECT first AS day, 0 AS number
						UNION ALL
						SELECT first + (random() * least(life, date '2024-12-31' - first))::integer, n
						FROM generate_series(1, least(200, (rate * least(life, date '2024-12-31' - first))::integer)) AS n) AS o
	CROSS JOIN LATERAL (SELECT o.day, o.number, l AS line, round((5 + random() * 95)::numeric, 2) AS list,
							   CASE WHEN random() < .2 THEN .15 ELSE 0 END AS discount
						FROM generate_series(1, 1 + (k + o.number) % 3) AS l) AS v;
ANALYZE sales;
SELECT customer_value.create_customer_base('bench', 'public.sales', 'customer_id', 'day', 'amount', cost => 'cost', list_amount => 'list',
	product => 'product', category => 'category', channel => 'channel');
SELECT customer_value.fit('bench');
ANALYZE;
SQL
psql -Xqt -d cv_bench -c "SELECT count(*) || ' lines, ' || count(DISTINCT customer_id) || ' customers, work_mem = ' || current_setting('work_mem') FROM sales"
psql -XqtA -d cv_bench -c "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'bench'::regnamespace AND c.relkind = 'v' ORDER BY 1" |
	while read -r view
	do
		psql -Xqt -d cv_bench -c "EXPLAIN (ANALYZE, BUFFERS, TIMING off, FORMAT json) SELECT * FROM bench.$view" |
			tr -d '\n+' | awk -v view="$view" '{
				match($0, /"Execution Time": [0-9.]+/); time = substr($0, RSTART + 18, RLENGTH - 18)
				match($0, /"Actual Rows": [0-9]+/); rows = substr($0, RSTART + 15, RLENGTH - 15)
				match($0, /"Temp Written Blocks": [0-9]+/); temp = substr($0, RSTART + 23, RLENGTH - 23) / 128
				printf "  %8.0f ms %9d rows %6.0f MB  %s\n", time, rows, temp, view }'
	done
