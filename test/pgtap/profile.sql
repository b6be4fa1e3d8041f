-- profile.sql - the wide customer_profile: every column against plain SQL over the sales lines, and what is not read is not computed.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
\o /dev/null
\ir ../../demo/shop.sql
SET client_min_messages = warning;
\ir ../../demo/bind.sql
SELECT customer_value.fit('shop');
UPDATE shop.parameters SET list = '{Tents,Packs,nothing}' WHERE parameter = 'strategic_categories';
\getenv shared CV_SHARED
\if :{?shared}
	\set directory :shared '/data/superstore'
	\cd :directory
	\i load.sql
	CREATE VIEW public.super AS SELECT *, sales - profit AS cost, sales / (1 - discount) AS list FROM superstore.orders;
	SELECT customer_value.create_customer_base('super', sales => 'public.super', customer_id => 'customer_id', sold_at => 'order_date',
		amount => 'sales', order_id => 'order_id', cost => 'cost', list_amount => 'list', quantity => 'quantity', product => 'product_name',
		category => 'sub_category', channel => 'ship_mode');
	SELECT customer_value.fit('super');
	UPDATE super.parameters SET list = '{Chairs,Paper}' WHERE parameter = 'strategic_categories';
\endif
\o
SELECT * FROM no_plan();

