-- shop.sql - a sample shop: an outdoor outfitter, four years of sales, about 5,000 customers of different kinds.
--
-- Everything is drawn from hashes of row numbers, never from random() or now(): the same shop on every machine.
-- Makes, in schema public: products, customers, orders, order_lines, and the view sales that joins them.
-- What is hidden in it for the reports to find: loyal customers and one-time buyers, people who buy only before
-- Christmas or only on sale, a few large business accounts, churn, growth, rising prices and faster rising costs,
-- campaigns, returns, counter sales under customer 0, web orders without a customer, gifts at a price of zero,
-- a few lines booked twice.

\set ON_ERROR_STOP on
SET client_min_messages = warning;

-- the k-th number between 0 and 1 of series s
CREATE FUNCTION pg_temp.u(s integer, k bigint) RETURNS float8
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN ((pg_catalog.hashint8extended(k, s) & 4503599627370495) + 0.5) / 4503599627370496.0;

-- the k-th standard normal number of series s
CREATE FUNCTION pg_temp.z(s integer, k bigint) RETURNS float8
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN sqrt(-2 * ln(pg_temp.u(s, 2 * k))) * cos(2 * pi() * pg_temp.u(s, 2 * k + 1));

-- one of the elements of a list, by a number between 0 and 1
CREATE FUNCTION pg_temp.pick(list text[], at float8) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN list[1 + floor(at * cardinality(list))::integer];

CREATE TEMP TABLE period AS
	SELECT date '2021-01-04' AS first_day, date '2024-12-31' AS last_day;

-- How busy the shop is on a day, at most 1: a peak before Christmas, a smaller one in early summer.
CREATE TEMP TABLE season AS
	SELECT d::date AS day,
		   (ARRAY[.45, .40, .50, .60, .75, .80, .70, .55, .50, .55, .90, 1.0])[extract(month FROM d)::integer] AS busy,
		   CASE WHEN to_char(d, 'MMDD') BETWEEN '1120' AND '1130' THEN 0.20
				WHEN to_char(d, 'MMDD') BETWEEN '0701' AND '0721' THEN 0.15
				ELSE 0 END AS campaign,
		   to_char(d, 'MMDD') BETWEEN '0102' AND '0120' AS clearance
	FROM period, generate_series(first_day, last_day, interval '1 day') AS d;
CREATE UNIQUE INDEX ON season (day);

CREATE TABLE products (
	product_id  integer PRIMARY KEY,
	product     text NOT NULL,
	category    text NOT NULL,
	list_price  numeric(8, 2) NOT NULL,
	unit_cost   numeric(8, 2) NOT NULL,
	launched_on date NOT NULL
);
INSERT INTO products
SELECT row_number() OVER (), product, category, list_price, round(list_price * cost_share, 2), launched_on
FROM (VALUES
	('Tents',     'Ridge tent for two',       229.00, .58, date '2019-03-01'),
	('Tents',     'Family tent for four',     449.00, .61, date '2019-03-01'),
	('Tents',     'Tarp 3 x 3 m',              69.00, .45, date '2020-02-01'),
	('Tents',     'Ultralight solo tent',     389.00, .55, date '2023-04-01'),
	('Packs',     'Day pack 20 l',             59.00, .47, date '2019-03-01'),
	('Packs',     'Trekking pack 55 l',       179.00, .52, date '2019-03-01'),
	('Packs',     'Commuter pack 25 l',        99.00, .46, date '2021-09-01'),
	('Packs',     'Child''s pack 12 l',        39.00, .44, date '2022-05-01'),
	('Sleeping',  'Down bag, three seasons',  249.00, .57, date '2019-03-01'),
	('Sleeping',  'Synthetic bag',             89.00, .50, date '2019-03-01'),
	('Sleeping',  'Foam mat',                  19.00, .40, date '2019-03-01'),
	('Sleeping',  'Inflatable mat',           119.00, .49, date '2021-03-01'),
	('Footwear',  'Hiking boots',             189.00, .54, date '2019-03-01'),
	('Footwear',  'Trail shoes',              129.00, .51, date '2019-03-01'),
	('Footwear',  'Sandals',                   69.00, .46, date '2019-03-01'),
	('Footwear',  'Merino socks',              17.90, .35, date '2019-03-01'),
	('Clothing',  'Rain jacket',              159.00, .48, date '2019-03-01'),
	('Clothing',  'Fleece',                    79.00, .42, date '2019-03-01'),
	('Clothing',  'Merino shirt',              69.00, .44, date '2019-03-01'),
	('Clothing',  'Hiking trousers',           89.00, .43, date '2019-03-01'),
	('Clothing',  'Insulated vest',           129.00, .47, date '2022-09-01'),
	('Clothing',  'Wool hat',                  24.90, .33, date '2019-03-01'),
	('Cooking',   'Gas stove',                 49.00, .45, date '2019-03-01'),
	('Cooking',   'Gas cartridge',              6.90, .60, date '2019-03-01'),
	('Cooking',   'Pot set',                   59.00, .48, date '2019-03-01'),
	('Cooking',   'Freeze-dried meal',          8.90, .55, date '2019-03-01'),
	('Cooking',   'Coffee press',              34.90, .41, date '2023-09-01'),
	('Lighting',  'Head torch',                44.90, .40, date '2019-03-01'),
	('Lighting',  'Camp lantern',              34.90, .42, date '2019-03-01'),
	('Lighting',  'Solar charger',             99.00, .62, date '2022-03-01'),
	('Bottles',   'Steel bottle 1 l',          24.90, .36, date '2019-03-01'),
	('Bottles',   'Insulated bottle',          34.90, .39, date '2019-03-01'),
	('Bottles',   'Water filter',              49.00, .43, date '2019-03-01'),
	('Bottles',   'Folding cup',                9.90, .30, date '2019-03-01')
) AS v(category, product, list_price, cost_share, launched_on);

