#!/bin/bash
# base_real_sales.sh: customer bases over real sales: every line and every penny is accounted for, whatever the data. TAP.
# Needs a cluster (PGHOST, PGPORT, PGUSER) and the data sets in CV_SHARED; says so and skips where they are not there.
set -uo pipefail

if [ ! -d "${CV_SHARED:-}/data/online_retail" ]
then
	echo "1..0 # SKIP no real data sets: CV_SHARED is not set"
	exit 77
fi

n=0
bad=0
database=cv_base_real_sales
dropdb --if-exists --force $database
createdb $database || exit 1
trap 'dropdb --force $database' EXIT

run()
{
	psql -X -q -A -t -v ON_ERROR_STOP=1 -d $database "$@"
}

# says WHAT EXPECTED SQL: passes if the database answers that
says()
{
	local answer

	n=$((n + 1))
	answer=$(run -c "$3" 2>&1)
	if [ "$answer" = "$2" ]
	then
		echo "ok $n - $1"
	else
		bad=$((bad + 1))
		echo "not ok $n - $1"
		sed 's/^/# got: /' <<< "$answer"
	fi
}

# What has to hold in every base: SCHEMA, SALES, amount expression over the sales.
accounts_for_everything()
{
	run -c "DROP TABLE IF EXISTS quality" -c "CREATE TABLE quality AS SELECT * FROM $1.data_quality" 2> /dev/null
	says "$1: every line is accounted for" t "SELECT (SELECT count(*) FROM $2)
		= ALL (SELECT lines FROM quality WHERE rule = 'all_lines' UNION ALL SELECT sum(lines) FROM quality WHERE part_of_total)"
	says "$1: every penny is accounted for" t "SELECT (SELECT sum($3) FROM $2)
		= ALL (SELECT amount FROM quality WHERE rule = 'all_lines' UNION ALL SELECT sum(amount) FROM quality WHERE part_of_total)"
	says "$1: what is kept is in the histories, to the penny" t "SELECT (SELECT sum(customer_value.total_amount(history)) FROM $1.history)
		= ALL (SELECT amount FROM quality WHERE rule = 'kept' UNION ALL SELECT sum(amount) FROM $1.sales_lines WHERE rule IS NULL
			   UNION ALL SELECT sum(total_amount) FROM $1.customer_profile)"
}

run -c "CREATE EXTENSION customer_value" -c "CREATE FUNCTION plan(query text) RETURNS text LANGUAGE plpgsql AS \$\$
	DECLARE line text; plan text = '';
	BEGIN FOR line IN EXECUTE 'EXPLAIN ' || query LOOP plan := plan || line || chr(10); END LOOP; RETURN plan; END \$\$"
for set in online_retail adventureworks
do
	(cd "$CV_SHARED/data/$set" && run -f load.sql) > "$CV_TMP/load" 2>&1 || { cat "$CV_TMP/load"; exit 1; }
done
(cd "$CV_SHARED/data/northwind" && gzip -dc northwind.sql.gz | run) > "$CV_TMP/load" 2>&1 || { cat "$CV_TMP/load"; exit 1; }

# Online Retail: returns, lines without a customer, duplicates, an order of 80,995 units that came back the same day
run -c "CREATE VIEW online_retail.sales AS SELECT *, quantity * unit_price AS amount FROM online_retail.lines"
says "Online Retail is bound" \
	"Customer base \"retail\" is made: 406829 of 541909 lines of online_retail.sales are counted: 4372 customers, 2010-12-01 to 2011-12-09, as of 2011-12-09." \
	"SELECT customer_value.create_customer_base('retail', sales => 'online_retail.sales', customer_id => 'customer_id', sold_at => 'invoice_date',
		amount => 'amount', order_id => 'invoice_no', quantity => 'quantity')"
accounts_for_everything retail online_retail.sales amount
says "18,536 orders of known customers" 18536 "SELECT sum(customer_value.orders(history)) FROM retail.history"
says "a quarter of the lines has no customer" 135080 "SELECT lines FROM quality WHERE rule = 'no_customer'"
says "80,995 units that came back the same day: an order and a return" "2|1|2.90|168469.60" \
	"SELECT orders, returns, total_amount, returned_amount FROM retail.customer_profile WHERE customer_id = 16446"
