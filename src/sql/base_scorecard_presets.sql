-- base_scorecard_presets.sql - the scorecards that every customer base begins with: rows, which alter_scorecard changes
-- and drop_scorecard removes. Their weights are ours.

CREATE FUNCTION customer_value._default_scorecards() RETURNS SETOF customer_value.base_scorecard
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT p.scorecard, p.method, 'reweight', 'given', p.within, p.show, NULL::double precision[], true, p.description
	FROM (VALUES
		('delivered_value_vector', 'weighted_norm', NULL::text, NULL::text[],
		 'The value that a customer receives, as a point: saving, use and regard. score is its distance from the origin over the axes that are '
		 'known. It is no money and claims no state of mind: psychological stays unknown until a survey or referrals are bound to it with '
		 'alter_scorecard. Not to be mixed with contribution_vector: who pays full price shows loyalty there, and saves nothing here'),
		('contribution_vector', 'weighted_norm', NULL, NULL,
		 'The value that a customer brings, as a point: money, breadth and affinity, each a place among the customers. score is its distance '
		 'from the origin over the axes that are known. It is no money, and says nothing of why somebody pays full price or comes regularly'),
		('balanced_scorecard', 'weighted_sum', 'life_stage', '{life_stage}',
		 'Four dimensions of the same weight, whatever their number of criteria: financial, market, management, learning and growth. Criteria '
		 'are standard deviations from the mean of customers in the same life stage, cut off at 3, so that newcomers are measured against '
		 'newcomers. A score of 0 is the middle of one''s stage: scores of different stages are not amounts of the same thing. The weights are ours'),
		('customer_standing', 'weighted_sum', NULL, '{life_stage}',
		 'Where a customer stands among all: what came in over the last year (.5), how far it can grow (.25), how likely it stays (.25), each a '
		 'place among the customers. It is no probability and no amount; headroom is a scenario. The weights are ours: there is one preset each '
		 'for acquiring, growing and keeping. The life stage stands beside it, not in it'),
		('customer_standing_acquiring', 'weighted_sum', NULL, '{life_stage}',
		 'customer_standing for a time of winning customers: whether they come again decides (.5), then how far they can grow (.3); what they '
		 'brought so far says least of somebody new (.2). The weights are ours. It is no probability and no amount'),
		('customer_standing_growing', 'weighted_sum', NULL, '{life_stage}',
		 'customer_standing for a time of growing with those who are there: how far they can grow leads (.5); what they bring and whether they '
		 'stay carry it (.25 each). The weights are ours. It is no probability and no amount; headroom is a scenario'),
		('customer_standing_keeping', 'weighted_sum', NULL, '{life_stage}',
		 'customer_standing for a time of keeping what there is: what is at stake leads (.6), then how likely it lasts (.3); growth counts least '
		 '(.1). It puts first who is worth keeping, not who is about to leave: value_at_risk of customer_profile does that. The weights are ours'),
		('closeness', 'weighted_product', 'tenure_year', '{tenure_year}',
		 'How close the relation is: the geometric mean of the places by margin, sales and tempo among customers of the same year of tenure. '
		 'The length of the relation stays out of it, so that closeness_check can test whether the closer stay longer. It is measured on '
		 'behaviour, and claims no feeling')
	) AS p (scorecard, method, within, show, description);
END;
COMMENT ON FUNCTION customer_value._default_scorecards() IS 'Internal: the scorecards that a new base begins with';