CREATE TEMP TABLE shelf AS
	SELECT *, row_number() OVER (PARTITION BY category ORDER BY product_id) - 1 AS place,
		   count(*) OVER (PARTITION BY category) AS places,
		   dense_rank() OVER (ORDER BY category) - 1 AS category_number
	FROM products;

-- The kinds of customers: share of all, orders a year while active, chance to leave after an order, lines an order
-- beyond the first. 'seasonal' buys in November and December only, 'bargain' mostly in campaigns.
CREATE TEMP TABLE kind AS
	SELECT *, sum(share) OVER (ORDER BY number) - share AS from_share, sum(share) OVER (ORDER BY number) AS to_share
	FROM (VALUES
		(1, 'loyal',      .070, 11.0, .012, 1.0),
		(2, 'regular',    .200,  5.0, .050,  .8),
		(3, 'occasional', .300,  2.0, .110,  .6),
		(4, 'one-off',    .290,  1.2, .750,  .4),
		(5, 'bargain',    .090,  4.5, .080, 1.0),
		(6, 'seasonal',   .040,  3.0, .100, 1.2),
		(7, 'business',   .010, 14.0, .020, 3.0)
	) AS v(number, kind, share, orders_a_year, leaves, more_lines);

-- People, the day each one first buys (more of them every year, and in busy seasons), and how each one behaves.
CREATE TEMP TABLE person AS
SELECT row_number() OVER (ORDER BY first_day, k) AS customer_id, p.*
FROM (
	SELECT k, kind, more_lines,
		   orders_a_year * exp(0.55 * pg_temp.z(2, k)) AS orders_a_year,
		   least(0.95, leaves * exp(0.50 * pg_temp.z(3, k))) AS leaves,
		   floor(pg_temp.u(4, k) * 8) AS favourite,
		   exp(0.25 * pg_temp.z(5, k)) AS generous,
		   (SELECT day
			FROM generate_series(1, 20) AS try,
				 LATERAL (SELECT first_day
								 + floor((last_day - first_day + 1) * power(pg_temp.u(6, 20 * k + try), 0.8))::integer
						  FROM period) AS drawn(on_day)
				 JOIN season ON day = on_day
			WHERE pg_temp.u(7, 20 * k + try) < CASE kind WHEN 'seasonal' THEN (busy >= .9)::integer
														 WHEN 'bargain' THEN CASE WHEN campaign > 0 THEN 1 ELSE .1 END
														 ELSE busy END
			ORDER BY try LIMIT 1) AS first_day
	FROM generate_series(1, 5000) AS k
		 JOIN kind ON pg_temp.u(1, k) >= from_share AND pg_temp.u(1, k) < to_share
) AS p
WHERE first_day IS NOT NULL;

