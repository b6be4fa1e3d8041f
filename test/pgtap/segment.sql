-- segment.sql - segments and concentration: everybody in one segment each, as computed by hand from the sales.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SELECT no_plan();

-- A shop of 300 customers and 20 prospects over two and a half years, the same every time; some of them lose money.
CREATE SCHEMA shop;
CREATE TABLE shop.sales AS
SELECT 'c' || c AS customer, date '2022-06-01' + (c * 37 % 500) + n * (10 + c % 60) AS day, c * 100 + n AS order_no,
	   round(20 + c % 17 + (n * 7919 % 1000) / 100.0, 2) * CASE WHEN (c + n) % 19 = 0 THEN -1 ELSE 1 END AS amount,
	   round(12 + (c % 7) * 5, 2) * CASE WHEN (c + n) % 19 = 0 THEN -1 ELSE 1 END AS cost,
	   45 * CASE WHEN (c + n) % 19 = 0 THEN -1 ELSE 1 END AS list,
	   CASE c % 3 WHEN 0 THEN 'web' WHEN 1 THEN 'store' END AS channel, 'g' || (c + n) % 5 AS category
FROM generate_series(1, 300) AS c CROSS JOIN LATERAL generate_series(0, c * 31 % 13) AS n
WHERE n < 2 OR c % 3 > 0;
CREATE TABLE shop.people AS
SELECT 'c' || c AS id, 'Customer ' || c AS name, 'R' || nullif(c % 4, 0) AS region FROM generate_series(1, 320) AS c;
CREATE TABLE shop.nothing (LIKE shop.sales);
CREATE TABLE shop.single AS SELECT 'x' AS customer, date '2024-02-29' AS day, 10 AS amount;
-- twenty thousand who all did the same
CREATE TABLE shop.same AS SELECT c AS customer, date '2024-01-01' AS day, 10.5 AS amount FROM generate_series(1, 20000) AS c;
CREATE TABLE shop.four AS SELECT c AS customer, date '2024-01-01' + c AS day, c AS amount FROM generate_series(1, 4) AS c;

\o /dev/null
SELECT customer_value.create_customer_base('rich', sales => 'shop.sales', customer_id => 'customer', sold_at => 'day', amount => 'amount',
	order_id => 'order_no', cost => 'cost', list_amount => 'list', channel => 'channel', category => 'category', customers => 'shop.people',
	customer_key => 'id', customer_name => 'name', customer_region => 'region', as_of => '2024-06-30', currency => 'EUR', purchase_family => 'bg/nbd');
