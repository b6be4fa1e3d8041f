-- base_dictionary_segments.sql - words of metric_dictionary about segments, concentration, equity and accounts.

CREATE FUNCTION customer_value._metrics_segments() RETURNS SETOF customer_value.metric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT m.views, m.column_name, m.english_name, m.chinese_name, m.unit, m.needs, m.formula, m.must_not_claim
	FROM (VALUES
		-- stages and segments
		(NULL::text, 'life_stage', 'Life stage', '客户生命阶段', 'text', NULL::text, 'first rule of segment_rules that holds',
		 'What behaviour looks like by rules of ours, not what the customer thinks; near a limit it flickers from day to day'),
		('rfm_segment', 'r_class', 'R class', '近度等级', 'class', NULL, 'fifth by days_since_last_purchase, 5 for the fewest; ties share a class',
		 'A place in this base; classes may be empty where many are equal'),
		('rfm_segment', 'f_class', 'F class', '频度等级', 'class', NULL, 'fifth by purchase_days_last_year, 5 for the most; ties share a class',
		 'A place in this base; classes may be empty where many are equal'),
		('rfm_segment', 'm_class', 'M class', '金额等级', 'class', NULL, 'fifth by amount_last_year, 5 for the most; ties share a class',
		 'A place in this base; classes may be empty where many are equal'),
		('rfm_segment', 'rfm_code', 'RFM code', 'RFM 代码', 'text', NULL, 'r_class, f_class, m_class', 'Three classes, not a number to compute with'),
		('rfm_segment', 'segment', 'RFM segment', 'RFM 客户细分', 'text', NULL, 'first rule of segment_rules that holds',
		 'A name for three classes, no prediction: lost customers come back, and champions leave'),
		('value_quadrant', 'cut_expected_value', 'Cut of expected value', '预期价值分界值', 'money', 'purchase model or quadrant_expected_value_cut, spend model or quadrant_expected_value_cut',
		 'parameter quadrant_expected_value_cut, or the mean of expected_value', 'A choice, not a finding'),
		('value_quadrant', 'cut_headroom', 'Cut of headroom', '提升空间分界值', 'money', 'purchase model or quadrant_headroom_cut', 'parameter quadrant_headroom_cut, or the mean of headroom', 'A choice, not a finding'),
		('value_quadrant', 'segment', 'Value quadrant', '价值象限', 'text', NULL, 'expected_value and headroom, each above its cut or not: platinum high/high, gold high/low, iron low/high, lead low/low',
		 'Iron is no promise: headroom is a scenario. Who is near a cut is near the neighbouring quadrant'),

		-- segment_summary
		('segment_summary', 'segmentation', 'Segmentation', '细分方式', 'text', NULL, NULL, NULL),
		('segment_summary', 'segment', 'Segment', '客户细分', 'text', NULL, NULL, 'Segments of different segmentations overlap'),
		('segment_summary', 'customers', 'People', '客户数', 'customers', NULL, 'people of the segment, prospects included', 'Not only those who are still customers'),
		('segment_summary', 'customer_share', 'Share of people', '客户占比', 'share', NULL, 'customers / people of the base', NULL),
		('segment_summary', 'expected_value_share', 'Share of expected value', '预期价值占比', 'share', 'purchase model, spend model', 'expected_value / that of the base', 'A share of expected means, not of what will come'),
		('segment_summary', 'average_realised_value', 'Average realised value', '人均已实现价值', 'money per customer', NULL, 'realised_value / customers with a purchase', 'A mean that few large customers pull up'),
		('segment_summary', 'average_expected_value', 'Average expected value', '人均预期价值', 'money per customer', 'purchase model, spend model', 'expected_value / customers with a purchase', 'Not that the segment makes the value: customers were put into it by what they did'),
		('segment_summary', 'average_purchase_days', 'Average purchase days', '人均购买天数', 'days', NULL, 'purchase days / customers with a purchase', 'A mean that few heavy buyers pull up'),
		('segment_summary', 'average_probability_alive', 'Average probability of being alive', '平均存活概率', 'probability', 'purchase model', 'mean of probability_alive over customers with a purchase', 'An expectation over many: it does not say who they are'),

		-- concentration, lorenz_curve
		('concentration,lorenz_curve', 'measure', 'Measure', '指标', 'text', NULL, NULL, NULL),
		('concentration', 'customers', 'Customers', '客户数', 'customers', NULL, 'customers with a purchase whose measure is known', NULL),
		('concentration', 'total', 'Total', '合计', 'money', NULL, 'sum of the measure', NULL),
		('concentration', 'top_1_share', 'Share of the top 1%', '前 1% 客户占比', 'share', NULL, 'sum over the best 1% / total', 'Above 1 where others lose; of a small base 1% is hardly anybody'),
		('concentration', 'top_5_share', 'Share of the top 5%', '前 5% 客户占比', 'share', NULL, 'sum over the best 5% / total', 'Above 1 where others lose'),
		('concentration', 'top_20_share', 'Share of the top 20%', '前 20% 客户占比', 'share', NULL, 'sum over the best 20% / total', 'Need not be 80%: that rule is none'),
		('concentration', 'gini', 'Gini coefficient', '基尼系数', 'index', NULL, 'mean of |x - y| over all pairs / (2 x mean of |x|)', 'Inequality among these customers, not good or bad; expected values are closer together than what will come'),
		('lorenz_curve', 'point', 'Point', '点序号', 'number', NULL, NULL, NULL),
		('lorenz_curve', 'customers_share', 'Share of customers', '客户累计占比', 'share', NULL, 'point / 100', NULL),
		('lorenz_curve', 'value_share', 'Share of value', '价值累计占比', 'share', NULL, 'sum over those with the least / total', 'Below 0 as long as losses prevail'),

		-- equity_driver_signals, customer_equity
		('equity_driver_signals', 'value_driver', 'Value driver', '价值驱动信号', 'share', NULL, '1 - return_rate', 'A driver, not an addend: the three are no parts of customer equity. What was kept need not be liked'),
		('equity_driver_signals', 'brand_driver_first_orders', 'Brand driver, first orders', '品牌驱动信号（首购）', 'share', 'list_amount', 'first_day_full_price_share',
		 'A driver, not an addend; there may have been no discount to take'),
		('equity_driver_signals', 'brand_driver_repeat_orders', 'Brand driver, repeat orders', '品牌驱动信号（复购）', 'share', 'list_amount', 'repeat_full_price_share',
		 'A driver, not an addend; there may have been no discount to take'),
		('equity_driver_signals', 'relationship_driver', 'Relationship driver', '关系驱动信号', 'probability difference', 'purchase model', 'probability_active_end - mean of it over peers of equal spend and tenure',
		 'A driver, not an addend; a difference of model probabilities, no measured relationship'),
		('equity_driver_signals', 'peers', 'Peers', '同类客户数', 'customers', NULL, 'other customers of the same spend_class and tenure_years', 'Alike in spend and tenure, in nothing else'),
		('equity_driver_signals', 'spend_class', 'Spend class', '消费等级', 'class', NULL, 'fifth by total_amount, 5 the highest; ties share a class', 'A place in this base'),
		('equity_driver_signals', 'tenure_years', 'Years of tenure', '客户关系年数', 'years', NULL, 'whole years since the first purchase, at most parameter peer_tenure_years', NULL),
		('customer_equity', 'newcomers_last_year', 'Newcomers of the last year', '近一年新客户数', 'customers', NULL, 'customers whose first purchase day is within the 365 days up to as_of', 'New in the data'),
		('customer_equity', 'newcomers_forecast', 'Newcomers to come', '预测新客户数', 'customers', NULL, 'newcomers_last_year / 365 x days of the horizon', 'An assumption that acquisition goes on as last year, not an estimate'),
		('customer_equity', 'value_of_newcomer', 'Value of a newcomer', '新客户价值', 'money per customer', 'purchase model, spend model', 'margin share x (expected spend + discounted expected purchases of a new customer x expected spend)',
		 'A mean over newcomers of the past; who comes by other ways may be worth less'),
		('customer_equity', 'acquisition_cost', 'Acquisition cost', '获客成本', 'money per customer', 'acquisition_cost', 'parameter acquisition_cost', 'Given by you, not measured'),
		('customer_equity', 'newcomers_value', 'Value of newcomers', '新客户总价值', 'money', 'purchase model, spend model', 'newcomers_forecast x (value_of_newcomer - acquisition_cost), discounted to as_of',
		 'Nothing is subtracted where no acquisition cost is given; reaches to two horizons from as_of'),
		('customer_equity', 'customer_equity', 'Customer equity', '客户权益', 'money', 'purchase model, spend model', 'expected_value + newcomers_value',
		 'Not the value of the company: fixed costs, later years and growth are not in it; half of it may be an assumption about newcomers')
	) AS m (views, column_name, english_name, chinese_name, unit, needs, formula, must_not_claim);
END;
COMMENT ON FUNCTION customer_value._metrics_segments() IS 'Internal: what metric_dictionary says of columns about segments, concentration, equity and accounts';