-- The columns that come from sales alone, as plain aggregates of the lines up to a day: no history, no function of the extension.
CREATE FUNCTION pg_temp.by_hand(base text, d date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS by_hand, lines;
	EXECUTE format('CREATE TEMP TABLE lines AS SELECT l.customer_id, l.day, l.amount, l.cost, l.list_amount, l.category, l.product, l.channel, '
				   'l.amount < 0 OR l.amount = 0 AND l.quantity < 0 AS is_return '
				   'FROM %I.sales_lines AS l WHERE l.rule IS NULL AND l.day <= $1', base) USING d;
	ANALYZE lines;
	CREATE TEMP TABLE by_hand AS
	WITH days AS (
		SELECT customer_id, day, sum(amount) AS amount, sum(cost) AS cost, sum(list_amount) AS list,
			   bool_and(cost IS NOT NULL) AS costed, bool_and(list_amount IS NOT NULL) AS listed,
			   sum(amount) > 0 OR sum(amount) = 0 AND NOT bool_or(is_return) AS bought
		FROM lines GROUP BY customer_id, day),
	windows AS (
		SELECT customer_id, sum(amount) AS amount,
			   coalesce(sum(amount) FILTER (WHERE day > d - 365), 0) AS amount1,
			   coalesce(sum(amount) FILTER (WHERE day <= d - 365 AND day > d - 730), 0) AS amount0,
			   coalesce(sum(amount - cost) FILTER (WHERE day > d - 365), 0) AS margin1,
			   coalesce(sum(amount - cost) FILTER (WHERE day <= d - 365 AND day > d - 730), 0) AS margin0,
			   sum(list_amount) FILTER (WHERE day > d - 365) AS list1,
			   sum(list_amount) FILTER (WHERE day <= d - 365 AND day > d - 730) AS list0,
			   bool_and(cost IS NOT NULL) AS costed
		FROM lines GROUP BY customer_id),
	quarters AS (SELECT q, (d - (q + 1) * interval '3 months')::date AS after, (d - q * interval '3 months')::date AS until FROM generate_series(0, 7) AS q),
	purchases AS (
		SELECT days.*, q, day - lag(day) OVER w AS gap, row_number() OVER w AS nth, count(*) OVER (PARTITION BY customer_id) AS n
		FROM days LEFT JOIN quarters ON day > after AND day <= until WHERE bought WINDOW w AS (PARTITION BY customer_id ORDER BY day)),
	rhythm AS (
		SELECT customer_id, min(day) AS first_day, count(*) AS n,
			   count(*) FILTER (WHERE day > d - 365) AS days1,
			   count(*) FILTER (WHERE day <= d - 365 AND day > d - 730) AS days0,
			   count(DISTINCT q) AS quarters,
			   CASE WHEN count(*) >= 4 THEN stddev_samp(gap) / avg(gap) END AS variation,
			   max(gap) FILTER (WHERE nth = p.n) AS last_gap, max(gap) FILTER (WHERE nth = p.n - 1) AS gap_before,
			   CASE WHEN bool_and(listed) THEN coalesce(sum(amount) FILTER (WHERE amount >= list), 0) / nullif(sum(amount), 0) END AS full_share,
			   bool_or(amount >= list) FILTER (WHERE nth = 1 AND amount > 0) AS full_first,
			   CASE WHEN bool_and(listed) FILTER (WHERE nth > 1)
					THEN coalesce(sum(amount) FILTER (WHERE amount >= list AND nth > 1), 0) / nullif(sum(amount) FILTER (WHERE nth > 1), 0) END AS full_repeat,
			   count(*) FILTER (WHERE costed AND amount < cost) AS losses, count(*) FILTER (WHERE costed) AS costed_days
		FROM purchases AS p GROUP BY customer_id),
	category_days AS (
		SELECT customer_id, category, day, sum(amount) AS amount, sum(amount) > 0 OR sum(amount) = 0 AND NOT bool_or(is_return) AS bought,
			   count(*) FILTER (WHERE NOT is_return) AS n
		FROM lines WHERE category IS NOT NULL GROUP BY 1, 2, 3),
	categories AS (
		SELECT customer_id, category, sum(amount) AS amount, min(day) FILTER (WHERE bought) AS first_day, sum(n) AS n
		FROM category_days GROUP BY 1, 2),
	breadth AS (
		SELECT c.customer_id, count(*) FILTER (WHERE amount > 0) AS breadth,
			   -- of five lines drawn one after the other, the chance that none is of the category
			   CASE WHEN max(a.n) >= 5 THEN sum(1 - (greatest(a.n - c.n - 0, 0) * greatest(a.n - c.n - 1, 0) * greatest(a.n - c.n - 2, 0)
													 * greatest(a.n - c.n - 3, 0) * greatest(a.n - c.n - 4, 0))
												/ nullif(a.n * (a.n - 1.0) * (a.n - 2) * (a.n - 3) * (a.n - 4), 0)) END AS rarefied,
			   count(*) FILTER (WHERE first_day > d - 365 AND first_day > a.first) AS new_ones,
			   sum(amount) FILTER (WHERE amount > 0) AS kept,
			   coalesce(sum(amount) FILTER (WHERE amount > 0 AND category IN ('Tents', 'Packs', 'Chairs', 'Paper')), 0) AS strategic
		FROM categories AS c
			JOIN (SELECT customer_id, sum(n) AS n, min(first_day) AS first FROM categories GROUP BY 1) AS a USING (customer_id)
		GROUP BY c.customer_id),
	first_categories AS (
		SELECT DISTINCT ON (c.customer_id) c.customer_id, c.category
		FROM category_days AS c
			JOIN (SELECT customer_id, min(first_day) AS first FROM categories GROUP BY 1) AS a ON a.customer_id = c.customer_id AND a.first = c.day
		WHERE c.bought ORDER BY c.customer_id, c.amount DESC, c.category COLLATE "C"),
	launched AS (SELECT product, min(day) AS day FROM lines WHERE amount > 0 GROUP BY product),
	products AS (
		SELECT customer_id, sum(amount) AS amount, coalesce(sum(amount) FILTER (WHERE is_new), 0) AS new_amount
		FROM (SELECT l.customer_id, l.product, n.day > d - 365 AS is_new, sum(l.amount) AS amount
			  FROM lines AS l JOIN launched AS n USING (product) WHERE l.day > d - 365 GROUP BY 1, 2, 3) AS p
		WHERE amount > 0 GROUP BY customer_id),
	channels AS (
		SELECT DISTINCT ON (customer_id) customer_id, channel
		FROM (SELECT customer_id, channel, sum(amount) AS amount FROM lines GROUP BY 1, 2) AS c
		ORDER BY customer_id, amount DESC, channel COLLATE "C"),
	base AS (
		SELECT sum(amount1) AS amount1,
			   sum(greatest(amount1, 0) + greatest(amount0, 0)) / nullif((SELECT sum((days1 > 0)::int + (days0 > 0)::int) FROM rhythm), 0) AS k
		FROM windows)
	SELECT customer_id, w.amount1 AS amount_last_year, w.amount0 AS amount_year_before,
		   w.margin1 AS realised_value_last_year, w.margin0 AS realised_value_year_before,
		   coalesce(r.days1, 0) AS purchase_days_last_year, coalesce(r.days0, 0) AS purchase_days_year_before,
		   coalesce(r.quarters, 0) AS active_quarters, round(r.variation, 4) AS gap_variation, r.last_gap AS last_gap_days, r.gap_before AS gap_before_days,
		   round(r.full_share, 4) AS full_price_share,
		   r.full_first::int::numeric AS first_day_full_price_share, round(r.full_repeat, 4) AS repeat_full_price_share,
		   CASE WHEN w.list1 > 0 THEN round(1 - w.amount1 / w.list1, 4) END AS discount_share_last_year,
		   CASE WHEN w.list0 > 0 THEN round(1 - w.amount0 / w.list0, 4) END AS discount_share_year_before,
		   CASE WHEN r.costed_days > 0 THEN r.losses END AS loss_days,
		   CASE WHEN r.n > 0 AND w.costed THEN round(r.losses::numeric / r.n, 4) END AS loss_day_share,
		   round(ln((greatest(w.amount1, 0) + b.k) / (greatest(w.amount0, 0) + b.k)), 6) AS spend_growth,
		   round(w.amount1 / b.amount1, 12) AS portfolio_share,
		   (d - r.first_day) / 365 AS tenure_year,
		   -- the binomial distribution of n tosses, term by term
		   CASE WHEN d - r.first_day >= 730 THEN
			   (SELECT sum(CASE WHEN i < r.days1 THEN 1 ELSE 0.5 END * exp(t.log_term))
				FROM (SELECT i, -(r.days1 + r.days0) * ln(2::float8)
							 + coalesce((SELECT sum(ln((r.days1 + r.days0 - j)::float8 / (j + 1))) FROM generate_series(0, i - 1) AS j), 0) AS log_term
					  FROM generate_series(0, r.days1) AS i) AS t) END AS fewer_purchases_p_value,
		   coalesce(c.breadth, 0) AS category_breadth, round(c.rarefied, 4) AS rarefied_breadth, f.category AS first_category,
		   coalesce(c.new_ones, 0) AS new_categories_last_year,
		   CASE WHEN (SELECT min(day) FROM launched) <= d - 365 THEN round(p.new_amount / p.amount, 4) END AS new_product_share,
		   round(c.strategic / c.kept, 4) AS strategic_share, h.channel AS main_channel
	FROM windows AS w LEFT JOIN rhythm AS r USING (customer_id) LEFT JOIN breadth AS c USING (customer_id)
		LEFT JOIN first_categories AS f USING (customer_id) LEFT JOIN products AS p USING (customer_id)
		LEFT JOIN channels AS h USING (customer_id) CROSS JOIN base AS b;
END
$$;

-- Which columns differ from by_hand, how often, and for whom.
CREATE FUNCTION pg_temp.differences(profile text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	col text;
	result text;
BEGIN
	EXECUTE format('CREATE TEMP TABLE profile AS SELECT * FROM %s', profile);
	ANALYZE profile, by_hand;
	FOR col IN SELECT attname FROM pg_attribute WHERE attrelid = 'by_hand'::regclass AND attnum > 0 LOOP
		EXECUTE format('SELECT %1$L || '': '' || count(*) || '' rows, such as '' || min(concat_ws('' '', h.customer_id, p.%1$I, ''not'', h.%1$I)) '
					   'FROM by_hand AS h FULL JOIN (SELECT * FROM profile WHERE orders + returns > 0) AS p USING (customer_id) '
					   'WHERE ' || CASE col WHEN 'fewer_purchases_p_value' THEN 'num_nulls(p.%1$I, h.%1$I) = 1 OR abs(p.%1$I - h.%1$I) > 1e-12'
										   ELSE 'p.%1$I IS DISTINCT FROM h.%1$I' END || ' HAVING count(*) > 0', col) INTO result;
		RETURN NEXT result;
	END LOOP;
	DROP TABLE profile;
END
$$;
CREATE FUNCTION pg_temp.check_by_hand(base text, d date) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_temp.by_hand(base, d);
	RETURN is_empty(format('SELECT d FROM pg_temp.differences(%L) AS d WHERE d IS NOT NULL', format('%I.customer_profile_at(%L)', base, d)),
					format('%s as of %s: every column is what the lines say', base, d));
END
$$;
SELECT pg_temp.check_by_hand('shop', d) FROM unnest('{2024-12-31,2023-05-31,2021-06-15}'::date[]) AS d;
SELECT is((SELECT concat_ws(' ', count(*) FILTER (WHERE new_product_share > 0) > 100, count(*) FILTER (WHERE strategic_share > 0 AND strategic_share < 1) > 500,
				  count(*) FILTER (WHERE gap_variation > 0) > 500, count(*) FILTER (WHERE loss_days > 0) > 10,
				  count(*) FILTER (WHERE repeat_full_price_share > 0 AND repeat_full_price_share < 1) > 500,
				  count(*) FILTER (WHERE new_categories_last_year > 0) > 100,
				  count(DISTINCT main_channel) > 2, count(*) FILTER (WHERE fewer_purchases_p_value < 0.1) > 100)
		   FROM shop.customer_profile_at('2024-03-31')), 't t t t t t t t', 'and these columns have something to say');

-- Columns made of others, and of the models
SELECT is_empty($$SELECT customer_id FROM shop.customer_profile AS p CROSS JOIN shop.settings AS s
	WHERE churn_risk IS DISTINCT FROM 1 - probability_active_end
		OR value_at_risk IS DISTINCT FROM round((1 - probability_active_end)::numeric * greatest(realised_value_last_year, 0), 2)
		OR contribution IS DISTINCT FROM realised_value_last_year + expected_value
		OR abs(tempo - CASE WHEN silence > 1 THEN 1 / silence ELSE 1 END) > 0.0001 OR (tempo IS NULL) <> (silence IS NULL)
		OR next_purchase_day <= p.as_of OR next_purchase_day > p.as_of + s.horizon$$, 'sums, products and risks of other columns');
SELECT is_empty($$SELECT i.customer_id
	FROM (SELECT customer_id, probability_alive_low, probability_alive_high, expected_purchases_low, expected_purchases_high, expected_value_low,
				 expected_value_high, next_purchase_day FROM shop.customer_profile
		  EXCEPT ALL SELECT customer_id, probability_alive_low, probability_alive_high, expected_purchases_low, expected_purchases_high, expected_value_low,
				 expected_value_high, next_purchase_day FROM shop.customer_lifetime_value_interval) AS i$$, 'the intervals are those of the view of intervals');
SELECT is((SELECT round(sum(portfolio_share), 8) FROM shop.customer_profile), 1.0, 'the shares of the portfolio make one');
SELECT ok((SELECT bool_and(rarefied_breadth BETWEEN 1 AND least(5, category_breadth + 8) AND new_product_share BETWEEN 0 AND 1 AND strategic_share BETWEEN 0 AND 1)
		   FROM shop.customer_profile WHERE rarefied_breadth IS NOT NULL AND new_product_share IS NOT NULL AND strategic_share IS NOT NULL),
	'shares are shares, breadth at most the lines drawn');

-- The value basis
UPDATE shop.settings SET value_basis = 'assumed margin', margin_rate = 0.25;
SELECT is_empty('SELECT customer_id FROM shop.customer_profile WHERE realised_value_last_year <> round(amount_last_year * 0.25, 2)',
	'an assumed margin is one of each window');
UPDATE shop.settings SET value_basis = 'revenue', margin_rate = NULL;
SELECT is_empty('SELECT customer_id FROM shop.customer_profile WHERE realised_value_last_year <> amount_last_year OR realised_value_year_before <> amount_year_before',
	'without costs the value of a window is its amount');
UPDATE shop.settings SET value_basis = 'margin';

-- Parameters: the default where a row is gone, nothing where the value is gone, whole lines only
SELECT pg_temp.by_hand('shop', '2024-12-31') AS made \gset
DELETE FROM shop.parameters WHERE parameter IN ('rarefaction_lines', 'regularity_purchase_days', 'strategic_categories');
SELECT results_eq('SELECT round(sum(rarefied_breadth), 2), round(sum(gap_variation), 2), max(strategic_share) FROM shop.customer_profile',
	'SELECT round(sum(rarefied_breadth), 2), round(sum(gap_variation), 2), NULL::numeric FROM by_hand',
	'a parameter without a row has its default');
INSERT INTO shop.parameters SELECT * FROM customer_value._default_parameters()
WHERE parameter IN ('rarefaction_lines', 'regularity_purchase_days', 'strategic_categories');
UPDATE shop.parameters SET value = 1.9 WHERE parameter = 'rarefaction_lines';
UPDATE shop.parameters SET value = 10 WHERE parameter = 'regularity_purchase_days';
UPDATE shop.parameters SET list = '{}' WHERE parameter = 'strategic_categories';
SELECT results_eq('SELECT min(rarefied_breadth), max(rarefied_breadth), min(purchase_days) FILTER (WHERE gap_variation IS NOT NULL), count(strategic_share) FROM shop.customer_profile',
	'VALUES (1.0000, 1.0000, 10, 0::bigint)', 'one line has one category; regularity from so many purchase days on; an empty list is none');
UPDATE shop.parameters SET value = NULL WHERE parameter IN ('rarefaction_lines', 'regularity_purchase_days');
SELECT results_eq('SELECT count(rarefied_breadth), count(gap_variation), count(amount_last_year) = count(*) FROM shop.customer_profile',
	'VALUES (0::bigint, 0::bigint, true)', 'no value, no measure, and nothing else is lost');
SELECT throws_ok($$INSERT INTO shop.parameters SELECT * FROM customer_value._default_parameters() LIMIT 1$$, '23505', NULL, 'a parameter is there once');

-- Nothing bound but the sale: the same columns, and no rows of histories by something
\o /dev/null
SELECT customer_value.create_customer_base('bare', sales => 'public.sales', customer_id => 'customer_id', sold_at => 'ordered_at', amount => 'amount');
\o
SELECT is((SELECT array_agg(format('%s %s', attname, atttypid::regtype) ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'bare.customer_profile'::regclass AND attnum > 0),
		  (SELECT array_agg(format('%s %s', attname, atttypid::regtype) ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'shop.customer_profile'::regclass AND attnum > 0),
	'the columns are the same whatever is bound');
SELECT is_empty('SELECT customer_id FROM bare.history_by_category UNION ALL SELECT customer_id FROM bare.history_by_product UNION ALL SELECT customer_id FROM bare.history_by_channel',
	'nothing bound, no histories by it');
SELECT results_eq('SELECT count(category_breadth), count(rarefied_breadth), count(first_category), count(new_categories_last_year), count(new_product_share), '
	'count(strategic_share), count(main_channel), count(full_price_share), count(loss_days), count(discount_share_last_year), count(spend_growth) > 0 FROM bare.customer_profile',
	'VALUES (0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, true)', 'and NULL is all there is to say');
SELECT is((SELECT array_agg(DISTINCT reason) FROM bare.customer_profile), '{not fitted}', 'a column not bound is no reason of every customer');

-- What is not read is not computed
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	plan text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
		plan := plan || line || E'\n';
	END LOOP;
	RETURN plan;
END
$$;
SELECT ok(pg_temp.plan_of(q) !~ 'category|product\M|channel|predict_interval|purchase_windows', 'reads one history and predicts: ' || q)
FROM (VALUES ('SELECT customer_id, expected_value FROM shop.customer_profile'),
			 ('SELECT customer_id, expected_value FROM shop.customer_profile_at(''2024-01-01'')'),
			 ('SELECT * FROM shop.customer_lifetime_value'),
			 ('SELECT * FROM shop.customer_ranking'),
			 ('SELECT total_amount, reason, churn_risk, tempo, tenure_year FROM shop.customer_profile')) AS v (q);
SELECT ok(pg_temp.plan_of(q) !~ 'category|product\M|channel|predict_interval' AND pg_temp.plan_of(q) ~ 'purchase_windows', 'reads the windows and no more: ' || q)
FROM (VALUES ('SELECT customer_id, value_at_risk, active_quarters FROM shop.customer_profile')) AS v (q);
SELECT ok(pg_temp.plan_of(q) !~ 'p[_0-9]*\.category|predict_interval' AND pg_temp.plan_of(q) ~ 'purchase_windows', 'nor where a condition is on them: ' || q)
FROM (VALUES ('SELECT customer_id FROM shop.customer_profile WHERE fewer_purchases_p_value < 0.1'),
			 ('SELECT customer_id FROM shop.customer_profile WHERE spend_growth > 0 ORDER BY amount_last_year')) AS v (q);
SELECT ok(pg_temp.plan_of(q) !~ 'product_id, p[_0-9]*\.product|channel|predict_interval|purchase_windows' AND pg_temp.plan_of(q) ~ 'category', 'reads the categories and no more: ' || q)
FROM (VALUES ('SELECT customer_id, rarefied_breadth FROM shop.customer_profile')) AS v (q);

CREATE FUNCTION pg_temp.calls(function text) RETURNS bigint LANGUAGE sql AS $$
	SELECT coalesce(sum(pg_stat_get_xact_function_calls(p.oid)), 0)::bigint FROM pg_proc AS p
	WHERE p.pronamespace = 'customer_value'::regnamespace AND p.proname = function
$$;
CREATE FUNCTION pg_temp.calls_of(query text, functions text[]) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
	before bigint[];
	result bigint[];
BEGIN
	SELECT array_agg(pg_temp.calls(f) ORDER BY n) INTO before FROM unnest(functions) WITH ORDINALITY AS u (f, n);
	EXECUTE 'CREATE TEMP TABLE result ON COMMIT DROP AS ' || query;
	DROP TABLE result;
	SELECT array_agg(pg_temp.calls(f) - before[n] ORDER BY n) INTO result FROM unnest(functions) WITH ORDINALITY AS u (f, n);
	RETURN result;
END
$$;
SET track_functions = 'all';
SET max_parallel_workers_per_gather = 0;
SELECT is(pg_temp.calls_of('SELECT probability_alive_low, expected_value_high, amount_last_year, gap_variation, contribution, value_at_risk, spend_growth, portfolio_share '
						   'FROM shop.customer_profile', '{predict_interval,purchase_windows,predict}'),
		  ARRAY[p.n, h.n * 2, p.n], 'intervals once a row, windows once a row and once for the base')
FROM (SELECT count(*) AS n FROM shop.customer_profile) AS p, (SELECT count(*) AS n FROM shop.history) AS h;

-- One customer: every scan of the sales has the condition, but for what is compared with the base
CREATE TABLE public.lines_of_sales AS SELECT * FROM public.sales;
CREATE INDEX ON public.lines_of_sales (customer_id);
ANALYZE public.lines_of_sales;
\o /dev/null
SELECT customer_value.create_customer_base('one', sales => 'public.lines_of_sales', customer_id => 'customer_id', sold_at => 'ordered_at', amount => 'amount',
	order_id => 'order_id', cost => 'cost', list_amount => 'list_amount', quantity => 'quantity', product => 'product', category => 'category', channel => 'channel',
	customers => 'public.customers', customer_key => 'customer_id');
\o
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT results_eq(format($q$SELECT count(*) FILTER (WHERE l LIKE '%%Scan%%on lines_of_sales%%' OR l LIKE '%%Scan%%on public.lines_of_sales%%') > 3,
								   count(*) FILTER (WHERE l LIKE '%%Scan%%on%%lines_of_sales%%') - count(*) FILTER (WHERE l ~ 'Index Cond: \(.*customer_id = 42\)' )
							FROM regexp_split_to_table(regexp_replace(pg_temp.plan_of(%L), E'\n[^\n]*on public.customers[^\n]*\n[^\n]*\n[^\n]*', '', 'g'), E'\n') AS l$q$, query),
				  'VALUES (true, 0::bigint)', 'each scan of the sales is of one customer: ' || left(query, 40))
FROM (SELECT format('SELECT %s FROM %s WHERE customer_id = 42', (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
		WHERE attrelid = 'one.customer_profile'::regclass AND attnum > 0 AND attname NOT IN ('spend_growth', 'portfolio_share', 'new_product_share')), f) AS query
	  FROM unnest('{one.customer_profile,one.customer_profile_at(''2023-09-01'')}'::text[]) AS f) AS q;
RESET enable_seqscan;
RESET enable_bitmapscan;

-- What came in is not known where a cost is missing, and so is not what of it is at risk: not 0
CREATE TABLE public.uncosted AS SELECT * FROM public.sales WHERE customer_id % 10 = 1;
\o /dev/null
SELECT customer_value.create_customer_base('uncosted', sales => 'public.uncosted', customer_id => 'customer_id', sold_at => 'ordered_at', amount => 'amount', cost => 'cost');
SELECT customer_value.fit('uncosted');
UPDATE public.uncosted SET cost = NULL WHERE ordered_at::date = (SELECT max(ordered_at)::date FROM public.uncosted);
\o
SELECT ok(bool_and(churn_risk IS NOT NULL AND value_at_risk IS NULL), 'no value at risk where a cost is missing')
FROM uncosted.customer_profile WHERE days_since_last_purchase = 0;
SELECT is_empty($$SELECT * FROM uncosted.segment_summary AS s WHERE segmentation = 'life_stage' AND (value_at_risk IS NULL) <>
	EXISTS (SELECT FROM uncosted.customer_profile AS p WHERE p.life_stage = s.segment AND p.days_since_last_purchase = 0)$$, 'nor in a segment with such a customer');

SELECT throws_ok('SELECT customer_value.chance_of_line(7, 6, 5)', '22023', NULL, 'more lines than all lines');
SELECT throws_ok('SELECT customer_value.chance_of_line(-1, 6, 5)', '22023', NULL, 'fewer lines than none');
SELECT is((SELECT array_agg(round(customer_value.chance_of_line(1, 4, k)::numeric, 12)::float8) FROM unnest('{NaN,Infinity,-1,0,0.9,5,4,1.5}'::float8[]) AS k),
	'{NULL,NULL,NULL,NULL,NULL,NULL,1,0.25}', 'draws that are none, or too many, have no chance');
SELECT throws_ok('SELECT customer_value.fewer_purchases_p_value(-1, 3)', '22023', NULL, 'fewer purchases than none');
SELECT throws_ok($$SELECT customer_value.purchase_windows(h.history, 'infinity') FROM bare.history AS h$$, '22023', NULL, 'the as-of day has to be a day');

\if :{?shared}
SELECT pg_temp.check_by_hand('super', d) FROM unnest('{2017-12-30,2016-02-29}'::date[]) AS d;
SELECT is((SELECT array_agg(c ORDER BY loses) FROM (SELECT coalesce(total_margin < 0, false) AS loses, count(*) AS c FROM super.customer_profile GROUP BY 1) AS g),
	'{638,155}', 'Superstore: 155 of 793 customers lose money');
SELECT results_eq('SELECT abs(corr(rarefied_breadth::float8, ln(orders))) < 0.1, abs(corr(rarefied_breadth::float8, ln(purchase_days))) < 0.1, '
	'corr(ln(category_breadth), ln(orders)) BETWEEN 0.45 AND 0.85 FROM super.customer_profile WHERE category_breadth > 0',
	'VALUES (true, true, true)', 'Superstore: breadth counts size, rarefied breadth does not');
\endif
SELECT * FROM finish();
