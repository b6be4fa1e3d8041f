-- history.sql - the type purchase_history: a customer's timeline of exact day sums.

CREATE TYPE customer_value.purchase_history;

CREATE FUNCTION customer_value.purchase_history_in(cstring) RETURNS customer_value.purchase_history
	AS 'MODULE_PATHNAME', 'cv_purchase_history_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_in(cstring) IS 'I/O of purchase_history';

CREATE FUNCTION customer_value.purchase_history_out(customer_value.purchase_history) RETURNS cstring
	AS 'MODULE_PATHNAME', 'cv_purchase_history_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_out(customer_value.purchase_history) IS 'I/O of purchase_history';

CREATE FUNCTION customer_value.purchase_history_recv(internal) RETURNS customer_value.purchase_history
	AS 'MODULE_PATHNAME', 'cv_purchase_history_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_recv(internal) IS 'I/O of purchase_history';

CREATE FUNCTION customer_value.purchase_history_send(customer_value.purchase_history) RETURNS bytea
	AS 'MODULE_PATHNAME', 'cv_purchase_history_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_send(customer_value.purchase_history) IS 'I/O of purchase_history';

-- STORAGE external: out of line when long, never compressed. Almost every history is too short for pglz to be
-- tried; of one of 2,500 days it saves a quarter, and every read as of a day would pay for that.
CREATE TYPE customer_value.purchase_history (
	INPUT = customer_value.purchase_history_in,
	OUTPUT = customer_value.purchase_history_out,
	RECEIVE = customer_value.purchase_history_recv,
	SEND = customer_value.purchase_history_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	STORAGE = external
);
COMMENT ON TYPE customer_value.purchase_history IS
	'One customer''s timeline: sorted days, each with its orders, returns and exact sums of amount and, where given, cost, list amount and quantity';

-- Comparison: an arbitrary but fixed order, for indexes, DISTINCT and joins.

