-- Segment rules: which rule holds first, what the table of a base refuses, hand-made input, check_segment_rules.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
CREATE SCHEMA segment_test;
RESET client_min_messages;
SET search_path = segment_test, customer_value, public;

-- Rules from rows in any order; rows of one priority hold together.
CREATE TABLE rules OF customer_value.base_segment_rule;
INSERT INTO rules VALUES ('t', 30, 'rest', NULL, NULL, NULL), ('t', 10, 'both', 'a', 2, NULL), ('t', 20, 'small', 'a', NULL, 2),
	('t', 10, 'both', 'b', 1, 3);
CREATE FUNCTION segment(a float8, b float8) RETURNS text LANGUAGE sql AS
$$ SELECT customer_value.first_segment((SELECT array_agg(r::customer_value.base_segment_rule) FROM segment_test.rules r), '{a,b}', ARRAY[a, b]) $$;
-- at_least is in, below is out; a value that is not known, or no number, meets no condition
SELECT a, b, segment(a, b) FROM (VALUES (2, 1), (2, 3), (1.9999999999, 1), (2, 2.9999999999), (5, NULL), (NULL, 2), (NULL, NULL), ('NaN', 2), ('Infinity', 2), ('-Infinity', NULL))
	AS v (a, b);
SELECT a.s AS forwards, b.s AS backwards FROM
	(SELECT first_segment(array_agg(r::base_segment_rule ORDER BY priority), '{a,b}', '{2,2}') AS s FROM rules r) a,
	(SELECT first_segment(array_agg(r::base_segment_rule ORDER BY priority DESC, measure DESC), '{b,a}', '{2,2}') AS s FROM rules r) b;

-- No rule, no match, no array: no segment. A condition without limits asks only that its measure be known.
SELECT first_segment('{}', '{}', '{}') IS NULL AS no_rules, first_segment('{}', '{a}', '{1}') IS NULL AS no_rule,
	first_segment(ARRAY[('t', 1, 'x', 'a', 5, NULL)::base_segment_rule], '{a}', '{1}') IS NULL AS no_match,
	first_segment(NULL, '{a}', '{1}') IS NULL AND first_segment('{}', NULL, '{1}') IS NULL AND first_segment('{}', '{a}', NULL) IS NULL AS no_array,
	first_segment(ARRAY[('t', 1, 'x', 'a', NULL, NULL)::base_segment_rule], '{a}', '{NULL}') IS NULL AS unknown,
	first_segment(ARRAY[('t', 1, 'x', 'a', NULL, NULL)::base_segment_rule], '{a}', '{0}') AS known,
	first_segment(ARRAY[('t', 1, 'everybody', NULL, NULL, NULL)::base_segment_rule], '{}', '{}') AS everybody;

-- Rules and measures that change from row to row are noticed; so is a change of one limit.
SELECT n, first_segment(ARRAY[('t', 1, 'seg' || n, CASE WHEN n % 2 = 0 THEN 'a' ELSE 'b' END, n, NULL)::base_segment_rule],
						CASE WHEN n % 3 = 0 THEN '{a,b}' ELSE '{b,a}' END::text[], ARRAY[2, 3])
FROM generate_series(1, 6) AS n;
SELECT count(*), count(DISTINCT s), bool_and(s = CASE WHEN limit_ <= n THEN repeat('long', 5000) ELSE 'short' END)
FROM (SELECT n, limit_, first_segment(ARRAY[('t', 2, 'short', NULL, NULL, NULL), ('t', 1, repeat('long', 5000), 'a', limit_, NULL)]::base_segment_rule[], '{a}', ARRAY[n]) AS s
	  FROM generate_series(1, 300) AS n, unnest('{100,100,200}'::float8[]) AS limit_ ORDER BY n) AS t;