CREATE FUNCTION customer_value._default_criteria() RETURNS SETOF customer_value.base_criterion
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	-- relation NULL: customer_profile. column_name NULL: declared, and to be bound with alter_scorecard.
	SELECT c.scorecard, (pg_catalog.row_number() OVER (PARTITION BY c.scorecard ORDER BY c.place))::integer,
		   c.dimension, c.dimension_weight, c.dimension_method, c.criterion, NULL::text, NULL::text, c.column_name,
		   c.better, c.normaliser, 1::double precision, c.description
	FROM (VALUES
		(1, 'delivered_value_vector', 'economic', 1::double precision, 'weighted_sum', 'saving', 'discount_share', 'more', 'as_is',
		 'What the customer saved on list prices, as a share of them, over what was kept'),
		(2, 'delivered_value_vector', 'functional', 1, 'product', 'breadth', 'category_breadth', 'more', 'percentile',
		 'Place by the number of categories of which something was kept'),
		(3, 'delivered_value_vector', 'functional', 1, 'product', 'kept', 'return_rate', 'less', 'as_is',
		 '1 - return_rate: the share of the sold amount that the customer kept'),
		(4, 'delivered_value_vector', 'psychological', 1, 'weighted_sum', 'regard', NULL, 'more', 'percentile',
		 'A survey score or the number of referrals: bind it with alter_scorecard'),

		(11, 'contribution_vector', 'economic', 1, 'weighted_sum', 'contribution', 'contribution', 'more', 'percentile',
		 'Place by the value of the last year and the value expected over the horizon'),
		(12, 'contribution_vector', 'functional', 1, 'weighted_sum', 'breadth', 'rarefied_breadth', 'more', 'percentile',
		 'Place by the categories expected among equally many lines of everybody: counted categories would measure size once more'),
		(13, 'contribution_vector', 'affinity', 1, 'weighted_sum', 'full_price', 'full_price_share', 'more', 'percentile',
		 'Place by the share bought without a discount'),
		(14, 'contribution_vector', 'affinity', 1, 'weighted_sum', 'regularity', 'gap_variation', 'less', 'percentile',
		 'Place by how alike the times between purchases are'),

		(21, 'balanced_scorecard', 'financial', 1, 'weighted_sum', 'realised_value', 'realised_value_last_year', 'more', 'winsorised_z',
		 'Value realised over the last year'),
		(22, 'balanced_scorecard', 'financial', 1, 'weighted_sum', 'expected_value', 'expected_value', 'more', 'winsorised_z',
		 'Value expected over the horizon'),
		(23, 'balanced_scorecard', 'financial', 1, 'weighted_sum', 'days_to_pay', NULL, 'less', 'winsorised_z',
		 'Mean days from invoice to payment: bind them with alter_scorecard'),
		(24, 'balanced_scorecard', 'market', 1, 'weighted_sum', 'spend_growth', 'spend_growth', 'more', 'winsorised_z',
		 'Logarithm of the amount of the last year over that of the year before, both raised by the mean of the base, so that little counts little'),
		(25, 'balanced_scorecard', 'market', 1, 'weighted_sum', 'portfolio_share', 'portfolio_share', 'more', 'winsorised_z',
		 'Share of the amount of all customers over the last year'),
		(26, 'balanced_scorecard', 'management', 1, 'weighted_sum', 'returns', 'return_rate', 'less', 'winsorised_z',
		 'Share of the sold amount that came back'),
		(27, 'balanced_scorecard', 'management', 1, 'weighted_sum', 'irregularity', 'gap_variation', 'less', 'winsorised_z',
		 'How unlike the times between purchases are'),
		(28, 'balanced_scorecard', 'management', 1, 'weighted_sum', 'losses', 'loss_day_share', 'less', 'winsorised_z',
		 'Share of the purchase days that made a loss. Their number would mark frequent customers down'),
		(29, 'balanced_scorecard', 'management', 1, 'weighted_sum', 'overdue', NULL, 'less', 'winsorised_z',
		 'Amount overdue: bind it with alter_scorecard'),
		(30, 'balanced_scorecard', 'learning_and_growth', 1, 'weighted_sum', 'new_products', 'new_product_share', 'more', 'winsorised_z',
		 'Share of the last year''s amount on products first sold within that year'),
		(31, 'balanced_scorecard', 'learning_and_growth', 1, 'weighted_sum', 'new_categories', 'new_categories_last_year', 'more', 'winsorised_z',
		 'Categories that the customer bought for the first time within the last year'),
		(32, 'balanced_scorecard', 'learning_and_growth', 1, 'weighted_sum', 'referrals', NULL, 'more', 'winsorised_z',
		 'Number of customers referred: bind it with alter_scorecard'),

		(81, 'closeness', 'profit', 1, 'weighted_sum', 'profit', 'total_margin', 'more', 'percentile',
		 'Place by margin. Left out where no cost is bound: a rate of the amount would count the sales twice'),
		(82, 'closeness', 'sales', 1, 'weighted_sum', 'sales', 'total_amount', 'more', 'percentile',
		 'Place by amount'),
		(83, 'closeness', 'tempo', 1, 'weighted_sum', 'tempo', 'tempo', 'more', 'percentile',
		 'Place by how far the customer is within the usual time between purchases')
	) AS c (place, scorecard, dimension, dimension_weight, dimension_method, criterion, column_name, better, normaliser, description)
	UNION ALL
	SELECT s.scorecard, c.position, c.dimension, s.weights[c.position], 'weighted_sum', c.criterion, c.relation, NULL, c.column_name,
		   'more', 'percentile', 1, c.description
	FROM (VALUES
		('customer_standing', '{.5, .25, .25}'::double precision[]),
		('customer_standing_acquiring', '{.2, .3, .5}'),
		('customer_standing_growing', '{.25, .5, .25}'),
		('customer_standing_keeping', '{.6, .1, .3}')
	) AS s (scorecard, weights)
		CROSS JOIN (VALUES
		(1, 'realised', 'realised_value', NULL::text, 'realised_value_last_year', 'Place by the value realised over the last year'),
		(2, 'development', 'headroom', 'customer_headroom', 'headroom', 'Place by what peers suggest on top: a scenario, not an expectation'),
		(3, 'retention', 'staying', NULL, 'probability_active_end', 'Place by the probability to be a customer at the end of the horizon')
	) AS c (position, dimension, criterion, relation, column_name, description);
END;
COMMENT ON FUNCTION customer_value._default_criteria() IS 'Internal: the criteria of the scorecards that a new base begins with';
