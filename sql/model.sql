-- The fitted_model type, and what people ask about a model.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
RESET client_min_messages;

SELECT family, kind, parameters FROM customer_value.model_families();
SELECT count(*) AS described FROM customer_value.model_families() WHERE length(description) > 40;

-- What is left out by hand gets its default; output is complete.
SELECT 'bg/nbd(r=0.243,alpha=4.414,a=0.793,b=2.426)'::customer_value.fitted_model;
SELECT 'BG/NBD ( b = 2.426, a=.793 ,alpha=4414e-3, r=2.43E-1 )'::customer_value.fitted_model;
SELECT 'gamma-gamma(p=6.25,q=3.744,v=15.44; unit=month)'::customer_value.fitted_model;
SELECT 'nbd(r=1,alpha=10; unit=day)'::customer_value.fitted_model,
	'nbd(r=1,alpha=10; unit=365.25 days)'::customer_value.fitted_model,
	'nbd(r=1,alpha=10; unit=10.5 days)'::customer_value.fitted_model;
SELECT 'nbd(r=1,alpha=10; n=12, patterns=7, loglik=-33.25, as_of=1997-09-30, status=no_churn, requested=mbg/nbd; cov=[0.25,-0.1,0.16])'::customer_value.fitted_model;

-- The text does not depend on settings.
BEGIN;
SET LOCAL extra_float_digits = -15;
SET LOCAL DateStyle = 'German, DMY';
SET LOCAL lc_numeric = 'C';
SELECT 'bg/nbd(r=0.24259452243016123,alpha=1e-30,a=987654321098765.4,b=1.0000000000000003e-15; as_of=2026-06-30)'::customer_value.fitted_model;
ROLLBACK;

-- Days from the first of the calendar to the last.
SELECT format('nbd(r=1,alpha=1; as_of=%s)', d)::customer_value.fitted_model
FROM unnest(ARRAY['-4712-01-01', '0000-02-29', '0001-01-01', '2000-02-29', '5874897-12-31']) AS d;

-- Equality, hashing, and that -0 is 0.
SELECT a OPERATOR(customer_value.=) b AS eq, a OPERATOR(customer_value.<>) b AS ne
FROM (VALUES ('nbd(r=1,alpha=2)'::customer_value.fitted_model, 'nbd(alpha=2.0,r=1e0; unit=7 days, loglik=-0)'::customer_value.fitted_model),
	('nbd(r=1,alpha=2)', 'nbd(r=1,alpha=2.0000000000000004)'),
	('nbd(r=1,alpha=2)', 'bg/nbd(r=1,alpha=2,a=1,b=1)'),
	('nbd(r=1,alpha=2; cov=[1,0,1])', 'nbd(r=1,alpha=2; cov=[1,-0,1])')) AS v (a, b);
SELECT m, count(*) FROM (VALUES ('nbd(r=1,alpha=2)'::customer_value.fitted_model), ('nbd(r=1,alpha=2.0)'), ('nbd(r=2,alpha=2)')) AS v (m)
GROUP BY m ORDER BY count(*);

-- Questions.
SELECT parameter, round(estimate::numeric, 8) AS estimate, round(standard_error::numeric, 8) AS standard_error,
	round(low::numeric, 8) AS low, round(high::numeric, 8) AS high
FROM customer_value.model_parameters('nbd(r=1,alpha=10; n=12, patterns=7, loglik=-33.25, status=converged; cov=[0.25,-0.1,0.16])');
SELECT * FROM customer_value.model_parameters('nbd(r=1,alpha=10)');
SELECT family, requested_family, kind, status, time_unit, as_of, customers, patterns, log_likelihood, length(verdict) > 20 AS verdict
FROM customer_value.model_summary('nbd(r=1,alpha=10; n=12, patterns=7, loglik=-33.25, as_of=1997-09-30, status=no_churn, requested=mbg/nbd)');
SELECT family, kind, status, time_unit, as_of, customers, log_likelihood
FROM customer_value.model_summary('gamma-gamma(p=6.25,q=3.744,v=15.44; unit=14 days)');
SELECT customer_value.describe('nbd(r=1,alpha=10)') = (customer_value.model_summary('nbd(r=1,alpha=10)')).verdict AS same_words;
SELECT customer_value.describe(NULL), customer_value.model_summary(NULL);