-- Orders: gaps drawn from an exponential, thinned by season and taste, ended by leaving.
CREATE TEMP TABLE visit AS
WITH candidate AS (
	SELECT customer_id, n, kind, leaves,
		   first_day + floor(coalesce(sum(CASE WHEN n > 0 THEN -ln(pg_temp.u(8, customer_id * 1000 + n)) END)
									  OVER (PARTITION BY customer_id ORDER BY n), 0)
							 / (orders_a_year * tries) * 365.25)::integer AS day
	FROM person
		 CROSS JOIN LATERAL (SELECT CASE kind WHEN 'bargain' THEN 4.0 WHEN 'seasonal' THEN 5.5 ELSE 1.6 END) AS t(tries)
		 CROSS JOIN LATERAL generate_series(0, least(900, 20 + ceil(orders_a_year * tries * 6))::integer) AS n
), kept AS (
	SELECT customer_id, n, kind, c.day, leaves,
		   row_number() OVER (PARTITION BY customer_id ORDER BY n) AS visit
	FROM candidate AS c
		 JOIN season AS s ON s.day = c.day
	WHERE n = 0
		  OR pg_temp.u(9, customer_id * 1000 + n) < CASE kind WHEN 'seasonal' THEN (busy >= .9)::integer
															  WHEN 'bargain' THEN CASE WHEN campaign > 0 THEN 1 ELSE .12 END
															  ELSE busy END
)
SELECT customer_id, day, visit
FROM (SELECT *, min(CASE WHEN pg_temp.u(10, customer_id * 1000 + visit) < leaves THEN visit END)
				OVER (PARTITION BY customer_id) AS last_visit
	  FROM kept) AS k
WHERE visit <= coalesce(last_visit, visit);

-- Counter sales (customer 0) and web orders without a customer.
INSERT INTO visit
SELECT CASE WHEN pg_temp.u(11, k) < .6 THEN 0 END, day, 100000 + k
FROM generate_series(1, 700) AS k
	 JOIN season ON day = date '2021-01-04' + floor(1457 * pg_temp.u(12, k))::integer
WHERE pg_temp.u(13, k) < busy;

-- A number for each order, in the order of time.
CREATE TEMP TABLE purchase AS
SELECT row_number() OVER (ORDER BY ordered_at, customer_id, visit) AS purchase_id, *
FROM (
	SELECT v.*, coalesce(p.kind, 'one-off') AS kind, coalesce(more_lines, .3) AS more_lines,
		   coalesce(favourite, floor(8 * pg_temp.u(14, visit))) AS favourite, coalesce(generous, 1) AS generous,
		   v.day + make_interval(mins => (480 + 780 * pg_temp.u(15, coalesce(v.customer_id, -1) * 1000 + visit))::integer)
			   AS ordered_at,
		   CASE WHEN v.customer_id = 0 THEN 'store'
				WHEN kind = 'business' THEN 'account manager'
				ELSE pg_temp.pick(ARRAY['web', 'web', 'web', 'store', 'store', 'app'],
								  CASE WHEN pg_temp.u(16, coalesce(v.customer_id, -1) * 1000 + visit) < .75
									   THEN pg_temp.u(17, v.customer_id)
									   ELSE pg_temp.u(18, coalesce(v.customer_id, -1) * 1000 + visit) END)
		   END AS channel
	FROM visit AS v LEFT JOIN person AS p USING (customer_id)
) AS o;

-- The lines: what, how many, at which price.
CREATE TEMP TABLE line AS
SELECT DISTINCT ON (purchase_id, product_id) purchase_id, l, customer_id, ordered_at, coalesce(channel, 'web') AS channel, product_id, category, quantity,
	   list_amount, cost,
	   round(list_amount * CASE WHEN pg_temp.u(26, key) < .004 THEN 0 ELSE 1 - discount END, 2) AS amount
