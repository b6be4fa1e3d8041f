-- Discounted purchases against values computed to 30 digits by formulas of their own
-- (bench/reference/discounted_purchases.py). Catches a wrong rate, a wrong discount
-- convention and lost digits near a = 1, over long horizons and at high rates.
SET search_path = public, customer_value;

CREATE TABLE reference (
	family text, r text, alpha text, a text, b text, x float8, t_x float8, t float8, horizon float8,
	annual_discount_rate float8, probability_alive float8, discounted_purchases float8);
\copy reference FROM 'test/reference/discounted_purchases.csv' CSV HEADER

SELECT plan(3);

SELECT is((SELECT count(*) FROM reference), 216::bigint, 'every row of the reference is there');

CREATE TABLE error AS
SELECT f.*, p.discounted_purchases AS got,
	   abs(p.discounted_purchases / f.discounted_purchases - 1) AS discounted_error,
	   abs(p.probability_alive / f.probability_alive - 1) AS alive_error
FROM reference AS f
	CROSS JOIN LATERAL predict(format('%s(r=%s,alpha=%s,a=%s,b=%s)', family, r, alpha, a, b)::fitted_model, NULL,
							   x, t_x, t, NULL, horizon, annual_discount_rate) AS p;

SELECT is_empty('SELECT * FROM error WHERE discounted_error IS NULL OR discounted_error > 1e-12',
				'discounted purchases agree to 1e-12 relative');
SELECT is_empty('SELECT * FROM error WHERE alive_error IS NULL OR alive_error > 1e-13',
				'probability alive agrees to 1e-13 relative');
SELECT diag('worst relative error: ' || max(discounted_error)) FROM error;
SELECT * FROM finish();
