-- base_labels.sql - what the codes of a base's views are called, in English and in Chinese: editable rows to join.

CREATE TYPE customer_value.base_label AS (
	kind    text,
	code    text,
	english text,
	chinese text
);
COMMENT ON TYPE customer_value.base_label IS 'What a code in the views of a customer base is called';
COMMENT ON COLUMN customer_value.base_label.kind IS 'What the code is of: life_stage, rfm_segment, value_quadrant, key_account, tier, axis, segmentation, value_basis, model_status ...';
COMMENT ON COLUMN customer_value.base_label.code IS 'The code, as it stands in the views';
COMMENT ON COLUMN customer_value.base_label.english IS 'English label';
COMMENT ON COLUMN customer_value.base_label.chinese IS 'Chinese label, in simplified characters';

-- Chinese is written in the sources as it is read. The build makes ASCII of it (tools/ascii), for the extension is also
-- created in databases whose encoding has no Chinese.
CREATE FUNCTION customer_value._chinese(escaped text, english text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	-- unistr around CASE: the other way round the planner would call it for a constant, whatever the encoding
	RETURN coalesce(nullif(pg_catalog.unistr(CASE WHEN pg_catalog.getdatabaseencoding() IN ('UTF8', 'EUC_CN') THEN escaped ELSE '' END), ''), english);
COMMENT ON FUNCTION customer_value._chinese(text, text) IS
	'Internal: a Chinese text whose characters are written as \XXXX; the English one where the encoding of the database has no simplified Chinese';

CREATE FUNCTION customer_value._default_labels() RETURNS SETOF customer_value.base_label
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT l.kind, l.code, l.english, customer_value._chinese(l.chinese, l.english)
	FROM (VALUES
		-- where a customer stands in its life with the company
		('life_stage', 'prospect', 'Prospect', '潜在客户'),
		('life_stage', 'lapsed', 'Lapsed', '流失期'),
		('life_stage', 'won_back', 'Won back', '赢回期'),
		('life_stage', 'honeymoon', 'Honeymoon', '蜜月期'),
		('life_stage', 'contested', 'Contested', '竞争期'),
		('life_stage', 'maturity', 'Maturity', '成熟期'),
		('life_stage', 'observation', 'Observation', '观察期'),
		('life_stage', 'unassigned', 'Unassigned', '未分类'),

		-- the eleven usual segments of days since the last purchase, purchase days and amount
		('rfm_segment', 'champions', 'Champions', '冠军客户'),
		('rfm_segment', 'loyal', 'Loyal', '忠诚客户'),
		('rfm_segment', 'potential_loyalist', 'Potential loyalists', '潜在忠诚客户'),
		('rfm_segment', 'new_customers', 'New customers', '新客户'),
		('rfm_segment', 'promising', 'Promising', '有潜力客户'),
		('rfm_segment', 'need_attention', 'Need attention', '需要关注客户'),
		('rfm_segment', 'about_to_sleep', 'About to sleep', '即将沉睡客户'),
		('rfm_segment', 'at_risk', 'At risk', '流失风险客户'),
		('rfm_segment', 'cannot_lose_them', 'Cannot lose them', '不可流失客户'),
		('rfm_segment', 'hibernating', 'Hibernating', '休眠客户'),
		('rfm_segment', 'lost', 'Lost', '已流失客户'),
		('rfm_segment', 'prospect', 'Prospect', '潜在客户'),
		('rfm_segment', 'unassigned', 'Unassigned', '未分类'),

		-- expected value against headroom
		('value_quadrant', 'platinum', 'Platinum: high expected value, high headroom', '铂金客户'),
		('value_quadrant', 'gold', 'Gold: high expected value, low headroom', '黄金客户'),
		('value_quadrant', 'iron', 'Iron: low expected value, high headroom', '铁质客户'),
		('value_quadrant', 'lead', 'Lead: low expected value, low headroom', '铅质客户'),
		('value_quadrant', 'prospect', 'Prospect', '潜在客户'),
		('value_quadrant', 'unassigned', 'Unassigned', '未分类'),

		-- key_account_matrix
		('key_account', 'strategic', 'Strategic: key account in categories to grow in', '战略客户'),
		('key_account', 'growing_key', 'Growing key account', '成长型重点客户'),
		('key_account', 'key', 'Key account', '重点客户'),
		('key_account', 'develop', 'To develop: steady, with room', '待开发客户'),
		('key_account', 'steady', 'Steady', '稳定客户'),
		('key_account', 'secure', 'To secure: good, not steady', '待稳固客户'),
		('key_account', 'other', 'Other', '一般客户'),
		('key_account', 'prospect', 'Prospect', '潜在客户'),
		('key_account', 'unassigned', 'Unassigned', '未分类'),

		('segmentation', 'life_stage', 'Life stage', '客户生命阶段'),
		('segmentation', 'rfm_segment', 'RFM segment', 'RFM 客户细分'),
		('segmentation', 'value_quadrant', 'Value quadrant', '价值象限'),
		('segmentation', 'tier', 'Tier', '价值层级'),
		('segmentation', 'channel', 'Channel', '渠道'),
		('segmentation', 'region', 'Region', '地区'),

		-- customer_ranking
		('tier', 'top 1%', 'Top 1%', '前 1%'),
		('tier', 'top 5%', 'Top 5%', '前 5%'),
		('tier', 'top 20%', 'Top 20%', '前 20%'),
		('tier', 'middle', 'Middle', '中间层'),
		('tier', 'low', 'Low', '低层'),
		('tier', 'unassigned', 'Unassigned', '未分类'),

		-- axes of value vectors and dimensions of scorecards
		('axis', 'economic', 'Economic value', '经济价值'),
		('axis', 'functional', 'Functional value', '功能价值'),
		('axis', 'psychological', 'Psychological value', '心理价值'),
		('axis', 'affinity', 'Affinity', '亲和价值'),
		('axis', 'financial', 'Financial', '财务'),
		('axis', 'market', 'Market', '市场'),
		('axis', 'management', 'Management', '管理'),
		('axis', 'learning_and_growth', 'Learning and growth', '学习与成长'),
		('axis', 'realised', 'Realised contribution', '已实现贡献'),
		('axis', 'development', 'Development', '成长空间'),
		('axis', 'retention', 'Retention', '客户保持'),
		('axis', 'profit', 'Profit', '利润'),
		('axis', 'sales', 'Sales', '销售额'),
		('axis', 'tempo', 'Tempo of purchases', '购买节奏'),

		-- what values are counted in
		('value_basis', 'margin', 'Margin', '毛利'),
		('value_basis', 'assumed margin', 'Assumed margin', '假定毛利'),
		('value_basis', 'revenue', 'Revenue', '销售收入'),

		-- models: kind, family, what came of the fit
		('model_kind', 'purchase', 'Purchase model', '购买模型'),
		('model_kind', 'spend', 'Spend model', '消费金额模型'),
		('model_status', 'converged', 'Converged', '已收敛'),
		('model_status', 'weak', 'Weak: data say little about a parameter', '约束较弱'),
		('model_status', 'limit', 'At the limit: a simpler model fits as well', '退化为极限模型'),
		('model_status', 'no_churn', 'No churn to be seen', '无流失迹象'),
		('model_status', 'not_converged', 'Not converged', '未收敛'),
		('model_status', 'given', 'Given, not fitted', '直接给定'),
		('model_status', 'not fitted', 'Not fitted', '尚未拟合'),
		('phase', 'fitted', 'Within the days fitted to', '拟合期'),
		('phase', 'after the fit', 'After the days fitted to', '拟合期之后'),
		('phase', 'ahead', 'Ahead', '预测期')
	) AS l (kind, code, english, chinese);
END;
COMMENT ON FUNCTION customer_value._default_labels() IS 'Internal: the labels that a new base begins with';
