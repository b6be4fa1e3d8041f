-- presets.sql - the scorecards that a base begins with, computed anew from the sales.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
\ir presets.psql
\o /dev/null
\ir ../../demo/shop.sql
SET client_min_messages = warning;
-- a quarter of the sample shop is enough to look at
CREATE TABLE public.sold AS SELECT * FROM public.sales WHERE customer_id % 4 = 1;
CREATE TABLE public.people AS SELECT * FROM public.customers WHERE customer_id % 4 = 1;
SELECT customer_value.create_customer_base('shop', sales => 'public.sold', customer_id => 'customer_id', sold_at => 'ordered_at',
	amount => 'amount', order_id => 'order_id', cost => 'cost', list_amount => 'list_amount', product => 'product', category => 'category',
	customers => 'public.people', customer_key => 'customer_id');
SELECT customer_value.fit('shop');
INSERT INTO lines SELECT 'shop', customer_id::text, ordered_at::date, order_id::text, amount, cost, list_amount, product, category FROM public.sold;
\getenv shared CV_SHARED
\if :{?shared}
	\set directory :shared '/data/superstore'
	\cd :directory
	\i load.sql
	\set directory :shared '/data/cdnow'
	\cd :directory
	\i load.sql
	CREATE VIEW public.super AS SELECT *, sales - profit AS cost, sales / (1 - discount) AS list FROM superstore.orders;
	SELECT customer_value.create_customer_base('store', sales => 'public.super', customer_id => 'customer_id', sold_at => 'order_date',
		amount => 'sales', order_id => 'order_id', cost => 'cost', list_amount => 'list', product => 'product_id', category => 'sub_category');
	SELECT customer_value.create_customer_base('cd', sales => 'cdnow.sample_purchases', customer_id => 'customer_id',
		sold_at => 'purchase_date', amount => 'dollar_value');
	SELECT customer_value.fit('store'), customer_value.fit('cd');
	INSERT INTO lines SELECT 'store', customer_id, order_date, order_id, sales, sales - profit, sales / (1 - discount), product_id, sub_category
		FROM superstore.orders;
	INSERT INTO lines (base, customer_id, day, amount) SELECT 'cd', customer_id, purchase_date, dollar_value FROM cdnow.sample_purchases;
\endif
\o
-- Deep views of small tables: compiling them takes longer than reading them.
SET jit = off;
SELECT * FROM no_plan();

CALL pg_temp.make_facts('shop', '2024-12-31');
SELECT pg_temp.presets('shop');
SELECT is((SELECT count(*) FROM shop.closeness WHERE score IS NOT NULL), (SELECT count(*) FROM facts), 'shop: only who bought has a place');

-- the functions beside the views, and sales that end earlier
CALL pg_temp.make_facts('shop', '2024-03-31');
SELECT pg_temp.presets('shop', '2024-03-31');

-- scores: who has bought has a score. What a preset does not know it says.
CREATE FUNCTION pg_temp.answers(the_base text, without_score text[] DEFAULT '{}') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	card record;
	counts record;
BEGIN
	FOR card IN EXECUTE format('SELECT s.scorecard, array_agg(DISTINCT c.dimension) AS dimensions FROM %1$I.scorecards AS s '
							   'JOIN %1$I.scorecard_criteria AS c USING (scorecard) WHERE s.is_preset GROUP BY 1 ORDER BY 1', the_base) LOOP
		EXECUTE format('SELECT count(*) FILTER (WHERE (score IS NULL) = (reason IS DISTINCT FROM ''no purchase yet'')) AS unscored, '
					   'count(*) FILTER (WHERE reason IS NULL AND num_nulls(score, %s) > 0) AS silent, count(*) AS customers FROM %I.%I',
					   (SELECT string_agg(quote_ident(d), ', ') FROM unnest(card.dimensions) AS d), the_base, card.scorecard) INTO counts;
		RETURN NEXT is(ARRAY[counts.unscored, counts.silent],
					   ARRAY[CASE WHEN card.scorecard = ANY (without_score) THEN counts.customers ELSE 0 END, 0]::bigint[],
					   format('%s: %s answers, and says what it does not know', the_base, card.scorecard));
	END LOOP;
END
$$;
SELECT pg_temp.answers('shop');

