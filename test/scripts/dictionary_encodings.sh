#!/bin/bash
# The install script serves databases of any encoding; Chinese is there where the encoding has it, English elsewhere.
set -u

script=$(pg_config --sharedir)/extension/$(sed -n "s/^default_version = '\(.*\)'/customer_value--\1.sql/p" customer_value.control)
if LC_ALL=C grep -n '[^ -~	]' "$script" > "$CV_TMP/beyond"
then
	echo "not ok - the install script is ASCII"
	head -3 "$CV_TMP/beyond" | sed 's/^/# /'
else
	echo "ok - the install script is ASCII"
fi

answer()
{
	psql -XqAt -d "$1" -v ON_ERROR_STOP=1 2>&1 << 'SQL'
SET client_min_messages = warning;
SET client_encoding = 'UTF8';
CREATE EXTENSION customer_value;
CREATE TABLE sales AS SELECT c AS customer, date '2024-01-01' + 7 * n AS day, 10 AS amount FROM generate_series(1, 9) AS c, generate_series(0, c) AS n;
SELECT FROM customer_value.create_customer_base('shop', sales => 'public.sales', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT string_agg(chinese, ',' ORDER BY code COLLATE "C") FROM shop.labels WHERE kind = 'value_quadrant' AND code IN ('gold', 'iron');
SELECT chinese_name FROM shop.metric_dictionary WHERE view_name = 'customer_profile' AND column_name = 'total_lifetime_value';
SELECT count(*) FROM shop.metric_dictionary WHERE coalesce(chinese_name, '') = '';
SQL
}

while read -r encoding expected
do
	createdb --template=template0 --locale=C --encoding="$encoding" cv_encoding
	found=$(answer cv_encoding | tr '\n' '|' | tr ' ' _)
	if [ "$found" = "$expected" ]
	then
		echo "ok - $encoding"
	else
		echo "not ok - $encoding"
		echo "# expected $expected"
		echo "# found    $found"
	fi
	dropdb cv_encoding
done << 'CASES'
UTF8 黄金客户,铁质客户|客户终身价值|0|
EUC_CN 黄金客户,铁质客户|客户终身价值|0|
LATIN1 Gold:_high_expected_value,_low_headroom,Iron:_low_expected_value,_high_headroom|Customer_lifetime_value|0|
SQL_ASCII Gold:_high_expected_value,_low_headroom,Iron:_low_expected_value,_high_headroom|Customer_lifetime_value|0|
CASES
