-- import.sql - from the text of a CSV file to the table public.sales; run by demo/import, which says how.
--
-- All columns are loaded as text first, so that what cannot be read is found here, with its line, and not by COPY.

SET client_min_messages = notice;
SET datestyle = 'ISO, MDY';

CREATE TEMP TABLE asked AS
	SELECT :'file'::text AS file, :'header'::text AS header, nullif(:'customer', '') AS customer,
		   nullif(:'date', '') AS date, nullif(:'amount', '') AS amount, nullif(:'order', '') AS "order",
		   nullif(upper(:'dates'), '') AS dates;

CREATE FUNCTION pg_temp.is_date(given text, style text) RETURNS boolean
	LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM set_config('datestyle', 'ISO, ' || style, true);
	PERFORM given::timestamp;
	RETURN true;
EXCEPTION WHEN data_exception THEN
	RETURN false;
END
$$;

CREATE TEMP TABLE file_column (number integer, header text, simple text, name text);
CREATE TEMP TABLE plan (delimiter text, customer text, date text, amount text, quantity text, price text, "order" text);

-- Read the header: separator, names, and which column is which.
DO $do$
DECLARE
	f asked;
	p plan;
	bare text;
	best integer := 0;
	candidate text;
	found text;
	headers text;

	-- what each column is called elsewhere, best first; compared in lower case without punctuation
	customers text[] := ARRAY['customerid', 'customerno', 'customernumber', 'customerkey', 'customercode', 'custid', 'custno',
		'clientid', 'clientno', 'clientnumber', 'userid', 'accountid', 'accountno', 'memberid', 'memberno', 'buyerid',
		'contactid', 'shopperid', 'personid', 'householdid', 'customer', 'client', 'cust', 'buyer', 'member', 'user', 'account',
		'customeremail', 'email', 'emailaddress', 'customername', 'clientname', 'kunde', 'kundennr', 'kundennummer'];
	dates text[] := ARRAY['orderdate', 'orderedat', 'orderedon', 'saledate', 'salesdate', 'soldat', 'soldon', 'purchasedate',
		'purchasedat', 'invoicedate', 'transactiondate', 'transdate', 'bookingdate', 'paymentdate', 'paidat', 'createdat',
		'creationdate', 'createdon', 'date', 'datetime', 'timestamp', 'day', 'time', 'datum', 'bestelldatum'];
	amounts text[] := ARRAY['amount', 'lineamount', 'linetotal', 'totalamount', 'netamount', 'salesamount', 'saleamount',
		'orderamount', 'ordertotal', 'ordervalue', 'totalprice', 'totalprize', 'total', 'nettotal', 'grandtotal', 'revenue',
		'turnover', 'netsales', 'sales', 'salesvalue', 'extendedprice', 'subtotal', 'totalpaid', 'amountpaid', 'paid',
		'spend', 'spent', 'purchaseamount', 'purchasevalue', 'dollarvalue', 'netvalue', 'linevalue', 'transactionamount', 'invoiceamount', 'value', 'grossamount', 'betrag', 'umsatz'];
	quantities text[] := ARRAY['quantity', 'qty', 'quantitysold', 'orderquantity', 'units', 'unitssold', 'pieces', 'count', 'menge'];
	prices text[] := ARRAY['unitprice', 'priceperunit', 'itemprice', 'price', 'netprice', 'saleprice', 'salesprice', 'priceeach',
		'preis', 'einzelpreis'];
	orders text[] := ARRAY['orderid', 'orderno', 'ordernumber', 'ordernr', 'salesordernumber', 'invoiceid', 'invoiceno',
		'invoicenumber', 'transactionid', 'transactionno', 'receiptid', 'receiptno', 'receipt', 'basketid', 'ticketid',
		'ticketno', 'saleid', 'order', 'invoice', 'transaction', 'basket', 'bestellnr', 'rechnungsnr'];
