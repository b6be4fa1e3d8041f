-- model.sql - fitted_model, fit_state, the fitting aggregates, and what people ask about a model.

-- fitted_model

CREATE TYPE customer_value.fitted_model;

CREATE FUNCTION customer_value.fitted_model_in(cstring) RETURNS customer_value.fitted_model
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cv_fitted_model_in';
CREATE FUNCTION customer_value.fitted_model_out(customer_value.fitted_model) RETURNS cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cv_fitted_model_out';
CREATE FUNCTION customer_value.fitted_model_recv(internal) RETURNS customer_value.fitted_model
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cv_fitted_model_recv';
CREATE FUNCTION customer_value.fitted_model_send(customer_value.fitted_model) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cv_fitted_model_send';
COMMENT ON FUNCTION customer_value.fitted_model_in(cstring) IS 'Text input of fitted_model';
COMMENT ON FUNCTION customer_value.fitted_model_out(customer_value.fitted_model) IS 'Text output of fitted_model: complete, shortest digits that read back exactly';
COMMENT ON FUNCTION customer_value.fitted_model_recv(internal) IS 'Binary input of fitted_model';
COMMENT ON FUNCTION customer_value.fitted_model_send(customer_value.fitted_model) IS 'Binary output of fitted_model';

CREATE TYPE customer_value.fitted_model (
	INPUT = customer_value.fitted_model_in,
	OUTPUT = customer_value.fitted_model_out,
	RECEIVE = customer_value.fitted_model_recv,
	SEND = customer_value.fitted_model_send,
	INTERNALLENGTH = VARIABLE,
	STORAGE = extended
);
COMMENT ON TYPE customer_value.fitted_model IS 'A purchase or spend model: family, parameters, their covariance, log-likelihood, number of customers, as-of day, status. By hand: ''bg/nbd(r=0.243,alpha=4.414,a=0.793,b=2.426)''';

CREATE FUNCTION customer_value.fitted_model_eq(customer_value.fitted_model, customer_value.fitted_model) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'cv_fitted_model_eq';
CREATE FUNCTION customer_value.fitted_model_ne(customer_value.fitted_model, customer_value.fitted_model) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'cv_fitted_model_ne';
CREATE FUNCTION customer_value.fitted_model_hash(customer_value.fitted_model) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'cv_fitted_model_hash';
CREATE FUNCTION customer_value.fitted_model_hash_extended(customer_value.fitted_model, bigint) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'cv_fitted_model_hash_extended';
COMMENT ON FUNCTION customer_value.fitted_model_eq(customer_value.fitted_model, customer_value.fitted_model) IS 'Are the models the same to the last bit?';
COMMENT ON FUNCTION customer_value.fitted_model_ne(customer_value.fitted_model, customer_value.fitted_model) IS 'Do the models differ in any bit?';
COMMENT ON FUNCTION customer_value.fitted_model_hash(customer_value.fitted_model) IS 'Hash of a model';
COMMENT ON FUNCTION customer_value.fitted_model_hash_extended(customer_value.fitted_model, bigint) IS 'Hash of a model, with a seed';

