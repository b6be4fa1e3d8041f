-- scorecard_names.sql - who may make scorecards, what they may be called, what they refuse, and what becomes of them.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SET jit = off;
SELECT no_plan();

CREATE ROLE scorecard_owner;
CREATE ROLE scorecard_reader;
CREATE SCHEMA data AUTHORIZATION scorecard_owner;
GRANT CREATE ON DATABASE :"DBNAME" TO scorecard_owner;
SET ROLE scorecard_owner;
CREATE TABLE data.sales AS SELECT c AS customer, date '2024-01-01' + c * 7 % 100 + n * 10 AS day, 10 + c AS amount FROM generate_series(1, 20) AS c, generate_series(0, c % 3) AS n;
CREATE TABLE data.survey AS SELECT c AS customer_id, c % 10 AS grade, 'x' AS remark FROM generate_series(1, 20) AS c;
ANALYZE data.sales, data.survey;
SELECT customer_value.create_customer_base('shop', sales => 'data.sales', customer_id => 'customer', sold_at => 'day', amount => 'amount');

-- Names
SELECT customer_value.create_scorecard('shop', 'My "best"; DROP TABLE data.sales; --', jsonb_build_array(
	jsonb_build_object('column', 'total_amount', 'dimension', 'how: much%s''", $1', 'criterion', '100%: $$ "quoted"'';'),
	jsonb_build_object('column', 'grade', 'relation', 'data.survey', 'dimension', 'grade')), show => '{purchase_days}', method => 'weighted_norm',
	description => 'It''s 100% odd: $q$');
SELECT is((SELECT count(score) FROM shop."My ""best""; DROP TABLE data.sales; --"), 20::bigint, 'odd names are names');
SELECT is((SELECT count(*) FROM shop."My ""best""; DROP TABLE data.sales; --_change"('2024-03-01')), 20::bigint, 'also of functions');
SELECT is((SELECT count(*) FROM customer_value.explain_score('shop', 'My "best"; DROP TABLE data.sales; --', 7)), 2::bigint, 'and where it is explained');
SELECT isnt_empty($$SELECT "how: much%s'"", $1", "how: much%s'"", $1_cosine", dominant_dimension FROM shop."My ""best""; DROP TABLE data.sales; --"$$, 'dimensions are columns');
SELECT is((SELECT col_description('shop."My ""best""; DROP TABLE data.sales; --"'::regclass, a.attnum) FROM pg_attribute AS a
	WHERE a.attrelid = 'shop."My ""best""; DROP TABLE data.sales; --"'::regclass AND a.attname LIKE 'how%1'), 'Weighted mean of 100%: $$ "quoted"''; (percentile)', 'with their comments');
SELECT is((SELECT count(*) FROM customer_value.scorecard_summary('shop', 'My "best"; DROP TABLE data.sales; --')), 3::bigint, 'and summed up');
SELECT lives_ok($$SELECT customer_value.rebuild_customer_base('shop')$$, 'a base with odd names can be rebuilt');
SELECT is((SELECT status FROM customer_value.customer_bases WHERE base = 'shop'), 'ok', 'and is complete');
SELECT customer_value.drop_scorecard('shop', 'My "best"; DROP TABLE data.sales; --');
SELECT is((SELECT count(*) FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relname LIKE 'My%') + (SELECT count(*) FROM pg_proc WHERE pronamespace = 'shop'::regnamespace AND proname LIKE 'My%'),
	0::bigint, 'nothing of it is left');

-- What is refused, and how
CREATE FUNCTION pg_temp.refuses(arguments text, state text, message text, what text) RETURNS text LANGUAGE sql AS $$
	SELECT throws_ok(format('SELECT customer_value.create_scorecard(''shop'', %s)', arguments), state, message, what)
