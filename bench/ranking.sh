#!/bin/bash
# ranking.sh [ROWS]: how long ranking takes beside the window functions and aggregates of the server, on a million rows,
# and how much memory.
#
# Run it against a cluster with the extension installed: tools/with_cluster bench/ranking.sh. It makes and drops a
# database of its own. The best of five runs each, in milliseconds, and how many times the first of its group that is;
# then the memory of the backend, at its highest, beyond that of a count(*) of the same rows (where there is /proc and it
# may be read), in MB. Column d has ten values only: a hundred thousand rows of each.
set -euo pipefail

rows=${1:-1000000}
export PGOPTIONS='-c jit=off -c max_parallel_workers_per_gather=0'
createdb cv_bench
trap 'dropdb --force cv_bench' EXIT
psql -Xq -d cv_bench <<SQL
CREATE EXTENSION customer_value;
CREATE TABLE customers AS SELECT random() * 100 AS a, exp(random() * 10) AS b, random() * 1e6 AS c, floor(random() * 10) AS d, random() AS e, random() * 3 AS f
FROM generate_series(1, $rows);
VACUUM ANALYZE customers;
SQL

# best WORK_MEM EXPRESSION: milliseconds of the fastest of five runs
best()
{
	for _ in 1 2 3 4 5
	do
		psql -Xqt -d cv_bench -c "SET work_mem = '$1'" -c "SET search_path = public, customer_value" \
			-c "EXPLAIN (ANALYZE, TIMING off) SELECT $2 FROM customers" | sed -n 's/.*Execution Time: \([0-9.]*\).*/\1/p'
	done | sort -n | head -1
}

# peak WORK_MEM EXPRESSION: highest memory of a fresh backend in kB, shared memory included; 0 where that is not to be known
peak()
{
	psql -Xqt -d cv_bench <<SQL | sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' | grep . || echo 0
SET work_mem = '$1';
SET search_path = public, customer_value;
EXPLAIN (ANALYZE, TIMING off) SELECT $2 FROM customers;
SELECT pg_backend_pid() AS pid \gset
\setenv pid :pid
\! grep VmHWM /proc/\$pid/status 2> /dev/null
SQL
}

# group WORK_MEM EXPRESSION...: the first is what the others are measured by
group()
{
	local work_mem=$1 base='' time expression idle

	idle=$(peak "$work_mem" 'count(*)')
	echo "work_mem = $work_mem, $rows rows"
	for expression in "${@:2}"
	do
		time=$(best "$work_mem" "$expression")
		base=${base:-$time}
		awk -v time="$time" -v base="$base" -v what="$expression" -v memory=$(($(peak "$work_mem" "$expression") - idle)) \
			'BEGIN { printf "  %8.0f ms  %5.2f  %6.1f MB  %s\n", time, time / base, memory / 1024, what }'
	done
}

criteria='ARRAY[a, b, c, d, e, f]'
for work_mem in 4MB 256MB
do
	group $work_mem "rank() OVER (ORDER BY a)" "topsis($criteria, '{1,2,3,4,5,6}', '{f,f,f,f,f,t}') OVER ()" \
		"midrank_percentile(a) OVER (ORDER BY a)" "midrank_percentile(d) OVER (ORDER BY d)" \
		"midrank_percentile(0) OVER (ORDER BY 0)" "min_max(a) OVER ()" "z_score(a) OVER ()"
done
group 4MB "sum(a), sum(b), sum(c)" "sum(value_vector(a, b, c))" "entropy_weights($criteria)" "critic_weights($criteria)" "gini(a)"
