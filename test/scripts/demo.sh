#!/bin/bash
# The demo runs to its end, on the sample shop and on a CSV file, and shows every report; the sample shop is the same
# everywhere, and the base that stands on it accounts for all of its money.
set -uo pipefail

cd "$(dirname "$0")/../.." || exit 1
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
		printf 'expected: %s\n     got: %s\n' "$2" "$1" | sed 's/^/# /'
	fi
}

value()
{
	psql -XAtq -d demo -c "$1" 2>&1
}

# demo STATUS [VARIABLE=value...]: run the demo, which must end with this status
demo()
{
	dropdb --if-exists demo 2> /dev/null
	env -u SALES -u EXPLORE "${@:2}" demo/run > "$CV_TMP/demo.out" 2>&1
	is $? "$1" "the demo ends with status $1: ${*:2}"
	[ $bad = 0 ] || sed 's/^/# /' "$CV_TMP/demo.out" | tail -20
}

demo 0
is "$(grep -cE '^shop\.[a-z_]+$' "$CV_TMP/demo.out")" 8 "eight reports are shown"
is "$(sed -n '/^shop.customer_ranking/,/^(/p' "$CV_TMP/demo.out" | grep -cE '^ +[0-9]+ \|')" 10 "the ranking has ten rows"
is "$(sed -n '/^shop.monthly_summary/,/^(/p' "$CV_TMP/demo.out" | grep -cE '^ 20[0-9-]+ \|')" 12 "there are twelve months"
is "$(value "SELECT count(*), count(DISTINCT customer_id), min(ordered_at)::date, max(ordered_at)::date FROM orders")" \
	"28411|4989|2021-01-04|2024-12-31" "the sample shop has the same orders everywhere"
is "$(value "SELECT sum(total) - (SELECT sum(amount) FROM order_lines) FROM orders")" 0.00 "orders are the sum of their lines"
is "$(value "SELECT (SELECT sum(amount) FROM sales WHERE customer_id > 0) - total_amount FROM shop.portfolio_summary")" 0.00 \
	"the base holds all money of the known customers"
is "$(value "SELECT string_agg(status, ' ' ORDER BY kind) FROM (SELECT DISTINCT kind, status FROM shop.model_fit) AS m")" \
	"converged converged" "both models converge"

printf 'client,date,total,receipt\n' > "$CV_TMP/own.csv"
for i in {1..400}
do
	printf 'c%d,2024-%02d-%02d,%d.50,%d\n' $((i % 37)) $((i % 12 + 1)) $((i * 7 % 28 + 1)) $((i % 90 + 5)) "$i"
done >> "$CV_TMP/own.csv"
demo 0 SALES="$CV_TMP/own.csv"
is "$(value "SELECT customers, orders, total_amount FROM shop.portfolio_summary")" \
	"$(value "SELECT count(DISTINCT customer_id), count(*), sum(amount) FROM sales")" "a CSV file becomes a base with all of its sales"
demo 1 SALES="$CV_TMP/own.csv" AMOUNT=none
is "$(tail -2 "$CV_TMP/demo.out" | grep -c "no column for AMOUNT=none")" 1 "a wrong column is said last"

dropdb --if-exists demo
echo "1..$n"
[ $bad = 0 ]
