-- base_dictionary_portfolio.sql - words of metric_dictionary about the base as a whole: months, cohorts, portfolio, charts.

CREATE FUNCTION customer_value._metrics_portfolio() RETURNS SETOF customer_value.metric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT m.views, m.column_name, m.english_name, m.chinese_name, m.unit, m.needs, m.formula, m.must_not_claim
	FROM (VALUES
		-- monthly_summary
		('monthly_summary', 'month', 'Month', '月份', 'date', NULL::text, NULL::text, NULL::text),
		('monthly_summary', 'customers_active', 'Active customers', '活跃客户数', 'customers', NULL,
		 'customers with a purchase day in the month', 'Who bought, not who is still a customer: a pause is not a loss'),
		('monthly_summary', 'customers_new', 'New customers', '新增客户数', 'customers', NULL,
		 'customers whose first purchase day is in the month', 'New in the data: in the first months old customers look new'),
		('monthly_summary', 'customers_returning', 'Returning customers', '回头客户数', 'customers', NULL,
		 'customers_active - customers_new', 'Not a retention rate'),
		('monthly_summary', 'purchase_days', 'Purchase days', '购买天数', 'days', NULL,
		 'sum over the customers of their purchase days in the month', 'Days, not orders'),
		('monthly_summary', 'average_order', 'Average order', '平均订单金额', 'money per order', NULL,
		 '(revenue + returned_amount) / orders', 'Before returns; without order_id bound it is the average of lines'),
		('monthly_summary', 'repeat_rate', 'Share of returning customers', '回头客占比', 'share', NULL,
		 'customers_returning / customers_active', 'Of those who bought, how many had bought before: not how many come back'),
		('monthly_summary', 'revenue', 'Revenue', '销售收入', 'money', NULL, 'sum of amount in the month, returns netted', 'Turnover, not profit'),
		('monthly_summary', 'margin', 'Margin', '毛利', 'money', 'cost or margin_rate',
		 'revenue - cost, or margin_rate x revenue', 'Assumed, not known, where margin_basis says so'),
		('monthly_summary', 'return_rate', 'Return rate', '退货率', 'share', NULL,
		 'returned_amount / (revenue + returned_amount)', 'Returns of the month over sales of the month: mostly of goods sold earlier'),
		('monthly_summary', 'margin_basis', 'Margin basis', '毛利口径', 'text', 'cost or margin_rate', NULL, NULL),
		(NULL, 'is_complete', 'Complete?', '期间是否完整', 'boolean', NULL, 'true if the period ended by as_of', NULL),

		-- cohort_retention
		('cohort_retention', 'cohort_month', 'Cohort', '客户群组月份', 'date', NULL, 'month of the first purchase', 'The first purchase in the data'),
		('cohort_retention', 'months_since_first', 'Months since the first purchase', '距首购月数', 'months', NULL, NULL, NULL),
		('cohort_retention', 'cohort_customers', 'Customers of the cohort', '群组客户数', 'customers', NULL, NULL, NULL),
		('cohort_retention', 'active_customers', 'Active customers', '活跃客户数', 'customers', NULL,
		 'customers of the cohort with a purchase day in the month', 'Who bought, not who is still a customer'),
		('cohort_retention', 'retention_share', 'Share that bought', '群组活跃率', 'share', NULL,
		 'active_customers / cohort_customers', 'Buying in a month, not staying: without contracts a customer may come back any time'),
		('cohort_retention', 'amount', 'Amount of the month', '当月消费金额', 'money', NULL,
		 'sum of amount of the cohort in the month, returns netted', 'Turnover, not profit'),
		('cohort_retention', 'amount_per_customer', 'Amount per customer', '人均消费金额', 'money per customer', NULL,
		 'amount / cohort_customers', 'Over the whole cohort, also those who are gone'),

		-- portfolio_summary
		('portfolio_summary,customer_equity', 'customers', 'Customers', '客户数', 'customers', NULL,
		 'people with a purchase day up to as_of', 'Everybody who ever bought, not those who are still customers'),
		('portfolio_summary', 'prospects', 'Prospects', '潜在客户数', 'customers', NULL,
		 'people without a purchase day up to as_of', 'No chance of a purchase is attached to them'),
		('portfolio_summary', 'one_time_customers', 'One-time customers', '一次性客户数', 'customers', NULL,
		 'customers with a single purchase day', 'Some of them bought yesterday'),
		('portfolio_summary', 'active_customers_expected', 'Expected active customers', '预期存活客户数', 'customers', 'purchase model',
		 'sum of probability_alive', 'An expectation: it does not say who they are'),
		('portfolio_summary', 'average_purchase_days', 'Average purchase days', '人均购买天数', 'days', NULL,
		 'purchase days / customers', 'A mean that few heavy buyers pull up'),
		('portfolio_summary', 'median_days_between_purchases', 'Median days between purchases', '购买间隔中位数', 'days', NULL,
		 'median of average_days_between_purchases over customers with a repeat purchase', 'Of repeat buyers only, and of pauses that ended'),
		('portfolio_summary', 'average_expected_value', 'Average expected value', '人均预期价值', 'money per customer', 'purchase model, spend model',
		 'expected_value / customers', 'Not what a new customer is worth'),
		('portfolio_summary', 'average_lifetime_value', 'Average lifetime value', '人均终身价值', 'money per customer', 'purchase model, spend model',
		 'total_lifetime_value / customers', 'Mixes old and new customers; ends with the horizon'),
		('portfolio_summary', 'value_share_of_top_20_percent', 'Value share of the top 20%', '前20%客户价值占比', 'share', 'purchase model, spend model',
		 'expected_value of the fifth of the customers with the highest / expected_value of all',
		 'Of expected means, which lie closer together than what customers will really bring'),

		-- tracking
		('tracking', 'week', 'Week', '周序号', 'number', NULL, NULL, NULL),
		('tracking', 'week_start', 'First day of the week', '周起始日', 'date', NULL, NULL, NULL),
		('tracking', 'week_end', 'Last day of the week', '周截止日', 'date', NULL, NULL, NULL),
		('tracking', 'phase', 'Phase', '阶段', 'text', NULL, NULL, 'Agreement within the days fitted to is no test of the model'),
		('tracking', 'new_customers', 'New customers', '新增客户数', 'customers', NULL, 'customers whose first purchase falls in the week', 'New in the data'),
		('tracking', 'actual_purchases', 'Actual repeat purchases', '实际重复购买', 'days', NULL, 'repeat purchase days in the week', NULL),
		('tracking', 'expected_purchases', 'Expected repeat purchases', '预期重复购买', 'days', 'purchase model',
		 'sum over customers of E[X(time since the first purchase)], less that of the week before',
		 'A mean, without seasons or campaigns; ahead of as_of nobody new is counted in'),
		('tracking', 'actual_cumulative', 'Actual repeat purchases so far', '累计实际重复购买', 'days', NULL,
		 'running sum of actual_purchases', 'Curves of sums look close even where weeks are not'),
		('tracking', 'expected_cumulative', 'Expected repeat purchases so far', '累计预期重复购买', 'days', 'purchase model',
		 'sum over customers of E[X(time since the first purchase)]', 'Curves of sums look close even where weeks are not'),

		-- frequency_histogram, recency_frequency_matrix
		('frequency_histogram,holdout_by_frequency', 'label', 'Label of the axis', '坐标标签', 'text', NULL, NULL, NULL),
		('frequency_histogram', 'customers', 'Customers', '客户数', 'customers', NULL, 'customers with so many repeat purchase days', NULL),
		('frequency_histogram', 'expected_customers', 'Expected customers', '预期客户数', 'customers', 'purchase model',
		 'sum over customers of P(X(time since the first purchase) = x)', 'Of the days the model was fitted to: no test of what it foretells'),
		('frequency_histogram', 'customer_share', 'Share of customers', '客户占比', 'share', NULL, 'customers / all customers', NULL),
		('frequency_histogram', 'expected_share', 'Expected share of customers', '预期客户占比', 'share', 'purchase model',
		 'expected_customers / all customers', 'Of the days the model was fitted to: no test of what it foretells'),
		('recency_frequency_matrix', 'repeat_purchase_days_label', 'Repeat purchase days, label', '重复购买天数区间', 'text', NULL, NULL, NULL),
		('recency_frequency_matrix', 'days_since_last_purchase_label', 'Days since the last purchase, label', '距最近购买天数区间', 'text', NULL, NULL, NULL),
		('recency_frequency_matrix', 'customers', 'Customers of the cell', '单元格客户数', 'customers', NULL, NULL, NULL),
		('recency_frequency_matrix', 'average_probability_alive', 'Average probability of being alive', '平均存活概率', 'probability', 'purchase model',
		 'mean of probability_alive over the customers of the cell', 'Cells of few customers say little'),
		('recency_frequency_matrix', 'average_expected_purchases', 'Average expected purchase days', '平均预期购买次数', 'days', 'purchase model',
		 'mean of expected_purchases over the customers of the cell', 'Cells of few customers say little')
	) AS m (views, column_name, english_name, chinese_name, unit, needs, formula, must_not_claim);
END;
COMMENT ON FUNCTION customer_value._metrics_portfolio() IS 'Internal: what metric_dictionary says of columns about the base as a whole';
