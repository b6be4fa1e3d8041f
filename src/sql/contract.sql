-- contract.sql - customers under contract: contract_model, its fits, and what it says.

CREATE TYPE customer_value.contract_model;

CREATE FUNCTION customer_value.contract_model_in(cstring) RETURNS customer_value.contract_model
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cv_contract_model_in';
CREATE FUNCTION customer_value.contract_model_out(customer_value.contract_model) RETURNS cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cv_contract_model_out';
CREATE FUNCTION customer_value.contract_model_recv(internal) RETURNS customer_value.contract_model
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cv_contract_model_recv';
CREATE FUNCTION customer_value.contract_model_send(customer_value.contract_model) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cv_contract_model_send';
COMMENT ON FUNCTION customer_value.contract_model_in(cstring) IS 'Text input of contract_model';
COMMENT ON FUNCTION customer_value.contract_model_out(customer_value.contract_model) IS 'Text output of contract_model: complete, shortest digits that read back exactly';
COMMENT ON FUNCTION customer_value.contract_model_recv(internal) IS 'Binary input of contract_model';
COMMENT ON FUNCTION customer_value.contract_model_send(customer_value.contract_model) IS 'Binary output of contract_model';

CREATE TYPE customer_value.contract_model (
	INPUT = customer_value.contract_model_in,
	OUTPUT = customer_value.contract_model_out,
	RECEIVE = customer_value.contract_model_recv,
	SEND = customer_value.contract_model_send,
	INTERNALLENGTH = VARIABLE,
	STORAGE = extended
);
COMMENT ON TYPE customer_value.contract_model IS 'A model of contract renewals: family sbg or bdw, parameters, their covariance, log-likelihood, customers, renewals observed, period, as-of day, status. By hand: ''sbg(alpha=0.668,beta=3.806)''';

CREATE FUNCTION customer_value.contract_model_eq(customer_value.contract_model, customer_value.contract_model) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'cv_contract_model_eq';
CREATE FUNCTION customer_value.contract_model_ne(customer_value.contract_model, customer_value.contract_model) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'cv_contract_model_ne';
CREATE FUNCTION customer_value.contract_model_hash(customer_value.contract_model) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'cv_contract_model_hash';
CREATE FUNCTION customer_value.contract_model_hash_extended(customer_value.contract_model, bigint) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'cv_contract_model_hash_extended';
COMMENT ON FUNCTION customer_value.contract_model_eq(customer_value.contract_model, customer_value.contract_model) IS 'Are the models the same to the last bit?';
COMMENT ON FUNCTION customer_value.contract_model_ne(customer_value.contract_model, customer_value.contract_model) IS 'Do the models differ in any bit?';
COMMENT ON FUNCTION customer_value.contract_model_hash(customer_value.contract_model) IS 'Hash of a model';
COMMENT ON FUNCTION customer_value.contract_model_hash_extended(customer_value.contract_model, bigint) IS 'Hash of a model, with a seed';

