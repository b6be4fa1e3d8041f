#!/bin/bash
# base_dump.sh: a plain role that owns a database installs the extension, makes bases, dumps them and restores them, as TAP.
# Needs a cluster (PGHOST, PGPORT, superuser PGUSER) and a directory CV_TMP for its files.
set -uo pipefail

n=0
bad=0
role=cv_dump_owner
superuser=$PGUSER

# check WHAT COMMAND...: passes if the command succeeds; shows what it said if not
check()
{
	n=$((n + 1))
	if "${@:2}" > "$CV_TMP/said" 2>&1
	then
		echo "ok $n - $1"
	else
		bad=$((bad + 1))
		echo "not ok $n - $1"
		sed 's/^/# /' "$CV_TMP/said"
	fi
}

# as_owner DATABASE [PSQL OPTION...]: psql as the plain role
as_owner()
{
	PGUSER=$role psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$@"
}

# says WHAT EXPECTED DATABASE SQL: passes if the plain role gets that answer
says()
{
	local answer

	answer=$(as_owner "$3" -c "$4" 2>&1)
	check "$1" test "$answer" = "$2"
	[ "$answer" = "$2" ] || echo "# got: $answer"
}

# Everything that the views, tables and comments of the bases say, in one text a database.
contents()
{
	as_owner "$1" -c "
SELECT format('SELECT %L, t::text FROM %I.%I t ORDER BY t::text COLLATE \"C\";', c.oid::regclass, n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('shop', 'The \"Big\" Shop') AND c.relkind IN ('r', 'v') AND c.relname <> 'sales_lines'
ORDER BY c.oid::regclass::text COLLATE \"C\"" | as_owner "$1"
	as_owner "$1" -c "
SELECT c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), obj_description(c.oid, 'pg_class'), col_description(c.oid, a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace IN ('shop'::regnamespace, '\"The \"\"Big\"\" Shop\"'::regnamespace) AND c.relkind IN ('r', 'v')
ORDER BY c.oid::regclass::text COLLATE \"C\", a.attnum"
}

cleanup()
{
	local database

	for database in cv_dump_source cv_dump_whole cv_dump_part cv_dump_plain
	do
		dropdb --if-exists --force "$database"
	done
	psql -X -q -d postgres -c "DROP ROLE IF EXISTS $role"
}
trap cleanup EXIT

psql -X -q -d postgres -c "CREATE ROLE $role LOGIN" || exit 1
for database in cv_dump_source cv_dump_whole cv_dump_part cv_dump_plain
do
	createdb --owner=$role "$database" || exit 1
done

check "a plain role installs the extension and makes bases" as_owner cv_dump_source << 'SQL'
CREATE EXTENSION customer_value;
CREATE TABLE sales (id int, gone text, customer int, at timestamptz, paid numeric(12, 2), cost real, basket int);
INSERT INTO sales SELECT g, 'x', g * g % 97, timestamptz '2023-01-01 12:00+00' + (g * 7919 % 900) * interval '1 day', 5 + g % 41, 2 + g % 3, g / 2
FROM generate_series(1, 3000) g;
CREATE TABLE people AS SELECT g AS id, 'Customer ' || g AS name FROM generate_series(1, 120) g;
ALTER TABLE sales DROP COLUMN gone;
SELECT customer_value.create_customer_base('shop', 'sales', 'customer', 'at', 'paid', order_id => 'basket', cost => 'cost',
	customers => 'people', customer_key => 'id', customer_name => 'name', as_of => '2025-06-30', time_zone => 'Europe/Dublin');
SELECT customer_value.create_customer_base('The "Big" Shop', 'sales', 'customer', 'at', 'paid', duplicates => 'ignore', amount_scale => 1);
SELECT customer_value.fit('shop');
SELECT customer_value.fit('The "Big" Shop');
GRANT SELECT ON shop.customer_ranking TO PUBLIC;
ALTER TABLE sales RENAME paid TO amount;
SQL
says "and owns the extension" "$role" cv_dump_source \
	"SELECT pg_get_userbyid(extowner) FROM pg_extension WHERE extname = 'customer_value'"
says "a renamed column is noticed" "shop:column renamed The \"Big\" Shop:column renamed" cv_dump_source \
	"SELECT string_agg(base || ':' || status, ' ' ORDER BY base COLLATE \"C\" DESC) FROM customer_value.customer_bases"
contents cv_dump_source > "$CV_TMP/source"
check "the bases have contents" test "$(wc -l < "$CV_TMP/source")" -gt 500

# the whole database, in parallel
check "pg_dump --jobs=2 as the plain role" env PGUSER=$role pg_dump --format=directory --jobs=2 --file="$CV_TMP/dump" cv_dump_source
check "pg_restore --jobs=2 as the plain role" env PGUSER=$role pg_restore --exit-on-error --jobs=2 --dbname=cv_dump_whole "$CV_TMP/dump"
contents cv_dump_whole > "$CV_TMP/whole"
check "the restored bases say the same" diff "$CV_TMP/source" "$CV_TMP/whole"
says "the renamed column is noticed after the restore, too" "shop:column renamed The \"Big\" Shop:column renamed" cv_dump_whole \
	"SELECT string_agg(base || ':' || status, ' ' ORDER BY base COLLATE \"C\" DESC) FROM customer_value.customer_bases"
check "the restored bases are maintained" as_owner cv_dump_whole \
	-c "SELECT customer_value.rebuild_customer_base('shop')" -c "SELECT * FROM customer_value.fit('shop')" \
	-c "SELECT customer_value.alter_customer_base('The \"Big\" Shop', amount => 'amount', reset => '{duplicates}')"
says "and are in order" "ok ok" cv_dump_whole "SELECT string_agg(status, ' ') FROM customer_value.customer_bases"
says "privileges on views are there" "t" cv_dump_whole "SELECT relacl::text LIKE '%{=r/%' OR relacl::text LIKE '%,=r/%' FROM pg_class WHERE oid = 'shop.customer_ranking'::regclass"

# as a script
check "pg_dump to a script and psql" bash -c "set -o pipefail
	PGUSER=$role pg_dump cv_dump_source | PGUSER=$role psql -X -q -v ON_ERROR_STOP=1 -d cv_dump_plain"
contents cv_dump_plain > "$CV_TMP/plain"
check "say the same, too" diff "$CV_TMP/source" "$CV_TMP/plain"

# one base, into a database that has the extension and the sales
check "a database with the extension and the sales" bash -c "set -o pipefail
	PGUSER=$role psql -X -q -v ON_ERROR_STOP=1 -d cv_dump_part -c 'CREATE EXTENSION customer_value' &&
	PGUSER=$role pg_dump --table=public.sales --table=public.people cv_dump_source | PGUSER=$role psql -X -q -v ON_ERROR_STOP=1 -d cv_dump_part"
check "pg_dump --schema=shop" env PGUSER=$role pg_dump --format=custom --schema=shop --file="$CV_TMP/shop" cv_dump_source
check "pg_restore of the schema alone" env PGUSER=$role pg_restore --exit-on-error --jobs=2 --dbname=cv_dump_part "$CV_TMP/shop"
says "the base is there" "shop column renamed" cv_dump_part "SELECT base || ' ' || status FROM customer_value.customer_bases"
says "and ranks" "t" cv_dump_part "SELECT count(*) > 90 AND max(expected_value) > 0 FROM shop.customer_ranking"
check "and is dropped, with its schema" as_owner cv_dump_part -c "SELECT customer_value.drop_customer_base('shop')"
says "leaving nothing" "0" cv_dump_part "SELECT count(*) FROM pg_namespace WHERE nspname = 'shop'"

# a superuser's restore leaves the bases with their owner
dropdb --force cv_dump_part && createdb --owner=$role cv_dump_part
check "pg_restore as a superuser" env PGUSER="$superuser" pg_restore --exit-on-error --jobs=2 --dbname=cv_dump_part "$CV_TMP/dump"
says "the bases belong to their owner" "$role $role" cv_dump_part "SELECT string_agg(owner, ' ') FROM customer_value.customer_bases"
check "who maintains them" as_owner cv_dump_part -c "SELECT * FROM customer_value.fit('shop')"

echo "1..$n"
[ $bad = 0 ]
