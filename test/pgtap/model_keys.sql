-- The states of fits to histories, which are keys and counts: the same customers in every shape and on every way.
\unset ECHO
\set QUIET 1
\pset format unaligned
\pset tuples_only true
\pset pager off
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SET search_path = customer_value, public;

BEGIN;
SELECT * FROM no_plan();

CREATE TEMP TABLE shop AS
SELECT c AS customer, purchase_history(date '2024-01-01' + (c * 37 % 200) + (i * i * (1 + c % 13)) % 400, 10.0) AS history
FROM generate_series(1, 90000) AS c, generate_series(0, c % 5) AS i GROUP BY c;
ANALYZE shop;
CREATE AGGREGATE pg_temp.collect(text, purchase_history, date) (SFUNC = customer_value._fit_purchase_history, STYPE = customer_value.fit_state);
CREATE AGGREGATE pg_temp.combine(fit_state) (SFUNC = customer_value._fit_combine, STYPE = customer_value.fit_state);

-- More than are sorted at once, merged again and again, and counted by SQL.
CREATE TEMP TABLE whole AS SELECT pg_temp.collect('mbg/nbd', history, '2025-06-30') AS s FROM shop;
SELECT is((SELECT s::text FROM whole),
	(SELECT format('mbg/nbd(from=history, as_of=2025-06-30, seen=%s; %s)', sum(n),
		string_agg(format('%s %s %s %s', x, t_x, t, n), ', ' ORDER BY x, t_x, t))
	 FROM (SELECT s.x, s.t_x, s.t, count(*) AS n FROM shop, purchase_summary(history, '2025-06-30') AS s GROUP BY 1, 2, 3) AS c),
	'every customer is counted once');

-- Stored, as text, and as bytes: other shapes of the same state, which go on alike and fit alike.
CREATE TEMP TABLE shapes AS
SELECT 'stored' AS shape, s FROM whole UNION ALL SELECT 'text', s::text::fit_state FROM whole;
SELECT cmp_ok(pg_column_size(s), '<=', (100 + 4 * (model_summary(_fit_final(s))).patterns)::integer, '4 bytes a pattern') FROM whole;
SELECT is(count(DISTINCT fit_state_send(s)), 1::bigint, 'sent alike') FROM shapes;
SELECT is(count(DISTINCT _fit_final(s)::text), 1::bigint, 'fitted alike') FROM shapes;
SELECT is(count(DISTINCT _fit_final_as(s, 'bg/nbd', '{}')::text), 1::bigint, 'fitted alike as another family') FROM shapes;
SELECT is(count(DISTINCT fit_state_send(_fit_purchase_history(s, 'mbg/nbd', history, '2025-06-30'))), 1::bigint, 'a customer more')
FROM shapes, (SELECT history FROM shop WHERE customer = 7) AS h;
SELECT is(count(DISTINCT fit_state_send(s)), 1::bigint, 'which left them as they were') FROM shapes;
SELECT is(count(DISTINCT fit_state_send(_fit_combine(a.s, b.s))), 1::bigint, 'any two of them combined') FROM shapes AS a, shapes AS b;

-- In parts of any size and order, more than are merged at once.
SELECT is(fit_state_send(pg_temp.combine(part ORDER BY k)), (SELECT fit_state_send(s) FROM whole), 'parts as a whole')
FROM (SELECT customer % 17 AS k, pg_temp.collect('mbg/nbd', history, '2025-06-30') AS part FROM shop GROUP BY 1) AS p;
SELECT is(fit_state_send(pg_temp.combine(CASE WHEN k % 2 = 0 THEN part ELSE part::text::fit_state END ORDER BY k)),
	(SELECT fit_state_send(s) FROM whole), 'parts of different shapes')
FROM (SELECT customer % 17 AS k, pg_temp.collect('mbg/nbd', history, '2025-06-30') AS part FROM shop GROUP BY 1) AS p;
SELECT is(fit_state_send(pg_temp.collect('mbg/nbd', history, '2025-06-30' ORDER BY customer DESC)), (SELECT fit_state_send(s) FROM whole), 'in another order')
FROM shop;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
CREATE TABLE public.shop AS SELECT * FROM shop;
ANALYZE public.shop;
SELECT is(fit_purchase_model('mbg/nbd', history, '2025-06-30')::text, (SELECT _fit_final(s)::text FROM whole), 'by parallel workers')
FROM public.shop;
RESET max_parallel_workers_per_gather;

-- As a window aggregate the state is read again and again while it grows.
SELECT is(array_agg(s ORDER BY customer), array_agg((SELECT pg_temp.collect('mbg/nbd', history, '2025-06-30')::text FROM shop WHERE customer <= w.customer) ORDER BY customer),
	'read while it grows')
FROM (SELECT customer, (pg_temp.collect('mbg/nbd', history, '2025-06-30') OVER (ORDER BY customer))::text AS s FROM shop WHERE customer <= 12) AS w;

-- Periods are whole, too.
SELECT is((SELECT _fit_purchase_history(NULL, 'bg/bb', history, '2025-06-30', '{"period": "1 month"}')::text FROM shop WHERE customer = 9),
	(SELECT format('bg/bb(from=history, as_of=2025-06-30, seen=1, options={"period": "1 month"}; %s %s %s 1)', o.x, o.t_x, o.t)
	 FROM shop, purchase_opportunities(history, '2025-06-30', interval '1 month') AS o WHERE customer = 9), 'opportunities');

