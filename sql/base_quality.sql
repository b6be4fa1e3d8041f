-- The declared rules: in a base bad lines are counted, never an error; every line and every penny is accounted for.
\set SHOW_CONTEXT never
\pset format unaligned
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE SCHEMA base_quality;

CREATE TABLE base_quality.sales (what text, customer text, at timestamp, paid numeric, cost numeric, pieces numeric, tender text);
INSERT INTO base_quality.sales VALUES
	('plain', 'ada', '2025-01-05', 10, 6, 1, 'A'),
	('plain', 'bob', '2025-01-06', 20.25, 12, 1, 'A'),
	('copy', 'bob', '2025-01-06', 5, 3, 1, 'A'),
	('copy', 'bob', '2025-01-06', 5, 3, 1, 'A'),
	('copy', 'bob', '2025-01-06', 5, 3, 1, 'A'),
	('no customer', NULL, '2025-01-05', 7, 1, 1, 'A'),
	('counter sale', '0', '2025-01-05', 8, 1, 1, 'A'),
	('no day', 'ada', NULL, 9, 1, 1, 'A'),
	('endless', 'ada', 'infinity', 11, 1, 1, 'A'),
	('beginningless', 'ada', '-infinity', 12, 1, 1, 'A'),
	('distant', 'ada', '290000-01-01', 13, 1, 1, 'A'),
	('no amount', 'ada', '2025-01-05', NULL, 1, 1, 'A'),
	('nan', 'ada', '2025-01-05', 'NaN', 1, 1, 'A'),
	('infinite', 'ada', '2025-01-05', 'Infinity', 1, 1, 'A'),
	('minus infinite', 'ada', '2025-01-05', '-Infinity', 1, 1, 'A'),
	('huge', 'ada', '2025-01-05', 1e30, 1, 1, 'A'),
	('beyond sums', 'ada', '2025-01-05', 9e131071, 1, 1, 'A'),
	('beyond sums too', 'ada', '2025-01-05', 9e131071, 1, 1, 'A'),
	('20 decimals', 'cyd', '2025-01-07', 0.12345678901234567891, 1, 1, 'A'),
	('13 zeros', 'cyd', '2025-01-07', 4.5000000000000, 1, 1, 'A'),
	('zero', 'cyd', '2025-01-08', 0, 1, 1, 'A'),
	('return', 'cyd', '2025-01-09', -2.50, -1, -1, 'A'),
	('given back free', 'cyd', '2025-01-09', 0, 0, -1, 'A'),
	('odd cost', 'dan', '2025-01-10', 30, 'NaN', 1, NULL),
	('long cost', 'dan', '2025-01-11', 30, 1.0 / 3, 2.00000000000000001, 'A'),
	('huge quantity', 'dan', '2025-01-12', 30, 10, 1e20, 'A'),
	('late', 'eve', '2025-02-20', 40, 20, 1, 'A');

SELECT customer_value.create_customer_base('quality', sales => 'base_quality.sales', customer_id => 'customer', sold_at => 'at', amount => 'paid',
	cost => 'cost', quantity => 'pieces', currency_column => 'tender', anonymous_ids => '{0,nobody}', as_of => '2025-01-31');

CREATE VIEW base_quality.check AS
SELECT (SELECT lines FROM quality.data_quality WHERE rule = 'all_lines') = (SELECT count(*) FROM base_quality.sales) AS every_line,
	   (SELECT sum(lines) FROM quality.data_quality WHERE part_of_total) = (SELECT count(*) FROM base_quality.sales) AS parts_are_lines,
	   (SELECT amount FROM quality.data_quality WHERE rule = 'all_lines') = sum(amount) FILTER (WHERE part_of_total) AS parts_are_amount,
	   (SELECT sum(paid) FROM base_quality.sales WHERE abs(paid) < 1e100)
		 = sum(amount) FILTER (WHERE part_of_total) - sum(amount) FILTER (WHERE rule = 'amount_rounded') AS every_penny,
	   (SELECT sum(customer_value.total_amount(history)) FROM quality.history) = sum(amount) FILTER (WHERE rule = 'kept') AS kept_is_in_histories
FROM quality.data_quality;

SELECT what, customer_id, day, amount, l.cost, quantity, rule FROM base_quality.sales t JOIN quality.sales_lines l ON l.line = t::text
	WHERE what <> 'copy' AND what NOT LIKE 'beyond%' ORDER BY rule, what;