BEGIN
	SELECT * INTO f FROM asked;

	-- the separator is what the header has most of, quotes aside
	bare := regexp_replace(f.header, '"([^"]|"")*"', '', 'g');
	FOREACH candidate IN ARRAY ARRAY[',', ';', E'\t', '|'] LOOP
		IF length(bare) - length(replace(bare, candidate, '')) > best THEN
			best := length(bare) - length(replace(bare, candidate, ''));
			p.delimiter := candidate;
		END IF;
	END LOOP;
	IF p.delimiter IS NULL THEN
		RAISE EXCEPTION 'The first line of % has one column only: %', f.file, left(f.header, 80)
			USING HINT = 'It should name the columns, separated by comma, semicolon, tab or |.';
	END IF;

	INSERT INTO file_column
	SELECT number, header, regexp_replace(lower(header), '[^[:alnum:]]', '', 'g'),
		   CASE WHEN row_number() OVER (PARTITION BY left(header, 50) ORDER BY number) = 1 AND header <> ''
				THEN left(header, 50) ELSE left(header, 50) || '#' || number END
	FROM (SELECT m.number::integer,
				 btrim(CASE WHEN m.part[2] LIKE '"%' THEN replace(substr(m.part[2], 2, length(m.part[2]) - 2), '""', '"')
							ELSE m.part[2] END) AS header
		  FROM regexp_matches(p.delimiter || f.header,
							  format('(%1$s)( *"(?:[^"]|"")*" *|[^%1$s]*)', '\' || p.delimiter),
							  'g') WITH ORDINALITY AS m(part, number)) AS h;
	SELECT string_agg(CASE WHEN header ~ ',' THEN '"' || header || '"' ELSE header END, ', ' ORDER BY number)
	INTO headers FROM file_column;

	-- what was asked for by name must be there
	SELECT string_agg(w.variable || '=' || w.wanted, ' ') INTO found
	FROM (VALUES ('CUSTOMER', f.customer), ('DATE', f.date), ('AMOUNT', f.amount), ('ORDER', f."order")) AS w(variable, wanted)
	WHERE wanted IS NOT NULL
		  AND NOT EXISTS (SELECT FROM file_column AS c WHERE c.name = wanted OR lower(c.header) = lower(btrim(wanted)));
	IF found IS NOT NULL THEN
		RAISE EXCEPTION '% has no column for %.', f.file, found
			USING DETAIL = 'Its columns are: ' || headers;
	END IF;

	CREATE TEMP TABLE choice AS
	SELECT role, (SELECT c.name FROM file_column AS c
				  WHERE CASE WHEN wanted IS NOT NULL THEN c.name = wanted OR lower(c.header) = lower(btrim(wanted))
							 ELSE c.simple = ANY (names) END
				  ORDER BY c.name = wanted DESC NULLS LAST, array_position(names, c.simple), number LIMIT 1) AS name
	FROM (VALUES ('customer', f.customer, customers), ('date', f.date, dates), ('amount', f.amount, amounts),
				 ('quantity', NULL, quantities), ('price', NULL, prices), ('order', f."order", orders)) AS r(role, wanted, names);
	SELECT name INTO p.customer FROM choice WHERE role = 'customer';
	SELECT name INTO p.date FROM choice WHERE role = 'date';
	SELECT name INTO p.amount FROM choice WHERE role = 'amount';
	SELECT name INTO p.quantity FROM choice WHERE role = 'quantity';
	SELECT name INTO p.price FROM choice WHERE role = 'price';
	SELECT name INTO p."order" FROM choice WHERE role = 'order';
	IF p.amount IS NULL AND p.quantity IS NULL THEN
		p.amount := p.price;
	END IF;
	IF p.amount IS NOT NULL OR p.price IS NULL THEN
		p.quantity := NULL;
		p.price := NULL;
	END IF;

	found := concat_ws(', ', CASE WHEN p.customer IS NULL THEN 'the customer' END, CASE WHEN p.date IS NULL THEN 'the date' END,
					   CASE WHEN p.amount IS NULL AND p.price IS NULL THEN 'the amount' END);
	IF found <> '' THEN
		RAISE EXCEPTION 'Which column of % holds %?', f.file, found
			USING DETAIL = 'Its columns are: ' || headers,
				  HINT = format('Say it like this: make demo SALES=%s %s', f.file,
								concat_ws(' ', CASE WHEN p.customer IS NULL THEN 'CUSTOMER=name' END,
										  CASE WHEN p.date IS NULL THEN 'DATE=name' END,
										  CASE WHEN p.amount IS NULL AND p.price IS NULL THEN 'AMOUNT=name' END));
	END IF;
	INSERT INTO plan SELECT p.*;
	RAISE NOTICE 'customer: %   date: %   amount: %   order: %', p.customer, p.date,
		coalesce(p.amount, p.quantity || ' x ' || p.price), coalesce(p."order", '(none: every line is an order)');
	RAISE NOTICE 'Not right? Say it: make demo SALES=% CUSTOMER=... DATE=... AMOUNT=... ORDER=...', f.file;

	EXECUTE format('CREATE TEMP TABLE file_text (%s, record bigint GENERATED ALWAYS AS IDENTITY)',
				   (SELECT string_agg(format('%I text', name), ', ' ORDER BY number) FROM file_column));
END
$do$;

-- Load the text; psql has no variables in \copy, so the command is written to a file first.
\pset tuples_only on
\pset format unaligned
\o :copy
SELECT format('\copy file_text (%s) FROM PSTDIN WITH (FORMAT csv, HEADER true, DELIMITER %L)',
			  (SELECT string_agg(format('%I', name), ', ' ORDER BY number) FROM file_column), delimiter)
FROM plan;
\o
\i :copy

-- Turn the text into days and money.
DO $do$
DECLARE
	f asked;
	p plan;
	style text;
	other text;
	bad record;
	amount_format text;
	columns text[];
	part text;
	parts text[] := '{}';
	n bigint;
BEGIN
	SELECT * INTO f FROM asked;
	SELECT * INTO p FROM plan;
	SELECT count(*) INTO n FROM file_text;
	IF n = 0 THEN
		RAISE EXCEPTION '% has a header but no lines below it.', f.file;
	END IF;

	-- money: with a decimal point, with thousands separators, or with a decimal comma; one way for the whole column
	columns := CASE WHEN p.amount IS NOT NULL THEN ARRAY[p.amount] ELSE ARRAY[p.quantity, p.price] END;
	FOREACH part IN ARRAY columns LOOP
		EXECUTE format($q$
			CREATE TEMP TABLE money ON COMMIT DROP AS
			SELECT line, given, CASE WHEN cleaned LIKE '(%%)' THEN '-' || btrim(cleaned, '()')
									 WHEN lower(cleaned) IN ('', 'null', 'na', 'n/a', '-') THEN NULL
									 ELSE cleaned END AS cleaned
			FROM (SELECT min(record) + 1 AS line, %1$I AS given,
						 regexp_replace(%1$I, '[[:space:]$€£¥''’]|EUR|USD|GBP|CHF', '', 'g') AS cleaned
				  FROM file_text GROUP BY %1$I) AS t$q$, part);
		SELECT CASE WHEN bool_and(cleaned ~ '^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$') THEN 'point'
					WHEN bool_and(cleaned ~ '^[-+]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?$') THEN 'thousands'
					WHEN bool_and(cleaned ~ '^[-+]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)(,[0-9]+)?$') THEN 'comma' END
		INTO amount_format FROM money WHERE cleaned IS NOT NULL;
		IF amount_format IS NULL AND EXISTS (SELECT FROM money WHERE cleaned IS NOT NULL) THEN
			SELECT * INTO bad FROM money
			WHERE cleaned !~ '^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$' ORDER BY line LIMIT 1;
			RAISE EXCEPTION 'Line % of %: "%" in column % is not a number.', bad.line, f.file, bad.given, part
				USING HINT = 'Write amounts like 1234.50, all in one style; or name another column with AMOUNT=name.';
		END IF;
		IF amount_format = 'comma' THEN
			RAISE NOTICE 'Column % is read with a decimal comma, as in %.', part,
				(SELECT given FROM money WHERE cleaned LIKE '%,%' ORDER BY line LIMIT 1);
		END IF;
		EXECUTE format('CREATE TEMP TABLE %I AS SELECT given, %s::numeric AS value FROM money',
					   'money_' || array_length(parts || part, 1),
					   CASE amount_format WHEN 'thousands' THEN 'replace(cleaned, '','', '''')'
										  WHEN 'comma' THEN 'replace(replace(cleaned, ''.'', ''''), '','', ''.'')'
										  ELSE 'cleaned' END);
		parts := parts || part;
		DROP TABLE money;
	END LOOP;

	-- dates: as PostgreSQL reads them, month first or day first, whichever reads the whole column
	EXECUTE format('CREATE TEMP TABLE moment AS SELECT min(record) + 1 AS line, %1$I AS given, NULL::timestamp AS value, '
				   'NULL::timestamp AS other FROM file_text GROUP BY %1$I', p.date);
	UPDATE moment SET given = NULL WHERE lower(btrim(given)) IN ('', 'null', 'na', 'n/a');
	IF f.dates NOT IN ('DMY', 'MDY', 'YMD') THEN
		RAISE EXCEPTION 'DATES=% is not known.', f.dates USING HINT = 'DATES=DMY reads 03/04/2024 as 3 April, DATES=MDY as March 4.';
	END IF;
	FOREACH other IN ARRAY CASE WHEN f.dates IS NOT NULL THEN ARRAY[f.dates] ELSE ARRAY['DMY', 'MDY'] END LOOP
		BEGIN
			PERFORM set_config('datestyle', 'ISO, ' || other, true);
			IF style IS NULL THEN
				UPDATE moment SET value = given::timestamp;
			ELSE
				UPDATE moment SET other = value, value = given::timestamp;
				IF EXISTS (SELECT FROM moment WHERE value <> moment.other) THEN
					RAISE NOTICE 'Dates are read month first: % is %. If that is wrong, add DATES=DMY.',
						(SELECT given FROM moment AS m WHERE m.value <> m.other ORDER BY line LIMIT 1),
						(SELECT to_char(value, 'FMDD FMMonth YYYY') FROM moment AS m WHERE m.value <> m.other ORDER BY line LIMIT 1);
				END IF;
			END IF;
			style := other;
		EXCEPTION WHEN data_exception THEN
			NULL;
		END;
	END LOOP;
	IF style IS NULL THEN
		FOR bad IN SELECT * FROM moment WHERE given IS NOT NULL ORDER BY line LOOP
			IF NOT pg_temp.is_date(bad.given, coalesce(f.dates, 'MDY'))
			   AND (f.dates IS NOT NULL OR NOT pg_temp.is_date(bad.given, 'DMY')) THEN
				RAISE EXCEPTION 'Line % of %: "%" in column % is not a date%.', bad.line, f.file, bad.given, p.date,
						CASE WHEN f.dates IS NULL THEN '' ELSE ' with DATES=' || f.dates END
					USING HINT = 'Write dates like 2024-12-31, all in one style; or name another column with DATE=name.';
			END IF;
		END LOOP;
		RAISE EXCEPTION 'Column % of % mixes dates with the day first and dates with the month first.', p.date, f.file
			USING HINT = 'Write dates like 2024-12-31, all in one style.';
	END IF;

	-- the four columns that are bound, then all of the file as it was: a line that comes twice must be seen to
	EXECUTE format('CREATE TABLE public.sales AS SELECT t.%I AS customer_id, d.value AS sold_at, %s AS amount, %s AS order_id, '
				   '%s FROM file_text AS t LEFT JOIN moment AS d ON d.given = t.%I %s',
				   p.customer,
				   CASE WHEN p.amount IS NOT NULL THEN 'm1.value' ELSE 'm1.value * m2.value' END,
				   CASE WHEN p."order" IS NOT NULL THEN format('t.%I', p."order") ELSE 'NULL::text' END,
				   (SELECT string_agg(format('t.%I AS %I', name,
											 CASE WHEN name IN ('customer_id', 'sold_at', 'amount', 'order_id')
												  THEN name || ' in file' ELSE name END), ', ' ORDER BY number)
					FROM file_column),
				   p.date,
				   (SELECT string_agg(format('LEFT JOIN money_%1$s AS m%1$s ON m%1$s.given = t.%2$I', place, name), ' ')
					FROM unnest(parts) WITH ORDINALITY AS u(name, place)));
	UPDATE public.sales SET customer_id = NULL WHERE btrim(customer_id) = '';
	IF NOT EXISTS (SELECT FROM public.sales WHERE customer_id IS NOT NULL AND sold_at IS NOT NULL AND amount IS NOT NULL) THEN
		RAISE EXCEPTION 'No line of % has a customer, a date and an amount.', f.file;
	END IF;
	RAISE NOTICE '% lines from % to %, % customers.', n, (SELECT min(sold_at)::date FROM public.sales),
		(SELECT max(sold_at)::date FROM public.sales), (SELECT count(DISTINCT customer_id) FROM public.sales);
END
$do$;
ANALYZE public.sales;