FROM (
	SELECT o.*, s.product_id, s.category, quantity,
		   round(quantity * round(s.list_price * power(1.03, year)::numeric, 2), 2) AS list_amount,
		   round(quantity * s.unit_cost * power(1.045, year)::numeric, 2) AS cost,
		   greatest(campaign,
					CASE WHEN clearance AND s.category IN ('Clothing', 'Footwear') THEN .25 ELSE 0 END,
					CASE kind WHEN 'business' THEN .12 WHEN 'bargain' THEN campaign + .10
							  ELSE CASE WHEN pg_temp.u(25, key) < .06 THEN .10 ELSE 0 END END)::numeric AS discount
	FROM (
		SELECT o.*, l, 8 * purchase_id + l AS key, extract(year FROM day)::integer - 2021 AS year
		FROM purchase AS o,
			 generate_series(1, least(7, 1 + floor(-ln(pg_temp.u(20, purchase_id)) * more_lines))::integer) AS l
	) AS o
		 JOIN season USING (day)
		 CROSS JOIN LATERAL (SELECT CASE WHEN pg_temp.u(21, key) < .55 THEN favourite
										 ELSE floor(8 * pg_temp.u(22, key)) END,
									power(pg_temp.u(23, key), 1.4 / generous)) AS t(wanted, at)
		 JOIN shelf AS first ON first.category_number = wanted AND first.place = 0
		 JOIN shelf AS drawn ON drawn.category_number = wanted AND drawn.place = floor(at * first.places)
		 JOIN shelf AS s ON s.product_id = CASE WHEN drawn.launched_on <= o.day THEN drawn.product_id
												ELSE first.product_id END
		 CROSS JOIN LATERAL (SELECT CASE kind WHEN 'business' THEN 2 + floor(-ln(pg_temp.u(24, key)) * 5 * generous)
											  ELSE 1 + floor(-ln(pg_temp.u(24, key)) * .35) END::integer) AS q(quantity)
) AS o
ORDER BY purchase_id, product_id, l;

-- Returns: clothes and shoes come back most; a return is an order of its own with negative lines.
CREATE TEMP TABLE sold AS
SELECT purchase_id, l, false AS is_return, customer_id, ordered_at, channel, product_id, quantity, amount, list_amount, cost
FROM line
UNION ALL
SELECT purchase_id, l, true, customer_id,
	   ordered_at::date + 3 + floor(22 * pg_temp.u(31, 8 * purchase_id + l))::integer + time '12:00',
	   channel, product_id, -quantity, -amount, -list_amount, -cost
FROM line, period
WHERE pg_temp.u(30, 8 * purchase_id + l) < CASE category WHEN 'Footwear' THEN .11 WHEN 'Clothing' THEN .09 ELSE .025 END
	  AND customer_id > 0 AND amount > 0
	  AND ordered_at::date + 3 + floor(22 * pg_temp.u(31, 8 * purchase_id + l))::integer <= last_day;

-- The tables as a shop would have them.
CREATE TABLE customers (
	customer_id     integer PRIMARY KEY,
	name            text NOT NULL,
	region          text NOT NULL,
	account_manager text,
	parent_id       integer,
	registered_on   date NOT NULL
);
INSERT INTO customers
SELECT customer_id,
	   CASE WHEN kind = 'business'
			THEN last_name || ' ' || pg_temp.pick(ARRAY['Guides', 'Outdoor School', 'Expeditions', 'Youth Camps', 'Rangers',
														'Adventure Travel', 'Scouts', 'Mountain Rescue'], pg_temp.u(42, customer_id))
			ELSE first_name || ' ' || last_name END,
	   pg_temp.pick(ARRAY['North', 'North', 'South', 'South', 'South', 'East', 'West', 'West', 'Islands'],
					pg_temp.u(43, customer_id)),
	   CASE WHEN kind = 'business'
			THEN pg_temp.pick(ARRAY['Ines Faber', 'Tom Okafor', 'Lea Brandt'], pg_temp.u(44, customer_id)) END,
	   CASE WHEN kind = 'business' AND pg_temp.u(45, customer_id) < .25
			THEN min(customer_id) FILTER (WHERE kind = 'business') OVER () END,
	   first_day