-- Thousands of years are beyond keys, not beyond a fit.
SELECT is((SELECT pg_temp.collect('nbd', history, as_of)::text FROM shop WHERE customer <= 200),
	(SELECT format('nbd(from=history, as_of=%s, seen=%s; %s)', as_of, sum(n), string_agg(format('%s %s %s %s', x, t_x, t, n), ', ' ORDER BY x, t_x, t))
	 FROM (SELECT s.x, s.t_x, s.t, count(*) AS n FROM shop, purchase_summary(history, as_of) AS s WHERE customer <= 200 GROUP BY 1, 2, 3) AS c),
	format('as of %s', as_of))
FROM (VALUES (date '2024-01-01' + (1 << 22) + 90), (date '5000000-01-01')) AS v (as_of);

-- Spend is a key, too, whatever its decimals; what does not fit into one is counted as well, and in parts of both kinds.
CREATE TEMP TABLE spenders AS
SELECT c AS customer, purchase_history(date '2024-01-01' + i * 7, CASE WHEN c % 11 = 0 THEN -c ELSE round(c % 90 / 7.0, c % 4) + c % 3 END) AS history
FROM generate_series(1, 3000) AS c, generate_series(0, c % 6) AS i GROUP BY c;
CREATE TEMP TABLE fine AS
SELECT purchase_history(date '2024-01-01' + i, 1.00005 * (1 + c % 2)) AS history FROM generate_series(1, 9) AS c, generate_series(0, c % 4) AS i GROUP BY c
UNION ALL SELECT purchase_history(date '2024-01-01' + i, 99999999999.99) FROM generate_series(0, 3) AS i;
CREATE AGGREGATE pg_temp.collect_spend(purchase_history, date) (SFUNC = customer_value._fit_spend_history, STYPE = customer_value.fit_state);
CREATE FUNCTION pg_temp.spend_by_sql(all_of purchase_history[]) RETURNS text LANGUAGE sql AS $$
	SELECT format('gamma-gamma(from=history, as_of=2024-12-31, seen=%s; %s)', cardinality(all_of), string_agg(format('%s %s %s', x, m, n), ', ' ORDER BY x, m))
	FROM (SELECT s.x, s.m, count(*) AS n FROM unnest(all_of) AS history, purchase_summary(history, '2024-12-31') AS s WHERE s.x > 0 AND s.m > 0 GROUP BY 1, 2) AS c $$;
SELECT is(pg_temp.collect_spend(history, '2024-12-31')::text, pg_temp.spend_by_sql(array_agg(history)), 'spend as keys') FROM spenders;
SELECT is(pg_temp.collect_spend(history, '2024-12-31' ORDER BY o)::text, pg_temp.spend_by_sql(array_agg(history)), 'spend that leaves keys on its way')
FROM (SELECT history, customer AS o FROM spenders UNION ALL SELECT history, 1500 FROM fine) AS h;
SELECT is(pg_temp.combine(part ORDER BY k)::text, (SELECT pg_temp.spend_by_sql(array_agg(history)) FROM (TABLE fine UNION ALL SELECT history FROM spenders) AS h),
	'spend in parts with keys and without')
FROM (SELECT customer % 3 AS k, pg_temp.collect_spend(history, '2024-12-31') AS part FROM spenders GROUP BY 1
	  UNION ALL SELECT 1.5, pg_temp.collect_spend(history, '2024-12-31') FROM fine) AS p;
SELECT is(fit_spend_model(history, '2024-12-31')::text,
	(SELECT _fit_final(pg_temp.spend_by_sql(array_agg(history))::fit_state)::text FROM spenders), 'spend is fitted like patterns') FROM spenders;

-- The same customer twice, before keys are left and after: of twelve decimals the double of an amount is not exact.
SELECT is(pg_temp.collect_spend(history, '2024-12-31' ORDER BY o)::text,
	'gamma-gamma(from=history, as_of=2024-12-31, seen=3; 1 1.00005 1, 1 4615189.205 2)', 'one spender is one pattern')
FROM (SELECT o, merge(purchase_history(date '2024-01-01', a), purchase_history(date '2024-01-02', b)) AS history
	  FROM (VALUES (1, 0.000000000001, 4615189.205), (2, 1, 1.00005), (3, 0.000000000001, 4615189.205)) AS v (o, a, b) GROUP BY o, a, b) AS h;

-- More than a million patterns, which a fit makes of keys a part at a time.
CREATE TEMP TABLE many AS
SELECT pg_temp.collect('nbd', history, '2025-06-30') AS s
FROM (SELECT purchase_history(date '2025-06-30' - t + t_x * i, 10.0) AS history
	  FROM generate_series(1, 1480) AS d (t), generate_series(1, t) AS s (t_x), generate_series(0, 1) AS i GROUP BY t, t_x OFFSET 0) AS h;
SELECT cmp_ok((model_summary(_fit_final(s))).patterns, '>', 1024 * 1024::bigint, 'more than are made at once') FROM many;
SELECT is(_fit_final(s)::text, _fit_final(s::text::fit_state)::text, 'fitted like patterns') FROM many;

SELECT * FROM finish();
ROLLBACK;