CREATE FUNCTION customer_value.purchase_history_eq(customer_value.purchase_history, customer_value.purchase_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cv_purchase_history_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_eq(customer_value.purchase_history, customer_value.purchase_history) IS 'implementation of the operator =';

CREATE FUNCTION customer_value.purchase_history_ne(customer_value.purchase_history, customer_value.purchase_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cv_purchase_history_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_ne(customer_value.purchase_history, customer_value.purchase_history) IS 'implementation of the operator <>';

CREATE FUNCTION customer_value.purchase_history_lt(customer_value.purchase_history, customer_value.purchase_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cv_purchase_history_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_lt(customer_value.purchase_history, customer_value.purchase_history) IS 'implementation of the operator <';

CREATE FUNCTION customer_value.purchase_history_le(customer_value.purchase_history, customer_value.purchase_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cv_purchase_history_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_le(customer_value.purchase_history, customer_value.purchase_history) IS 'implementation of the operator <=';

CREATE FUNCTION customer_value.purchase_history_gt(customer_value.purchase_history, customer_value.purchase_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cv_purchase_history_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_gt(customer_value.purchase_history, customer_value.purchase_history) IS 'implementation of the operator >';

CREATE FUNCTION customer_value.purchase_history_ge(customer_value.purchase_history, customer_value.purchase_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cv_purchase_history_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_ge(customer_value.purchase_history, customer_value.purchase_history) IS 'implementation of the operator >=';

CREATE FUNCTION customer_value.purchase_history_cmp(customer_value.purchase_history, customer_value.purchase_history) RETURNS integer
	AS 'MODULE_PATHNAME', 'cv_purchase_history_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_cmp(customer_value.purchase_history, customer_value.purchase_history) IS 'btree comparison of purchase histories';

CREATE FUNCTION customer_value.purchase_history_hash(customer_value.purchase_history) RETURNS integer
	AS 'MODULE_PATHNAME', 'cv_purchase_history_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_hash(customer_value.purchase_history) IS 'hash of a purchase history';

CREATE FUNCTION customer_value.purchase_history_hash_extended(customer_value.purchase_history, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'cv_purchase_history_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_hash_extended(customer_value.purchase_history, bigint) IS 'seeded 64-bit hash of a purchase history';

CREATE OPERATOR customer_value.= (
	LEFTARG = customer_value.purchase_history, RIGHTARG = customer_value.purchase_history, FUNCTION = customer_value.purchase_history_eq,
	COMMUTATOR = OPERATOR(customer_value.=), NEGATOR = OPERATOR(customer_value.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
COMMENT ON OPERATOR customer_value.= (customer_value.purchase_history, customer_value.purchase_history) IS 'equal: the same days with the same counts and sums';

CREATE OPERATOR customer_value.<> (
	LEFTARG = customer_value.purchase_history, RIGHTARG = customer_value.purchase_history, FUNCTION = customer_value.purchase_history_ne,
	COMMUTATOR = OPERATOR(customer_value.<>), NEGATOR = OPERATOR(customer_value.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR customer_value.<> (customer_value.purchase_history, customer_value.purchase_history) IS 'not equal';

CREATE OPERATOR customer_value.< (
	LEFTARG = customer_value.purchase_history, RIGHTARG = customer_value.purchase_history, FUNCTION = customer_value.purchase_history_lt,
	COMMUTATOR = OPERATOR(customer_value.>), NEGATOR = OPERATOR(customer_value.>=),
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR customer_value.< (customer_value.purchase_history, customer_value.purchase_history) IS 'less than, in an arbitrary but fixed order';

CREATE OPERATOR customer_value.<= (
	LEFTARG = customer_value.purchase_history, RIGHTARG = customer_value.purchase_history, FUNCTION = customer_value.purchase_history_le,
	COMMUTATOR = OPERATOR(customer_value.>=), NEGATOR = OPERATOR(customer_value.>),
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR customer_value.<= (customer_value.purchase_history, customer_value.purchase_history) IS 'less than or equal, in an arbitrary but fixed order';

CREATE OPERATOR customer_value.> (
	LEFTARG = customer_value.purchase_history, RIGHTARG = customer_value.purchase_history, FUNCTION = customer_value.purchase_history_gt,
	COMMUTATOR = OPERATOR(customer_value.<), NEGATOR = OPERATOR(customer_value.<=),
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR customer_value.> (customer_value.purchase_history, customer_value.purchase_history) IS 'greater than, in an arbitrary but fixed order';

CREATE OPERATOR customer_value.>= (
	LEFTARG = customer_value.purchase_history, RIGHTARG = customer_value.purchase_history, FUNCTION = customer_value.purchase_history_ge,
	COMMUTATOR = OPERATOR(customer_value.<=), NEGATOR = OPERATOR(customer_value.<),
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR customer_value.>= (customer_value.purchase_history, customer_value.purchase_history) IS 'greater than or equal, in an arbitrary but fixed order';

CREATE OPERATOR CLASS customer_value.purchase_history_ops DEFAULT FOR TYPE customer_value.purchase_history USING btree AS
	OPERATOR 1 customer_value.<, OPERATOR 2 customer_value.<=, OPERATOR 3 customer_value.=,
	OPERATOR 4 customer_value.>=, OPERATOR 5 customer_value.>,
	FUNCTION 1 customer_value.purchase_history_cmp(customer_value.purchase_history, customer_value.purchase_history);
COMMENT ON OPERATOR CLASS customer_value.purchase_history_ops USING btree IS 'arbitrary but fixed order of purchase histories';

CREATE OPERATOR CLASS customer_value.purchase_history_ops DEFAULT FOR TYPE customer_value.purchase_history USING hash AS
	OPERATOR 1 customer_value.=,
	FUNCTION 1 customer_value.purchase_history_hash(customer_value.purchase_history),
	FUNCTION 2 customer_value.purchase_history_hash_extended(customer_value.purchase_history, bigint);
COMMENT ON OPERATOR CLASS customer_value.purchase_history_ops USING hash IS 'hashing of purchase histories';

-- Days of moments: purchase_history wants days.
CREATE FUNCTION customer_value.local_day(moment timestamptz, zone text) RETURNS date
	AS 'MODULE_PATHNAME', 'cv_local_day' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.local_day(timestamptz, text) IS
	'The day of a moment in a time zone: (moment AT TIME ZONE zone)::date, several times as fast where many moments are of few years';

-- What makes the planner consider grouping without a hash table: src/pg/grouping_plan.c.
CREATE FUNCTION customer_value._grouping_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_grouping_support' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value._grouping_support(internal) IS
	'Internal: has the planner load the module before it plans aggregates of purchase histories';

-- Aggregates. Their internal state is about as long as the sales are in short form: SSPACE is what 20 take.

CREATE FUNCTION customer_value.purchase_history_accum(internal, date, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_purchase_history_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE
	SUPPORT customer_value._grouping_support;
COMMENT ON FUNCTION customer_value.purchase_history_accum(internal, date, numeric) IS 'transition of purchase_history(date, numeric)';

CREATE FUNCTION customer_value.purchase_history_accum(internal, date, numeric, numeric, numeric, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_purchase_history_accum_tracks' LANGUAGE C IMMUTABLE PARALLEL SAFE
	SUPPORT customer_value._grouping_support;
COMMENT ON FUNCTION customer_value.purchase_history_accum(internal, date, numeric, numeric, numeric, numeric) IS
	'transition of purchase_history(date, numeric, numeric, numeric, numeric)';

CREATE FUNCTION customer_value.purchase_history_merge_accum(internal, customer_value.purchase_history) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_purchase_history_merge_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE
	SUPPORT customer_value._grouping_support;
COMMENT ON FUNCTION customer_value.purchase_history_merge_accum(internal, customer_value.purchase_history) IS 'transition of merge(purchase_history)';

CREATE FUNCTION customer_value.purchase_history_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_purchase_history_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_combine(internal, internal) IS 'combines two states of purchase_history and merge';

CREATE FUNCTION customer_value.purchase_history_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'cv_purchase_history_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_serialize(internal) IS 'state of purchase_history and merge for another process';

CREATE FUNCTION customer_value.purchase_history_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cv_purchase_history_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_deserialize(bytea, internal) IS 'state of purchase_history and merge from another process';

CREATE FUNCTION customer_value.purchase_history_final(internal) RETURNS customer_value.purchase_history
	AS 'MODULE_PATHNAME', 'cv_purchase_history_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION customer_value.purchase_history_final(internal) IS 'result of purchase_history and merge';

CREATE AGGREGATE customer_value.purchase_history(day date, amount numeric) (
	SFUNC = customer_value.purchase_history_accum, STYPE = internal, SSPACE = 128,
	FINALFUNC = customer_value.purchase_history_final,
	COMBINEFUNC = customer_value.purchase_history_combine,
	SERIALFUNC = customer_value.purchase_history_serialize,
	DESERIALFUNC = customer_value.purchase_history_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.purchase_history(date, numeric) IS
	'The timeline of the sales: one row a sale. A sale with a negative amount is a return. Rows without both day and amount are skipped; null without sales';

CREATE AGGREGATE customer_value.purchase_history(day date, amount numeric, cost numeric, list_amount numeric, quantity numeric) (
	SFUNC = customer_value.purchase_history_accum, STYPE = internal, SSPACE = 128,
	FINALFUNC = customer_value.purchase_history_final,
	COMBINEFUNC = customer_value.purchase_history_combine,
	SERIALFUNC = customer_value.purchase_history_serialize,
	DESERIALFUNC = customer_value.purchase_history_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.purchase_history(date, numeric, numeric, numeric, numeric) IS
	'The timeline of the sales with cost, amount at list price and quantity, each null where unknown. A sale with a negative amount, or with amount zero and a negative quantity, is a return';

CREATE AGGREGATE customer_value.merge(history customer_value.purchase_history) (
	SFUNC = customer_value.purchase_history_merge_accum, STYPE = internal, SSPACE = 128,
	FINALFUNC = customer_value.purchase_history_final,
	COMBINEFUNC = customer_value.purchase_history_combine,
	SERIALFUNC = customer_value.purchase_history_serialize,
	DESERIALFUNC = customer_value.purchase_history_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value.merge(customer_value.purchase_history) IS
	'The timelines joined into one, exactly as if built from all their sales; nulls are skipped';

-- Histories from histories.

CREATE FUNCTION customer_value.merge(a customer_value.purchase_history, b customer_value.purchase_history) RETURNS customer_value.purchase_history
	AS 'MODULE_PATHNAME', 'cv_purchase_history_merge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION customer_value.merge(customer_value.purchase_history, customer_value.purchase_history) IS
	'The two timelines joined into one, exactly as if built from all their sales';

CREATE FUNCTION customer_value.truncate(history customer_value.purchase_history, as_of date) RETURNS customer_value.purchase_history
	AS 'MODULE_PATHNAME', 'cv_purchase_history_truncate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION customer_value.truncate(customer_value.purchase_history, date) IS
	'The history built from the sales up to and including as_of; null without any';

CREATE FUNCTION customer_value.as_one_order(history customer_value.purchase_history) RETURNS customer_value.purchase_history
	AS 'MODULE_PATHNAME', 'cv_purchase_history_as_one_order' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION customer_value.as_one_order(customer_value.purchase_history) IS
	'The same history where the lines of a day count as one order, the returns as one return: merge(as_one_order(h)) over the histories of single orders counts orders instead of lines';

-- Accessors: of the whole history, or of the sales up to and including as_of (null without any).

CREATE FUNCTION customer_value.first_purchase_day(history customer_value.purchase_history) RETURNS date
	AS 'MODULE_PATHNAME', 'cv_first_purchase_day' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.first_purchase_day(customer_value.purchase_history) IS
	'Day of the first purchase; null without a purchase. A purchase is a day with a positive net amount, or zero and no return';
CREATE FUNCTION customer_value.first_purchase_day(history customer_value.purchase_history, as_of date) RETURNS date
	AS 'MODULE_PATHNAME', 'cv_first_purchase_day' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.first_purchase_day(customer_value.purchase_history, date) IS
	'As of a day: day of the first purchase; null without a purchase. A purchase is a day with a positive net amount, or zero and no return';

CREATE FUNCTION customer_value.last_purchase_day(history customer_value.purchase_history) RETURNS date
	AS 'MODULE_PATHNAME', 'cv_last_purchase_day' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.last_purchase_day(customer_value.purchase_history) IS
	'Day of the last purchase; null without a purchase. A purchase is a day with a positive net amount, or zero and no return';
CREATE FUNCTION customer_value.last_purchase_day(history customer_value.purchase_history, as_of date) RETURNS date
	AS 'MODULE_PATHNAME', 'cv_last_purchase_day' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.last_purchase_day(customer_value.purchase_history, date) IS
	'As of a day: day of the last purchase; null without a purchase. A purchase is a day with a positive net amount, or zero and no return';

CREATE FUNCTION customer_value.orders(history customer_value.purchase_history) RETURNS bigint
	AS 'MODULE_PATHNAME', 'cv_orders' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.orders(customer_value.purchase_history) IS
	'Number of sales (or orders) that are not returns';
CREATE FUNCTION customer_value.orders(history customer_value.purchase_history, as_of date) RETURNS bigint
	AS 'MODULE_PATHNAME', 'cv_orders' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.orders(customer_value.purchase_history, date) IS
	'As of a day: number of sales (or orders) that are not returns';

CREATE FUNCTION customer_value.returns(history customer_value.purchase_history) RETURNS bigint
	AS 'MODULE_PATHNAME', 'cv_returns' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.returns(customer_value.purchase_history) IS
	'Number of returns';
CREATE FUNCTION customer_value.returns(history customer_value.purchase_history, as_of date) RETURNS bigint
	AS 'MODULE_PATHNAME', 'cv_returns' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.returns(customer_value.purchase_history, date) IS
	'As of a day: number of returns';

CREATE FUNCTION customer_value.purchase_days(history customer_value.purchase_history) RETURNS integer
	AS 'MODULE_PATHNAME', 'cv_purchase_days' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.purchase_days(customer_value.purchase_history) IS
	'Number of days that count as a purchase: positive net amount, or zero and no return';
CREATE FUNCTION customer_value.purchase_days(history customer_value.purchase_history, as_of date) RETURNS integer
	AS 'MODULE_PATHNAME', 'cv_purchase_days' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.purchase_days(customer_value.purchase_history, date) IS
	'As of a day: number of days that count as a purchase: positive net amount, or zero and no return';

CREATE FUNCTION customer_value.total_amount(history customer_value.purchase_history) RETURNS numeric
	AS 'MODULE_PATHNAME', 'cv_total_amount' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.total_amount(customer_value.purchase_history) IS
	'Sum of the amounts net of returns, exact, with the smallest scale that holds every day';
CREATE FUNCTION customer_value.total_amount(history customer_value.purchase_history, as_of date) RETURNS numeric
	AS 'MODULE_PATHNAME', 'cv_total_amount' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.total_amount(customer_value.purchase_history, date) IS
	'As of a day: sum of the amounts net of returns, exact, with the smallest scale that holds every day';

CREATE FUNCTION customer_value.total_cost(history customer_value.purchase_history) RETURNS numeric
	AS 'MODULE_PATHNAME', 'cv_total_cost' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.total_cost(customer_value.purchase_history) IS
	'Sum of the costs, exact; null when any sale lacks it';
CREATE FUNCTION customer_value.total_cost(history customer_value.purchase_history, as_of date) RETURNS numeric
	AS 'MODULE_PATHNAME', 'cv_total_cost' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.total_cost(customer_value.purchase_history, date) IS
	'As of a day: sum of the costs, exact; null when any sale lacks it';

CREATE FUNCTION customer_value.total_list_amount(history customer_value.purchase_history) RETURNS numeric
	AS 'MODULE_PATHNAME', 'cv_total_list_amount' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.total_list_amount(customer_value.purchase_history) IS
	'Sum of the amounts at list price, exact; null when any sale lacks it';
CREATE FUNCTION customer_value.total_list_amount(history customer_value.purchase_history, as_of date) RETURNS numeric
	AS 'MODULE_PATHNAME', 'cv_total_list_amount' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.total_list_amount(customer_value.purchase_history, date) IS
	'As of a day: sum of the amounts at list price, exact; null when any sale lacks it';

CREATE FUNCTION customer_value.total_quantity(history customer_value.purchase_history) RETURNS numeric
	AS 'MODULE_PATHNAME', 'cv_total_quantity' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.total_quantity(customer_value.purchase_history) IS
	'Sum of the quantities, exact; null when any sale lacks it';
CREATE FUNCTION customer_value.total_quantity(history customer_value.purchase_history, as_of date) RETURNS numeric
	AS 'MODULE_PATHNAME', 'cv_total_quantity' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.total_quantity(customer_value.purchase_history, date) IS
	'As of a day: sum of the quantities, exact; null when any sale lacks it';

CREATE FUNCTION customer_value.returned_amount(history customer_value.purchase_history) RETURNS numeric
	AS 'MODULE_PATHNAME', 'cv_returned_amount' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.returned_amount(customer_value.purchase_history) IS
	'Absolute amount of the returns, exact';
CREATE FUNCTION customer_value.returned_amount(history customer_value.purchase_history, as_of date) RETURNS numeric
	AS 'MODULE_PATHNAME', 'cv_returned_amount' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.returned_amount(customer_value.purchase_history, date) IS
	'As of a day: absolute amount of the returns, exact';

CREATE TYPE customer_value.purchase_summary AS (x double precision, t_x double precision, t double precision, m double precision);
COMMENT ON TYPE customer_value.purchase_summary IS 'What buy-till-you-die models see of a customer as of a day';
COMMENT ON COLUMN customer_value.purchase_summary.x IS 'Repeat purchase days';
COMMENT ON COLUMN customer_value.purchase_summary.t_x IS 'Weeks from the first to the last purchase';
COMMENT ON COLUMN customer_value.purchase_summary.t IS 'Weeks from the first purchase to the as-of day, written T in the literature';
COMMENT ON COLUMN customer_value.purchase_summary.m IS 'Mean net amount of a repeat purchase day; null when x = 0';

CREATE FUNCTION customer_value.purchase_summary(history customer_value.purchase_history, as_of date) RETURNS customer_value.purchase_summary
	AS 'MODULE_PATHNAME', 'cv_purchase_summary' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION customer_value.purchase_summary(customer_value.purchase_history, date) IS
	'(x, t_x, T, m) as of a day, times in weeks of 7 days; null without a purchase by then';

CREATE FUNCTION customer_value.purchase_opportunities(history customer_value.purchase_history, as_of date, period interval,
		OUT x double precision, OUT t_x double precision, OUT t double precision, OUT m double precision)
	AS 'MODULE_PATHNAME', 'cv_purchase_opportunities' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 15;
COMMENT ON FUNCTION customer_value.purchase_opportunities(customer_value.purchase_history, date, interval) IS
	'What models in discrete time see as of a day: of the t whole calendar periods that ended since the one of the first purchase, x have a purchase, the last of them is number t_x, and m is the mean net amount of one (null when x = 0). Months are counted from January 2000, blocks of days from Monday 2000-01-03; null without a purchase by then';

CREATE TYPE customer_value.purchase_profile AS (
	first_purchase_day date,
	last_purchase_day date,
	days_since_last_purchase integer,
	tenure_days integer,
	purchase_days integer,
	repeat_purchase_days integer,
	orders bigint,
	returns bigint,
	total_amount numeric,
	returned_amount numeric,
	total_cost numeric,
	total_list_amount numeric,
	total_quantity numeric,
	repeat_amount numeric
);
COMMENT ON TYPE customer_value.purchase_profile IS 'Everything a purchase history says as of a day';
COMMENT ON COLUMN customer_value.purchase_profile.first_purchase_day IS 'Day of the first purchase; null without a purchase';
COMMENT ON COLUMN customer_value.purchase_profile.last_purchase_day IS 'Day of the last purchase; null without a purchase';
COMMENT ON COLUMN customer_value.purchase_profile.days_since_last_purchase IS 'Days from the last purchase to the as-of day; null without a purchase';
COMMENT ON COLUMN customer_value.purchase_profile.tenure_days IS 'Days from the first purchase to the as-of day; null without a purchase';
COMMENT ON COLUMN customer_value.purchase_profile.purchase_days IS 'Days with a positive net amount, or zero and no return';
COMMENT ON COLUMN customer_value.purchase_profile.repeat_purchase_days IS 'Purchase days after the first';
COMMENT ON COLUMN customer_value.purchase_profile.orders IS 'Sales (or orders) that are not returns';
COMMENT ON COLUMN customer_value.purchase_profile.returns IS 'Returns';
COMMENT ON COLUMN customer_value.purchase_profile.total_amount IS 'Sum of the amounts net of returns';
COMMENT ON COLUMN customer_value.purchase_profile.returned_amount IS 'Absolute amount of the returns';
COMMENT ON COLUMN customer_value.purchase_profile.total_cost IS 'Sum of the costs; null when any sale lacks it';
COMMENT ON COLUMN customer_value.purchase_profile.total_list_amount IS 'Sum of the amounts at list price; null when any sale lacks it';
COMMENT ON COLUMN customer_value.purchase_profile.total_quantity IS 'Sum of the quantities; null when any sale lacks it';
COMMENT ON COLUMN customer_value.purchase_profile.repeat_amount IS 'Net amount of the repeat purchase days; 0 without any';

CREATE FUNCTION customer_value.purchase_profile(history customer_value.purchase_history, as_of date) RETURNS customer_value.purchase_profile
	AS 'MODULE_PATHNAME', 'cv_purchase_profile' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION customer_value.purchase_profile(customer_value.purchase_history, date) IS
	'Counts, days and exact sums of the sales up to and including as_of, in one pass; null without any. A customer with returns only has sums but no purchase days';

CREATE FUNCTION customer_value.unnest(history customer_value.purchase_history,
		OUT day date, OUT orders bigint, OUT returns bigint, OUT amount numeric, OUT returned numeric,
		OUT cost numeric, OUT list_amount numeric, OUT quantity numeric) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'cv_purchase_history_unnest' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 10;
COMMENT ON FUNCTION customer_value.unnest(customer_value.purchase_history) IS
	'One row a day: orders, returns, net amount, returned amount, and cost, list amount and quantity, each null where a sale of the day lacks it';

CREATE TYPE customer_value.purchase_windows AS (
	amount_last_year numeric,
	amount_year_before numeric,
	cost_last_year numeric,
	cost_year_before numeric,
	list_amount_last_year numeric,
	list_amount_year_before numeric,
	purchase_days_last_year integer,
	purchase_days_year_before integer,
	active_quarters integer,
	gap_variation double precision,
	last_gap_days integer,
	gap_before_days integer,
	full_price_share double precision,
	first_day_full_price_share double precision,
	repeat_full_price_share double precision,
	loss_days integer
);
COMMENT ON TYPE customer_value.purchase_windows IS
	'What a purchase history says as of a day of the last year (the 365 days up to it), the year before (the 365 days up to that) and the rhythm and price of purchases';
COMMENT ON COLUMN customer_value.purchase_windows.amount_last_year IS 'Sum of the amounts of the last year, net of returns';
COMMENT ON COLUMN customer_value.purchase_windows.amount_year_before IS 'Sum of the amounts of the year before, net of returns';
COMMENT ON COLUMN customer_value.purchase_windows.cost_last_year IS 'Sum of the costs of the last year; null when any sale of it lacks one';
COMMENT ON COLUMN customer_value.purchase_windows.cost_year_before IS 'Sum of the costs of the year before; null when any sale of it lacks one';
COMMENT ON COLUMN customer_value.purchase_windows.list_amount_last_year IS 'Sum of the amounts at list price of the last year; null when any sale of it lacks one';
COMMENT ON COLUMN customer_value.purchase_windows.list_amount_year_before IS 'Sum of the amounts at list price of the year before; null when any sale of it lacks one';
COMMENT ON COLUMN customer_value.purchase_windows.purchase_days_last_year IS 'Purchase days of the last year';
COMMENT ON COLUMN customer_value.purchase_windows.purchase_days_year_before IS 'Purchase days of the year before';
COMMENT ON COLUMN customer_value.purchase_windows.active_quarters IS 'How many of the last 8 quarters have a purchase: of three months each, counted back from the as-of day';
COMMENT ON COLUMN customer_value.purchase_windows.gap_variation IS 'Standard deviation (of a sample) of the days between purchase days over their mean: 0 for a clock, about 1 for pure chance; null below three purchase days, or as many as asked for';
COMMENT ON COLUMN customer_value.purchase_windows.last_gap_days IS 'Days between the last two purchase days; null below two of them';
COMMENT ON COLUMN customer_value.purchase_windows.gap_before_days IS 'Days between the two purchase days before the last; null below three of them';
COMMENT ON COLUMN customer_value.purchase_windows.full_price_share IS 'Share of the amount of purchase days that was bought on days at no discount (no less than the list amount paid); null when a purchase day lacks the list amount';
COMMENT ON COLUMN customer_value.purchase_windows.first_day_full_price_share IS 'full_price_share of the first purchase day: 1 or 0';
COMMENT ON COLUMN customer_value.purchase_windows.repeat_full_price_share IS 'full_price_share of the purchase days after the first';
COMMENT ON COLUMN customer_value.purchase_windows.loss_days IS 'Purchase days that cost more than was paid, of those with complete cost; null without any such day';

CREATE FUNCTION customer_value.purchase_windows(history customer_value.purchase_history, as_of date, regularity_purchase_days double precision DEFAULT 4)
	RETURNS customer_value.purchase_windows
	AS 'MODULE_PATHNAME', 'cv_purchase_windows' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION customer_value.purchase_windows(customer_value.purchase_history, date, double precision) IS
	'What the sales up to and including as_of say of the last year, the year before and the rhythm and price of purchases, in one pass; null without any. regularity_purchase_days: fewest purchase days for gap_variation. Call it in FROM';