$$;
SELECT pg_temp.refuses($$'x', '[{"column": "silent"}]'$$, '42703', 'column "silent", given as column of criterion "silent", does not exist', 'an unknown column');
SELECT pg_temp.refuses($$'x', '[{"column": "region"}]'$$, '42804', 'column "region", given as column of criterion "region", has type text', 'a column without numbers');
SELECT pg_temp.refuses($$'x', '[{"column": "remark", "relation": "data.survey"}]'$$, '42804', 'column "remark", given as column of criterion "remark", has type text', 'the same elsewhere');
SELECT pg_temp.refuses($$'x', '[{"column": "grade", "relation": "data.survey", "key": "id"}]'$$, '42703', 'column "id", given as key of criterion "grade", does not exist', 'a relation without the key');
SELECT pg_temp.refuses($$'x', '[{"column": "grade", "relation": "data.survey", "key": "remark"}]'$$, '42804', 'column "remark", given as key, has type text', 'a key that is no customer');
SELECT pg_temp.refuses($$'x', '[{"column": "grade", "relation": "data.surveys"}]'$$, '42P01', 'relation "data.surveys" does not exist', 'an unknown relation');
SELECT pg_temp.refuses($$'x', '[{"column": "score", "relation": "shop.customer_standing"}]'$$, '42809', 'shop.customer_standing cannot have criteria of a scorecard', 'a scorecard of a scorecard');
SELECT pg_temp.refuses($$'x', '[{"colum": "silence"}]'$$, '22023', 'a criterion has no colum', 'an unknown key');
SELECT pg_temp.refuses($$'x', '[{"dimension": "a"}]'$$, '22023', 'a criterion has no name', 'a criterion without a name');
SELECT pg_temp.refuses($$'x', '["silence"]'$$, '22023', 'criteria must be a JSON array of objects', 'criteria of another form');
SELECT pg_temp.refuses($$'x', '{"column": "silence"}'$$, '22023', 'criteria must be a JSON array of objects', 'one criterion without its array');
SELECT pg_temp.refuses($$'x', '[]'$$, '22023', 'a scorecard has 1 to 64 criteria', 'no criteria');
SELECT pg_temp.refuses($$'x', NULL$$, '22023', 'a scorecard has 1 to 64 criteria', 'none at all');
SELECT pg_temp.refuses($$'x', (SELECT jsonb_agg(jsonb_build_object('column', 'silence', 'criterion', 'c' || i)) FROM generate_series(1, 65) AS i)$$, '22023', 'a scorecard has 1 to 64 criteria', 'too many');
SELECT pg_temp.refuses($$'x', '[{"column": "silence"}, {"column": "silence"}]'$$, '42710', 'criterion "silence" is given twice', 'a criterion twice');
SELECT pg_temp.refuses($$'x', '[{"column": "silence", "better": "higher"}]'$$, '22023', 'better of criterion "silence" cannot be ''higher''', 'an unknown direction');
SELECT pg_temp.refuses($$'x', '[{"column": "silence", "normaliser": "z"}]'$$, '22023', 'normaliser of criterion "silence" cannot be ''z''', 'an unknown normaliser');
SELECT pg_temp.refuses($$'x', '[{"column": "silence", "weight": -1}]'$$, '22023', 'criterion "silence" cannot weigh -1', 'a negative weight');
SELECT pg_temp.refuses($$'x', '[{"column": "silence", "weight": "NaN"}]'$$, '22023', 'criterion "silence" cannot weigh NaN', 'NaN as weight');
SELECT pg_temp.refuses($$'x', '[{"column": "silence", "weight": 1e400}]'$$, '22023', NULL, 'a weight out of range');
SELECT pg_temp.refuses($$'x', '[{"column": "silence", "weight": 0}]'$$, '22023', 'weights must not all be 0', 'weights of 0');
SELECT pg_temp.refuses($$'x', '[{"column": "silence"}]', dimension_weights => '{"overall": 0}'$$, '22023', 'weights must not all be 0', 'weights of dimensions of 0');
SELECT pg_temp.refuses($$'x', '[{"column": "silence"}]', dimension_weights => '{"all": 1}'$$, '22023', 'the scorecard has no "all"', 'weight of an unknown dimension');
SELECT pg_temp.refuses($$'x', '[{"column": "silence"}]', method => 'sum'$$, '22023', 'method cannot be ''sum''', 'an unknown method');
SELECT pg_temp.refuses($$'x', '[{"column": "silence"}]', method => 'topsis'$$, '22023', 'topsis cannot leave out a criterion that is not known', 'TOPSIS with gaps');
SELECT pg_temp.refuses($$'x', '[{"column": "silence", "normaliser": "winsorised_z"}]', method => 'weighted_norm'$$, '22023', 'criterion "silence" cannot be a winsorised_z here', 'a norm of what goes below 0');
SELECT pg_temp.refuses($$'x', '[{"column": "silence", "normaliser": "winsorised_z"}]', dimension_methods => '{"overall": "product"}'$$, '22023', 'criterion "silence" cannot be a winsorised_z here', 'a product of what goes below 0');
SELECT pg_temp.refuses($$'x', '[{"column": "silence"}]', weighting => 'ahp'$$, '22023', 'weights by ahp need a comparison_matrix', 'AHP without comparisons');
SELECT pg_temp.refuses($$'x', '[{"column": "silence"}]', comparison_matrix => '{{1,2},{0.5,1}}'$$, '22023', 'a comparison_matrix of 2 rows compares neither the criteria nor the dimensions', 'a matrix of another size');
SELECT pg_temp.refuses($$'x', '[{"column": "silence"}, {"column": "orders"}]', comparison_matrix => '{{1,2},{0.5,1}}', weighting => 'critic'$$, '22023', 'a comparison_matrix is not used where weights are critic', 'a matrix for nothing');
SELECT pg_temp.refuses($$'x', '[{"column": "silence"}, {"column": "orders"}, {"column": "returns"}]', comparison_matrix => '{{1,3,1},{0.333,1,3},{1,0.333,1}}'$$, '22023',
	'the comparisons contradict each other', 'comparisons that contradict each other');
