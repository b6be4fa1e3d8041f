-- base_scorecard.sql - the rows that scorecards of a customer base are made of.

CREATE TYPE customer_value.base_scorecard AS (
	scorecard         text,
	method            text,
	missing           text,
	weighting         text,
	within            text,
	show              text[],
	comparison_matrix double precision[],
	is_preset         boolean,
	description       text
);
COMMENT ON TYPE customer_value.base_scorecard IS 'A scorecard of a customer base: how its criteria become a score. It has a view of its name';
COMMENT ON COLUMN customer_value.base_scorecard.scorecard IS 'Name of the scorecard, and of its view';
COMMENT ON COLUMN customer_value.base_scorecard.method IS 'How dimensions become a score: weighted_sum, weighted_norm (root of the sum of w d^2), weighted_product (product of d^w) or topsis. To be changed with alter_scorecard';
COMMENT ON COLUMN customer_value.base_scorecard.missing IS 'What a criterion counts that is not known: reweight (it is left out, its weight goes to the others of its dimension), worst (as the worst known) or median (as the median of the known). To be changed with alter_scorecard';
COMMENT ON COLUMN customer_value.base_scorecard.weighting IS 'Where weights come from: given (the columns weight and dimension_weight), equal, ahp (comparison_matrix), entropy or critic (from the data, on every read). To be changed with alter_scorecard';
COMMENT ON COLUMN customer_value.base_scorecard.within IS 'Column of customer_profile in whose groups criteria are normalised; NULL: over all customers. To be changed with alter_scorecard';
COMMENT ON COLUMN customer_value.base_scorecard.show IS 'Columns of customer_profile shown beside the score. To be changed with alter_scorecard';
COMMENT ON COLUMN customer_value.base_scorecard.comparison_matrix IS 'Pairwise comparisons of the criteria, or of the dimensions, in their order: row i, column j says how many times more important i is than j; for the weighting ahp';
COMMENT ON COLUMN customer_value.base_scorecard.is_preset IS 'True if customer_value brought it';
COMMENT ON COLUMN customer_value.base_scorecard.description IS 'What it is for';

CREATE TYPE customer_value.base_criterion AS (
	scorecard        text,
	position         integer,
	dimension        text,
	dimension_weight double precision,
	dimension_method text,
	criterion        text,
	relation         text,
	key_column       text,
	column_name      text,
	better           text,
	normaliser       text,
	weight           double precision,
	description      text
);
COMMENT ON TYPE customer_value.base_criterion IS 'A criterion of a scorecard. Changed weights count at once; what else changes in this table does with rebuild_customer_base or alter_scorecard';
COMMENT ON COLUMN customer_value.base_criterion.scorecard IS 'The scorecard';
COMMENT ON COLUMN customer_value.base_criterion.position IS 'Place of the criterion; dimensions stand in the order of their first criterion';
COMMENT ON COLUMN customer_value.base_criterion.dimension IS 'The dimension that it belongs to, and a column of the view';
COMMENT ON COLUMN customer_value.base_criterion.dimension_weight IS 'Weight of the dimension, the same in all its rows (of different ones their mean counts); only proportions count';
COMMENT ON COLUMN customer_value.base_criterion.dimension_method IS 'weighted_sum: the dimension is the weighted mean of its criteria; product: they are multiplied, each to the power of its weight (1 on average), and the dimension is not known where one of them is not';
COMMENT ON COLUMN customer_value.base_criterion.criterion IS 'Name of the criterion';
COMMENT ON COLUMN customer_value.base_criterion.relation IS 'Where it stands: NULL for customer_profile, the name of another view of the base with a row a customer, or a relation with a customer key as schema.name';
COMMENT ON COLUMN customer_value.base_criterion.key_column IS 'Column of that relation with the customer; NULL: customer_id';
COMMENT ON COLUMN customer_value.base_criterion.column_name IS 'The column; NULL: declared, but not bound to a column yet, so it is never known';
COMMENT ON COLUMN customer_value.base_criterion.better IS 'more or less: what is better';
COMMENT ON COLUMN customer_value.base_criterion.normaliser IS 'percentile, min_max, winsorised_z, z_cdf, logistic (see docs/ranking.md) or as_is: the value itself, 1 - the value where less is better';
COMMENT ON COLUMN customer_value.base_criterion.weight IS 'Weight within its dimension; only proportions count';
COMMENT ON COLUMN customer_value.base_criterion.description IS 'What it says';