-- Hand-made input is refused, or answered.
\set VERBOSITY default
SELECT first_segment('{NULL}', '{a}', '{1}');
SELECT first_segment(ARRAY[('t', NULL, 'x', NULL, NULL, NULL)::base_segment_rule], '{a}', '{1}');
SELECT first_segment(ARRAY[('t', 1, NULL, NULL, NULL, NULL)::base_segment_rule], '{a}', '{1}');
SELECT first_segment(ARRAY[(NULL, 1, 'x', NULL, NULL, NULL)::base_segment_rule], '{a}', '{1}');
SELECT first_segment(ARRAY[('t', 1, 'x', NULL, NULL, NULL), ('u', 2, 'y', NULL, NULL, NULL)]::base_segment_rule[], '{a}', '{1}');
SELECT first_segment(ARRAY[('t', 1, 'x', 'a', 1, NULL), ('t', 1, 'y', 'a', 2, NULL)]::base_segment_rule[], '{a}', '{1}');
SELECT first_segment(ARRAY[('t', 7, 'x', 'height', 1, NULL)::base_segment_rule], '{a,b}', '{1,2}');
SELECT first_segment(ARRAY[('t', 7, 'x', 'height', 1, NULL)::base_segment_rule], '{}', '{}');
SELECT first_segment(ARRAY[('t', 1, 'x', NULL, 1, NULL)::base_segment_rule], '{a}', '{1}');
SELECT first_segment(ARRAY[('t', 1, 'x', 'a', 'NaN', NULL)::base_segment_rule], '{a}', '{1}');
SELECT first_segment(ARRAY[('t', 1, 'x', 'a', 1, 'Infinity')::base_segment_rule], '{a}', '{1}');
SELECT first_segment('{}', '{a,NULL}', '{1,2}');
SELECT first_segment('{}', '{a,b,a}', '{1,2,3}');
SELECT first_segment('{}', '{a,b}', '{1}');
SELECT first_segment('{}', '{}', '{1}');
SELECT first_segment('{}', '{{a},{b}}', '{1,2}');
SELECT first_segment('{}', '{a,b}', '{{1},{2}}');
SELECT first_segment(ARRAY[[('t', 1, 'x', NULL, NULL, NULL)::base_segment_rule]], '{a}', '{1}');
SELECT first_segment(ARRAY[('t', 1, 'x', NULL, NULL, NULL)::base_segment_rule], '[5:5]={a}', '[-1:-1]={1}');

-- What the table of a base refuses: nothing that the function would trip over but a priority with two segments.
CREATE TABLE sales AS SELECT 1 AS customer, date '2024-01-01' AS day, 10 AS amount;
SELECT create_customer_base('segment_shop', sales => 'segment_test.sales', customer_id => 'customer', sold_at => 'day', amount => 'amount');
\set VERBOSITY terse
INSERT INTO segment_shop.segment_rules VALUES ('rfm', 1, 'x', NULL, NULL, NULL);
INSERT INTO segment_shop.segment_rules VALUES ('rfm_segment', 1, 'x', 'probability_alive', 0, NULL);
INSERT INTO segment_shop.segment_rules VALUES ('rfm_segment', NULL, 'x', 'r_class', 0, NULL);
INSERT INTO segment_shop.segment_rules VALUES ('rfm_segment', 1, '', 'r_class', 0, NULL);
INSERT INTO segment_shop.segment_rules VALUES ('rfm_segment', 1, 'x', NULL, 0, NULL);
INSERT INTO segment_shop.segment_rules VALUES ('rfm_segment', 1, 'x', 'r_class', 'NaN', NULL);
INSERT INTO segment_shop.segment_rules VALUES ('rfm_segment', 1, 'x', 'r_class', NULL, 'NaN');
INSERT INTO segment_shop.segment_rules VALUES ('rfm_segment', 1, 'x', 'r_class', '-Infinity', 1);
INSERT INTO segment_shop.segment_rules VALUES ('rfm_segment', 1, 'x', 'r_class', 3, 3);
INSERT INTO segment_shop.segment_rules VALUES ('rfm_segment', 1, 'x', 'r_class', 1, 2), ('rfm_segment', 1, 'x', 'r_class', 4, 5);
INSERT INTO segment_shop.segment_rules VALUES ('rfm_segment', 1, 'x', NULL, NULL, NULL), ('rfm_segment', 1, 'y', NULL, NULL, NULL);
\set VERBOSITY default

-- The default rules are sound; what is not is found without customers.
SELECT * FROM check_segment_rules('segment_shop');
BEGIN;
INSERT INTO segment_shop.segment_rules VALUES ('rfm_segment', 125, 'late', 'r_class', 4, 5), ('life_stage', 65, 'young', 'tenure_cycles', 0, 1),
	('value_quadrant', 20, 'silver', 'headroom', 1, 2), ('life_stage', 200, 'later', 'tenure_days', 1, NULL);
DELETE FROM segment_shop.segment_rules WHERE segment IN ('about_to_sleep', 'lead', 'observation');
SELECT * FROM check_segment_rules('segment_shop');
DELETE FROM segment_shop.segment_rules;
SELECT * FROM check_segment_rules('segment_shop');
SELECT r.segment, r.reason, p.life_stage FROM segment_shop.rfm_segment AS r, segment_shop.customer_profile AS p;
ROLLBACK;
\set VERBOSITY terse
SELECT * FROM check_segment_rules('nobody''s');
SELECT * FROM check_segment_rules(NULL);

SELECT drop_customer_base('segment_shop');
SET client_min_messages = warning;
DROP SCHEMA segment_test CASCADE;