CREATE OPERATOR customer_value.= (
	LEFTARG = customer_value.contract_model, RIGHTARG = customer_value.contract_model,
	FUNCTION = customer_value.contract_model_eq,
	COMMUTATOR = OPERATOR(customer_value.=), NEGATOR = OPERATOR(customer_value.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
CREATE OPERATOR customer_value.<> (
	LEFTARG = customer_value.contract_model, RIGHTARG = customer_value.contract_model,
	FUNCTION = customer_value.contract_model_ne,
	COMMUTATOR = OPERATOR(customer_value.<>), NEGATOR = OPERATOR(customer_value.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR customer_value.= (customer_value.contract_model, customer_value.contract_model) IS 'same model';
COMMENT ON OPERATOR customer_value.<> (customer_value.contract_model, customer_value.contract_model) IS 'different models';

CREATE OPERATOR CLASS customer_value.contract_model_hash_ops
	DEFAULT FOR TYPE customer_value.contract_model USING hash AS
	OPERATOR 1 customer_value.=,
	FUNCTION 1 customer_value.contract_model_hash(customer_value.contract_model),
	FUNCTION 2 customer_value.contract_model_hash_extended(customer_value.contract_model, bigint);
COMMENT ON OPERATOR CLASS customer_value.contract_model_hash_ops USING hash IS 'GROUP BY, DISTINCT and hash joins of models';

-- Fitting

CREATE FUNCTION customer_value._fit_contract_count(state bytea, family text, period integer, survivors double precision) RETURNS bytea
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cv_fit_contract_count';
CREATE FUNCTION customer_value._fit_contract_customer(state bytea, family text, start_day date, end_day date, as_of date, period interval) RETURNS bytea
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cv_fit_contract_customer';
CREATE FUNCTION customer_value._fit_contract_combine(bytea, bytea) RETURNS bytea
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_fit_contract_combine';
CREATE FUNCTION customer_value._fit_contract_final(state bytea) RETURNS customer_value.contract_model
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME', 'cv_fit_contract_final';
COMMENT ON FUNCTION customer_value._fit_contract_count(bytea, text, integer, double precision) IS 'Internal: adds the survivors of a period to a fit';
COMMENT ON FUNCTION customer_value._fit_contract_customer(bytea, text, date, date, date, interval) IS 'Internal: adds a contract to a fit';
COMMENT ON FUNCTION customer_value._fit_contract_combine(bytea, bytea) IS 'Internal: both parts of a fit as one';
COMMENT ON FUNCTION customer_value._fit_contract_final(bytea) IS 'Internal: fits the model to the renewals collected';

CREATE AGGREGATE customer_value.fit_contract_model(family text, period integer, survivors double precision) (
	SFUNC = customer_value._fit_contract_count,
	STYPE = bytea,
	SSPACE = 300,
	FINALFUNC = customer_value._fit_contract_final,
	COMBINEFUNC = customer_value._fit_contract_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.fit_contract_model(text, integer, double precision) IS 'Fits sbg or bdw to one cohort: how many are still there after 0, 1, 2, ... renewals, one row each in any order; period 0 counts those who began. Rows where both are NULL are left out; NULL where there is no row';

CREATE AGGREGATE customer_value.fit_contract_model(family text, start_day date, end_day date, as_of date, period interval) (
	SFUNC = customer_value._fit_contract_customer,
	STYPE = bytea,
	SSPACE = 400,
	FINALFUNC = customer_value._fit_contract_final,
	COMBINEFUNC = customer_value._fit_contract_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.fit_contract_model(text, date, date, date, interval) IS 'Fits sbg or bdw to contracts that renew every period (months, years, days or weeks) after their start. end_day is the last day or the day after it, NULL while running; ends after as_of are not known yet. Counted is each renewal whose day has come by as_of. Rows where both days are NULL are left out; NULL where there is no row';

-- Predictions

CREATE FUNCTION customer_value.contract_survival(model customer_value.contract_model, renewals integer) RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_contract_survival';
COMMENT ON FUNCTION customer_value.contract_survival(customer_value.contract_model, integer) IS 'Share of those who began that are still there after so many renewals, S(t)';

CREATE FUNCTION customer_value.contract_retention(model customer_value.contract_model, renewal integer) RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_contract_retention';
COMMENT ON FUNCTION customer_value.contract_retention(customer_value.contract_model, integer) IS 'Share of those up for renewal number 1, 2, ... who renew, S(t) / S(t - 1)';

CREATE FUNCTION customer_value.contract_churn(model customer_value.contract_model, renewal integer) RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_contract_churn';
COMMENT ON FUNCTION customer_value.contract_churn(customer_value.contract_model, integer) IS 'Share of those up for renewal number 1, 2, ... who leave, the hazard: 1 - retention';

CREATE FUNCTION customer_value.derl(model customer_value.contract_model, discount_rate double precision, renewals integer) RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME', 'cv_derl';
COMMENT ON FUNCTION customer_value.derl(customer_value.contract_model, double precision, integer) IS 'Discounted expected residual lifetime of a customer who has renewed so many times and is about to be asked again: expected further periods, the next one undiscounted, the later ones at the rate a period. Times the net payment of a period: the customer''s residual value';

CREATE FUNCTION customer_value.del(model customer_value.contract_model, discount_rate double precision) RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME', 'cv_del';
COMMENT ON FUNCTION customer_value.del(customer_value.contract_model, double precision) IS 'Discounted expected lifetime of a new customer, in periods: the first, paid today, undiscounted, the later ones at the rate a period';

CREATE FUNCTION customer_value.contract_forecast(model customer_value.contract_model, periods integer, confidence double precision DEFAULT 0.95,
		OUT period integer, OUT survival double precision, OUT survival_low double precision, OUT survival_high double precision,
		OUT retention double precision, OUT retention_low double precision, OUT retention_high double precision)
	RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 12 AS 'MODULE_PATHNAME', 'cv_contract_forecast';
COMMENT ON FUNCTION customer_value.contract_forecast(customer_value.contract_model, integer, double precision) IS 'Survival and retention for a chart, one row a period from 0 on, with intervals (delta method on the logit scale); those are NULL where the model has no standard errors';

CREATE FUNCTION customer_value.contract_predictions(model customer_value.contract_model, renewals integer, discount_rate double precision, confidence double precision DEFAULT 0.95,
		OUT prediction text, OUT estimate double precision, OUT standard_error double precision, OUT low double precision, OUT high double precision)
	RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5000 ROWS 5 AS 'MODULE_PATHNAME', 'cv_contract_predictions';
COMMENT ON FUNCTION customer_value.contract_predictions(customer_value.contract_model, integer, double precision, double precision) IS 'What the model says of a customer who has renewed so many times, with standard errors and intervals (delta method): survival up to now, retention and churn at the next renewal, derl, and del of a new customer';

CREATE FUNCTION customer_value.contract_renewals(start_day date, as_of date, period interval) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cv_contract_renewals';
COMMENT ON FUNCTION customer_value.contract_renewals(date, date, interval) IS 'Renewals that a contract still running on as_of has made: whole periods since its start. NULL before it starts';

-- Questions about a model

CREATE FUNCTION customer_value.contract_parameters(model customer_value.contract_model,
		OUT parameter text, OUT estimate double precision, OUT standard_error double precision,
		OUT low double precision, OUT high double precision)
	RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 3 AS 'MODULE_PATHNAME', 'cv_contract_parameters';
COMMENT ON FUNCTION customer_value.contract_parameters(customer_value.contract_model) IS 'Parameters with standard errors (delta method) and 95% intervals on the log scale; those are NULL where the model was given by hand or the data do not tell';

CREATE TYPE customer_value.contract_summary AS (
	family         text,
	status         text,
	period         text,
	as_of          date,
	customers      double precision,
	renewals       integer,
	log_likelihood double precision,
	verdict        text
);
COMMENT ON TYPE customer_value.contract_summary IS 'The facts of a contract model beside its parameters';
COMMENT ON COLUMN customer_value.contract_summary.family IS 'sbg (shifted beta geometric) or bdw (beta discrete Weibull)';
COMMENT ON COLUMN customer_value.contract_summary.status IS 'given (by hand), converged, weak (the data hardly tell), no_churn (nobody left), all_lost (nobody renewed), alike (no difference between customers shows), divided (some leave at once, the others never), not_converged';
COMMENT ON COLUMN customer_value.contract_summary.period IS 'Time from one renewal to the next; NULL where fitted from counts or given without';
COMMENT ON COLUMN customer_value.contract_summary.as_of IS 'Day on which the observation ended; NULL where fitted from counts or given';
COMMENT ON COLUMN customer_value.contract_summary.customers IS 'Customers the model was fitted to (survivors of period 0 where fitted from counts); NULL where given';
COMMENT ON COLUMN customer_value.contract_summary.renewals IS 'The last renewal that somebody was up for; NULL where given';
COMMENT ON COLUMN customer_value.contract_summary.log_likelihood IS 'Log-likelihood at the estimates; NULL where given';
COMMENT ON COLUMN customer_value.contract_summary.verdict IS 'The model in plain words: what came out and what to do about it';

CREATE FUNCTION customer_value.contract_summary(model customer_value.contract_model) RETURNS customer_value.contract_summary
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_contract_summary';
COMMENT ON FUNCTION customer_value.contract_summary(customer_value.contract_model) IS 'The facts of a contract model beside its parameters, as one row';
