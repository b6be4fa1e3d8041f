-- value.sql - predictions for one customer: alive, purchases, their distribution, spend, lifetime value, all of them as one row, and how far they may be off.

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
CREATE FUNCTION customer_value.probability_active(model customer_value.fitted_model, horizon interval)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_probability_active_new';
COMMENT ON FUNCTION customer_value.probability_active(customer_value.fitted_model, interval) IS 'Probability that a customer whose first purchase is on the models as-of day is still a customer at the end of the horizon';

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
CREATE FUNCTION customer_value.discounted_purchases(model customer_value.fitted_model, history customer_value.purchase_history, as_of date, horizon interval, annual_discount_rate double precision)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'cv_discounted_purchases_history';
COMMENT ON FUNCTION customer_value.discounted_purchases(customer_value.fitted_model, customer_value.purchase_history, date, interval, double precision) IS 'Expected number of purchase days within the horizon after the as-of day, each discounted continuously at ln(1 + annual rate), a year being 365.25 days; NULL without a purchase by then';
CREATE FUNCTION customer_value.discounted_purchases(model customer_value.fitted_model, x double precision, t_x double precision, t double precision, horizon double precision, annual_discount_rate double precision)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'cv_discounted_purchases_summary';
COMMENT ON FUNCTION customer_value.discounted_purchases(customer_value.fitted_model, double precision, double precision, double precision, double precision, double precision) IS 'Expected discounted number of purchase days of a customer with the summary x, t_x, t within the horizon, in time units of the model';
CREATE FUNCTION customer_value.discounted_purchases(model customer_value.fitted_model, horizon interval, annual_discount_rate double precision)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'cv_discounted_purchases_new';
COMMENT ON FUNCTION customer_value.discounted_purchases(customer_value.fitted_model, interval, double precision) IS 'Expected discounted number of repeat purchase days within the horizon of a customer whose first purchase is on the models as-of day (a month is 365.25/12 days where the model has none)';
CREATE FUNCTION customer_value.dert(model customer_value.fitted_model, history customer_value.purchase_history, as_of date, annual_discount_rate double precision)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'cv_dert_history';
COMMENT ON FUNCTION customer_value.dert(customer_value.fitted_model, customer_value.purchase_history, date, double precision) IS 'Discounted expected residual transactions: expected number of purchase days ever after the as-of day, each discounted continuously at ln(1 + annual rate), which must be positive; NULL without a purchase by then';
CREATE FUNCTION customer_value.dert(model customer_value.fitted_model, x double precision, t_x double precision, t double precision, annual_discount_rate double precision)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'cv_dert_summary';
COMMENT ON FUNCTION customer_value.dert(customer_value.fitted_model, double precision, double precision, double precision, double precision) IS 'Discounted expected residual transactions of a customer with the summary x, t_x, t; the annual rate must be positive';
CREATE FUNCTION customer_value.dert(model customer_value.fitted_model, annual_discount_rate double precision)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'cv_dert_new';
COMMENT ON FUNCTION customer_value.dert(customer_value.fitted_model, double precision) IS 'Discounted expected number of repeat purchase days ever of a customer whose first purchase is today; the annual rate must be positive';

-- How many purchases, and when the next one

