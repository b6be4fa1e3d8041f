-- base_dictionary_scorecards.sql - words of metric_dictionary about scorecards. What a dimension is called stands in labels
-- (kind axis), how it is computed and what it needs in its criteria: so scorecards of anybody's have words, too.

-- 'any scorecard' stands for every scorecard; (dimension) and (cosine) for the columns of its dimensions.
CREATE FUNCTION customer_value._metrics_scorecards() RETURNS SETOF customer_value.metric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT m.views, m.column_name, m.english_name, m.chinese_name, m.unit, m.needs, m.formula, m.must_not_claim
	FROM (VALUES
		('any scorecard', '(dimension)', 'Dimension', '维度', 'score', NULL::text,
		 NULL::text, 'A place on a scale of these customers: not money, not a probability'),
		('any scorecard', '(cosine)', 'Direction cosine', '方向余弦', 'cosine', NULL,
		 'root of weight x axis / length of the vector', 'Of which kind the value is, not how much it is'),
		('any scorecard', 'score', 'Score', '得分', 'score', NULL,
		 NULL, 'Not money and not a probability: it compares these customers on these criteria with these weights, which are a choice'),
		('any scorecard', 'rank', 'Rank by score', '得分名次', 'rank', NULL, '1 + customers with a higher score', 'Neighbours may differ by next to nothing'),
		('any scorecard', 'percentile', 'Percentile of the score', '得分百分位', 'percent', NULL,
		 '100 x (customers below + half of those equal) / customers with a score', 'A place among these customers, not a probability'),
		('any scorecard', 'dominant_dimension', 'Dominant dimension', '主导维度', 'text', NULL,
		 'dimension with the highest score; of a vector with the largest cosine', 'The largest of several, which may be nearly equal'),
		('any scorecard', 'criteria_known', 'Criteria known', '已知指标数', 'count', NULL, 'criteria that are not NULL', NULL),

		-- what the presets must not claim beyond that
		('delivered_value_vector,contribution_vector', 'score', 'Magnitude of the value vector', '价值向量的模', 'score', NULL,
		 NULL, 'Not money and no sum: a length. Vectors with other axes known compare badly, and the two vectors must never be mixed'),
		('delivered_value_vector', 'economic', 'Economic value delivered', '交付的经济价值', 'score', NULL,
		 NULL, 'Saved on list prices, which few might have paid; no state of mind'),
		('delivered_value_vector', 'functional', 'Functional value delivered', '交付的功能价值', 'score', NULL,
		 NULL, 'Bought and kept is not used and liked; no state of mind'),
		('delivered_value_vector', 'psychological', 'Psychological value delivered', '交付的心理价值', 'score', NULL,
		 NULL, 'Only what was asked or referred: never guessed from purchases'),
		('contribution_vector', 'economic', 'Economic contribution', '经济贡献', 'score', NULL, NULL, 'A place, not an amount'),
		('contribution_vector', 'functional', 'Functional contribution', '功能贡献', 'score', NULL,
		 NULL, 'Breadth at equal size; it does not foretell who stays'),
		('contribution_vector', 'affinity', 'Affinity', '亲和贡献', 'score', NULL, NULL, 'Paying full price and coming regularly: behaviour, no state of mind'),
		('balanced_scorecard', 'score', 'Balanced score', '平衡计分卡得分', 'score', NULL,
		 NULL, 'Relative to customers of the same life stage: scores of different stages are not amounts of the same thing'),
		('customer_standing,customer_standing_acquiring,customer_standing_growing,customer_standing_keeping', 'score', 'Customer standing', '客户序位得分', 'score', NULL,
		 NULL, 'Not a probability and not money; the weights are ours, and it changes when others change'),
		('customer_standing,customer_standing_acquiring,customer_standing_growing,customer_standing_keeping', 'rank', 'Standing', '客户序位', 'rank', NULL,
		 '1 + customers with a higher score', 'Not a probability; neighbours may differ by next to nothing'),
		('customer_standing,customer_standing_acquiring,customer_standing_growing,customer_standing_keeping', 'development', 'Development', '成长空间', 'score', NULL,
		 NULL, 'A place by headroom, which is a scenario and not an expectation'),
		('closeness', 'score', 'Closeness', '紧密度', 'score', NULL,
		 NULL, 'Behaviour, no feeling; that the closer stay longer is for closeness_check to test, not to assume')
	) AS m (views, column_name, english_name, chinese_name, unit, needs, formula, must_not_claim);
END;
COMMENT ON FUNCTION customer_value._metrics_scorecards() IS 'Internal: what metric_dictionary says of columns of scorecards';