DO $$
DECLARE
	detail text;
BEGIN
	PERFORM customer_value.create_scorecard('shop', 'x', '[{"column": "silence"}, {"column": "orders"}, {"column": "returns"}, {"column": "total_amount"}]',
		comparison_matrix => '{{1,1,1,1},{1,1,3,0.333},{1,0.333,1,3},{1,3,0.333,1}}');
EXCEPTION WHEN invalid_parameter_value THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	CREATE TABLE data.answer AS SELECT detail;
END $$;
SELECT is(detail, 'Their consistency ratio is 0.396, over 0.1. Worst are "orders", "returns" and "total_amount": 3 x 3 is 9, but the matrix says 0.333.', 'the worst triad has its names') FROM data.answer;
SELECT pg_temp.refuses($$'x', '[{"column": "silence", "dimension": "score"}]'$$, '42701', 'column "score" would come twice in the view', 'a dimension like a fixed column');
SELECT pg_temp.refuses($$'x', '[{"column": "silence", "dimension": "a"}, {"column": "orders", "dimension": "a_cosine"}]', method => 'weighted_norm'$$, '42701', 'column "a_cosine" would come twice in the view', 'a dimension like a cosine');
SELECT pg_temp.refuses($$'x', '[{"column": "silence"}]', show => '{customer_name}'$$, '42701', 'column "customer_name" would come twice in the view', 'a column that is shown anyway');
SELECT pg_temp.refuses($$'x', '[{"column": "silence"}]', show => '{stage}'$$, '42703', 'column "stage", given as show, does not exist', 'show of an unknown column');
SELECT pg_temp.refuses($$'x', '[{"column": "silence"}]', within => 'stage'$$, '42703', 'column "stage", given as within, does not exist', 'within an unknown column');
SELECT pg_temp.refuses($$'x', jsonb_build_array(jsonb_build_object('column', 'silence', 'dimension', repeat('d', 64)))$$, '42602', NULL, 'a dimension that is too long');
SELECT pg_temp.refuses($$'customer_profile', '[{"column": "silence"}]'$$, '42P07', 'relation "customer_profile" already exists', 'the name of a view');
SELECT pg_temp.refuses($$'settings', '[{"column": "silence"}]'$$, '42P07', 'relation "settings" already exists', 'the name of a table');
SELECT pg_temp.refuses($$'closeness', '[{"column": "silence"}]'$$, '42710', 'scorecard "closeness" already exists', 'the name of a scorecard');
SELECT pg_temp.refuses($$repeat('x', 57), '[{"column": "silence"}]'$$, '42602', NULL, 'a name that is too long');
SELECT pg_temp.refuses($$'x_at(date)', '[{"column": "silence"}]'$$, '42602', NULL, 'a name like that of a function');
SELECT pg_temp.refuses($$NULL, '[{"column": "silence"}]'$$, '42602', 'null cannot be the name of a scorecard', 'no name');
SELECT throws_ok($$SELECT customer_value.alter_scorecard('shop', 'x')$$, '42704', 'scorecard "x" does not exist', 'altering none');
SELECT throws_ok($$SELECT customer_value.drop_scorecard('shop', 'x')$$, '42704', 'scorecard "x" does not exist', 'dropping none');
SELECT throws_ok($$SELECT customer_value.explain_score('shop', 'closeness', 99)$$, '42704', 'customer ''99'' does not exist', 'explaining nobody');
SELECT throws_ok($$SELECT customer_value.explain_score('shops', 'closeness', 1)$$, '42704', 'customer base "shops" does not exist', 'explaining nothing');
SELECT is((SELECT count(*) FROM shop.scorecards WHERE NOT is_preset), 0::bigint, 'of all this nothing was kept');

