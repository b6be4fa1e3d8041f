-- Who is one customer: types and collations of customer ids that tell letters apart differently from plain text.
\set SHOW_CONTEXT never
\pset format unaligned
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS customer_value;
CREATE SCHEMA base_ids;
CREATE EXTENSION citext SCHEMA base_ids;
CREATE TABLE base_ids.sales (email base_ids.citext, code text COLLATE "C", plain text, at date, paid numeric);
INSERT INTO base_ids.sales
SELECT x, x, x, date '2025-01-01' + g::int, g FROM unnest('{Ada@x,ADA@X,ada@x,Bob@x,bob@X,Guest@x,GUEST@x}'::text[]) WITH ORDINALITY v (x, g);
CREATE TABLE base_ids.people (email base_ids.citext, code text COLLATE "POSIX", plain text, name text);
INSERT INTO base_ids.people VALUES ('aDa@x', 'Ada@x', 'Ada@x', 'Ada'), ('Cyd@X', 'Cyd@X', 'Cyd@X', 'Cyd'), ('guesT@X', 'Guest@x', 'Guest@x', 'Guest');
CREATE FUNCTION base_ids.people_of(id text, key text) RETURNS TABLE (customer_id text, orders bigint, name text, parent_id text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM customer_value.create_customer_base('ids', sales => 'base_ids.sales', customer_id => id, sold_at => 'at', amount => 'paid',
		customers => 'base_ids.people', customer_key => key, customer_name => 'name', customer_parent => key, anonymous_ids => '{Guest@x}');
	RETURN QUERY SELECT p.customer_id, p.orders, p.customer_name, p.parent_id FROM ids.customer_profile p ORDER BY p.customer_id COLLATE "C";
	PERFORM customer_value.drop_customer_base('ids');
END $$;

-- citext: case tells nobody apart, whatever the type of the key; and nobody who is anonymous.
SELECT * FROM base_ids.people_of('email', 'email');
SELECT * FROM base_ids.people_of('email', 'plain');
-- Where the sales are plain text, case counts.
SELECT * FROM base_ids.people_of('plain', 'email');
-- Two collations: that of the sales counts.
SELECT * FROM base_ids.people_of('code', 'code');
SELECT * FROM base_ids.people_of('plain', 'code');

SET client_min_messages = error;
DROP SCHEMA base_ids CASCADE;
