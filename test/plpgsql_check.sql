-- plpgsql_check.sql - runs plpgsql_check over every PL/pgSQL function of the extension; an error if it finds anything.
-- What it cannot know, it is told by the functions themselves: PRAGMA comments where SQL is built at run time.

CREATE DATABASE cv_plpgsql_check;
\connect cv_plpgsql_check
CREATE EXTENSION plpgsql_check;
CREATE EXTENSION customer_value;

SELECT format('%s:%s: %s: %s%s', f.oid::regprocedure, c.lineno, c.level, c.message,
			  coalesce(' (' || coalesce(c.detail, c.hint) || ')', '')) AS finding
FROM pg_proc AS f
	 JOIN pg_language AS l ON l.oid = f.prolang AND l.lanname = 'plpgsql'
	 JOIN pg_depend AS d ON d.objid = f.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
	 JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'customer_value'
	 CROSS JOIN LATERAL plpgsql_check_function_tb(f.oid, performance_warnings => false, extra_warnings => true,
		 security_warnings => true) AS c
\g (tuples_only=on format=unaligned)
SELECT count(*) AS functions,
	   count(*) FILTER (WHERE EXISTS (SELECT FROM plpgsql_check_function_tb(f.oid, performance_warnings => false,
		   extra_warnings => true, security_warnings => true))) AS with_findings
FROM pg_proc AS f
	 JOIN pg_language AS l ON l.oid = f.prolang AND l.lanname = 'plpgsql'
	 JOIN pg_depend AS d ON d.objid = f.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
	 JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'customer_value'
\gset
\connect postgres
DROP DATABASE cv_plpgsql_check;

SELECT :with_findings > 0 AS bad \gset
\if :bad
	DO $$ BEGIN RAISE 'plpgsql_check has findings (above)'; END $$;
\endif