says "5,268 duplicates, with those of nobody" 5268 "SELECT sum(n - 1) FROM (SELECT count(*) AS n FROM retail.sales_lines GROUP BY line) d"
says "5,225 of the kept lines are copies" 5225 "SELECT lines FROM quality WHERE rule = 'exact_duplicate'"
says "it fits" "purchase,spend" "SELECT string_agg(kind, ',') FROM customer_value.fit('retail')"
says "it ranks everybody who bought" 0 "SELECT count(*) FROM retail.customer_profile p LEFT JOIN retail.customer_ranking r USING (customer_id)
	WHERE p.purchase_days > 0 AND r.rank IS NULL"
says "without the copies" t "SELECT customer_value.alter_customer_base('retail', duplicates => 'ignore') LIKE '%401604 of 541909 lines%'"
accounts_for_everything retail online_retail.sales amount
run -c "CREATE INDEX ON online_retail.lines (customer_id)" -c "ANALYZE online_retail.lines"
says "one customer is read by the index" t "SELECT strpos(plan, 'Index Cond: (customer_id = 16446)') > 0 FROM plan('SELECT * FROM retail.history WHERE customer_id = 16446') plan"
run -c "SELECT customer_value.alter_customer_base('retail', reset => '{duplicates,order_id}')" > "$CV_TMP/altered"
says "by lines and with copies, too" t "SELECT strpos(plan, 'Index Cond: (customer_id = 16446)') > 0 FROM plan('SELECT * FROM retail.history WHERE customer_id = 16446') plan"

# Northwind: prices stored as real, order lines in two tables
run -c "CREATE VIEW northwind.sales AS
	SELECT o.customer_id, o.order_date, o.order_id, d.unit_price * d.quantity * (1 - d.discount) AS as_float, d.unit_price AS price,
		   round(d.unit_price::numeric * d.quantity * (1 - d.discount::numeric), 2) AS amount
	FROM northwind.orders o JOIN northwind.order_details d USING (order_id)"
says "Northwind is bound" t "SELECT customer_value.create_customer_base('northwind_value', 'northwind.sales', 'customer_id', 'order_date', 'amount',
	order_id => 'order_id', customers => 'northwind.customers', customer_key => 'customer_id', customer_name => 'company_name') LIKE '%2155 of 2155 lines%'"
accounts_for_everything northwind_value northwind.sales amount
says "830 orders, 89 customers, 2 prospects" "830|89|2" "SELECT orders, customers, prospects FROM northwind_value.portfolio_summary"
says "amounts computed in floating point are rounded to the cent where asked" t "SELECT customer_value.alter_customer_base('northwind_value',
	amount => 'as_float', amount_scale => 2) LIKE '%2155 of 2155 lines%'"
says "and differ by rounding only" t "SELECT abs(sum(n.amount) - (SELECT sum(amount) FROM northwind.sales)) <= 0.01 * 2155 FROM northwind_value.sales_lines n"
run -c "SELECT customer_value.alter_customer_base('northwind_value', amount => 'price', reset => '{amount_scale}')" > "$CV_TMP/altered"
says "a price stored as real keeps its digits" 0 "SELECT count(*) FROM northwind_value.sales_lines WHERE amount <> round(amount, 2)"

# AdventureWorks: cost, two channels
says "AdventureWorks is bound" t "SELECT customer_value.create_customer_base('internet', 'adventureworks.internet_sales', 'customer_key', 'order_date',
	'sales_amount', order_id => 'sales_order_number', cost => 'total_product_cost', quantity => 'order_quantity') LIKE '%60398 of 60398 lines%'"
accounts_for_everything internet adventureworks.internet_sales sales_amount
says "27,659 orders of 18,484 customers, in margin" "27659|18484|margin" "SELECT orders, customers, value_basis FROM internet.portfolio_summary"
says "the margin share is that of the lines with a cost" t "SELECT abs(s.margin_share - (SELECT sum(sales_amount - total_product_cost) / sum(sales_amount)
	FROM adventureworks.internet_sales WHERE total_product_cost IS NOT NULL)) < 0.001 FROM internet.settings s"
says "the resellers' as well" t "SELECT customer_value.create_customer_base('resellers', 'adventureworks.reseller_sales', 'reseller_key', 'order_date',
	'sales_amount', order_id => 'sales_order_number', cost => 'total_product_cost') LIKE '%57851 of 57851 lines%'"
accounts_for_everything resellers adventureworks.reseller_sales sales_amount
says "3,616 orders of 632 resellers" "3616|632" "SELECT orders, customers FROM resellers.portfolio_summary"

echo "1..$n"
[ $bad = 0 ]
