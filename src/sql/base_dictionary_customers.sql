-- base_dictionary_customers.sql - words of metric_dictionary about customers: the profile and what stands on it.

-- A row says what a column is. views: the views in which it means this, with commas; NULL: wherever it has no other row.
CREATE TYPE customer_value.metric AS (
	views          text,
	column_name    text,
	english_name   text,
	chinese_name   text,
	unit           text,
	needs          text,
	formula        text,
	must_not_claim text
);
COMMENT ON TYPE customer_value.metric IS 'What metric_dictionary says of a column, whatever the base';
COMMENT ON COLUMN customer_value.metric.views IS 'Views in which the column means this, separated by commas; NULL: every view without a row of its own';
COMMENT ON COLUMN customer_value.metric.column_name IS 'Name of the column';
COMMENT ON COLUMN customer_value.metric.english_name IS 'What the column is called in English';
COMMENT ON COLUMN customer_value.metric.chinese_name IS 'What the column is called in Chinese';
COMMENT ON COLUMN customer_value.metric.unit IS 'Unit; money stands for the currency of the base';
COMMENT ON COLUMN customer_value.metric.needs IS 'What must be there for the column to have values, separated by commas; NULL: sales suffice';
COMMENT ON COLUMN customer_value.metric.formula IS 'How it is computed, from other columns where possible; NULL where it is read';
COMMENT ON COLUMN customer_value.metric.must_not_claim IS 'What the column does not say; NULL where there is nothing to be mistaken';

