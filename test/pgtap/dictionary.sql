-- dictionary.sql - metric_dictionary has words for every column of every view, no others, and agrees with the views.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
\ir dictionary.psql
\o /dev/null
\ir ../../demo/shop.sql
SET client_min_messages = warning;
\ir ../../demo/bind.sql
CREATE VIEW public.plain AS SELECT customer_id AS "who", ordered_at::date AS day, amount FROM public.sales WHERE customer_id % 20 = 1;
SELECT customer_value.create_customer_base('plain', sales => 'public.plain', customer_id => 'who', sold_at => 'day', amount => 'amount');
SELECT customer_value.create_customer_base('It''s raw', sales => 'public.plain', customer_id => 'who', sold_at => 'day', amount => 'amount');
CREATE TABLE public.once AS SELECT DISTINCT ON (who) who, day, amount, 1::numeric AS cost FROM public.plain WHERE amount > 0 ORDER BY who, day;
SELECT customer_value.create_customer_base('once', sales => 'public.once', customer_id => 'who', sold_at => 'day', amount => 'amount', margin_rate => 0.3,
	customers => 'public.customers', customer_key => 'customer_id', currency => 'GBP');
CREATE TABLE public.nothing (who int, day date, amount numeric);
SELECT customer_value.create_customer_base('nothing', sales => 'public.nothing', customer_id => 'who', sold_at => 'day', amount => 'amount');
CREATE TABLE public.survey AS SELECT customer_id, customer_id % 7 AS answer FROM public.customers WHERE customer_id % 3 = 0;
SELECT customer_value.create_scorecard('shop', 'ours', show => '{region,silence}', dimension_weights => '{"economic": 2, "after_sales": 1}', criteria =>
	'[{"column": "realised_value", "dimension": "economic"}, {"column": "return_rate", "dimension": "after_sales", "better": "less", "normaliser": "as_is"},
	  {"relation": "public.survey", "key": "customer_id", "column": "answer", "dimension": "after_sales", "normaliser": "min_max"},
	  {"criterion": "tickets", "dimension": "complaints", "better": "less"}]');
SELECT customer_value.create_scorecard('shop', 'ideal', method => 'topsis', missing => 'worst', criteria =>
	'[{"column": "headroom", "relation": "customer_headroom"}, {"column": "strategic_share"}]');
SELECT customer_value.fit('shop'), customer_value.fit('plain'), customer_value.fit('once');
UPDATE shop.parameters SET value = 12.5 WHERE parameter = 'acquisition_cost';
UPDATE shop.parameters SET list = '{Tents,Packs}' WHERE parameter = 'strategic_categories';
\o
SELECT * FROM no_plan();

SELECT pg_temp.dictionary(b) FROM unnest('{shop,plain,It''s raw,once,nothing}'::text[]) AS b;

-- The words themselves
SELECT is_empty($$SELECT m.views, m.column_name FROM customer_value._metrics() AS m LEFT JOIN LATERAL unnest(string_to_array(m.views, ',')) AS v (name) ON true
	WHERE NOT EXISTS (SELECT FROM shop.metric_dictionary AS d WHERE d.column_name = m.column_name
					  AND CASE WHEN m.views IS NULL THEN d.english_name = m.english_name
							   WHEN m.views = 'any scorecard' THEN d.view_name IN (SELECT scorecard FROM shop.scorecards) ELSE d.view_name = v.name END)
	  AND m.column_name NOT IN ('(dimension)', '(cosine)')$$,
	'no words for what is not there (if so: take the row out of src/sql/base_dictionary_*.sql)');
SELECT is_empty($$SELECT v.name, m.column_name FROM customer_value._metrics() AS m LEFT JOIN LATERAL unnest(string_to_array(m.views, ',')) AS v (name) ON true
	GROUP BY 1, 2 HAVING count(*) > 1$$, 'one row a column of a view');
SELECT is_empty($$SELECT column_name, english_name, chinese_name FROM customer_value._metrics()
	WHERE customer_value._chinese(chinese_name, english_name) !~ '[一-鿿]'
	   OR customer_value._chinese(chinese_name, english_name) ~ '[(),;:?!]'
	   OR english_name ~ '[^ -~]' OR english_name ~ '_' OR english_name !~ '^([A-Z]|p value)'$$, 'Chinese is Chinese, with Chinese punctuation; English is in plain words');