SELECT customer_value.create_customer_base('nobody', sales => 'shop.nothing', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT customer_value.create_customer_base('prospects', sales => 'shop.nothing', customer_id => 'customer', sold_at => 'day',
	amount => 'amount', customers => 'shop.people', customer_key => 'id');
SELECT customer_value.create_customer_base('single', sales => 'shop.single', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT customer_value.create_customer_base('same', sales => 'shop.same', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT customer_value.create_customer_base('four', sales => 'shop.four', customer_id => 'customer', sold_at => 'day', amount => 'amount');
\o

-- The rules: each combination of classes has one of the eleven names, written here as a person would.
CREATE VIEW pg_temp.combinations AS
SELECT r, f, m,
	   customer_value.first_segment((SELECT array_agg(x) FROM customer_value._default_segment_rules() AS x WHERE x.segmentation = 'rfm_segment'),
		   '{r_class,f_class,m_class,purchase_days,purchase_days_last_year,amount_last_year,days_since_last_purchase,tenure_days}',
		   ARRAY[r, f, m, 2, NULL, NULL, NULL, NULL]) AS segment
FROM generate_series(1, 5) AS r, generate_series(1, 5) AS f, generate_series(1, 5) AS m;
SELECT results_eq('SELECT count(*), count(segment) FROM pg_temp.combinations', 'VALUES (125::bigint, 125::bigint)', 'the rules meet all 125 combinations of classes');
SELECT set_eq('SELECT segment FROM pg_temp.combinations',
	'{champions,loyal,potential_loyalist,new_customers,promising,need_attention,about_to_sleep,at_risk,cannot_lose_them,hibernating,lost}'::text[],
	'with all of the eleven usual names');
SELECT is_empty($$
	SELECT * FROM pg_temp.combinations WHERE segment <> CASE
		WHEN r >= 4 THEN CASE WHEN f >= 4 AND m >= 4 THEN 'champions' WHEN f >= 4 THEN 'loyal' WHEN f = 3 THEN 'potential_loyalist'
							  WHEN r = 5 THEN 'new_customers' ELSE 'promising' END
		WHEN r = 3 THEN CASE WHEN f >= 4 THEN 'loyal' WHEN f = 3 OR m >= 4 THEN 'need_attention' ELSE 'about_to_sleep' END
		ELSE CASE WHEN f >= 4 AND m >= 4 THEN 'cannot_lose_them' WHEN f >= 3 OR m >= 4 THEN 'at_risk'
				  WHEN r = 2 THEN 'hibernating' ELSE 'lost' END END$$, 'each where it belongs');
SELECT is_empty('SELECT * FROM customer_value.check_segment_rules(''rich'')', 'check_segment_rules finds nothing in the default rules');

-- What every base promises, whatever was sold, bound and fitted.
CREATE FUNCTION pg_temp.promises(base text, state text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	what text := format('%s, %s: ', base, state);
BEGIN
	RETURN NEXT results_eq(format('SELECT s.n FROM (VALUES (1, (SELECT count(*) FROM %1$I.rfm_segment)), (2, (SELECT count(DISTINCT customer_id) FROM %1$I.rfm_segment)), '
		'(3, (SELECT count(*) FROM %1$I.value_quadrant)), (4, (SELECT count(DISTINCT customer_id) FROM %1$I.value_quadrant))) AS s (i, n) ORDER BY i', base),
		format('SELECT count(*) FROM %I.customer_profile, generate_series(1, 4) AS i GROUP BY i UNION ALL SELECT 0 FROM generate_series(1, 4) WHERE NOT EXISTS (SELECT FROM %1$I.customer_profile)', base),
		what || 'one row a customer');
	RETURN NEXT is_empty(format('SELECT segment, reason FROM %1$I.rfm_segment WHERE segment IS NULL OR segment = ''unassigned'' AND reason IS NULL '
		'UNION ALL SELECT segment, reason FROM %1$I.value_quadrant WHERE segment IS NULL OR (segment = ''unassigned'' OR num_nulls(expected_value, headroom) > 0) AND reason IS NULL '
		'UNION ALL SELECT life_stage, reason FROM %1$I.customer_profile WHERE life_stage IS NULL OR life_stage = ''unassigned''', base),
		what || 'everybody has a segment, or a reason');
	RETURN NEXT is_empty(format('SELECT * FROM %1$I.segment_summary WHERE num_nulls(realised_value, expected_value, value_at_risk) > 0 '
		'AND reason IS NULL AND segment <> ''prospect''', base), what || 'what the summary does not know has a reason');
	RETURN NEXT is_empty(format('SELECT segmentation, sum(customers), sum(customer_share) FROM %1$I.segment_summary GROUP BY 1 '
		'HAVING sum(customers) <> (SELECT count(*) FROM %1$I.customer_profile) OR abs(sum(customer_share) - 1) > 0.00001 '
		'OR abs(sum(expected_value_share) - 1) > 0.00001 '
		'OR sum(realised_value) <> (SELECT sum(realised_value) FROM %1$I.customer_profile) '
		'OR sum(expected_value) IS DISTINCT FROM (SELECT sum(expected_value) FROM %1$I.customer_profile) '
		'OR sum(value_at_risk) IS DISTINCT FROM (SELECT sum(value_at_risk) FROM %1$I.customer_profile)', base), what || 'each segmentation adds up to all');
	RETURN NEXT results_eq(format('SELECT count(DISTINCT segmentation), count(*) - count(DISTINCT (segmentation, segment)) FROM %I.segment_summary', base),
		format('SELECT CASE WHEN EXISTS (SELECT FROM %I.customer_profile) THEN 6::bigint ELSE 0 END, 0::bigint', base), what || 'all segmentations, each segment once');
	RETURN NEXT results_eq(format('SELECT measure, customers FROM %I.concentration WHERE measure <> ''amount_last_year'' ORDER BY 1', base),
		format('SELECT m, count(CASE m WHEN ''realised_value'' THEN realised_value WHEN ''expected_value'' THEN expected_value ELSE total_lifetime_value END) '
			   'FROM unnest(''{expected_value,realised_value,total_lifetime_value}''::text[]) AS m LEFT JOIN %I.customer_profile ON purchase_days > 0 GROUP BY 1 ORDER BY 1', base),
		what || 'a row a measure, over the customers who bought');
	RETURN NEXT is_empty(format('SELECT measure FROM %1$I.concentration WHERE gini IS NULL AND reason IS NULL OR top_20_share IS NULL AND reason IS NULL', base),
		what || 'concentration has values or a reason');
	RETURN NEXT results_eq(format('SELECT measure, count(*) FROM %I.lorenz_curve GROUP BY 1 ORDER BY 1', base),
		format('SELECT measure, 101::bigint FROM %I.concentration WHERE total > 0 ORDER BY 1', base), what || 'a curve of 101 points a measure');
END
$$;
SELECT pg_temp.promises(b, 'not fitted') FROM unnest('{rich,nobody,prospects,single,same,four}'::text[]) AS b;
SELECT is((SELECT array_agg(DISTINCT segment) FROM rich.value_quadrant), '{prospect,unassigned}', 'without a model no quadrant');
SELECT is((SELECT array_agg(DISTINCT reason) FROM rich.value_quadrant), '{no purchase yet,not fitted}', 'and the quadrant says why');
\o /dev/null
SELECT customer_value.fit(b) FROM unnest('{rich,nobody,single,same}'::text[]) AS b;
\o
SELECT pg_temp.promises(b, 'fitted') FROM unnest('{rich,nobody,single,same}'::text[]) AS b;

-- rfm_segment from the sales, in integers: ceil(5 (2 below + equal) / (2 n)).
CREATE TABLE pg_temp.by_hand AS
WITH days AS (SELECT customer, day, sum(amount) AS amount FROM shop.sales WHERE day <= '2024-06-30' GROUP BY 1, 2),
c AS (SELECT customer, '2024-06-30' - max(day) FILTER (WHERE amount > 0) AS r,
			 count(*) FILTER (WHERE amount > 0 AND day > date '2024-06-30' - 365) AS f,
			 coalesce(sum(amount) FILTER (WHERE day > date '2024-06-30' - 365), 0) AS m, count(*) FILTER (WHERE amount > 0) AS bought
	  FROM days GROUP BY 1 HAVING count(*) FILTER (WHERE amount > 0) > 0)
SELECT customer, r, f, m, bought,
	   (5 * (2 * (SELECT count(*) FROM c AS o WHERE o.r > c.r) + (SELECT count(*) FROM c AS o WHERE o.r = c.r)) + 2 * n - 1) / (2 * n) AS r_class,
	   (5 * (2 * (SELECT count(*) FROM c AS o WHERE o.f < c.f) + (SELECT count(*) FROM c AS o WHERE o.f = c.f)) + 2 * n - 1) / (2 * n) AS f_class,
	   (5 * (2 * (SELECT count(*) FROM c AS o WHERE o.m < c.m) + (SELECT count(*) FROM c AS o WHERE o.m = c.m)) + 2 * n - 1) / (2 * n) AS m_class
FROM c, (SELECT count(*) AS n FROM c) AS n;
SELECT results_eq('SELECT customer_id, days_since_last_purchase, purchase_days_last_year::bigint, amount_last_year, r_class::bigint, f_class::bigint, m_class::bigint, rfm_code '
	'FROM rich.rfm_segment WHERE r_class IS NOT NULL ORDER BY 1',
	'SELECT customer, r, f, m, r_class, f_class, m_class, concat(r_class, f_class, m_class) FROM pg_temp.by_hand ORDER BY 1', 'rfm_segment: classes counted from the sales');
SELECT is_empty($$
	SELECT h.customer, s.segment FROM pg_temp.by_hand AS h JOIN rich.rfm_segment AS s ON s.customer_id = h.customer
		JOIN pg_temp.combinations AS c ON (c.r, c.f, c.m) = (h.r_class, h.f_class, h.m_class)
	WHERE s.segment <> CASE WHEN h.bought = 1 AND h.r_class = 5 THEN 'new_customers' WHEN h.bought = 1 AND h.r_class = 4 THEN 'promising' ELSE c.segment END$$,
	'and segments by the rules; who bought once lately is new');
SELECT results_eq('SELECT customer_id, segment, reason, num_nulls(r_class, f_class, m_class, rfm_code) FROM rich.rfm_segment WHERE r_class IS NULL ORDER BY 1',
	$$SELECT id, 'prospect', 'no purchase yet', 4 FROM shop.people WHERE NOT EXISTS (SELECT FROM pg_temp.by_hand WHERE customer = id) ORDER BY 1$$,
	'who did not buy is a prospect, and in no class');
SELECT ok((SELECT count(DISTINCT segment) >= 8 FROM rich.rfm_segment), 'the shop has most segments');
SELECT is((SELECT array_agg(DISTINCT rfm_code || segment) FROM same.rfm_segment), '{333need_attention}', 'twenty thousand equal customers are one class');
SELECT is((SELECT array_agg(rfm_code || segment) FROM single.rfm_segment), '{333need_attention}', 'so is a single one');
SELECT results_eq('SELECT * FROM rich.rfm_segment_at(NULL) ORDER BY 1', 'SELECT * FROM rich.rfm_segment ORDER BY 1', 'without a day the function is the view');
SELECT results_eq('SELECT customer_id, r_class FROM rich.rfm_segment_at(''2022-06-01'') WHERE r_class IS NOT NULL',
	'SELECT customer_id, 3 FROM rich.customer_profile WHERE first_purchase_day <= ''2022-06-01''', 'the first customers of all, on their day');

-- value_quadrant: the mean of the base, or what is declared.
CREATE VIEW pg_temp.quadrant AS
SELECT p.customer_id, CASE WHEN p.purchase_days = 0 THEN 'prospect' WHEN p.expected_value > e.cut THEN CASE WHEN h.headroom > d.cut THEN 'platinum' ELSE 'gold' END
						   WHEN h.headroom > d.cut THEN 'iron' ELSE 'lead' END AS segment
FROM rich.customer_profile AS p JOIN rich.customer_headroom AS h USING (customer_id),
	(SELECT coalesce((SELECT value::numeric FROM rich.parameters WHERE parameter = 'quadrant_expected_value_cut'), round(avg(expected_value), 2)) AS cut FROM rich.customer_profile) AS e,
	(SELECT coalesce((SELECT value::numeric FROM rich.parameters WHERE parameter = 'quadrant_headroom_cut'), round(avg(headroom), 2)) AS cut FROM rich.customer_headroom) AS d;
SELECT results_eq('SELECT customer_id, segment FROM rich.value_quadrant ORDER BY 1', 'SELECT * FROM pg_temp.quadrant ORDER BY 1', 'quadrants by the mean of the base');
SELECT ok((SELECT count(DISTINCT segment) >= 4 FROM rich.value_quadrant), 'most of them, and prospects');
SELECT results_eq('SELECT DISTINCT cut_expected_value, cut_headroom FROM rich.value_quadrant',
	'SELECT round(avg(p.expected_value), 2), (SELECT round(avg(headroom), 2) FROM rich.customer_headroom) FROM rich.customer_profile AS p', 'the cuts are shown');
UPDATE rich.parameters SET value = 20 WHERE parameter = 'quadrant_expected_value_cut';
SELECT results_eq('SELECT customer_id, segment FROM rich.value_quadrant ORDER BY 1', 'SELECT * FROM pg_temp.quadrant ORDER BY 1', 'a declared cut counts at once');
SELECT results_eq('SELECT DISTINCT cut_expected_value FROM rich.value_quadrant', 'VALUES (20::numeric)', 'and is shown');
DELETE FROM rich.parameters WHERE parameter LIKE 'quadrant%';
SELECT results_eq('SELECT customer_id, segment FROM rich.value_quadrant ORDER BY 1', 'SELECT * FROM pg_temp.quadrant ORDER BY 1', 'without the parameters it is the mean again');
DELETE FROM same.models;
DELETE FROM single.models;
INSERT INTO same.models SELECT * FROM rich.models;
INSERT INTO single.models SELECT * FROM rich.models;
SELECT is((SELECT array_agg(DISTINCT segment) FROM same.value_quadrant), '{lead}', 'nobody of equals is above the mean');
SELECT is((SELECT array_agg(segment || ': ' || reason) FROM single.value_quadrant), '{"unassigned: no peers"}', 'one customer has no peers');

-- Rules: a change counts at once, a hole shows.
BEGIN;
UPDATE rich.segment_rules SET at_least = 5 WHERE segment = 'champions';
INSERT INTO rich.segment_rules VALUES ('rfm_segment', 5, 'big', 'amount_last_year', 400, NULL);
SELECT results_eq('SELECT count(*) FILTER (WHERE segment = ''big''), count(*) FILTER (WHERE segment = ''champions'') FROM rich.rfm_segment',
	'SELECT count(*) FILTER (WHERE m >= 400), count(*) FILTER (WHERE m < 400 AND r_class = 5 AND f_class = 5 AND m_class = 5 AND bought > 1) FROM pg_temp.by_hand',
	'a new rule and a new limit count at once');
DELETE FROM rich.segment_rules WHERE segment IN ('big', 'lost', 'observation', 'lead');
SELECT results_eq($$SELECT DISTINCT reason FROM rich.rfm_segment WHERE segment = 'unassigned'$$, $$VALUES ('no rule of segment_rules holds: add one')$$,
	'who falls through is unassigned, and told why');
SELECT results_eq($$SELECT segmentation, customers, reason FROM rich.segment_summary WHERE segment = 'unassigned' AND segmentation IN ('rfm_segment', 'life_stage', 'value_quadrant') ORDER BY 1$$,
	$$SELECT 'life_stage', count(*), 'no rule of segment_rules holds: add one' FROM rich.customer_profile WHERE life_stage = 'unassigned'
	  UNION ALL SELECT 'rfm_segment', count(*), 'no rule of segment_rules holds: add one' FROM rich.rfm_segment WHERE segment = 'unassigned'
	  UNION ALL SELECT 'value_quadrant', count(*), 'no rule of segment_rules holds: add one' FROM rich.value_quadrant WHERE segment = 'unassigned'$$,
	'in the summary, too');
SELECT is((SELECT array_agg(segmentation || ': ' || finding ORDER BY segmentation) FROM customer_value.check_segment_rules('rich') WHERE segment = 'unassigned'),
	'{life_stage: may leave customers out,rfm_segment: leaves customers out,value_quadrant: leaves customers out}', 'and check_segment_rules tells beforehand');
ROLLBACK;

-- segment_summary, one segmentation at a time, from the views it speaks of.
CREATE VIEW pg_temp.assigned AS
SELECT p.*, v.segmentation, coalesce(v.segment, 'unassigned') AS segment
FROM rich.customer_profile AS p JOIN rich.rfm_segment AS f USING (customer_id) JOIN rich.value_quadrant AS q USING (customer_id) JOIN rich.customer_ranking AS t USING (customer_id)
	CROSS JOIN LATERAL (VALUES ('life_stage', p.life_stage), ('rfm_segment', f.segment), ('value_quadrant', q.segment), ('tier', t.tier), ('channel', p.main_channel),
		('region', p.region)) AS v (segmentation, segment);
SELECT results_eq('SELECT segmentation, segment, customers, round(customer_share, 5), realised_value, expected_value, value_at_risk, average_realised_value, average_expected_value, '
	'average_purchase_days, average_probability_alive FROM rich.segment_summary ORDER BY 1, 2',
	$$SELECT segmentation, segment, count(*), round(round(count(*) / (SELECT count(*) FROM rich.customer_profile)::numeric, 6), 5), sum(realised_value), sum(expected_value), sum(value_at_risk),
		round(sum(realised_value) / nullif(count(*) FILTER (WHERE purchase_days > 0), 0), 2), round(avg(expected_value), 2),
		round(avg(purchase_days) FILTER (WHERE purchase_days > 0), 2), round(avg(probability_alive::numeric), 4)
	  FROM pg_temp.assigned GROUP BY 1, 2 ORDER BY 1, 2$$, 'segment_summary: as the views say');
SELECT results_eq($$SELECT segmentation, segment, reason FROM rich.segment_summary WHERE segment = 'unassigned' ORDER BY 1$$,
	$$VALUES ('channel', 'unassigned', 'channel not known, and others'), ('region', 'unassigned', 'region not known'), ('tier', 'unassigned', 'no purchase yet')$$, 'who is in no segment, and why');
SELECT results_eq($$SELECT segmentation, reason FROM single.segment_summary WHERE segment = 'unassigned' ORDER BY 1$$,
	$$VALUES ('channel', 'bind channel'), ('region', 'bind customer_region'), ('value_quadrant', 'no peers')$$, 'what is not bound is said');

-- Concentration by hand: all pairs, and whole and partial customers from the top.
CREATE FUNCTION pg_temp.top(x numeric[], part numeric) RETURNS numeric LANGUAGE sql AS $$
	SELECT round(sum(v * least(greatest(part * cardinality(x) - (i - 1), 0), 1)) / sum(v), 6)
	FROM (SELECT v, row_number() OVER (ORDER BY v DESC) AS i FROM unnest(x) AS v) AS s
$$;
CREATE FUNCTION pg_temp.gini(x numeric[]) RETURNS numeric LANGUAGE sql AS $$
	SELECT round(sum(abs(a - b)) / (2 * cardinality(x) * (SELECT sum(abs(v)) FROM unnest(x) AS v)), 6) FROM unnest(x) AS a, unnest(x) AS b
$$;
SELECT results_eq('SELECT measure, customers, total, top_1_share, top_5_share, top_20_share, gini FROM rich.concentration ORDER BY 1',
	$$SELECT m, count(*), sum(v), pg_temp.top(array_agg(v), 0.01), pg_temp.top(array_agg(v), 0.05), pg_temp.top(array_agg(v), 0.2), pg_temp.gini(array_agg(v))
	  FROM rich.customer_profile AS p, LATERAL (VALUES ('realised_value', realised_value), ('expected_value', expected_value),
		  ('total_lifetime_value', total_lifetime_value), ('amount_last_year', amount_last_year)) AS s (m, v)
	  WHERE purchase_days > 0 GROUP BY 1 ORDER BY 1$$, 'concentration: counted by hand, losses and all');
SELECT ok((SELECT min(realised_value) < 0 FROM rich.customer_profile WHERE purchase_days > 0), 'some of the customers cost money');
SELECT results_eq($$SELECT measure, customers, gini, top_20_share, top_1_share FROM four.concentration WHERE measure = 'amount_last_year'$$,
	$$VALUES ('amount_last_year', 4::bigint, 0.25, 0.32, 0.016)$$, 'of 1, 2, 3 and 4 the Gini coefficient is 1/4, and a fifth of them has 0.8 x 4 of 10');
SELECT results_eq('SELECT DISTINCT gini, top_1_share, top_20_share FROM same.concentration WHERE measure IN (''realised_value'', ''amount_last_year'')',
	'VALUES (0::numeric, 0.01, 0.2)', 'equal customers are not concentrated at all');
SELECT results_eq($$SELECT point, customers_share, value_share FROM four.lorenz_curve WHERE measure = 'realised_value' AND point IN (0, 25, 50, 60, 100) ORDER BY 1$$,
	'VALUES (0, 0, 0::numeric), (25, 0.25, 0.1), (50, 0.5, 0.3), (60, 0.6, 0.42), (100, 1, 1)', 'the Lorenz curve of 1, 2, 3 and 4');
SELECT ok((SELECT min(value_share) < 0 AND max(value_share) = 1 FROM rich.lorenz_curve WHERE measure = 'realised_value'), 'losses make the curve dip below 0');
SELECT results_eq('SELECT l.value_share FROM rich.lorenz_curve AS l WHERE l.point = 80 ORDER BY l.measure',
	'SELECT 1 - c.top_20_share FROM rich.concentration AS c ORDER BY c.measure', 'the curve and the share of the top fifth agree');
SELECT results_eq('SELECT DISTINCT reason FROM nobody.concentration', $$VALUES ('no purchase yet')$$, 'no customers, no concentration, and why');

-- Life stages of customers made for them, without a model: cycles are mean gaps.
CREATE TABLE shop.stages (customer text, day date, amount numeric, list numeric);
INSERT INTO shop.stages
SELECT c, date '2024-12-31' - d, 10, 10 FROM (VALUES
	('won_back', '{155,145,135,125,115,105,5}'::int[]),
	('won_back_then_one', '{165,155,145,135,125,115,15,5}'),
	('won_back_then_two', '{175,165,155,145,135,125,25,15,5}'),
	('honeymoon_two_days', '{700,5}'),
	('observation_three_days', '{30,25,5}'),
	('contested_fewer', '{735,730,700,670,640,610,580,550,520,490,460,430,400,370,300,200,100}'),
	('observation_steady', '{735,700,650,600,550,500,450,400,350,300,250,200,150,100,50}'),
	('silent_long', '{400,390,380,370,360}')) AS v (c, days), unnest(v.days) AS d
UNION ALL
SELECT 'contested_discount', date '2024-12-31' - d, CASE WHEN d < 365 THEN 8.9 ELSE 10 END, 10 FROM generate_series(20, 700, 40) AS d
UNION ALL
SELECT 'observation_discount', date '2024-12-31' - d, CASE WHEN d < 365 THEN 9.1 ELSE 10 END, 10 FROM generate_series(20, 700, 40) AS d
UNION ALL
SELECT 'lapsed_just', date '2024-12-31' - d, 10, 10 FROM generate_series(30, 100, 10) AS d
UNION ALL
SELECT 'not_yet_lapsed', date '2024-12-31' - d, 10, 10 FROM generate_series(29, 99, 10) AS d;
CREATE TABLE shop.stage_people AS SELECT DISTINCT customer AS id FROM shop.stages UNION ALL VALUES ('prospect');
SELECT customer_value.create_customer_base('stages', sales => 'shop.stages', customer_id => 'customer', sold_at => 'day', amount => 'amount', list_amount => 'list',
	customers => 'shop.stage_people', customer_key => 'id', as_of => '2024-12-31') \g /dev/null
SELECT results_eq('SELECT customer_id, life_stage FROM stages.customer_profile ORDER BY customer_id COLLATE "C"',
	$$VALUES ('contested_discount', 'contested'), ('contested_fewer', 'contested'), ('honeymoon_two_days', 'honeymoon'),
		('lapsed_just', 'lapsed'), ('not_yet_lapsed', 'observation'), ('observation_discount', 'observation'), ('observation_steady', 'observation'), ('observation_three_days', 'observation'), ('prospect', 'prospect'),
		('silent_long', 'lapsed'), ('won_back', 'won_back'), ('won_back_then_one', 'won_back'), ('won_back_then_two', 'observation')$$, 'life stages without a model');
SELECT is((SELECT life_stage FROM stages.customer_profile_at('2024-12-25') WHERE customer_id = 'won_back'), 'lapsed', 'before it came back it was lapsed');
SELECT is((SELECT life_stage FROM stages.customer_profile_at('2024-12-16') WHERE customer_id = 'won_back_then_two'), 'won_back', 'with one purchase since the long gap it still counts as won back');

-- With a model, from the other columns of the profile: the definitions once more.
CREATE FUNCTION pg_temp.stages(base text, state text) RETURNS text LANGUAGE sql AS $$
	SELECT is_empty(format($q$
		SELECT customer_id, life_stage, s FROM (SELECT *, CASE
			WHEN purchase_days = 0 THEN 'prospect'
			WHEN probability_alive < 0.2 OR probability_alive IS NULL AND days_since_last_purchase >= 3 * c THEN 'lapsed'
			WHEN last_gap_days >= 3 * c OR gap_before_days >= 3 * c THEN 'won_back'
			WHEN tenure_days < 2 * c OR purchase_days <= 2 THEN 'honeymoon'
			WHEN discount_share_last_year - discount_share_year_before >= 0.1 OR fewer_purchases_p_value < 0.1 THEN 'contested'
			ELSE 'observation' END AS s
		FROM (SELECT *, coalesce(purchase_cycle_days, average_days_between_purchases) AS c FROM %I.customer_profile) AS p) AS t
		WHERE life_stage <> s AND abs(coalesce(last_gap_days, 0) / c - 3) > 0.001 AND abs(coalesce(gap_before_days, 0) / c - 3) > 0.001
			AND abs(tenure_days / c - 2) > 0.001$q$, base), base || ', ' || state || ': life stages as defined')
$$;
SELECT pg_temp.stages('rich', 'fitted');
SELECT pg_temp.stages('stages', 'not fitted');
SELECT ok((SELECT count(DISTINCT life_stage) >= 5 FROM rich.customer_profile), 'the shop has most stages');

-- Who reads no stage does not pay for one.
CREATE FUNCTION pg_temp.explain(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (VERBOSE) ' || query;
END
$$;
SELECT is_empty($$SELECT * FROM pg_temp.explain('SELECT customer_id, expected_value FROM rich.customer_profile') AS l WHERE l ~ 'segment'$$,
	'the rules are not read where no stage is');
SELECT isnt_empty($$SELECT * FROM pg_temp.explain('SELECT customer_id, life_stage FROM rich.customer_profile') AS l WHERE l ~ 'segment'$$, 'but where one is');

-- Real sales.
\getenv shared CV_SHARED
\if :{?shared}
	\o /dev/null
	\set directory :shared '/data/cdnow'
	\cd :directory
	\i load.sql
	\set directory :shared '/data/superstore'
	\cd :directory
	\i load.sql
	CREATE VIEW public.super AS SELECT *, sales - profit AS cost, sales / (1 - discount) AS list FROM superstore.orders;
	SELECT customer_value.create_customer_base('cd', sales => 'cdnow.sample_purchases', customer_id => 'customer_id', sold_at => 'purchase_date',
		amount => 'dollar_value', as_of => '1997-09-30');
	SELECT customer_value.create_customer_base('super', sales => 'public.super', customer_id => 'customer_id', sold_at => 'order_date',
		amount => 'sales', cost => 'cost', list_amount => 'list', order_id => 'order_id', category => 'category');
	SELECT customer_value.fit('cd'), customer_value.fit('super');
	\o
	SELECT pg_temp.promises('cd', 'fitted');
	SELECT pg_temp.promises('super', 'fitted');
	SELECT pg_temp.stages('cd', 'fitted');
	SELECT pg_temp.stages('super', 'fitted');
	SELECT results_eq('SELECT f_class, count(*) FROM cd.rfm_segment WHERE purchase_days_last_year = 1 GROUP BY 1',
		$$SELECT 2, count(*) FROM (SELECT customer_id FROM cdnow.sample_purchases WHERE purchase_date <= '1997-09-30' GROUP BY 1
			HAVING count(DISTINCT purchase_date) FILTER (WHERE dollar_value > 0 OR true) = 1) AS c$$, 'CDNOW: all one-time buyers share a class');
	SELECT is((SELECT count(*) FROM super.customer_profile WHERE realised_value < 0), 155::bigint, 'Superstore: 155 customers lose money');
	SELECT ok((SELECT top_20_share > 0.5 AND gini > 0 AND gini < 1 FROM super.concentration WHERE measure = 'realised_value'), 'Superstore: concentration allows for them');
\endif
SELECT * FROM finish();