CREATE FUNCTION customer_value._metrics_customers() RETURNS SETOF customer_value.metric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT m.views, m.column_name, m.english_name, m.chinese_name, m.unit, m.needs, m.formula, m.must_not_claim
	FROM (VALUES
		-- who, when, in what
		(NULL::text, 'customer_id', 'Customer', '客户编号', 'id', NULL::text, NULL::text, NULL::text),
		(NULL, 'customer_name', 'Name of the customer', '客户名称', 'text', 'customer_name', NULL, NULL),
		(NULL, 'region', 'Region', '地区', 'text', 'customer_region', NULL, NULL),
		(NULL, 'account_owner', 'Account owner', '客户负责人', 'text', 'customer_owner', NULL, NULL),
		(NULL, 'parent_id', 'Parent customer', '上级客户编号', 'id', 'customer_parent', NULL, NULL),
		(NULL, 'as_of', 'As-of day', '观察截止日', 'date', NULL, NULL, NULL),
		(NULL, 'value_basis', 'Value basis', '价值口径', 'text', NULL,
		 'margin where cost is bound, else assumed margin where margin_rate is given, else revenue',
		 'Values of different bases are not comparable: revenue is not profit'),
		(NULL, 'currency', 'Currency', '币种', 'text', 'currency', NULL, 'A label: nothing is converted'),
		(NULL, 'reason', 'Reason for missing values', '缺失原因', 'text', NULL, NULL, NULL),

		-- what happened
		(NULL, 'first_purchase_day', 'First purchase day', '首次购买日', 'date', NULL, 'first day with a net amount above 0, or 0 without a return',
		 'The first purchase in the data: earlier ones may not be in them'),
		(NULL, 'last_purchase_day', 'Last purchase day', '最近购买日', 'date', NULL, 'last such day up to as_of', NULL),
		(NULL, 'days_since_last_purchase', 'Days since the last purchase', '距最近购买天数', 'days', NULL, 'as_of - last_purchase_day',
		 'Long for one customer is short for another: see silence'),
		(NULL, 'tenure_days', 'Tenure', '客户关系天数', 'days', NULL, 'as_of - first_purchase_day',
		 'Time since the first purchase, not time as an active customer'),
		(NULL, 'purchase_days', 'Purchase days', '购买天数', 'days', NULL, 'number of days with a net amount above 0, or 0 without a return',
		 'Days, not orders: several orders of a day count once'),
		(NULL, 'repeat_purchase_days', 'Repeat purchase days', '重复购买天数', 'days', NULL, 'purchase_days - 1', 'Days, not orders'),
		(NULL, 'orders', 'Orders', '订单数', 'count', NULL, 'orders that are not returns; lines where order_id is not bound',
		 'Without order_id bound these are lines, not orders'),
		(NULL, 'returns', 'Returns', '退货次数', 'count', NULL, 'orders, or lines, that are returns', 'Not the number of pieces that came back'),
		(NULL, 'total_amount', 'Total amount', '累计消费金额', 'money', NULL, 'sum of amount up to as_of, returns netted',
		 'Turnover, not profit'),
		(NULL, 'returned_amount', 'Returned amount', '退货金额', 'money', NULL, '- sum of the amounts of returns',
		 '0 also where returns are ignored, or are not in the sales'),
		(NULL, 'return_rate', 'Return rate', '退货率', 'share', NULL, 'returned_amount / (total_amount + returned_amount)',
		 'A share of money, not of pieces; above 1 where the sales returned are not in the data'),
		(NULL, 'total_cost', 'Total cost', '累计成本', 'money', 'cost', 'sum of cost up to as_of', 'Only the cost bound: service, acquisition and overhead are not in it'),
		(NULL, 'total_margin', 'Total margin', '累计毛利', 'money', 'cost', 'total_amount - total_cost', 'Margin over the cost bound, not profit'),
		(NULL, 'total_list_amount', 'Amount at list prices', '目录价总额', 'money', 'list_amount', 'sum of list_amount up to as_of', 'What list prices would have made, not lost turnover'),
		(NULL, 'discount_share', 'Discount share', '折扣比例', 'share', 'list_amount', '1 - total_amount / total_list_amount',
		 'Not that the customer bought because of the discount'),
		(NULL, 'total_quantity', 'Total quantity', '累计购买数量', 'pieces', 'quantity', 'sum of quantity up to as_of', 'Adds pieces of whatever kind'),
		(NULL, 'average_order', 'Average order', '平均订单金额', 'money per order', NULL, '(total_amount + returned_amount) / orders',
		 'Before returns; without order_id bound it is the average of lines'),
		(NULL, 'average_repeat_spend', 'Average repeat spend', '平均重复购买金额', 'money per purchase day', NULL,
		 'net amount of the repeat purchase days / repeat_purchase_days', 'A mean of few days for most customers: expected_spend weighs that'),
		(NULL, 'average_days_between_purchases', 'Average days between purchases', '平均购买间隔', 'days', NULL,
		 '(last_purchase_day - first_purchase_day) / repeat_purchase_days', 'Of the past: it leaves out the pause that goes on'),
		(NULL, 'realised_value', 'Realised value (explicit)', '已实现价值(显性价值)', 'money', NULL,
		 'R = total_margin, margin_rate x total_amount, or total_amount, by value_basis', 'The past: it says nothing about what is to come'),

		-- what is expected
		(NULL, 'probability_alive', 'Probability of being alive', '存活概率', 'probability', 'purchase model', 'P(still a customer on as_of | history)',
		 'Not a certainty, and not the chance of a purchase: nobody without a contract says when they leave'),
		(NULL, 'probability_active_end', 'Probability of being active at the end', '期末存活概率', 'probability', 'purchase model',
		 'A = P(still a customer at as_of + horizon | history)', 'Not a certainty, and not the chance of a purchase within the horizon'),
		(NULL, 'expected_purchases', 'Expected purchase days', '预期购买次数', 'days', 'purchase model', 'E[purchase days within the horizon | history]',
		 'A mean over customers alike, not what this one will do: see purchase_distribution'),
		(NULL, 'expected_spend', 'Expected spend of a purchase day', '预期单次消费金额', 'money per purchase day', 'spend model',
		 'E[amount of a purchase day | amounts so far]', 'An amount, not a margin; a mean, not the next order'),
		(NULL, 'expected_value', 'Expected value (latent)', '预期价值(潜在价值)', 'money', 'purchase model, spend model',
		 'E = discounted expected purchases within the horizon x expected_spend x margin share',
		 'The behaviour of today carried on to the end of the horizon: no growth, no campaign, nothing later; a mean, not a promise'),
		(NULL, 'purchase_cycle_days', 'Purchase cycle', '购买周期', 'days', 'purchase model', 'c = E[days to the next purchase while a customer | history]',
		 'Holds while the customer is one; for one-time buyers it is the base that speaks'),
		(NULL, 'silence', 'Silence', '沉默比', 'cycles', 'purchase model', 's = days_since_last_purchase / purchase_cycle_days',
		 'A long silence is no proof of leaving: probability_alive weighs the history'),
		(NULL, 'total_lifetime_value', 'Customer lifetime value', '客户终身价值', 'money', 'purchase model, spend model', 'R + E = realised_value + expected_value',
		 'Ends with the horizon; headroom is not in it, and no trend is carried on'),

		-- customer_lifetime_value and its intervals
		(NULL, 'horizon', 'Horizon', '预测期长度', 'interval', NULL, NULL, NULL),
		(NULL, 'horizon_end', 'End of the horizon', '预测期末日', 'date', NULL, 'as_of + horizon', NULL),
		(NULL, 'annual_discount_rate', 'Annual discount rate', '年贴现率', 'share a year', NULL, NULL, 'A setting, not a finding'),
		(NULL, 'margin_share', 'Margin share', '毛利率', 'share', NULL, 'margin / amount over the sales with a cost; else margin_rate; else 1',
		 'Of the base as a whole, not of the customer'),
		(NULL, 'probability_alive_low', 'Probability of being alive, low', '存活概率下限', 'probability', 'purchase model', 'lower end of the 95% interval',
		 'Covers that the model is an estimate, not that it may be the wrong one'),
		(NULL, 'probability_alive_high', 'Probability of being alive, high', '存活概率上限', 'probability', 'purchase model', 'upper end of the 95% interval',
		 'Covers that the model is an estimate, not that it may be the wrong one'),
		(NULL, 'expected_purchases_low', 'Expected purchase days, low', '预期购买次数下限', 'days', 'purchase model', 'lower end of the 95% interval',
		 'An interval of the mean: what one customer does varies far more'),
		(NULL, 'expected_purchases_high', 'Expected purchase days, high', '预期购买次数上限', 'days', 'purchase model', 'upper end of the 95% interval',
		 'An interval of the mean: what one customer does varies far more'),
		(NULL, 'expected_value_low', 'Expected value, low', '预期价值下限', 'money', 'purchase model, spend model', 'lower end of the 95% interval',
		 'An interval of the mean, the margin share taken as known: what one customer brings varies far more'),
		(NULL, 'expected_value_high', 'Expected value, high', '预期价值上限', 'money', 'purchase model, spend model', 'upper end of the 95% interval',
		 'An interval of the mean, the margin share taken as known: what one customer brings varies far more'),
		(NULL, 'next_purchase_day', 'Expected next purchase day', '预期下次购买日', 'date', 'purchase model',
		 'E[day of the next purchase | it comes within the horizon]', 'Supposes that there is one within the horizon; no appointment'),

		-- customer_ranking
		('customer_ranking', 'rank', 'Rank by expected value', '预期价值名次', 'rank', 'purchase model, spend model', '1 + customers with a higher expected_value',
		 'By expected value alone; neighbours may differ by less than their intervals'),
		('customer_ranking', 'percentile', 'Percentile of expected value', '预期价值百分位', 'percent', 'purchase model, spend model',
		 '100 x (customers below + half of those equal) / customers ranked', 'A place among these customers, not a probability and not an amount'),
		('customer_ranking', 'tier', 'Tier', '价值层级', 'text', 'purchase model, spend model', 'top 1% from percentile 99, top 5% from 95, top 20% from 80, middle from 20, else low',
		 'A band of places: somebody is low in every base, however good'),
		('customer_ranking', 'why', 'What the rank rests on', '排名依据', 'text', NULL, NULL, 'A description, not a cause')
	) AS m (views, column_name, english_name, chinese_name, unit, needs, formula, must_not_claim);
END;
COMMENT ON FUNCTION customer_value._metrics_customers() IS 'Internal: what metric_dictionary says of columns about customers';