-- Altering: what is NULL stays; names are changed, added, removed; grants and dependents last
SELECT customer_value.create_scorecard('shop', 'mine', '[{"column": "total_amount", "dimension": "worth", "weight": 2}, {"criterion": "grade", "dimension": "voice"}]');
SELECT is((SELECT DISTINCT reason FROM shop.mine), 'grade: not bound', 'a criterion may wait for its column');
GRANT USAGE ON SCHEMA shop TO scorecard_reader;
GRANT SELECT ON shop.mine TO scorecard_reader;
GRANT EXECUTE ON FUNCTION shop.mine_at(date) TO scorecard_reader;
CREATE VIEW data.on_top AS SELECT customer_id, rank FROM shop.mine;
SELECT is(customer_value.alter_scorecard('shop', 'mine', '[{"criterion": "grade", "column": "grade", "relation": "data.survey"}]'),
	'Scorecard "mine" of customer base "shop" is altered: 2 criteria in 2 dimensions by weighted_sum, in shop.mine.', 'binding it keeps what stands on the view');
SELECT results_eq($$SELECT criterion, dimension, weight, relation, key_column FROM shop.scorecard_criteria WHERE scorecard = 'mine' ORDER BY position$$,
	$$VALUES ('total_amount', 'worth', 2::float8, NULL, NULL), ('grade', 'voice', 1, 'data.survey', 'customer_id')$$, 'and what was said before');
SELECT ok(has_table_privilege('scorecard_reader', 'shop.mine', 'SELECT'), 'privileges last in place');
SELECT throws_ok($$SELECT customer_value.alter_scorecard('shop', 'mine', '[{"column": "orders", "dimension": "new"}]')$$, '2BP01', NULL, 'other columns are refused while something stands on the view');
SELECT throws_ok($$SELECT customer_value.drop_scorecard('shop', 'mine')$$, '2BP01', NULL, 'and so is dropping it');
DROP VIEW data.on_top;
SELECT lives_ok($$SELECT customer_value.alter_scorecard('shop', 'mine', '[{"column": "orders", "dimension": "new", "weight": 3}]', remove => '{total_amount}', show => '{purchase_days}')$$, 'else they come');
SELECT columns_are('shop', 'mine', '{customer_id,customer_name,as_of,purchase_days,score,rank,percentile,voice,new,dominant_dimension,criteria_known,reason}', 'one dimension went, one came');
SELECT ok(has_table_privilege('scorecard_reader', 'shop.mine', 'SELECT') AND has_function_privilege('scorecard_reader', 'shop.mine_at(date)', 'EXECUTE'), 'privileges last');
SELECT throws_ok($$SELECT customer_value.alter_scorecard('shop', 'mine', remove => '{total_amount}')$$, '42704', 'scorecard "mine" has no criterion ''total_amount''', 'removing what is not there');
SELECT throws_ok($$SELECT customer_value.alter_scorecard('shop', 'mine', remove => '{grade,orders}')$$, '22023', 'a scorecard has 1 to 64 criteria', 'removing all');
SELECT lives_ok($$SELECT customer_value.alter_scorecard('shop', 'mine', within => 'life_stage', description => 'mine')$$, 'within');
SELECT lives_ok($$SELECT customer_value.alter_scorecard('shop', 'mine', reset => '{within,show,description}')$$, 'and without again');
SELECT is((SELECT format('%s|%s|%s', within, show, description) FROM shop.scorecards WHERE scorecard = 'mine'), '||', 'reset puts back defaults');