SELECT rule, treatment, lines, trim_scale(amount) AS amount, round(share_of_lines::numeric, 6) AS share, left_out, part_of_total FROM quality.data_quality;
SELECT * FROM base_quality.check;
SELECT customer_id, history FROM quality.history ORDER BY 1;
-- The text of a line shows what was not finite.
SELECT line, rule FROM quality.sales_lines WHERE rule IN ('infinite_day', 'amount_not_finite') ORDER BY line COLLATE "C";
-- Nothing in any view is NaN or infinite, and no view fails, before and after the fit.
SELECT count(*) FROM customer_value.fit('quality');
SELECT count(*) >= 35 AS read, string_agg(v.relname, ' ' ORDER BY v.relname COLLATE "C") FILTER (WHERE query_to_xml(
	format('SELECT * FROM quality.%I', v.relname), false, false, '')::text ~ '>(NaN|-?[Ii]nfinity)<') AS odd
FROM pg_class v WHERE v.relnamespace = 'quality'::regnamespace AND v.relkind = 'v' AND v.relname NOT LIKE 'history%';

-- The other way with every rule.
SELECT customer_value.alter_customer_base('quality', zero_amounts => 'ignore', returns => 'ignore', duplicates => 'ignore', amount_scale => 2);
SELECT rule, lines, trim_scale(amount) AS amount FROM quality.data_quality WHERE lines > 0;
SELECT * FROM base_quality.check;
SELECT customer_id, history FROM quality.history ORDER BY 1;
SELECT customer_value.alter_customer_base('quality', amount_scale => 0, reset => '{zero_amounts,returns,duplicates,anonymous_ids}');
SELECT rule, lines, trim_scale(amount) AS amount FROM quality.data_quality WHERE lines > 0;
SELECT * FROM base_quality.check;
SELECT explanation FROM quality.data_quality WHERE rule IN ('kept', 'amount_out_of_range', 'exact_duplicate');

-- A line tomorrow is in the future until refresh says otherwise.
INSERT INTO base_quality.sales VALUES ('tomorrow', 'fay', current_date + 2, 50, 20, 1, 'A');
SELECT rule, lines FROM quality.data_quality WHERE rule = 'future_day';

DROP VIEW base_quality.check;
SELECT customer_value.drop_customer_base('quality');

-- Whose day it is: the base's time zone decides for timestamp with time zone, and only there.
CREATE TABLE base_quality.moments (customer int, at timestamptz, paid real, price double precision);
INSERT INTO base_quality.moments VALUES (1, '2025-01-05 23:30:00+00', 12345.67, 0.1 + 0.2::double precision), (1, '2025-01-06 00:30:00+00', 0.1, 252.00000372529030),
	(1, '2025-01-07 12:00:00+00', 'NaN', 'Infinity'), (1, 'infinity', 1, 1e-300),
	(1, '294276-12-31 23:59:59+00', 2, 1), (1, '4713-11-24 00:00:00+00 BC', 3, 1);
SET TimeZone = 'America/New_York';
SELECT customer_value.create_customer_base('moments', sales => 'base_quality.moments', customer_id => 'customer', sold_at => 'at', amount => 'paid');
SELECT time_zone, as_of FROM moments.settings;
SELECT history FROM moments.history;
SET TimeZone = 'Asia/Tokyo';
SELECT history FROM moments.history;
SELECT customer_value.alter_customer_base('moments', time_zone => 'Asia/Tokyo', list_amount => 'price');
SELECT history FROM moments.history;
SET extra_float_digits = -10;
SELECT day, amount, list_amount, rule FROM moments.sales_lines ORDER BY day, amount;
RESET extra_float_digits;
SELECT customer_value.drop_customer_base('moments');

-- One customer; everybody once; nothing but returns: fit says so instead of failing.
CREATE TABLE base_quality.few (customer int, at date, paid numeric);
SELECT customer_value.create_customer_base('few', sales => 'base_quality.few', customer_id => 'customer', sold_at => 'at', amount => 'paid');
INSERT INTO base_quality.few VALUES (1, '2025-01-01', -5);
SELECT kind, status, verdict, customers FROM customer_value.fit('few');
INSERT INTO base_quality.few VALUES (1, '2025-01-03', 5);
SELECT kind, status, verdict, customers FROM customer_value.fit('few');
INSERT INTO base_quality.few SELECT g, date '2025-01-01' + g, g FROM generate_series(2, 40) g;
SELECT kind, status, verdict, customers FROM customer_value.fit('few');
INSERT INTO base_quality.few SELECT 1, date '2025-01-01' + 7 * g, 5 FROM generate_series(1, 20) g;
SELECT kind, status <> 'not fitted' AS fitted, customers, as_of FROM customer_value.fit('few');
SELECT fit_number, kind, count(*) FILTER (WHERE is_chosen) AS chosen, bool_or(is_current) AS is_current FROM few.models GROUP BY 1, 2 ORDER BY 1, 2;
SELECT fitted_family IS NOT NULL AND fitted_at IS NOT NULL AS fitted FROM customer_value.customer_bases WHERE base = 'few';
SELECT customer_value.drop_customer_base('few');
DROP SCHEMA base_quality CASCADE;