FROM (
	SELECT customer_id, kind, first_day FROM person
	UNION ALL
	SELECT (SELECT max(customer_id) FROM person) + k, 'prospect',	-- registered, never bought
		   date '2023-01-01' + floor(730 * pg_temp.u(46, k))::integer
	FROM generate_series(1, 250) AS k
) AS p
	 CROSS JOIN LATERAL (SELECT
		pg_temp.pick(ARRAY['Ada', 'Ali', 'Ana', 'Anton', 'Aya', 'Ben', 'Carla', 'Chen', 'Clara', 'David', 'Elif', 'Emil',
						   'Emma', 'Eva', 'Farid', 'Felix', 'Fatima', 'Gita', 'Hana', 'Hugo', 'Ida', 'Igor', 'Ines', 'Ivan',
						   'Jan', 'Jonas', 'Julia', 'Kofi', 'Lars', 'Laura', 'Lena', 'Liam', 'Lin', 'Lucas', 'Luis', 'Maja',
						   'Maria', 'Mei', 'Mia', 'Milan', 'Nadia', 'Nils', 'Nina', 'Noah', 'Olga', 'Omar', 'Paul', 'Petra',
						   'Ravi', 'Rosa', 'Sam', 'Sara', 'Sofia', 'Tariq', 'Tess', 'Tim', 'Vera', 'Wei', 'Yuki', 'Zoe'],
					 pg_temp.u(40, customer_id)),
		pg_temp.pick(ARRAY['Adler', 'Ahmed', 'Andersen', 'Baker', 'Bauer', 'Becker', 'Berg', 'Bianchi', 'Brandt', 'Brown',
						   'Castro', 'Chen', 'Cohen', 'Costa', 'Dubois', 'Eriksen', 'Evans', 'Ferrari', 'Fischer', 'Garcia',
						   'Haddad', 'Hansen', 'Hoffmann', 'Horvat', 'Huang', 'Ivanov', 'Jansen', 'Kaya', 'Keller', 'Kim',
						   'Kovacs', 'Kumar', 'Larsen', 'Lee', 'Lopez', 'Martin', 'Mensah', 'Meyer', 'Moreau', 'Moreno',
						   'Nagy', 'Nguyen', 'Novak', 'Okafor', 'Olsen', 'Patel', 'Popov', 'Ricci', 'Rossi', 'Santos',
						   'Sato', 'Schmidt', 'Silva', 'Singh', 'Smith', 'Suzuki', 'Tanaka', 'Taylor', 'Virtanen', 'Wagner',
						   'Wang', 'Weber', 'Wilson', 'Yilmaz'], pg_temp.u(41, customer_id))) AS n(first_name, last_name);

CREATE TABLE orders (
	order_id    integer PRIMARY KEY,
	customer_id integer,
	ordered_at  timestamp NOT NULL,
	channel     text NOT NULL,
	total       numeric(12, 2) NOT NULL
);
CREATE TABLE order_lines (
	order_id    integer NOT NULL REFERENCES orders,
	line_number integer NOT NULL,
	product_id  integer NOT NULL REFERENCES products,
	quantity    integer NOT NULL,
	amount      numeric(12, 2) NOT NULL,
	list_amount numeric(12, 2) NOT NULL,
	cost        numeric(12, 2) NOT NULL,
	PRIMARY KEY (order_id, line_number)
);
CREATE TEMP TABLE numbered AS
SELECT dense_rank() OVER (ORDER BY ordered_at, purchase_id, is_return) AS order_id, * FROM sold;
INSERT INTO orders
SELECT order_id, customer_id, ordered_at, min(channel), sum(amount)
FROM numbered GROUP BY order_id, customer_id, ordered_at ORDER BY order_id;
INSERT INTO order_lines
SELECT order_id, row_number() OVER (PARTITION BY order_id ORDER BY l), product_id, quantity, amount, list_amount, cost
FROM numbered ORDER BY order_id, l;
INSERT INTO order_lines
SELECT order_id, line_number + 100, product_id, quantity, amount, list_amount, cost
FROM order_lines WHERE pg_temp.u(50, order_id) < .0003;
UPDATE orders SET total = (SELECT sum(amount) FROM order_lines AS l WHERE l.order_id = orders.order_id)
WHERE pg_temp.u(50, order_id) < .0003;

-- What is bound: one row a line, with the names that reports need.
CREATE VIEW sales AS
SELECT o.order_id, o.customer_id, o.ordered_at, o.channel, p.product, p.category,
	   l.quantity, l.amount, l.list_amount, l.cost
FROM orders AS o
	 JOIN order_lines AS l USING (order_id)
	 JOIN products AS p USING (product_id);

DROP TABLE numbered, sold, line, purchase, visit, person, kind, shelf, season, period;
ANALYZE;
RESET client_min_messages;
