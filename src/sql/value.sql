-- value.sql - predictions for one customer: alive, purchases, spend, lifetime value, and all of them as one row.

CREATE TYPE customer_value.customer_prediction AS (
	probability_alive      double precision,
	probability_active_end double precision,
	expected_purchases     double precision,
	discounted_purchases   double precision,
	expected_spend         double precision,
	expected_value         double precision,
	purchase_cycle_days    double precision,
	reason                 text
);
COMMENT ON TYPE customer_value.customer_prediction IS 'All predictions of one customer';
COMMENT ON COLUMN customer_value.customer_prediction.probability_alive IS 'Probability of being still a customer on the as-of day';
COMMENT ON COLUMN customer_value.customer_prediction.probability_active_end IS 'Probability of being still a customer at the end of the horizon';
COMMENT ON COLUMN customer_value.customer_prediction.expected_purchases IS 'Expected number of purchase days within the horizon';
COMMENT ON COLUMN customer_value.customer_prediction.discounted_purchases IS 'The same, each discounted to the as-of day at ln(1 + annual rate), a year being 365.25 days';
COMMENT ON COLUMN customer_value.customer_prediction.expected_spend IS 'Expected amount of a purchase day, in the currency of the amounts; NULL: see reason';
COMMENT ON COLUMN customer_value.customer_prediction.expected_value IS 'discounted_purchases times expected_spend; NULL: see reason';
COMMENT ON COLUMN customer_value.customer_prediction.purchase_cycle_days IS 'Expected days to the next purchase while still a customer';
COMMENT ON COLUMN customer_value.customer_prediction.reason IS 'Why predictions are missing: not fitted, no purchase yet, no spend model, no mean amount, expected spend is not finite, out of range, no as-of day, no horizon, no discount rate; NULL where none is';

-- Alive

CREATE FUNCTION customer_value.probability_alive(model customer_value.fitted_model, history customer_value.purchase_history, as_of date)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_probability_alive_history';
COMMENT ON FUNCTION customer_value.probability_alive(customer_value.fitted_model, customer_value.purchase_history, date) IS 'Probability that the customer is still a customer on the as-of day; NULL without a purchase by then';
CREATE FUNCTION customer_value.probability_alive(model customer_value.fitted_model, x double precision, t_x double precision, t double precision)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_probability_alive_summary';
COMMENT ON FUNCTION customer_value.probability_alive(customer_value.fitted_model, double precision, double precision, double precision) IS 'Probability that a customer with the summary x, t_x, t is still a customer';
CREATE FUNCTION customer_value.probability_active(model customer_value.fitted_model, history customer_value.purchase_history, as_of date, horizon interval)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_probability_active_history';
COMMENT ON FUNCTION customer_value.probability_active(customer_value.fitted_model, customer_value.purchase_history, date, interval) IS 'Probability that the customer is still a customer at the end of the horizon; NULL without a purchase by the as-of day';
CREATE FUNCTION customer_value.probability_active(model customer_value.fitted_model, x double precision, t_x double precision, t double precision, horizon double precision)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_probability_active_summary';
COMMENT ON FUNCTION customer_value.probability_active(customer_value.fitted_model, double precision, double precision, double precision, double precision) IS 'Probability that a customer with the summary x, t_x, t is still a customer after the horizon, in time units of the model';

-- Purchases

CREATE FUNCTION customer_value.expected_purchases(model customer_value.fitted_model, history customer_value.purchase_history, as_of date, horizon interval)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'cv_expected_purchases_history';
COMMENT ON FUNCTION customer_value.expected_purchases(customer_value.fitted_model, customer_value.purchase_history, date, interval) IS 'Expected number of purchase days within the horizon after the as-of day; NULL without a purchase by then';
CREATE FUNCTION customer_value.expected_purchases(model customer_value.fitted_model, x double precision, t_x double precision, t double precision, horizon double precision)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'cv_expected_purchases_summary';
COMMENT ON FUNCTION customer_value.expected_purchases(customer_value.fitted_model, double precision, double precision, double precision, double precision) IS 'Expected number of purchase days of a customer with the summary x, t_x, t within the horizon, in time units of the model';
CREATE FUNCTION customer_value.expected_purchases(model customer_value.fitted_model, horizon interval)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'cv_expected_purchases_new';
COMMENT ON FUNCTION customer_value.expected_purchases(customer_value.fitted_model, interval) IS 'Expected number of repeat purchase days within the horizon of a customer whose first purchase is on the models as-of day (a month is 365.25/12 days where the model has none)';

-- Spend