CREATE FUNCTION customer_value.probability_no_purchase(model customer_value.fitted_model, history customer_value.purchase_history, as_of date, horizon interval)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 30 AS 'MODULE_PATHNAME', 'cv_probability_no_purchase_history';
COMMENT ON FUNCTION customer_value.probability_no_purchase(customer_value.fitted_model, customer_value.purchase_history, date, interval) IS 'Probability that no purchase comes within the horizon after the as-of day, whether the customer has left or not; NULL without a purchase by then';
CREATE FUNCTION customer_value.probability_no_purchase(model customer_value.fitted_model, x double precision, t_x double precision, t double precision, horizon double precision)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 30 AS 'MODULE_PATHNAME', 'cv_probability_no_purchase_summary';
COMMENT ON FUNCTION customer_value.probability_no_purchase(customer_value.fitted_model, double precision, double precision, double precision, double precision) IS 'Probability that a customer with the summary x, t_x, t does not buy within the horizon, in time units of the model';
CREATE FUNCTION customer_value.probability_no_purchase(model customer_value.fitted_model, horizon interval)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 30 AS 'MODULE_PATHNAME', 'cv_probability_no_purchase_new';
COMMENT ON FUNCTION customer_value.probability_no_purchase(customer_value.fitted_model, interval) IS 'Probability of no repeat purchase within the horizon of a customer whose first purchase is on the models as-of day (a month is 365.25/12 days where the model has none)';
CREATE FUNCTION customer_value.probability_of_purchases(model customer_value.fitted_model, history customer_value.purchase_history, as_of date, horizon interval, purchases integer)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'cv_probability_of_purchases_history';
COMMENT ON FUNCTION customer_value.probability_of_purchases(customer_value.fitted_model, customer_value.purchase_history, date, interval, integer) IS 'Probability of exactly so many purchase days within the horizon after the as-of day; NULL without a purchase by then';
CREATE FUNCTION customer_value.probability_of_purchases(model customer_value.fitted_model, x double precision, t_x double precision, t double precision, horizon double precision, purchases integer)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'cv_probability_of_purchases_summary';
COMMENT ON FUNCTION customer_value.probability_of_purchases(customer_value.fitted_model, double precision, double precision, double precision, double precision, integer) IS 'Probability of exactly so many purchase days of a customer with the summary x, t_x, t within the horizon, in time units of the model';
CREATE FUNCTION customer_value.probability_of_purchases(model customer_value.fitted_model, horizon interval, purchases integer)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'cv_probability_of_purchases_new';
COMMENT ON FUNCTION customer_value.probability_of_purchases(customer_value.fitted_model, interval, integer) IS 'Probability of exactly so many repeat purchase days within the horizon of a customer whose first purchase is on the models as-of day (a month is 365.25/12 days where the model has none)';
CREATE FUNCTION customer_value.purchase_distribution(model customer_value.fitted_model, history customer_value.purchase_history, as_of date, horizon interval, max_purchases integer,
		OUT purchases integer, OUT probability double precision, OUT cumulative double precision)
	RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5000 ROWS 20 AS 'MODULE_PATHNAME', 'cv_purchase_distribution_history';
COMMENT ON FUNCTION customer_value.purchase_distribution(customer_value.fitted_model, customer_value.purchase_history, date, interval, integer) IS 'The probability of 0, 1, ... up to max_purchases purchase days within the horizon after the as-of day, one row each, and that of so many or fewer; no row without a purchase by then';
CREATE FUNCTION customer_value.purchase_distribution(model customer_value.fitted_model, x double precision, t_x double precision, t double precision, horizon double precision, max_purchases integer,
		OUT purchases integer, OUT probability double precision, OUT cumulative double precision)
	RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5000 ROWS 20 AS 'MODULE_PATHNAME', 'cv_purchase_distribution_summary';
COMMENT ON FUNCTION customer_value.purchase_distribution(customer_value.fitted_model, double precision, double precision, double precision, double precision, integer) IS 'The probability of 0, 1, ... up to max_purchases purchase days of a customer with the summary x, t_x, t within the horizon, in time units of the model, one row each, and that of so many or fewer';
CREATE FUNCTION customer_value.purchase_distribution(model customer_value.fitted_model, horizon interval, max_purchases integer,
		OUT purchases integer, OUT probability double precision, OUT cumulative double precision)
	RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5000 ROWS 20 AS 'MODULE_PATHNAME', 'cv_purchase_distribution_new';
