-- plpgsql_check.sql - runs plpgsql_check over every PL/pgSQL function of the extension; an error if it finds anything.

CREATE DATABASE cv_plpgsql_check;
\connect cv_plpgsql_check
CREATE EXTENSION plpgsql_check;
CREATE EXTENSION customer_value;

-- Functions that run a text which other functions of the extension composed for them, from names that went
-- through format: plpgsql_check cannot know that such a text is not from a user.
CREATE TEMP TABLE runs_composed_sql AS
SELECT unnest(ARRAY['_create_view', '_create_view_function', '_try_fit']) AS function_name;

CREATE TEMP TABLE finding AS
SELECT f.oid::regprocedure AS function, c.*
FROM pg_proc AS f
	 JOIN pg_language AS l ON l.oid = f.prolang AND l.lanname = 'plpgsql'
	 JOIN pg_depend AS d ON d.objid = f.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
	 JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'customer_value'
	 LEFT JOIN LATERAL plpgsql_check_function_tb(f.oid, performance_warnings => false, extra_warnings => true,
		 security_warnings => true) AS c
		 ON NOT (c.level = 'security' AND f.proname IN (SELECT function_name FROM runs_composed_sql));

SELECT concat_ws(': ', function::text || coalesce(':' || lineno, ''), level, message || coalesce(' (' || coalesce(detail, hint) || ')', ''))
FROM finding WHERE message IS NOT NULL
\g (tuples_only=on format=unaligned)
SELECT count(*) FILTER (WHERE message IS NOT NULL) > 0 AS bad, count(DISTINCT function) AS functions FROM finding \gset
\echo :functions functions checked

\connect postgres
DROP DATABASE cv_plpgsql_check;
\if :bad
	DO $$ BEGIN RAISE 'plpgsql_check has findings (above)'; END $$;
\endif