CREATE OPERATOR customer_value.= (
	LEFTARG = customer_value.fitted_model, RIGHTARG = customer_value.fitted_model,
	FUNCTION = customer_value.fitted_model_eq,
	COMMUTATOR = OPERATOR(customer_value.=), NEGATOR = OPERATOR(customer_value.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
CREATE OPERATOR customer_value.<> (
	LEFTARG = customer_value.fitted_model, RIGHTARG = customer_value.fitted_model,
	FUNCTION = customer_value.fitted_model_ne,
	COMMUTATOR = OPERATOR(customer_value.<>), NEGATOR = OPERATOR(customer_value.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR customer_value.= (customer_value.fitted_model, customer_value.fitted_model) IS 'same model';
COMMENT ON OPERATOR customer_value.<> (customer_value.fitted_model, customer_value.fitted_model) IS 'different models';

CREATE OPERATOR CLASS customer_value.fitted_model_hash_ops
	DEFAULT FOR TYPE customer_value.fitted_model USING hash AS
	OPERATOR 1 customer_value.=,
	FUNCTION 1 customer_value.fitted_model_hash(customer_value.fitted_model),
	FUNCTION 2 customer_value.fitted_model_hash_extended(customer_value.fitted_model, bigint);
COMMENT ON OPERATOR CLASS customer_value.fitted_model_hash_ops USING hash IS 'GROUP BY, DISTINCT and hash joins of models';

-- fit_state

CREATE TYPE customer_value.fit_state;

CREATE FUNCTION customer_value.fit_state_in(cstring) RETURNS customer_value.fit_state
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cv_fit_state_in';
CREATE FUNCTION customer_value.fit_state_out(customer_value.fit_state) RETURNS cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cv_fit_state_out';
CREATE FUNCTION customer_value.fit_state_recv(internal) RETURNS customer_value.fit_state
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cv_fit_state_recv';
CREATE FUNCTION customer_value.fit_state_send(customer_value.fit_state) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cv_fit_state_send';
COMMENT ON FUNCTION customer_value.fit_state_in(cstring) IS 'Text input of fit_state';
COMMENT ON FUNCTION customer_value.fit_state_out(customer_value.fit_state) IS 'Text output of fit_state: sorted, so that equal states print alike';
COMMENT ON FUNCTION customer_value.fit_state_recv(internal) IS 'Binary input of fit_state';
COMMENT ON FUNCTION customer_value.fit_state_send(customer_value.fit_state) IS 'Binary output of fit_state: sorted, so that equal states are equal bytes';

CREATE TYPE customer_value.fit_state (
	INPUT = customer_value.fit_state_in,
	OUTPUT = customer_value.fit_state_out,
	RECEIVE = customer_value.fit_state_recv,
	SEND = customer_value.fit_state_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE customer_value.fit_state IS 'State of a fit under way: the distinct customers with their numbers. Partial states combine, so a fit can run in parallel or on several servers';

-- Fitting

CREATE FUNCTION customer_value._fit_purchase_history(state customer_value.fit_state, family text, history customer_value.purchase_history, as_of date)
	RETURNS customer_value.fit_state
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cv_fit_purchase_history';
CREATE FUNCTION customer_value._fit_purchase_history(state customer_value.fit_state, family text, history customer_value.purchase_history, as_of date, options jsonb)
	RETURNS customer_value.fit_state
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cv_fit_purchase_history';
CREATE FUNCTION customer_value._fit_purchase_history(state customer_value.fit_state, family text, history customer_value.purchase_history, as_of date, covariates double precision[], options jsonb)
	RETURNS customer_value.fit_state
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cv_fit_purchase_history';
CREATE FUNCTION customer_value._fit_purchase_summary(state customer_value.fit_state, family text, x double precision, t_x double precision, t double precision)
	RETURNS customer_value.fit_state
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cv_fit_purchase_summary';
CREATE FUNCTION customer_value._fit_purchase_summary(state customer_value.fit_state, family text, x double precision, t_x double precision, t double precision, options jsonb)
	RETURNS customer_value.fit_state
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cv_fit_purchase_summary';
CREATE FUNCTION customer_value._fit_purchase_summary(state customer_value.fit_state, family text, x double precision, t_x double precision, t double precision, covariates double precision[], options jsonb)
	RETURNS customer_value.fit_state
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cv_fit_purchase_summary';
CREATE FUNCTION customer_value._fit_spend_history(state customer_value.fit_state, history customer_value.purchase_history, as_of date)
	RETURNS customer_value.fit_state
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cv_fit_spend_history';
CREATE FUNCTION customer_value._fit_spend_history(state customer_value.fit_state, history customer_value.purchase_history, as_of date, options jsonb)
	RETURNS customer_value.fit_state
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cv_fit_spend_history';
CREATE FUNCTION customer_value._fit_spend_summary(state customer_value.fit_state, x double precision, m double precision)
	RETURNS customer_value.fit_state
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cv_fit_spend_summary';
CREATE FUNCTION customer_value._fit_spend_summary(state customer_value.fit_state, x double precision, m double precision, options jsonb)
	RETURNS customer_value.fit_state
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cv_fit_spend_summary';
CREATE FUNCTION customer_value._fit_combine(customer_value.fit_state, customer_value.fit_state)
	RETURNS customer_value.fit_state
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'cv_fit_combine';
CREATE FUNCTION customer_value._fit_final(state customer_value.fit_state)
	RETURNS customer_value.fitted_model
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME', 'cv_fit_final';
COMMENT ON FUNCTION customer_value._fit_purchase_history(customer_value.fit_state, text, customer_value.purchase_history, date) IS 'Internal: adds a customer to a fit';
COMMENT ON FUNCTION customer_value._fit_purchase_history(customer_value.fit_state, text, customer_value.purchase_history, date, jsonb) IS 'Internal: adds a customer to a fit';
COMMENT ON FUNCTION customer_value._fit_purchase_history(customer_value.fit_state, text, customer_value.purchase_history, date, double precision[], jsonb) IS 'Internal: adds a customer to a fit';
COMMENT ON FUNCTION customer_value._fit_purchase_summary(customer_value.fit_state, text, double precision, double precision, double precision) IS 'Internal: adds a customer to a fit';
COMMENT ON FUNCTION customer_value._fit_purchase_summary(customer_value.fit_state, text, double precision, double precision, double precision, jsonb) IS 'Internal: adds a customer to a fit';
COMMENT ON FUNCTION customer_value._fit_purchase_summary(customer_value.fit_state, text, double precision, double precision, double precision, double precision[], jsonb) IS 'Internal: adds a customer to a fit';
COMMENT ON FUNCTION customer_value._fit_spend_history(customer_value.fit_state, customer_value.purchase_history, date) IS 'Internal: adds a customer to a fit';
COMMENT ON FUNCTION customer_value._fit_spend_history(customer_value.fit_state, customer_value.purchase_history, date, jsonb) IS 'Internal: adds a customer to a fit';
COMMENT ON FUNCTION customer_value._fit_spend_summary(customer_value.fit_state, double precision, double precision) IS 'Internal: adds a customer to a fit';
COMMENT ON FUNCTION customer_value._fit_spend_summary(customer_value.fit_state, double precision, double precision, jsonb) IS 'Internal: adds a customer to a fit';
COMMENT ON FUNCTION customer_value._fit_combine(customer_value.fit_state, customer_value.fit_state) IS 'Internal: both parts of a fit as one';
CREATE FUNCTION customer_value._fit_final_as(state customer_value.fit_state, family text, options jsonb)
	RETURNS customer_value.fitted_model
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME', 'cv_fit_final_as';
COMMENT ON FUNCTION customer_value._fit_final_as(customer_value.fit_state, text, jsonb) IS 'Internal: fits a model of another family to the customers collected';
COMMENT ON FUNCTION customer_value._fit_final(customer_value.fit_state) IS 'Internal: fits the model to the customers collected';

CREATE AGGREGATE customer_value.fit_purchase_model(family text, history customer_value.purchase_history, as_of date) (
	SFUNC = customer_value._fit_purchase_history,
	STYPE = customer_value.fit_state,
	SSPACE = 4096,
	FINALFUNC = customer_value._fit_final,
	COMBINEFUNC = customer_value._fit_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.fit_purchase_model(text, customer_value.purchase_history, date) IS 'Fits a purchase model (see model_families) to the customers'' histories as of a day, in weeks. NULL histories are left out; NULL where there is no row';

CREATE AGGREGATE customer_value.fit_purchase_model(family text, x double precision, t_x double precision, t double precision) (
	SFUNC = customer_value._fit_purchase_summary,
	STYPE = customer_value.fit_state,
	SSPACE = 4096,
	FINALFUNC = customer_value._fit_final,
	COMBINEFUNC = customer_value._fit_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.fit_purchase_model(text, double precision, double precision, double precision) IS 'Fits a purchase model to summaries: x repeat purchase days, t_x weeks from first to last purchase, t weeks from first purchase to the end of observation. Rows where all three are NULL are left out; NULL where there is no row';

CREATE AGGREGATE customer_value.fit_spend_model(history customer_value.purchase_history, as_of date) (
	SFUNC = customer_value._fit_spend_history,
	STYPE = customer_value.fit_state,
	SSPACE = 4096,
	FINALFUNC = customer_value._fit_final,
	COMBINEFUNC = customer_value._fit_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.fit_spend_model(customer_value.purchase_history, date) IS 'Fits the gamma-gamma spend model to the mean amounts of repeat purchase days as of a day. Customers without a repeat purchase, or with a mean of 0, are left out; NULL where there is no row';

CREATE AGGREGATE customer_value.fit_spend_model(x double precision, m double precision) (
	SFUNC = customer_value._fit_spend_summary,
	STYPE = customer_value.fit_state,
	SSPACE = 4096,
	FINALFUNC = customer_value._fit_final,
	COMBINEFUNC = customer_value._fit_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.fit_spend_model(double precision, double precision) IS 'Fits the gamma-gamma spend model to summaries: x repeat purchase days, m their mean amount (may be NULL where x = 0). Rows where both are NULL are left out; NULL where there is no row';

CREATE AGGREGATE customer_value.fit_purchase_model(family text, history customer_value.purchase_history, as_of date, options jsonb) (
	SFUNC = customer_value._fit_purchase_history,
	STYPE = customer_value.fit_state,
	SSPACE = 4096,
	FINALFUNC = customer_value._fit_final,
	COMBINEFUNC = customer_value._fit_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.fit_purchase_model(text, customer_value.purchase_history, date, jsonb) IS 'Fits a purchase model to histories, with options: penalty, k (of the families of regular buyers), period (of those that count opportunities), start (text of a model to start from)';

CREATE AGGREGATE customer_value.fit_purchase_model(family text, history customer_value.purchase_history, as_of date, covariates double precision[], options jsonb) (
	SFUNC = customer_value._fit_purchase_history,
	STYPE = customer_value.fit_state,
	SSPACE = 4096,
	FINALFUNC = customer_value._fit_final,
	COMBINEFUNC = customer_value._fit_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.fit_purchase_model(text, customer_value.purchase_history, date, double precision[], jsonb) IS 'Fits a purchase model whose customers differ by covariates, one number each in the order of the names in option covariates; options purchase and churn say which of them act on what (default: all on both)';

CREATE AGGREGATE customer_value.fit_purchase_model(family text, x double precision, t_x double precision, t double precision, options jsonb) (
	SFUNC = customer_value._fit_purchase_summary,
	STYPE = customer_value.fit_state,
	SSPACE = 4096,
	FINALFUNC = customer_value._fit_final,
	COMBINEFUNC = customer_value._fit_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.fit_purchase_model(text, double precision, double precision, double precision, jsonb) IS 'Fits a purchase model to summaries, with options: penalty, k (needed by the families of regular buyers), period (of those that count opportunities: what x, t_x and t count), start';

CREATE AGGREGATE customer_value.fit_purchase_model(family text, x double precision, t_x double precision, t double precision, covariates double precision[], options jsonb) (
	SFUNC = customer_value._fit_purchase_summary,
	STYPE = customer_value.fit_state,
	SSPACE = 4096,
	FINALFUNC = customer_value._fit_final,
	COMBINEFUNC = customer_value._fit_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.fit_purchase_model(text, double precision, double precision, double precision, double precision[], jsonb) IS 'Fits a purchase model to summaries of customers with covariates, one number each in the order of the names in option covariates';

CREATE AGGREGATE customer_value.fit_spend_model(history customer_value.purchase_history, as_of date, options jsonb) (
	SFUNC = customer_value._fit_spend_history,
	STYPE = customer_value.fit_state,
	SSPACE = 4096,
	FINALFUNC = customer_value._fit_final,
	COMBINEFUNC = customer_value._fit_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.fit_spend_model(customer_value.purchase_history, date, jsonb) IS 'Fits the gamma-gamma spend model to histories, with options: penalty, start';

CREATE AGGREGATE customer_value.fit_spend_model(x double precision, m double precision, options jsonb) (
	SFUNC = customer_value._fit_spend_summary,
	STYPE = customer_value.fit_state,
	SSPACE = 4096,
	FINALFUNC = customer_value._fit_final,
	COMBINEFUNC = customer_value._fit_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.fit_spend_model(double precision, double precision, jsonb) IS 'Fits the gamma-gamma spend model to summaries, with options: penalty, start';

-- Questions about a model

CREATE FUNCTION customer_value.model_parameters(model customer_value.fitted_model,
		OUT parameter text, OUT estimate double precision, OUT standard_error double precision,
		OUT low double precision, OUT high double precision)
	RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 4 AS 'MODULE_PATHNAME', 'cv_model_parameters';
COMMENT ON FUNCTION customer_value.model_parameters(customer_value.fitted_model) IS 'Parameters, and effects of covariates, with standard errors (delta method) and 95% intervals (of parameters on the log scale); those are NULL where the model was given by hand or the data do not tell, and for k';

CREATE FUNCTION customer_value.model_deviations(model customer_value.fitted_model, step double precision DEFAULT 0.001,
		OUT direction integer, OUT low customer_value.fitted_model, OUT high customer_value.fitted_model)
	RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 4 AS 'MODULE_PATHNAME', 'cv_model_deviations';
COMMENT ON FUNCTION customer_value.model_deviations(customer_value.fitted_model, double precision) IS 'For standard errors of what you compute from a model, such as a total over customers: the model moved step standard deviations down and up each of the independent directions in which its parameters are uncertain. The variance of q(model) is the sum over the rows of ((q(high) - q(low)) / (2 x step))^2. No row where the model was given by hand or the data do not tell';

CREATE FUNCTION customer_value.with_covariates(model customer_value.fitted_model, covariates double precision[])
	RETURNS customer_value.fitted_model
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_with_covariates';
COMMENT ON FUNCTION customer_value.with_covariates(customer_value.fitted_model, double precision[]) IS 'The model of a customer with these covariates, to predict with: a model without covariates, its parameters moved by their effects. NULL where either is NULL';

CREATE FUNCTION customer_value.describe(model customer_value.fitted_model) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_describe';
COMMENT ON FUNCTION customer_value.describe(customer_value.fitted_model) IS 'The model in plain words: what came out and what to do about it';

CREATE TYPE customer_value.model_summary AS (
	family           text,
	requested_family text,
	kind             text,
	status           text,
	time_unit        text,
	as_of            date,
	customers        bigint,
	patterns         bigint,
	log_likelihood   double precision,
	verdict          text,
	penalty          double precision,
	k                double precision,
	period           text,
	covariates       text[]
);
COMMENT ON TYPE customer_value.model_summary IS 'The facts of a model beside its parameters';
COMMENT ON COLUMN customer_value.model_summary.family IS 'Family of the model';
COMMENT ON COLUMN customer_value.model_summary.requested_family IS 'Family that was asked for; differs where its limit had to be used';
COMMENT ON COLUMN customer_value.model_summary.kind IS 'purchase or spend';
COMMENT ON COLUMN customer_value.model_summary.status IS 'given (by hand), converged, weak (converged, but the data hardly tell), limit (a simpler family stands in, see family and requested), no_churn (the limit without churn), not_converged';
COMMENT ON COLUMN customer_value.model_summary.time_unit IS 'Unit of times and rates: week, day, month, year or a number of days';
COMMENT ON COLUMN customer_value.model_summary.as_of IS 'Day on which the observation ended; NULL where fitted from summaries or given';
COMMENT ON COLUMN customer_value.model_summary.customers IS 'Customers the model was fitted to; NULL where given';
COMMENT ON COLUMN customer_value.model_summary.patterns IS 'Distinct customers among them; NULL where given';
COMMENT ON COLUMN customer_value.model_summary.log_likelihood IS 'Log-likelihood of the full density at the estimates; NULL where given';
COMMENT ON COLUMN customer_value.model_summary.verdict IS 'The same as describe()';
COMMENT ON COLUMN customer_value.model_summary.penalty IS 'Weight of the penalty of the fit; 0 for none';
COMMENT ON COLUMN customer_value.model_summary.k IS 'Regularity of purchases: 1 at random, more the more regular; NULL where the family has none';
COMMENT ON COLUMN customer_value.model_summary.period IS 'Length of a period; NULL where the family counts none, or it is not known';
COMMENT ON COLUMN customer_value.model_summary.covariates IS 'Names of the covariates, in the order that with_covariates takes them';

CREATE FUNCTION customer_value.model_summary(model customer_value.fitted_model) RETURNS customer_value.model_summary
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cv_model_summary';
COMMENT ON FUNCTION customer_value.model_summary(customer_value.fitted_model) IS 'The facts of a model beside its parameters, as one row';

CREATE FUNCTION customer_value.model_families(OUT family text, OUT kind text, OUT parameters text[], OUT description text,
		OUT covariates text[])
	RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 9 AS 'MODULE_PATHNAME', 'cv_model_families';
COMMENT ON FUNCTION customer_value.model_families() IS 'The families of models that can be fitted; covariates says what they may act on';
