-- The distribution of purchases, the next purchase and endless horizons against values
-- computed to 20 digits in two ways (bench/reference/later_purchases.py). Catches a wrong
-- formula or unit behind the SQL functions, and digits lost for new, silent and busy customers.
SET search_path = public, customer_value;

CREATE TABLE counts (family text, p1 text, p2 text, p3 text, p4 text, x float8, t_x float8, t float8, horizon float8, purchases integer, probability float8);
CREATE TABLE endless (family text, p1 text, p2 text, p3 text, p4 text, x float8, t_x float8, t float8, annual_discount_rate float8, dert float8);
CREATE TABLE next (family text, p1 text, p2 text, p3 text, p4 text, x float8, t_x float8, t float8, horizon float8, time float8);
\copy counts FROM 'test/reference/purchase_counts.csv' CSV HEADER
\copy endless FROM 'test/reference/dert.csv' CSV HEADER
\copy next FROM 'test/reference/next_purchase.csv' CSV HEADER

CREATE FUNCTION model_of(family text, p1 text, p2 text, p3 text, p4 text) RETURNS fitted_model LANGUAGE sql AS $$
	SELECT CASE family
		WHEN 'nbd' THEN format('nbd(r=%s,alpha=%s)', p1, p2)
		WHEN 'pareto/nbd' THEN format('pareto/nbd(r=%s,alpha=%s,s=%s,beta=%s)', p1, p2, p3, p4)
		ELSE format('%s(r=%s,alpha=%s,a=%s,b=%s)', family, p1, p2, p3, p4) END::fitted_model
$$;

SELECT plan(5);
SELECT cmp_ok((SELECT count(*) FROM counts), '>', 900::bigint, 'the reference of counts is there');
SELECT is_empty('SELECT * FROM (SELECT *, probability_of_purchases(model_of(family, p1, p2, p3, p4), x, t_x, t, horizon, purchases) AS got FROM counts) AS c
	WHERE got IS NULL OR abs(got / probability - 1) > 1e-12', 'probabilities of counts agree to 1e-12 relative');
SELECT is_empty('SELECT * FROM (SELECT *, probability_no_purchase(model_of(family, p1, p2, p3, p4), x, t_x, t, horizon) AS got FROM counts WHERE purchases = 0) AS c
	WHERE got IS NULL OR abs(got / probability - 1) > 1e-12', 'probabilities of no purchase agree to 1e-12 relative');
SELECT is_empty('SELECT * FROM (SELECT *, dert(model_of(family, p1, p2, p3, p4), x, t_x, t, annual_discount_rate) AS got FROM endless) AS e
	WHERE got IS NULL OR abs(got / dert - 1) > 1e-12', 'dert agrees to 1e-12 relative');
SELECT is_empty('SELECT * FROM (SELECT *, expected_next_purchase(model_of(family, p1, p2, p3, p4), x, t_x, t, horizon) AS got FROM next) AS n
	WHERE got IS NULL OR abs(got / time - 1) > 1e-12', 'times to the next purchase agree to 1e-12 relative');
SELECT * FROM finish();
