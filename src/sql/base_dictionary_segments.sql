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
		('lorenz_curve', 'value_share', 'Share of value', '价值累计占比', 'share', NULL, 'sum over those with the least / total', 'Below 0 as long as losses prevail')
	) AS m (views, column_name, english_name, chinese_name, unit, needs, formula, must_not_claim);
END;
COMMENT ON FUNCTION customer_value._metrics_segments() IS 'Internal: what metric_dictionary says of columns about segments, concentration, equity and accounts';