-- Bad text.
\set VERBOSITY default
SELECT ''::customer_value.fitted_model;
SELECT 'weibull(r=1,alpha=2,s=1,beta=2)'::customer_value.fitted_model;
SELECT 'bg/nbd(r=0.243,alpha=4.414,a=0.793)'::customer_value.fitted_model;
\set VERBOSITY terse
SELECT 'bg/nbd(r=0.243,alpha=4.414,a=0.793,b=2.426'::customer_value.fitted_model;
SELECT 'bg/nbd(r=0.243,alpha=4.414,a=0.793,b=2.426))'::customer_value.fitted_model;

-- The same, one line each: what is said about it.
CREATE FUNCTION pg_temp.complaint(t text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	PERFORM t::customer_value.fitted_model;
	RETURN 'accepted';
EXCEPTION WHEN invalid_text_representation THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN detail;
END $$;
SELECT t, pg_temp.complaint(t) FROM unnest(ARRAY[
	'nbd', 'nbd()', 'nbd(r)', 'nbd(r=)', 'nbd(r=1)', 'nbd(r=1,alpha=2,r=1)', 'nbd(r=1,alpha=2,a=3)',
	'nbd(r=0,alpha=2)', 'nbd(r=-0,alpha=2)', 'nbd(r=-1,alpha=2)', 'nbd(r=NaN,alpha=2)', 'nbd(r=inf,alpha=2)',
	'nbd(r=1e400,alpha=2)', 'nbd(r=1e16,alpha=2)', 'nbd(r=1,alpha=1e-31)', 'gamma-gamma(p=1,q=2,v=1e31)', 'nbd(r=1e-400,alpha=2)', 'nbd(r=0x1p3,alpha=2)', 'nbd(r=1e,alpha=2)', 'nbd(r=.,alpha=2)',
	'nbd(r=1 2,alpha=2)', 'nbd(r=1,alpha=2) x', 'nbd(r=1,alpha=2;)', 'nbd(r=1,alpha=2; colour=red)',
	'nbd(r=1,alpha=2; n=3, n=3)', 'nbd(r=1,alpha=2; n=1.5)', 'nbd(r=1,alpha=2; n=-1)', 'nbd(r=1,alpha=2; n=1e300)',
	'nbd(r=1,alpha=2; n=1, patterns=2)', 'nbd(r=1,alpha=2; loglik=inf)', 'nbd(r=1,alpha=2; status=fine)',
	'nbd(r=1,alpha=2; requested=gamma-gamma)', 'mbg/nbd(r=1,alpha=2,a=1,b=1; requested=nbd)',
	'nbd(r=1,alpha=2; as_of=1997-02-29)', 'nbd(r=1,alpha=2; as_of=infinity)', 'nbd(r=1,alpha=2; as_of=99999999-01-01)',
	'nbd(r=1,alpha=2; as_of=5874898-01-01)', 'nbd(r=1,alpha=2; as_of=-4714-01-01)',
	'nbd(r=1,alpha=2; unit=fortnight)', 'nbd(r=1,alpha=2; unit=0 days)', 'nbd(r=1,alpha=2; unit=-7 days)', 'nbd(r=1,alpha=2; unit=7)',
	'nbd(r=1,alpha=2; cov=[])', 'nbd(r=1,alpha=2; cov=[1,0])', 'nbd(r=1,alpha=2; cov=[1,0,1,0])', 'nbd(r=1,alpha=2; cov=1,0,1)',
	'nbd(r=1,alpha=2; cov=[1,0,-1])', 'nbd(r=1,alpha=2; cov=[1,2,1])', 'nbd(r=1,alpha=2; cov=[nan,0,1])', 'nbd(r=1,alpha=2; cov=[1e400,0,1])',
	'averyveryverylongfamilynamethatnobodywouldchoose(r=1)']) AS t;