COMMENT ON FUNCTION customer_value.purchase_distribution(customer_value.fitted_model, interval, integer) IS 'The probability of 0, 1, ... up to max_purchases repeat purchase days within the horizon, one row each, and that of so many or fewer, of a customer whose first purchase is on the models as-of day (a month is 365.25/12 days where the model has none)';
CREATE FUNCTION customer_value.next_purchase_day(model customer_value.fitted_model, history customer_value.purchase_history, as_of date, horizon interval)
	RETURNS date
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'cv_next_purchase_day_history';
COMMENT ON FUNCTION customer_value.next_purchase_day(customer_value.fitted_model, customer_value.purchase_history, date, interval) IS 'Expected day of the next purchase, given that one comes within the horizon after the as-of day; NULL without a purchase by then, and where the chance of one within the horizon is below 1e-9';
CREATE FUNCTION customer_value.next_purchase_day(model customer_value.fitted_model, horizon interval)
	RETURNS date
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'cv_next_purchase_day_new';
COMMENT ON FUNCTION customer_value.next_purchase_day(customer_value.fitted_model, interval) IS 'Expected day of the second purchase, given that it comes within the horizon, of a customer whose first purchase is on the models as-of day; NULL where the model has none';
CREATE FUNCTION customer_value.expected_next_purchase(model customer_value.fitted_model, x double precision, t_x double precision, t double precision, horizon double precision)
	RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'cv_expected_next_purchase_summary';
COMMENT ON FUNCTION customer_value.expected_next_purchase(customer_value.fitted_model, double precision, double precision, double precision, double precision) IS 'Expected time to the next purchase of a customer with the summary x, t_x, t, given that one comes within the horizon, both in time units of the model; NULL where the chance of that is below 1e-9';

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

-- How far predictions may be off

CREATE TYPE customer_value.customer_prediction_interval AS (
	probability_alive_low             double precision,
	probability_alive_high            double precision,
	expected_purchases_standard_error double precision,
	expected_purchases_low            double precision,
	expected_purchases_high           double precision,
	expected_value_standard_error     double precision,
	expected_value_low                double precision,
	expected_value_high               double precision,
	reason                            text
);
COMMENT ON TYPE customer_value.customer_prediction_interval IS 'Standard errors and intervals of the main predictions of one customer. They cover that the models are estimates, not the chance of one customer''s outcome: that is purchase_distribution';
COMMENT ON COLUMN customer_value.customer_prediction_interval.probability_alive_low IS 'Lower end of the interval of probability_alive';
COMMENT ON COLUMN customer_value.customer_prediction_interval.probability_alive_high IS 'Upper end of the interval of probability_alive';
COMMENT ON COLUMN customer_value.customer_prediction_interval.expected_purchases_standard_error IS 'Standard error of expected_purchases';
COMMENT ON COLUMN customer_value.customer_prediction_interval.expected_purchases_low IS 'Lower end of the interval of expected_purchases';
COMMENT ON COLUMN customer_value.customer_prediction_interval.expected_purchases_high IS 'Upper end of the interval of expected_purchases';
COMMENT ON COLUMN customer_value.customer_prediction_interval.expected_value_standard_error IS 'Standard error of expected_value; NULL: see reason';
COMMENT ON COLUMN customer_value.customer_prediction_interval.expected_value_low IS 'Lower end of the interval of expected_value; NULL: see reason';
COMMENT ON COLUMN customer_value.customer_prediction_interval.expected_value_high IS 'Upper end of the interval of expected_value; NULL: see reason';
COMMENT ON COLUMN customer_value.customer_prediction_interval.reason IS 'Why numbers are missing: not fitted, no purchase yet, no standard errors (of a model given by hand, or whose data do not tell), no spend model, no mean amount, expected spend is not finite, out of range, no as-of day, no horizon, no discount rate, no confidence; NULL where none is';

