-- local_day: the day that AT TIME ZONE and ::date say, in every zone and at every moment.
\unset ECHO
\set QUIET 1
\pset format unaligned
\pset tuples_only true
\pset pager off
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SELECT plan(14);
SET search_path = public, customer_value;

-- different(zone, moments): how many of them local_day puts on another day than the server
CREATE FUNCTION different(zone text, moments text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM (%s) AS m (moment) WHERE local_day(moment, %L) IS DISTINCT FROM (moment AT TIME ZONE %2$L)::date', moments, zone)
		INTO n;
	RETURN NEXT is(n, 0::bigint, zone);
END $$;

-- Every half hour of three years, which is every change of clocks; among zones those that change them at midnight, skip a day,
-- are far from UTC or no whole hours, and names that are abbreviations, offsets or made up.
\set half_hours 'SELECT generate_series(timestamptz ''2010-12-01 00:00+00'', timestamptz ''2013-12-01 00:00+00'', interval ''30 minutes'')'
SELECT different(zone, :'half_hours')
FROM unnest(ARRAY['UTC', 'Europe/Berlin', 'America/Havana', 'Pacific/Apia', 'Asia/Kathmandu', 'Pacific/Kiritimati', 'cet', '-3:30', 'AAA+26BBB,M3.2.0,M11.1.0', 'AAA8BBB-8,J60/3,J60/9']) AS zone;
SELECT is((SELECT count(*)
		   FROM pg_timezone_names AS z, generate_series(timestamptz '1890-01-01 00:07:31+00', timestamptz '2040-01-01 00:00+00', interval '3 days 1 hour 11 minutes') AS moment
		   WHERE hashtext(z.name) % 20 = 0 AND local_day(moment, z.name) IS DISTINCT FROM (moment AT TIME ZONE z.name)::date),
		  0::bigint, 'a twentieth of all zones, through 150 years');
SELECT results_eq($$SELECT local_day(moment, zone) FROM (VALUES ('infinity'::timestamptz, 'UTC'), ('-infinity', 'UTC'), ('4714-11-24 00:00+00 BC', 'UTC'),
					('294276-12-31 23:59:59.999999+00', 'UTC'), ('1999-12-31 23:59:59.999999+00', 'UTC'), ('2000-01-01 00:00+00', 'UTC'), (NULL, 'UTC'), ('2000-01-01', NULL)) AS v (moment, zone)$$,
				  $$VALUES ('infinity'::date), ('-infinity'), ('4714-11-24 BC'), ('294276-12-31'), ('1999-12-31'), ('2000-01-01'), (NULL), (NULL)$$,
				  'the ends of time, and nulls');
SELECT is((SELECT count(*) FROM (SELECT moment, CASE WHEN n % 2 = 0 THEN 'Asia/Tokyo' ELSE 'America/Lima' END AS zone
								 FROM generate_series(1, 1000) AS n, LATERAL (SELECT timestamptz '2024-01-01 00:00+00' + n * interval '1 hour') AS m (moment)) AS s
		   WHERE local_day(moment, zone) IS DISTINCT FROM (moment AT TIME ZONE zone)::date), 0::bigint, 'a zone a row');
SELECT throws_ok($$SELECT local_day(now(), 'Europe/Berlim')$$, '22023', 'time zone "Europe/Berlim" not recognized', 'an unknown zone is refused as the server does');

SELECT * FROM finish();