CREATE FUNCTION customer_value.expected_spend(spend_model customer_value.fitted_model, history customer_value.purchase_history, as_of date)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_expected_spend_history';
COMMENT ON FUNCTION customer_value.expected_spend(customer_value.fitted_model, customer_value.purchase_history, date) IS 'Expected amount of a purchase day of the customer as of a day; NULL without a purchase by then or where it is not finite';
CREATE FUNCTION customer_value.expected_spend(spend_model customer_value.fitted_model, x double precision, m double precision)
	RETURNS double precision
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_expected_spend_summary';
COMMENT ON FUNCTION customer_value.expected_spend(customer_value.fitted_model, double precision, double precision) IS 'Expected amount of a purchase day of a customer with x repeat purchase days of mean amount m (may be NULL where x = 0); NULL where it is not finite';
CREATE FUNCTION customer_value.expected_spend(spend_model customer_value.fitted_model)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_expected_spend_new';
COMMENT ON FUNCTION customer_value.expected_spend(customer_value.fitted_model) IS 'Expected amount of a purchase day of a customer nothing is known of; NULL where it is not finite';

-- Lifetime value

CREATE FUNCTION customer_value.lifetime_value(purchase_model customer_value.fitted_model, spend_model customer_value.fitted_model, history customer_value.purchase_history, as_of date, horizon interval, annual_discount_rate double precision)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'cv_lifetime_value_history';
COMMENT ON FUNCTION customer_value.lifetime_value(customer_value.fitted_model, customer_value.fitted_model, customer_value.purchase_history, date, interval, double precision) IS 'Expected spend within the horizon after the as-of day, discounted continuously at ln(1 + annual rate), a year being 365.25 days; NULL without a purchase by then or where the expected spend is not finite';
CREATE FUNCTION customer_value.lifetime_value(purchase_model customer_value.fitted_model, spend_model customer_value.fitted_model, x double precision, t_x double precision, t double precision, m double precision, horizon double precision, annual_discount_rate double precision)
	RETURNS double precision
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'cv_lifetime_value_summary';
COMMENT ON FUNCTION customer_value.lifetime_value(customer_value.fitted_model, customer_value.fitted_model, double precision, double precision, double precision, double precision, double precision, double precision) IS 'Expected discounted spend of a customer with the summary x, t_x, t, m (m may be NULL where x = 0) within the horizon, in time units of the model';
CREATE FUNCTION customer_value.lifetime_value(purchase_model customer_value.fitted_model, spend_model customer_value.fitted_model, horizon interval, annual_discount_rate double precision)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'cv_lifetime_value_new';
COMMENT ON FUNCTION customer_value.lifetime_value(customer_value.fitted_model, customer_value.fitted_model, interval, double precision) IS 'Expected discounted spend after the first purchase within the horizon of a customer whose first purchase is on the models as-of day';

-- All as one row

CREATE FUNCTION customer_value.predict(purchase_model customer_value.fitted_model, spend_model customer_value.fitted_model, history customer_value.purchase_history, as_of date, horizon interval, annual_discount_rate double precision)
	RETURNS customer_value.customer_prediction
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 300 AS 'MODULE_PATHNAME', 'cv_predict_history';
COMMENT ON FUNCTION customer_value.predict(customer_value.fitted_model, customer_value.fitted_model, customer_value.purchase_history, date, interval, double precision) IS 'All predictions of a customer as of a day as one row, each computed once. Call it in FROM (CROSS JOIN LATERAL predict(...) AS p): (predict(...)).* in the select list computes the row once a column';
CREATE FUNCTION customer_value.predict(purchase_model customer_value.fitted_model, spend_model customer_value.fitted_model, x double precision, t_x double precision, t double precision, m double precision, horizon double precision, annual_discount_rate double precision)
	RETURNS customer_value.customer_prediction
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 300 AS 'MODULE_PATHNAME', 'cv_predict_summary';
COMMENT ON FUNCTION customer_value.predict(customer_value.fitted_model, customer_value.fitted_model, double precision, double precision, double precision, double precision, double precision, double precision) IS 'All predictions of a customer with the summary x, t_x, t, m as one row; horizon in time units of the model. Call it in FROM';
CREATE FUNCTION customer_value.predict(purchase_model customer_value.fitted_model, spend_model customer_value.fitted_model, horizon interval, annual_discount_rate double precision)
	RETURNS customer_value.customer_prediction
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 300 AS 'MODULE_PATHNAME', 'cv_predict_new';
COMMENT ON FUNCTION customer_value.predict(customer_value.fitted_model, customer_value.fitted_model, interval, double precision) IS 'All predictions of a customer whose first purchase is on the models as-of day as one row; that purchase is not counted. Call it in FROM';