-- Not fitted: what the models say is not known, the rest is. alone: one customer; nobody: no sales.
CREATE TABLE public.few AS SELECT * FROM (VALUES (1, date '2024-01-10', 10.0), (1, '2024-02-10', 20), (2, '2024-03-01', 15)) AS v (customer, day, amount);
\o /dev/null
SELECT customer_value.create_customer_base('unfitted', sales => 'public.few', customer_id => 'customer', sold_at => 'day', amount => 'amount');
CREATE VIEW public.one AS SELECT * FROM public.few WHERE customer = 1;
SELECT customer_value.create_customer_base('alone', sales => 'public.one', customer_id => 'customer', sold_at => 'day', amount => 'amount');
CREATE VIEW public.none AS SELECT * FROM public.few WHERE customer = 0;
SELECT customer_value.create_customer_base('nobody', sales => 'public.none', customer_id => 'customer', sold_at => 'day', amount => 'amount');
\o
SELECT pg_temp.answers('unfitted', '{contribution_vector,delivered_value_vector}');
SELECT pg_temp.answers('alone', '{contribution_vector,delivered_value_vector}');
SELECT pg_temp.answers('nobody');
SELECT results_eq('SELECT customer_id, score, realised, development, retention FROM unfitted.customer_standing ORDER BY 1',
	'VALUES (1, 0.75::float8, 0.75::float8, NULL::float8, NULL::float8), (2, 0.25, 0.25, NULL, NULL)', 'not fitted: standing rests on what is realised');
SELECT ok((SELECT bool_and(reason LIKE '%not fitted%') FROM unfitted.customer_standing), 'not fitted: and says so');
SELECT results_eq('SELECT customer_id, score, profit, sales, tempo FROM unfitted.closeness ORDER BY 1',
	'VALUES (1, 0.75::float8, NULL::float8, 0.75::float8, NULL::float8), (2, 0.25, NULL, 0.25, NULL)',
	'not fitted, no costs: closeness rests on sales, which do not count as profit once more');
SELECT results_eq('SELECT score, rank, sales FROM alone.closeness', 'VALUES (0.5::float8, 1::bigint, 0.5::float8)', 'one customer is in the middle');
SELECT results_eq('SELECT score, financial, market, management FROM alone.balanced_scorecard',
	'VALUES (0::float8, 0::float8, 0::float8, 0::float8)', 'one customer is the mean of its stage');
SELECT is_empty('SELECT * FROM nobody.customer_standing UNION ALL SELECT * FROM nobody.customer_standing_keeping', 'nobody: no rows');
SELECT is((SELECT array_agg(scorecard::text ORDER BY scorecard) FROM unfitted.scorecards WHERE is_preset),
	'{balanced_scorecard,closeness,contribution_vector,customer_standing,customer_standing_acquiring,customer_standing_growing,customer_standing_keeping,delivered_value_vector}',
	'eight presets');
SELECT is((SELECT count(*) FROM unfitted.scorecards WHERE coalesce(description, '') = '') + (SELECT count(*) FROM unfitted.scorecard_criteria WHERE coalesce(description, '') = ''),
	0::bigint, 'each preset and criterion says what it is');

\if :{?shared}
CALL pg_temp.make_facts('store', '2017-12-30');
SELECT pg_temp.presets('store');
SELECT pg_temp.answers('store');
CALL pg_temp.make_facts('store', '2016-02-29');
SELECT pg_temp.presets('store', '2016-02-29');
CALL pg_temp.make_facts('cd', '1998-06-30');
SELECT pg_temp.presets('cd');
-- neither list prices nor categories: of what a customer receives nothing is known
SELECT pg_temp.answers('cd', '{delivered_value_vector}');
SELECT is((SELECT array_agg(DISTINCT reason) FROM cd.closeness), '{profit: cost not bound}', 'CDNOW: closeness says what to bind for profit');
SELECT ok((SELECT count(DISTINCT score) = 1 FROM cd.customer_standing_keeping AS c JOIN cd.customer_profile AS p USING (customer_id)
		   WHERE p.purchase_days_last_year = 0 AND p.silence = (SELECT max(silence) FROM cd.customer_profile)), 'CDNOW: equals share a standing');
\endif
SELECT * FROM finish();