-- The view follows who is renamed; nobody explains its scores by something else
ALTER TABLE data.survey RENAME COLUMN grade TO mark;
SELECT throws_ok(format('SELECT * FROM customer_value.%s(''shop'', ''mine''%s)', f, more), '55000', 'scorecard "mine" reads what no criterion names', f)
FROM (VALUES ('explain_score', ', ''7'''), ('scorecard_summary', ''), ('scorecard_correlation', '')) AS v (f, more);
SELECT customer_value.alter_scorecard('shop', 'mine', '[{"criterion": "grade", "column": "mark"}]');
SELECT is((SELECT sum(points) FROM customer_value.explain_score('shop', 'mine', 7)), (SELECT score FROM shop.mine WHERE customer_id = 7), 'named again it is explained');
ALTER TABLE data.survey RENAME TO poll;
SELECT throws_ok($$SELECT * FROM customer_value.explain_score('shop', 'mine', 7)$$, '55000', NULL, 'the relation, too');
ALTER TABLE data.poll RENAME TO survey;

-- The relation goes: the base lives on
DROP TABLE data.survey CASCADE;
SELECT is((SELECT status FROM customer_value.customer_bases WHERE base = 'shop'), 'incomplete', 'a dropped survey takes the scorecard with it');
SELECT lives_ok($$SELECT customer_value.rebuild_customer_base('shop')$$, 'rebuild makes it again');
SELECT is((SELECT DISTINCT reason FROM shop.mine), 'grade: there is no data.survey', 'without the survey, and says so');

-- A dropped preset stays dropped
SELECT customer_value.drop_scorecard('shop', 'customer_standing_growing');
SELECT customer_value.rebuild_customer_base('shop');
SELECT is(to_regclass('shop.customer_standing_growing'), NULL, 'rebuild does not bring a dropped preset back');
SELECT is((SELECT status FROM customer_value.customer_bases WHERE base = 'shop'), 'ok', 'nor does it miss it');

-- Who may do what
RESET ROLE;
SELECT lives_ok($$SELECT customer_value.alter_scorecard('shop', 'mine', method => 'weighted_product')$$, 'a superuser maintains as the owner');
SELECT is((SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relname LIKE 'mine%'), 'scorecard_owner', 'to whom all belongs');
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO scorecard_reader;
GRANT USAGE ON SCHEMA data TO scorecard_reader;
SET ROLE scorecard_reader;
SELECT throws_ok($$SELECT customer_value.create_scorecard('shop', 'yours', '[{"column": "silence"}]')$$, '42501', 'must be owner of customer base "shop"', 'readers make none');
SELECT throws_ok($$SELECT customer_value.drop_scorecard('shop', 'mine')$$, '42501', 'must be owner of customer base "shop"', 'nor drop any');
SELECT throws_ok($$SELECT count(*) FROM shop.mine$$, '42501', 'permission denied for table sales', 'they need the sales themselves');
SELECT throws_ok($$SELECT customer_value.explain_score('shop', 'mine', 7)$$, '42501', 'permission denied for table sales', 'also to have a score explained');
RESET ROLE;
GRANT SELECT ON data.sales TO scorecard_reader;
SET ROLE scorecard_reader;
SELECT is((SELECT sum(points) FROM customer_value.explain_score('shop', 'mine', 7)), (SELECT score FROM shop.mine WHERE customer_id = 7), 'with them they read and ask');
RESET ROLE;
CREATE TABLE data.secret AS SELECT 1 AS customer_id, 2 AS x;
SELECT throws_ok($$SELECT customer_value.create_scorecard('shop', 'spy', '[{"column": "x", "relation": "data.secret"}]')$$, '42501', 'permission denied for relation data.secret', 'the owner has to be able to read a relation');

SELECT is(customer_value.drop_customer_base('shop'), 'Customer base "shop" is dropped, with schema "shop".', 'the base goes with its scorecards');
DROP SCHEMA data CASCADE;
DROP OWNED BY scorecard_owner, scorecard_reader;
DROP ROLE scorecard_owner, scorecard_reader;
SELECT * FROM finish();
