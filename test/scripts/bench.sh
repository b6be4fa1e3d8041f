#!/bin/bash
# bench.sh: the whole benchmark on two thousand customers: every measure runs, both sides of each compute the same, and the
# table comes out; its times mean nothing at this size. And the memory of a fit, on more. Skips where Python's packages are not
# there (tools/deps bench).
set -uo pipefail

cd "$(dirname "$0")/../.." || exit 1
if ! /usr/bin/python3 -c 'import numpy, scipy, pandas, psycopg2' 2> /dev/null
then
	echo "1..0 # SKIP no python3 with numpy, scipy, pandas and psycopg2: tools/deps bench"
	exit 77
fi

BENCH_CUSTOMERS=2000 BENCH_RUNS=1 BENCH_RESULTS=$CV_TMP bench/run > "$CV_TMP/bench.out" 2> "$CV_TMP/bench.err"
status=$?
n=0
bad=0

# result WHAT COMMAND...: passes if the command succeeds
result()
{
	n=$((n + 1))
	if "${@:2}"
	then
		echo "ok $n - $1"
	else
		bad=$((bad + 1))
		echo "not ok $n - $1"
		tail -30 "$CV_TMP/bench.err" | sed 's/^/# /'
	fi
}

# rows PATTERN NUMBER: are so many lines of the table like this?
rows()
{
	[ "$(grep -c "$1" "$CV_TMP/bench.out")" = "$2" ]
}

result "both sides of every measure compute the same" [ $status = 0 ]
result "the table is saved" cmp -s "$CV_TMP/bench.out" "$CV_TMP/2000.md"
for row in '^| purchase_history, .*| at most 1 |:3' '^| purchase_history, .*| at most 1.3 |:2' '^| x, t_x, T, m .*| at most 0.4 |:1' \
	'^| sales to lifetime values .*| at least 6 |:2' '^| m\?bg/nbd fit, .*| scipy .*| at least 70 |:4' \
	'^| pareto/nbd fit, .*| scipy .*| at least 500 |:2' 'alive, purchases and value .*| at most 2 |:4' \
	'with 2 workers .*| at least 1.6 |:4' 'fit with 2 workers, .*| scipy .*| at least 100 |:2' '^| topsis .*| at most 2 |:1' \
	'^| stored histories, .*| at most 0.2 |:1' '^| growth of .*| at most 1.05 |:8' '^| peak memory of .*| at most 3 |:2'
do
	result "the table has: ${row%:*}" rows "${row%:*}" "${row##*:}"
done

# alone MEASURE: with no table but those that it says it needs
alone()
{
	BENCH_CUSTOMERS=2000 BENCH_RUNS=1 BENCH_RESULTS=$CV_TMP bench/run "$1" > "$CV_TMP/bench.out" 2> "$CV_TMP/bench.err"
}

for measure in storage aggregate whole_way fit predict parallel parallel_fit ranking memory growth
do
	result "$measure alone" alone $measure
done

# unlike times, memory does mean something at a size like this
BENCH_CUSTOMERS=50000 BENCH_RUNS=1 BENCH_RESULTS=$CV_TMP bench/run memory > "$CV_TMP/bench.out" 2> "$CV_TMP/bench.err"
result "a fit takes no more than three times its patterns" rows '^| peak memory of .*| at most 3 | yes |' 2

echo "1..$n"
[ $bad = 0 ]