SELECT is_empty($$SELECT d.view_name, d.column_name, d.unit FROM shop.metric_dictionary AS d
	WHERE d.must_not_claim IS NULL AND (d.unit IN ('probability', 'score', 'correlation', 'log ratio') OR d.needs ~ '(purchase|spend) model' AND d.unit ~ 'EUR|days|share|years')
	  AND d.view_name <> 'spend_check'$$, 'probabilities, scores and predictions say what they must not claim');
SELECT is_empty($$SELECT column_name FROM customer_value._metrics() WHERE needs ~ '^ | $|,[^ ]|,$' OR must_not_claim ~ '\.$' OR formula ~ '\.$' OR views ~ ', '$$, 'the words are in good form');
SELECT results_eq($$SELECT is_available, english_name, unit, must_not_claim <> '' FROM shop.metric_dictionary WHERE view_name = 'customer_profile' AND column_name = 'probability_alive'$$,
	$$VALUES (true, 'Probability of being alive', 'probability', true)$$, 'a row in full');
SELECT is((SELECT chinese_name FROM shop.metric_dictionary WHERE view_name = 'customer_profile' AND column_name = 'total_lifetime_value'), '客户终身价值', 'Chinese as it is read');
SELECT is((SELECT array_agg(DISTINCT unit) FROM once.metric_dictionary WHERE column_name IN ('expected_value', 'average_order')), '{GBP,"GBP per order"}', 'money is in the currency of the base');