CREATE FUNCTION customer_value.predict_interval(purchase_model customer_value.fitted_model, spend_model customer_value.fitted_model, history customer_value.purchase_history, as_of date, horizon interval, annual_discount_rate double precision, confidence double precision DEFAULT 0.95)
	RETURNS customer_value.customer_prediction_interval
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'cv_predict_interval_history';
COMMENT ON FUNCTION customer_value.predict_interval(customer_value.fitted_model, customer_value.fitted_model, customer_value.purchase_history, date, interval, double precision, double precision) IS 'Standard errors and intervals of what predict() says, as one row, each computed once. They cover that the models are estimates, not the chance of one customer''s outcome: that is purchase_distribution. Call it in FROM';
CREATE FUNCTION customer_value.predict_interval(purchase_model customer_value.fitted_model, spend_model customer_value.fitted_model, x double precision, t_x double precision, t double precision, m double precision, horizon double precision, annual_discount_rate double precision, confidence double precision DEFAULT 0.95)
	RETURNS customer_value.customer_prediction_interval
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'cv_predict_interval_summary';
COMMENT ON FUNCTION customer_value.predict_interval(customer_value.fitted_model, customer_value.fitted_model, double precision, double precision, double precision, double precision, double precision, double precision, double precision) IS 'Standard errors and intervals of what predict() says of a customer with the summary x, t_x, t, m as one row; horizon in time units of the model. Call it in FROM';
CREATE FUNCTION customer_value.predict_interval(purchase_model customer_value.fitted_model, spend_model customer_value.fitted_model, horizon interval, annual_discount_rate double precision, confidence double precision DEFAULT 0.95)
	RETURNS customer_value.customer_prediction_interval
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'cv_predict_interval_new';
COMMENT ON FUNCTION customer_value.predict_interval(customer_value.fitted_model, customer_value.fitted_model, interval, double precision, double precision) IS 'Standard errors and intervals of what predict() says of a customer whose first purchase is on the models as-of day as one row. Call it in FROM';
CREATE FUNCTION customer_value.prediction_intervals(purchase_model customer_value.fitted_model, spend_model customer_value.fitted_model, history customer_value.purchase_history, as_of date, horizon interval, annual_discount_rate double precision, confidence double precision DEFAULT 0.95,
		OUT prediction text, OUT estimate double precision, OUT standard_error double precision, OUT low double precision, OUT high double precision)
	RETURNS SETOF record
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000 ROWS 8 AS 'MODULE_PATHNAME', 'cv_prediction_intervals_history';
COMMENT ON FUNCTION customer_value.prediction_intervals(customer_value.fitted_model, customer_value.fitted_model, customer_value.purchase_history, date, interval, double precision, double precision) IS 'Every prediction of a customer as of a day with its standard error (delta method) and interval; those are NULL where the model has no covariance. dert only where the rate is positive, spend and value only with a spend model; no row without a purchase by then. They cover that the models are estimates, not the chance of one customer''s outcome: that is purchase_distribution';
CREATE FUNCTION customer_value.prediction_intervals(purchase_model customer_value.fitted_model, spend_model customer_value.fitted_model, x double precision, t_x double precision, t double precision, m double precision, horizon double precision, annual_discount_rate double precision, confidence double precision DEFAULT 0.95,
		OUT prediction text, OUT estimate double precision, OUT standard_error double precision, OUT low double precision, OUT high double precision)
	RETURNS SETOF record
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000 ROWS 8 AS 'MODULE_PATHNAME', 'cv_prediction_intervals_summary';
COMMENT ON FUNCTION customer_value.prediction_intervals(customer_value.fitted_model, customer_value.fitted_model, double precision, double precision, double precision, double precision, double precision, double precision, double precision) IS 'Every prediction of a customer with the summary x, t_x, t, m with its standard error and interval; horizon in time units of the model';
CREATE FUNCTION customer_value.prediction_intervals(purchase_model customer_value.fitted_model, spend_model customer_value.fitted_model, horizon interval, annual_discount_rate double precision, confidence double precision DEFAULT 0.95,
		OUT prediction text, OUT estimate double precision, OUT standard_error double precision, OUT low double precision, OUT high double precision)
	RETURNS SETOF record
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000 ROWS 8 AS 'MODULE_PATHNAME', 'cv_prediction_intervals_new';
COMMENT ON FUNCTION customer_value.prediction_intervals(customer_value.fitted_model, customer_value.fitted_model, interval, double precision, double precision) IS 'Every prediction of a customer whose first purchase is on the models as-of day with its standard error and interval';
