-- setup.sql - guards, and the schema that holds everything. Joined first.
\echo Use "CREATE EXTENSION customer_value" to load this file. \quit

-- Plain CREATE: a schema that somebody made beforehand is refused, not adopted.
CREATE SCHEMA customer_value;
COMMENT ON SCHEMA customer_value IS 'Customer value: purchase histories, buy-till-you-die models, lifetime value, customer bases';
GRANT USAGE ON SCHEMA customer_value TO PUBLIC;