-- Reasons, and what they tell to do does it
SELECT results_eq($$SELECT column_name, why_not FROM "It's raw".metric_dictionary WHERE view_name = 'customer_profile' AND column_name IN ('customer_name', 'total_margin', 'expected_value') ORDER BY 1$$,
	$$VALUES ('customer_name', 'bind customers: SELECT customer_value.alter_customer_base(''It''''s raw'', customers => ''...'', customer_key => ''...'', customer_name => ''...'')'),
			 ('expected_value', 'not fitted: SELECT customer_value.fit(''It''''s raw'')'),
			 ('total_margin', 'bind cost: SELECT customer_value.alter_customer_base(''It''''s raw'', cost => ''...'')')$$, 'a reason says what to do, quoted');
SELECT is((SELECT why_not FROM once.metric_dictionary WHERE view_name = 'customer_profile' AND column_name = 'customer_name'),
	'bind customer_name: SELECT customer_value.alter_customer_base(''once'', customer_name => ''...'')', 'with the customers bound only the name is asked for');
SELECT ok((SELECT why_not LIKE 'no spend model: too little data:%' FROM once.metric_dictionary WHERE view_name = 'customer_profile' AND column_name = 'expected_spend'),
	'fitted in vain: the verdict says why');
SELECT ok(NOT (SELECT is_available FROM once.metric_dictionary WHERE view_name = 'customer_profile' AND column_name = 'total_cost')
	AND (SELECT is_available FROM once.metric_dictionary WHERE view_name = 'monthly_summary' AND column_name = 'margin'), 'an assumed margin is a margin, and no cost');
\o /dev/null
SELECT customer_value.alter_customer_base('once', cost => 'cost', customer_name => 'name');
\o
SELECT ok(bool_and(is_available), 'what is bound is available at once') FROM once.metric_dictionary WHERE view_name = 'customer_profile' AND column_name IN ('total_cost', 'customer_name');
SELECT is((SELECT array_agg(DISTINCT why_not) FROM nothing.metric_dictionary WHERE column_name = 'expected_value'), '{not fitted: SELECT customer_value.fit(''nothing'')}', 'no sales: an answer all the same');

-- Scorecards of one's own: called after their labels or their own words, computed as their criteria say
SELECT results_eq($$SELECT column_name, english_name, chinese_name, formula, is_available FROM shop.metric_dictionary
	WHERE view_name = 'ours' AND column_name NOT IN ('customer_id', 'customer_name', 'as_of', 'rank', 'percentile', 'dominant_dimension', 'criteria_known', 'reason') ORDER BY position$$,
	$$VALUES ('region', 'Region', '地区', NULL, true), ('silence', 'Silence', '沉默比', 's = days_since_last_purchase / purchase_cycle_days', true),
			 ('score', 'Score', '得分', 'weighted mean of after_sales, complaints, economic', true),
			 ('economic', 'Economic value', '经济价值', 'percentile(realised_value)', true),
			 ('after_sales', 'After sales', 'after_sales', 'weighted mean of 1 - return_rate, min_max(answer)', true),
			 ('complaints', 'Complaints', 'complaints', 'percentile(tickets (not bound), less is better)', false)$$, 'the columns of a scorecard of one''s own');
INSERT INTO shop.labels VALUES ('axis', 'after_sales', 'Service', '服务');
SELECT is((SELECT english_name || chinese_name FROM shop.metric_dictionary WHERE view_name = 'ours' AND column_name = 'after_sales'), 'Service服务', 'a label names a dimension');
SELECT is((SELECT formula FROM shop.metric_dictionary WHERE view_name = 'ideal' AND column_name = 'score'), 'TOPSIS closeness on the criteria of overall', 'TOPSIS is said to be');
SELECT is((SELECT why_not FROM shop.metric_dictionary WHERE view_name = 'ours' AND column_name = 'complaints'),
	'bind tickets: SELECT customer_value.alter_scorecard(''shop'', ''ours'', criteria => ''[{"criterion": "tickets", "relation": "...", "key": "...", "column": "..."}]'')', 'what is not bound says how');
\o /dev/null
SELECT customer_value.alter_scorecard('shop', 'ours', criteria => '[{"criterion": "tickets", "relation": "public.survey", "key": "customer_id", "column": "answer"}]');
\o
SELECT is((SELECT why_not FROM shop.metric_dictionary WHERE view_name = 'ours' AND column_name = 'complaints'), NULL, 'and is there when that is done');
\o /dev/null
SELECT customer_value.drop_scorecard('shop', 'ideal');
\o
SELECT is((SELECT count(*) FROM shop.metric_dictionary WHERE view_name = 'ideal'), 0::bigint, 'a scorecard that is dropped is forgotten');

-- Agreement with what the views of the demo shop show. Everything is bound there, so what is available is known somewhere.
CREATE TEMP TABLE empty_all_the_same (base text, view_name text, column_name text, because text);
INSERT INTO empty_all_the_same VALUES ('plain', 'sales_lines', 'rule', 'every line counts');
SELECT is_empty($$SELECT d.view_name, d.column_name FROM shop.metric_dictionary AS d JOIN known AS k USING (view_name, column_name)
	WHERE k.base = 'shop' AND d.view_name <> 'ours' AND d.is_available AND k.known = 0 AND (k.base, d.view_name, d.column_name) NOT IN (SELECT e.base, e.view_name, e.column_name FROM empty_all_the_same AS e)
	  AND d.column_name <> 'reason'$$, 'what is said to be available is there in the demo shop');
SELECT is_empty($$SELECT d.view_name, d.column_name FROM plain.metric_dictionary AS d JOIN known AS k USING (view_name, column_name)
	WHERE k.base = 'plain' AND d.is_available AND k.known = 0 AND (k.base, d.view_name, d.column_name) NOT IN (SELECT e.base, e.view_name, e.column_name FROM empty_all_the_same AS e)
	  AND d.column_name <> 'reason'$$, 'and so it is where there are days and amounts alone');
SELECT is_empty($$SELECT * FROM empty_all_the_same AS e JOIN known AS k USING (base, view_name, column_name) WHERE k.known > 0$$, 'the exceptions are exceptions');

-- A value and a list declared in the parameters; either of two needs
SELECT is((SELECT why_not FROM plain.metric_dictionary WHERE column_name = 'acquisition_cost'),
	'declare acquisition_cost in the parameters: UPDATE plain.parameters SET value = ... WHERE parameter = ''acquisition_cost''', 'what is not declared says how');
SELECT is((SELECT why_not FROM plain.metric_dictionary WHERE view_name = 'customer_profile' AND column_name = 'strategic_share'),
	'bind category: SELECT customer_value.alter_customer_base(''plain'', category => ''...''); declare strategic_categories in the parameters: '
	'UPDATE plain.parameters SET list = ARRAY[...] WHERE parameter = ''strategic_categories''', 'of two things needed both are named');
SELECT is((SELECT why_not FROM "It's raw".metric_dictionary WHERE view_name = 'monthly_summary' AND column_name = 'margin'),
	'bind cost: SELECT customer_value.alter_customer_base(''It''''s raw'', cost => ''...''), or assume a margin: '
	'SELECT customer_value.alter_customer_base(''It''''s raw'', margin_rate => ...)', 'of two things that serve either is named');
UPDATE plain.parameters SET value = 3 WHERE parameter IN ('acquisition_cost', 'quadrant_headroom_cut');
UPDATE "It's raw".parameters SET value = 3 WHERE parameter = 'quadrant_headroom_cut';
UPDATE plain.parameters SET list = '{}' WHERE parameter = 'strategic_categories';
SELECT results_eq($$SELECT column_name, is_available FROM plain.metric_dictionary WHERE column_name IN ('acquisition_cost', 'strategic_share') ORDER BY 1$$,
	$$VALUES ('acquisition_cost', true), ('strategic_share', false)$$, 'what is declared is there at once; an empty list declares nothing');
SELECT ok((SELECT bool_and(is_available = (column_name = 'cut_headroom')) FROM "It's raw".metric_dictionary
		   WHERE view_name = 'value_quadrant' AND column_name IN ('cut_headroom', 'cut_expected_value')), 'one of two needs suffices');

-- A comment that changes changes here, too
COMMENT ON COLUMN shop.customer_profile.silence IS 'ours';
SELECT is((SELECT description FROM shop.metric_dictionary WHERE view_name = 'customer_profile' AND column_name = 'silence'), 'ours', 'the description is the comment');

-- Labels
SELECT is_empty($$SELECT kind, code FROM shop.labels WHERE coalesce(english, '') = '' OR coalesce(chinese, '') = '' OR chinese !~ '[一-鿿]'$$, 'every label has both languages');
SELECT is_empty($$SELECT DISTINCT r.segmentation, r.segment FROM shop.segment_rules AS r
	WHERE NOT EXISTS (SELECT FROM shop.labels AS l WHERE l.kind = r.segmentation AND l.code = r.segment)$$, 'every segment of the rules has a label');
SELECT is_empty($$SELECT DISTINCT tier FROM shop.customer_ranking WHERE tier NOT IN (SELECT code FROM shop.labels WHERE kind = 'tier')$$, 'every tier has a label');
SELECT is_empty($$SELECT status FROM shop.model_fit WHERE status NOT IN (SELECT code FROM shop.labels WHERE kind = 'model_status')
	UNION SELECT phase FROM shop.tracking WHERE phase NOT IN (SELECT code FROM shop.labels WHERE kind = 'phase')
	UNION SELECT value_basis FROM shop.settings WHERE value_basis NOT IN (SELECT code FROM shop.labels WHERE kind = 'value_basis')$$, 'and so have the other words of the views');
UPDATE shop.labels SET english = 'Contested: look after them' WHERE kind = 'life_stage' AND code = 'contested';
SELECT is((SELECT array_agg(english || ' ' || chinese) FROM shop.labels WHERE kind = 'life_stage' AND code = 'contested'), '{Contested: look after them 竞争期}', 'a label is edited by UPDATE');
SELECT throws_ok($$INSERT INTO shop.labels VALUES ('life_stage', 'contested', 'x', 'x')$$, '23505', NULL, 'and there is one a code');
\o /dev/null
SELECT customer_value.rebuild_customer_base('shop');
\o
SELECT is((SELECT english FROM shop.labels WHERE kind = 'life_stage' AND code = 'contested'), 'Contested: look after them', 'an edited label outlives a rebuild');

-- A reader of the base reads its dictionary
CREATE ROLE dictionary_reader;
GRANT USAGE ON SCHEMA shop TO dictionary_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO dictionary_reader;
SET ROLE dictionary_reader;
SELECT isnt((SELECT count(*) FROM shop.metric_dictionary), 0::bigint, 'who may read the views may read what they mean');
RESET ROLE;
DROP OWNED BY dictionary_reader;
DROP ROLE dictionary_reader;

SELECT * FROM finish();
