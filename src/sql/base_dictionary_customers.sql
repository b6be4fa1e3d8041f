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
		(NULL, 'realised_value', 'Realised value (explicit)', '已实现价值（显性价值）', 'money', NULL,
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
		(NULL, 'expected_value', 'Expected value (latent)', '预期价值（潜在价值）', 'money', 'purchase model, spend model',
		 'E = discounted expected purchases within the horizon x expected_spend x margin share',
		 'The behaviour of today carried on to the end of the horizon: no growth, no campaign, nothing later; a mean, not a promise'),
		(NULL, 'purchase_cycle_days', 'Purchase cycle', '购买周期', 'days', 'purchase model', 'c = E[days to the next purchase while a customer | history]',
		 'Holds while the customer is one; for one-time buyers it is the base that speaks'),
		(NULL, 'silence', 'Silence', '沉默比', 'cycles', 'purchase model', 's = days_since_last_purchase / purchase_cycle_days',
		 'A long silence is no proof of leaving: probability_alive weighs the history'),
		(NULL, 'total_lifetime_value', 'Customer lifetime value', '客户终身价值', 'money', 'purchase model, spend model', 'R + E = realised_value + expected_value',
		 'Ends with the horizon; headroom is not in it, and no trend is carried on'),

		(NULL, 'churn_risk', 'Churn risk', '流失风险', 'probability', 'purchase model', '1 - probability_active_end',
		 'A probability by the model, not a certainty; the share of it that already left by as_of is in it'),
		(NULL, 'value_at_risk', 'Value at risk', '风险价值', 'money', 'purchase model', 'churn_risk x max(0, realised_value_last_year)',
		 'What last year brought times a probability: no forecast of a loss, and not the value at risk of finance'),
		(NULL, 'contribution', 'Contribution', '贡献', 'money', 'purchase model, spend model', 'realised_value_last_year + expected_value',
		 'Adds a past year and an expectation: a measure to compare customers by, not a sum of money that comes'),

		-- the last year (365 days up to as_of) and the year before
		(NULL, 'amount_last_year', 'Amount of the last year', '近一年消费金额', 'money', NULL, 'sum of amount over the 365 days up to as_of', 'Turnover, not profit'),
		(NULL, 'amount_year_before', 'Amount of the year before', '前一年消费金额', 'money', NULL, 'sum of amount over the 365 days before the last year',
		 'Low for whoever was not yet a customer then'),
		(NULL, 'realised_value_last_year', 'Realised value of the last year', '近一年已实现价值', 'money', NULL, 'R over the 365 days up to as_of', 'The past: it says nothing about what is to come'),
		(NULL, 'realised_value_year_before', 'Realised value of the year before', '前一年已实现价值', 'money', NULL, 'R over the 365 days before the last year', 'Low for whoever was not yet a customer then'),
		(NULL, 'purchase_days_last_year', 'Purchase days of the last year', '近一年购买天数', 'days', NULL, 'purchase days in the 365 days up to as_of', 'Days, not orders'),
		(NULL, 'purchase_days_year_before', 'Purchase days of the year before', '前一年购买天数', 'days', NULL, 'purchase days in the 365 days before the last year',
		 'Fewer now than then is no decline by itself: see fewer_purchases_p_value'),
		(NULL, 'active_quarters', 'Active quarters', '活跃季度数', 'quarters', NULL, 'quarters with a purchase among the last 8, three months each counted back from as_of',
		 'At most what tenure allows: a newcomer cannot have many'),
		(NULL, 'spend_growth', 'Growth of spend', '消费增长率', 'log ratio', NULL, 'ln((amount_last_year + k) / (amount_year_before + k)), k = mean amount of a customer''s year with a purchase',
		 'Shrunk towards 0, not the percentage of growth; newcomers grow by being new'),
		(NULL, 'portfolio_share', 'Share of the portfolio', '客户组合占比', 'share', NULL, 'amount_last_year / that of all customers', 'Share of your turnover, not of the customer''s purse'),
		(NULL, 'tempo', 'Tempo of purchases', '购买节奏', 'score', 'purchase model', '1 / (1 + max(0, silence - 1))', 'Not a probability'),
		(NULL, 'tenure_year', 'Years of tenure', '客户关系年数', 'years', NULL, 'tenure_days / 365, whole', 'Time since the first purchase, not time as an active customer'),
		(NULL, 'fewer_purchases_p_value', 'p value of fewer purchases', '购买减少的 p 值', 'probability', NULL, 'one-sided binomial mid-p of purchase_days_last_year given both years, at an unchanged rate',
		 'Not the probability that the customer is leaving; of many steady customers some are small by chance'),

		-- regularity, price, losses
		(NULL, 'gap_variation', 'Variation of gaps', '购买间隔变异系数', 'ratio', NULL, 'standard deviation / mean of the days between purchase days', 'Of few gaps it says little; about 1 is what chance alone makes'),
		(NULL, 'last_gap_days', 'Last gap', '最近购买间隔', 'days', NULL, 'days between the last two purchase days', 'Leaves out the pause that goes on'),
		(NULL, 'gap_before_days', 'Gap before', '上一次购买间隔', 'days', NULL, 'days between the two purchase days before the last', NULL),
		(NULL, 'full_price_share', 'Full-price share', '原价购买比例', 'share', 'list_amount', 'amount of purchase days without discount / amount of purchase days', 'No proof of loyalty: there may have been no discount to take'),
		(NULL, 'first_day_full_price_share', 'Full-price share of the first purchase', '首购原价比例', 'share', 'list_amount', 'full_price_share of the first purchase day: 1 or 0', 'One day'),
		(NULL, 'repeat_full_price_share', 'Full-price share of repeat purchases', '复购原价比例', 'share', 'list_amount', 'full_price_share of the purchase days after the first', 'No proof of loyalty: there may have been no discount to take'),
		(NULL, 'discount_share_last_year', 'Discount share of the last year', '近一年折扣比例', 'share', 'list_amount', '1 - amount / list_amount over the 365 days up to as_of', 'Not that the customer bought because of the discount'),
		(NULL, 'discount_share_year_before', 'Discount share of the year before', '前一年折扣比例', 'share', 'list_amount', '1 - amount / list_amount over the 365 days before the last year', 'Not that the customer bought because of the discount'),
		(NULL, 'loss_days', 'Loss-making purchase days', '亏损购买天数', 'days', 'cost', 'purchase days on which cost exceeds amount', 'Only days with complete cost; a loss on a day is not a loss on the customer'),
		(NULL, 'loss_day_share', 'Share of loss-making purchase days', '亏损购买天数占比', 'share', 'cost', 'loss_days / purchase days with complete cost', 'A share of days, not of money'),

		-- breadth
		(NULL, 'category_breadth', 'Category breadth', '购买品类数', 'categories', 'category', 'categories with a net amount above 0', 'Grows with the number of purchases: no sign of loyalty by itself'),
		(NULL, 'rarefied_breadth', 'Rarefied breadth', '稀疏化品类广度', 'categories', 'category', 'sum over categories of 1 - C(N - n_c, k) / C(N, k), k = rarefaction_lines of N lines, n_c of category c',
		 'Breadth at equal size; it does not foretell who stays'),
		(NULL, 'first_category', 'First category', '首购品类', 'text', 'category', 'category of the first purchase day with the largest amount', NULL),
		(NULL, 'new_categories_last_year', 'New categories of the last year', '近一年新增品类数', 'categories', 'category', 'categories first bought in the last year, the first purchase day left out', 'New to the customer, not new in the range'),
		(NULL, 'new_product_share', 'Share of new products', '新品购买占比', 'share', 'product', 'amount of products first sold in the last year / amount of the last year', 'New in the sales data, which is not always new in the range'),
		(NULL, 'strategic_share', 'Share of strategic categories', '战略品类占比', 'share', 'category, strategic_categories', 'amount in strategic_categories / amount of the kept goods', 'Strategic is what the parameter declares'),
		(NULL, 'main_channel', 'Main channel', '主要渠道', 'text', 'channel', 'channel with the largest net amount', NULL),

		-- customer_headroom, value_decomposition
		(NULL, 'headroom', 'Headroom', '提升空间', 'money', 'purchase model', 'H = sum over categories of P(a peer buys it) x max(0, upper quartile of the peers - own) x margin share x discounted_active_years',
		 'A scenario, not an expectation: peers show what is possible, not what this customer will do'),
		(NULL, 'discounted_active_years', 'Discounted active years', '贴现活跃年数', 'years', 'purchase model', 'integral over the horizon of P(active) x discount', 'An expectation by the model, not a term that anybody agreed on'),
		(NULL, 'peers', 'Peers', '同类客户数', 'customers', NULL, 'other customers of peer_group with a purchase in the last year', 'Alike in first category and tenure, in nothing else'),
		(NULL, 'peer_group', 'Peer group', '同类群组', 'text', NULL, NULL, NULL),
		(NULL, 'basis', 'Basis of headroom', '提升空间口径', 'text', NULL, 'categories, or spend per active year where no category is known', 'Headroom of different bases is not comparable'),
		(NULL, 'explicit_value', 'Explicit value', '显性价值', 'money', NULL, 'R = realised_value', 'The past: it says nothing about what is to come'),
		(NULL, 'growth_value', 'Growth value', '成长价值', 'money', 'purchase model', 'H = headroom', 'A scenario, not an expectation'),
		(NULL, 'total_with_growth', 'Total with growth', '含成长总价值', 'money', 'purchase model, spend model', 'R + E + H', 'A scenario: what is expected and what is merely possible in one sum; not a lifetime value'),
		(NULL, 'explicit_share', 'Explicit share', '显性价值占比', 'share', 'purchase model, spend model', 'explicit_value / total_with_growth', 'Falls as headroom grows, though nothing was lost'),
		(NULL, 'expected_share', 'Expected share', '潜在价值占比', 'share', 'purchase model, spend model', 'expected_value / total_with_growth', 'Depends on the horizon'),
		(NULL, 'growth_share', 'Growth share', '成长价值占比', 'share', 'purchase model, spend model', 'growth_value / total_with_growth', 'A share of a scenario'),

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
