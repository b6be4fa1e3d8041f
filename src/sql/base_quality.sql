-- base_quality.sql - data_quality: where every line and every penny of the sales went.

CREATE FUNCTION customer_value._create_quality_view(schema_name text) RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- Copies are told by hashes, as in sales_lines: whole lines would not fit into memory.
	-- OFFSET 0: a line's rule and amount are found once, not once for each of their uses.
	-- Amounts beyond 1e100 are left out of the sums: a few of them would overflow numeric and blank the view.
	PERFORM customer_value._create_view(schema_name, 'data_quality', format($q$
WITH lines AS MATERIALIZED (
	SELECT l.rule, l.customer_id, l.day, l.amount, l.amount - l.read_amount AS rounding, l.day > s.as_of AS later,
		   l.amount < 0 OR l.amount = 0 AND l.quantity < 0 AS is_return, abs(l.amount) < 1e100 AS can_be_summed,
		   l.order_id IS NULL AS no_order, l.cost IS NULL AS no_cost, l.list_amount IS NULL AS no_list_amount,
		   l.quantity IS NULL AS no_quantity, l.currency IS NULL AS no_currency,
		   CASE WHEN l.rule IS NULL THEN hashtextextended(l.line COLLATE "C", 0) END AS line
	FROM (SELECT * FROM %1$I.sales_lines OFFSET 0) l CROSS JOIN %1$I.settings s),
sorted AS (
	SELECT l.rule, count(*) AS lines, sum(l.amount) FILTER (WHERE l.can_be_summed) AS amount,
		   count(*) FILTER (WHERE l.amount = 0) AS zero_lines,
		   count(*) FILTER (WHERE l.is_return) AS return_lines, sum(l.amount) FILTER (WHERE l.is_return AND l.can_be_summed) AS return_amount,
		   count(*) FILTER (WHERE l.rounding <> 0 AND l.can_be_summed) AS rounded_lines,
		   sum(l.rounding) FILTER (WHERE l.can_be_summed) AS rounded_amount,
		   count(*) FILTER (WHERE l.later) AS later_lines, sum(l.amount) FILTER (WHERE l.later AND l.can_be_summed) AS later_amount,
		   count(*) FILTER (WHERE l.no_order) AS orderless_lines, sum(l.amount) FILTER (WHERE l.no_order AND l.can_be_summed) AS orderless_amount,
		   count(*) FILTER (WHERE l.no_cost) AS costless_lines, sum(l.amount) FILTER (WHERE l.no_cost AND l.can_be_summed) AS costless_amount,
		   count(*) FILTER (WHERE l.no_list_amount) AS listless_lines,
		   sum(l.amount) FILTER (WHERE l.no_list_amount AND l.can_be_summed) AS listless_amount,
		   count(*) FILTER (WHERE l.no_quantity) AS uncounted_lines,
		   sum(l.amount) FILTER (WHERE l.no_quantity AND l.can_be_summed) AS uncounted_amount,
		   count(*) FILTER (WHERE l.no_currency) AS unnamed_lines,
		   sum(l.amount) FILTER (WHERE l.no_currency AND l.can_be_summed) AS unnamed_amount
	FROM lines l
	GROUP BY l.rule),
total AS (
	SELECT coalesce(sum(lines), 0)::bigint AS lines, coalesce(sum(amount), 0) AS amount,
		   coalesce(sum(rounded_lines), 0)::bigint AS rounded_lines, coalesce(sum(rounded_amount), 0) AS rounded_amount
	FROM sorted),
copies AS (
	SELECT sum(c.lines - 1)::bigint AS lines, sum((c.lines - 1) * c.amount) AS amount
	FROM (SELECT count(*) AS lines, min(l.amount) AS amount
		  FROM lines l WHERE l.line IS NOT NULL GROUP BY l.customer_id, l.day, l.line HAVING count(*) > 1) c),
report AS (
	SELECT 0 AS place, 'all_lines' AS rule, 'total' AS treatment, t.lines, t.amount, false AS left_out,
		   false AS part_of_total, 'Every line of the bound relation; amounts that are not finite, or beyond 10^100, add nothing' AS explanation
	FROM total t
	UNION ALL
	SELECT p.place, p.rule, CASE WHEN p.place = 1 THEN 'counted' ELSE 'left out' END, coalesce(k.lines, 0),
		   coalesce(k.amount, 0), p.place > 1, true, p.explanation
	FROM (VALUES
		(1, 'kept', 'Lines that count: the customers'' histories are made of them'),
		(2, 'no_customer', 'No customer is given'),
		(3, 'anonymous_customer', 'The customer is one of anonymous_ids'),
		(4, 'no_day', 'No day is given'),
		(5, 'infinite_day', 'The day is infinite, or at the very end of what dates can hold'),
		(6, 'future_day', 'The day lies after the day of the last refresh'),
		(7, 'no_amount', 'No amount is given'),
		(8, 'amount_not_finite', 'The amount is NaN or infinite'),
		(9, 'amount_out_of_range', 'The amount is 10^15 or more, or has more than 12 decimals: see amount_scale'),
		(10, 'zero_amount_ignored', 'The amount is zero, and zero_amounts is ignore'),
		(11, 'return_ignored', 'The line is a return, and returns is ignore'),
		(12, 'duplicate_ignored', 'A second or further copy of a whole line, and duplicates is ignore')
	) AS p (place, rule, explanation)
		LEFT JOIN sorted k ON coalesce(k.rule, 'kept') = p.rule
	UNION ALL
	SELECT 20, 'amount_rounded', 'of all lines', t.rounded_lines, t.rounded_amount, false, false,
		   'Rounded to amount_scale decimals; the amount is what rounding added'
	FROM total t
	UNION ALL
	SELECT w.place, w.rule, 'of the kept', coalesce(w.lines, 0), coalesce(w.amount, 0), false, false, w.explanation
	FROM %1$I.settings s
		LEFT JOIN sorted k ON k.rule IS NULL
		CROSS JOIN copies c
		CROSS JOIN LATERAL (VALUES
		(21, 'zero_amount', true, k.zero_lines, 0, 'The amount is zero; the line counts as a sale'),
		(22, 'return', true, k.return_lines, k.return_amount,
			'Returns (amount below zero, or zero with a quantity below zero); netted against the customer''s sales'),
		(23, 'exact_duplicate', true, c.lines, c.amount,
			'Second and further copies of a whole line, kept; set duplicates to ignore if they are mistakes'),
		(24, 'after_as_of', true, k.later_lines, k.later_amount, 'The day lies after as_of: no view counts it yet'),
		(25, 'no_order', s.order_id_column IS NOT NULL, k.orderless_lines, k.orderless_amount,
			'No order is given; the line counts as an order of its own'),
		(26, 'no_cost', s.cost_column IS NOT NULL, k.costless_lines, k.costless_amount,
			'No usable cost; the customer''s margin is not known on that day'),
		(27, 'no_list_amount', s.list_amount_column IS NOT NULL, k.listless_lines, k.listless_amount,
			'No usable list amount; the customer''s discounts are not known on that day'),
		(28, 'no_quantity', s.quantity_column IS NOT NULL, k.uncounted_lines, k.uncounted_amount,
			'No usable quantity; the customer''s quantity is not known on that day'),
		(29, 'no_currency', s.currency_column IS NOT NULL, k.unnamed_lines, k.unnamed_amount,
			'No currency is given; the amount is taken to be in the one currency of the others')
		) AS w (place, rule, bound, lines, amount, explanation)
	WHERE w.bound)
SELECT r.rule, r.treatment, r.lines, r.amount, r.lines / nullif(t.lines, 0)::double precision AS share_of_lines,
	   r.left_out, r.part_of_total, r.explanation
FROM report r CROSS JOIN total t
ORDER BY r.place$q$, schema_name),
		'Where every line and every penny of the sales went: lines and amounts kept, left out and treated, by rule',
		ARRAY[
		'rule: What the lines have in common: all_lines, kept, a rule that left them out, or what was noticed',
		'treatment: total, counted or left out; of all lines and of the kept mark what is counted above already',
		'lines: Number of lines of the bound relation',
		'amount: Sum of their amounts as counted (after rounding); for amount_rounded what rounding added',
		'share_of_lines: lines over all lines, 0 to 1; NULL without lines',
		'left_out: True if the rule leaves the lines out of the histories',
		'part_of_total: True for the rows that add up to all_lines, in lines and in amount',
		'explanation: What the rule says, in plain words']);
END $$;
COMMENT ON FUNCTION customer_value._create_quality_view(text) IS
	'Internal: makes or replaces the view data_quality of a base';
