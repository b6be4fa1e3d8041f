-- scorecard_rows.sql - scorecards whose rows were written by hand, whose views or relations are gone, and sessions with settings of their own.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SET jit = off;
SELECT plan(50);

CREATE ROLE scorecard_hand;
CREATE SCHEMA data AUTHORIZATION scorecard_hand;
GRANT CREATE ON DATABASE :"DBNAME" TO scorecard_hand;
SET ROLE scorecard_hand;
CREATE TABLE data.sales AS SELECT c AS customer, date '2024-01-01' + c * 7 % 100 + n * 10 AS day, 10 + c AS amount FROM generate_series(1, 20) AS c, generate_series(0, c % 3) AS n;
CREATE TABLE data.survey AS SELECT c AS customer_id, c % 10 AS grade, 'x' AS remark FROM generate_series(1, 20) AS c;
CREATE INDEX grades ON data.survey (customer_id, grade);
CREATE SEQUENCE data.numbers;
CREATE TYPE data.pair AS (customer_id integer, grade integer);
CREATE TEMPORARY TABLE survey AS SELECT * FROM data.survey;
ANALYZE data.sales, data.survey;
SELECT customer_value.create_customer_base('shop', sales => 'data.sales', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SELECT customer_value.create_scorecard('shop', 'mine', '[{"column": "tenure_days", "dimension": "a"}, {"column": "orders", "dimension": "b"},
	{"column": "grade", "relation": "data.survey", "dimension": "b"}]');

-- What a change of the tables comes to: the error of a rebuild with its hint, or the reasons that the view gives.
CREATE FUNCTION pg_temp.rebuilt(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	hint text;
BEGIN
	BEGIN
		EXECUTE change;
		PERFORM customer_value.rebuild_customer_base('shop');
		EXECUTE 'SELECT string_agg(DISTINCT coalesce(reason, ''complete''), ''; '') FROM shop.mine' INTO answer;
		RAISE EXCEPTION SQLSTATE 'P9999';
	EXCEPTION WHEN SQLSTATE 'P9999' THEN
		RETURN answer;
	WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS answer = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
		RETURN format('%s: %s%s', SQLSTATE, SQLERRM, CASE WHEN SQLSTATE = '55000' AND SQLERRM LIKE 'the rows of%' THEN ': ' || answer END)
			|| CASE WHEN hint = '' THEN ' (no hint)' ELSE '' END;
	END;
END $$;

-- Rows of which no view can be made are named
SELECT is(pg_temp.rebuilt(format($$UPDATE shop.scorecard_criteria SET dimension = %L WHERE scorecard = 'mine'$$, d)),
	'55000: the rows of scorecard "mine" do not make a view: ' || fact, what)
FROM (VALUES
	('', '"" cannot be the name of a column. Names have 1 to 63 bytes.', 'a dimension without a name'),
	(repeat('d', 64), format('"%s" cannot be the name of a column. Names have 1 to 63 bytes.', repeat('d', 64)), 'a dimension that is too long')) AS t (d, fact, what);
SELECT matches(pg_temp.rebuilt(format($$UPDATE shop.scorecard_criteria SET dimension = %L WHERE scorecard = 'mine'$$, d)),
	'^55000: the rows of scorecard "mine" do not make a view: Column "' || d || '" would come twice', 'a dimension called ' || d)
FROM unnest('{score,customer_id,ctid}'::text[]) AS d;
SELECT is(pg_temp.rebuilt('UPDATE shop.scorecards SET ' || change || $$ WHERE scorecard = 'mine'$$), '55000: the rows of scorecard "mine" do not make a view: ' || fact, change)
FROM (VALUES
	('method = ''topsis''', 'Topsis cannot leave out a criterion that is not known. Distances over different criteria do not compare.'),
	('weighting = ''ahp''', 'Weights by ahp need a comparison_matrix.'),
	('weighting = ''ahp'', comparison_matrix = ''{{1,2},{0.1,1}}''', 'Opposite comparisons must be each other''s reciprocal. In row 2, column 1 stands 0.1, in row 1, column 2 2: their product is 0.2, not 1.'),
	('weighting = ''ahp'', comparison_matrix = ''{{1,NULL},{1,1}}''', 'A matrix of pairwise comparisons must not contain nulls.'),
	('weighting = ''ahp'', comparison_matrix = ''{1,2}''', 'A matrix of pairwise comparisons must be square. It has 1 dimensions.')) AS t (change, fact);
SELECT matches(pg_temp.rebuilt($$UPDATE shop.scorecards SET show = '{region,region}' WHERE scorecard = 'mine'$$), '^55000: .* Column "region" would come twice', 'a column shown twice');
SELECT is(pg_temp.rebuilt(format($$UPDATE shop.scorecards SET show = %L WHERE scorecard = 'mine'$$, shown)), 'complete', 'columns shown as ' || shown)
FROM unnest(ARRAY['{{region,life_stage}}', '[5:6]={region,life_stage}', '{NULL,nothing}']) AS shown;
SELECT matches(pg_temp.rebuilt(format($$UPDATE shop.scorecards SET scorecard = %1$L WHERE scorecard = 'mine'; UPDATE shop.scorecard_criteria SET scorecard = %1$L WHERE scorecard = 'mine'$$, name)),
	'^55000: the rows of scorecard "' || name || '" do not make a view', format('a scorecard called "%s"', name))
FROM unnest(ARRAY['', 'labels', 'customer_profile', repeat('x', 57)]) AS name;
SELECT is(pg_temp.rebuilt($$DELETE FROM shop.scorecard_criteria WHERE scorecard = 'mine'$$), '55000: scorecard "mine" has no criteria', 'a scorecard without criteria');

-- What they name and cannot be read is left out
SELECT is(pg_temp.rebuilt(format($$UPDATE shop.scorecard_criteria SET relation = %L, column_name = %L, key_column = %L WHERE criterion = 'grade'$$, relation, col, key)),
	'grade: there is no ' || relation, what)
FROM (VALUES ('data.grades', 'grade', 'customer_id', 'an index'), ('data.numbers', 'last_value', 'last_value', 'a sequence'), ('data.pair', 'grade', 'customer_id', 'a type'),
	((SELECT nspname || '.survey' FROM pg_namespace WHERE oid = pg_my_temp_schema()), 'grade', 'customer_id', 'a temporary table')) AS t (relation, col, key, what);

-- A scorecard of itself
SELECT is(pg_temp.rebuilt($$UPDATE shop.scorecard_criteria SET relation = 'shop.mine', column_name = 'score' WHERE criterion = 'grade'$$),
	'42P17: scorecard "mine" would stand on itself', 'by hand');
CREATE VIEW data.best AS SELECT customer_id, score FROM shop.mine;
SELECT throws_ok($$SELECT customer_value.alter_scorecard('shop', 'mine', '[{"criterion": "grade", "relation": "data.best", "column": "score"}]')$$,
	'42P17', 'scorecard "mine" would stand on itself', 'through a view');
DROP VIEW data.best;

-- Rows that make no view can be put right, and dropped
UPDATE shop.scorecard_criteria SET dimension = 'score' WHERE scorecard = 'mine';
BEGIN;
SELECT lives_ok($$SELECT customer_value.drop_scorecard('shop', 'mine')$$, 'such a scorecard can be dropped');
SELECT is((SELECT status FROM customer_value.customer_bases WHERE base = 'shop'), 'ok', 'which leaves a base that is complete');
ROLLBACK;
SELECT lives_ok($$SELECT customer_value.alter_scorecard('shop', 'mine', '[{"criterion": "tenure_days", "dimension": "a"}, {"criterion": "orders", "dimension": "b"},
	{"criterion": "grade", "dimension": "b"}]')$$, 'or altered');

-- Rows deleted or renamed by hand
BEGIN;
DELETE FROM shop.scorecards WHERE scorecard = 'mine';
SELECT lives_ok($$SELECT customer_value.rebuild_customer_base('shop')$$, 'a base of which a scorecard was deleted by hand is rebuilt');
SELECT is((SELECT count(*) FROM pg_class WHERE relname = 'mine') + (SELECT count(*) FROM pg_proc WHERE proname LIKE 'mine\_%'), 0::bigint, 'without its view and functions');
SELECT is(customer_value.drop_customer_base('shop'), 'Customer base "shop" is dropped, with schema "shop".', 'and can be dropped');
ROLLBACK;
BEGIN;
UPDATE shop.scorecards SET scorecard = 'yours' WHERE scorecard = 'mine';
UPDATE shop.scorecard_criteria SET scorecard = 'yours' WHERE scorecard = 'mine';
SELECT lives_ok($$SELECT customer_value.alter_scorecard('shop', 'yours', method => 'weighted_norm')$$, 'a scorecard renamed by hand is altered');
SELECT ok(to_regclass('shop.mine') IS NULL AND EXISTS (SELECT FROM shop.settings WHERE 'yours' = ANY (views)), 'its view has the new name');
SELECT is(customer_value.drop_customer_base('shop'), 'Customer base "shop" is dropped, with schema "shop".', 'and goes with the base');
ROLLBACK;

-- Views dropped by hand
BEGIN;
DROP VIEW shop.closeness CASCADE;
SELECT lives_ok($$SELECT customer_value.create_scorecard('shop', 'other', '[{"column": "orders"}]')$$, 'one lost scorecard does not keep from making another');
SELECT matches((SELECT detail FROM customer_value.customer_bases WHERE base = 'shop'), 'are gone: closeness, closeness_at\(date\)\.', 'and is still missed');
SELECT lives_ok($$SELECT customer_value.rebuild_customer_base('shop')$$, 'rebuild makes it again');
SELECT ok(count(*) > 0 AND count(*) FILTER (WHERE reason LIKE 'no scorecard%') = 0, 'with what stands on it') FROM shop.closeness_check;
ROLLBACK;
BEGIN;
DROP VIEW shop.customer_profile CASCADE;
SELECT throws_ok(command, '55000', 'views of customer base "shop" are gone', 'without the profile: ' || command)
FROM unnest(ARRAY[$$SELECT customer_value.create_scorecard('shop', 'other', '[{"column": "orders"}]')$$, $$SELECT customer_value.alter_scorecard('shop', 'mine', method => 'weighted_norm')$$,
	$$SELECT customer_value.drop_scorecard('shop', 'mine')$$, $$SELECT customer_value.explain_score('shop', 'mine', 3)$$, $$SELECT customer_value.scorecard_summary('shop', 'mine')$$]) AS command;
ROLLBACK;
BEGIN;
DELETE FROM shop.scorecard_criteria WHERE scorecard = 'mine';
SELECT throws_ok(command, '55000', 'scorecard "mine" has no criteria', 'without criteria: ' || command)
FROM unnest(ARRAY[$$SELECT customer_value.explain_score('shop', 'mine', 3)$$, $$SELECT customer_value.scorecard_summary('shop', 'mine')$$, $$SELECT customer_value.scorecard_correlation('shop', 'mine')$$]) AS command;
ROLLBACK;

-- What a session thinks of strings and numbers does not get into views and tables
CREATE TABLE data.words AS SELECT view_name, column_name, chinese_name, why_not FROM shop.metric_dictionary;
BEGIN;
SET LOCAL standard_conforming_strings = off;
SET LOCAL escape_string_warning = off;
SET LOCAL extra_float_digits = -15;
SELECT customer_value.create_scorecard('shop', 'other', '[{"column": "orders", "dimension": "a\\b"}, {"column": "tenure_days", "dimension": "b"}]',
	comparison_matrix => ARRAY[[1, 3], [1/3.0, 1]], method => 'weighted_norm');
SELECT is(comparison_matrix, ARRAY[[1, 3], [1/3.0, 1]]::double precision[], 'comparisons keep their digits') FROM shop.scorecards WHERE scorecard = 'other';
SELECT customer_value.rebuild_customer_base('shop');
SELECT customer_value.create_customer_base('strange', sales => 'data.sales', customer_id => 'customer', sold_at => 'day', amount => 'amount');
SET LOCAL standard_conforming_strings = on;
SET LOCAL extra_float_digits = 1;
SELECT set_eq($$SELECT view_name, column_name, chinese_name, why_not FROM shop.metric_dictionary WHERE view_name <> 'other'$$, 'TABLE data.words', 'names are Chinese after a rebuild');
SELECT is(chinese_name, 'a\b' || '：方向余弦', 'also of a dimension') FROM shop.metric_dictionary WHERE view_name = 'other' AND column_name = 'a\b_cosine';
SELECT set_eq($$SELECT view_name, column_name, chinese_name FROM strange.metric_dictionary$$, $$SELECT view_name, column_name, chinese_name FROM data.words WHERE view_name <> 'mine'$$, 'and of a new base');
DELETE FROM strange.parameters;
SELECT is((SELECT count(*) FROM strange.closeness_check WHERE landmark <> as_of - 365), 0::bigint, 'defaults stay whole');
ROLLBACK;

SELECT customer_value.drop_customer_base('shop');
RESET ROLE;
DROP SCHEMA data CASCADE;
DROP TABLE survey;
DROP OWNED BY scorecard_hand;
DROP ROLE scorecard_hand;
-- No finish(): it would not count what was rolled back.
