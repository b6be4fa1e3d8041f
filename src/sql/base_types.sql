-- base_types.sql - the row types behind the tables of every customer base.
--
-- Each base owns tables OF these types, so an upgrade reaches them all by
-- ALTER TYPE ... ADD ATTRIBUTE ... CASCADE, and bases are found by pg_class.reloftype.

CREATE TYPE customer_value.base_settings AS (
	base                   text,
	sales_relation         text,
	customer_id_column     text,
	sold_at_column         text,
	amount_column          text,
	order_id_column        text,
	cost_column            text,
	list_amount_column     text,
	quantity_column        text,
	product_column         text,
	category_column        text,
	channel_column         text,
	currency_column        text,
	customers_relation     text,
	customer_key_column    text,
	customer_name_column   text,
	customer_region_column text,
	customer_owner_column  text,
	customer_parent_column text,
	time_zone              text,
	as_of_setting          date,
	as_of                  date,
	first_sale_day         date,
	last_sale_day          date,
	refreshed_at           timestamp with time zone,
	refreshed_on           date,
	horizon                interval,
	annual_discount_rate   double precision,
	margin_rate            double precision,
	currency               text,
	minor_units            integer,
	purchase_family        text,
	anonymous_ids          text[],
	zero_amounts           text,
	returns                text,
	amount_scale           integer,
	duplicates             text,
	value_basis            text,
	margin_share           double precision,
	fitted_at              timestamp with time zone,
	fitted_family          text,
	views                  text[],
	schema_created         boolean,
	created_with           text
);
COMMENT ON TYPE customer_value.base_settings IS 'The one settings row of a customer base: what is bound, the declared rules, what refresh resolved';
COMMENT ON COLUMN customer_value.base_settings.base IS 'Name of the customer base, as given when it was created';
COMMENT ON COLUMN customer_value.base_settings.sales_relation IS 'Relation that holds the sales lines, as schema.name, quoted where needed';
COMMENT ON COLUMN customer_value.base_settings.customer_id_column IS 'Column of the sales that names the customer';
COMMENT ON COLUMN customer_value.base_settings.sold_at_column IS 'Column of the sales with the day or moment of the sale';
COMMENT ON COLUMN customer_value.base_settings.amount_column IS 'Column of the sales with the amount of the line, net of discounts; negative for returns';
COMMENT ON COLUMN customer_value.base_settings.order_id_column IS 'Column of the sales that names the order; NULL: every line is an order of its own';
COMMENT ON COLUMN customer_value.base_settings.cost_column IS 'Column of the sales with the cost of the line; NULL: not bound';
COMMENT ON COLUMN customer_value.base_settings.list_amount_column IS 'Column of the sales with the amount at list price; NULL: not bound';
COMMENT ON COLUMN customer_value.base_settings.quantity_column IS 'Column of the sales with the quantity; NULL: not bound';
COMMENT ON COLUMN customer_value.base_settings.product_column IS 'Column of the sales that names the product; NULL: not bound';
COMMENT ON COLUMN customer_value.base_settings.category_column IS 'Column of the sales that names the category; NULL: not bound';
COMMENT ON COLUMN customer_value.base_settings.channel_column IS 'Column of the sales that names the channel; NULL: not bound';
COMMENT ON COLUMN customer_value.base_settings.currency_column IS 'Column of the sales with the currency of the amount; several currencies are refused. NULL: not bound';
COMMENT ON COLUMN customer_value.base_settings.customers_relation IS 'Relation that holds the customers, as schema.name, quoted where needed; NULL: not bound';
COMMENT ON COLUMN customer_value.base_settings.customer_key_column IS 'Column of the customers that matches the customer of the sales';
COMMENT ON COLUMN customer_value.base_settings.customer_name_column IS 'Column of the customers with the name; NULL: not bound';
COMMENT ON COLUMN customer_value.base_settings.customer_region_column IS 'Column of the customers with the region; NULL: not bound';
COMMENT ON COLUMN customer_value.base_settings.customer_owner_column IS 'Column of the customers that names who looks after the customer; NULL: not bound';
COMMENT ON COLUMN customer_value.base_settings.customer_parent_column IS 'Column of the customers with the key of the parent customer; NULL: not bound';
COMMENT ON COLUMN customer_value.base_settings.time_zone IS 'Time zone whose calendar days count when the sales carry timestamp with time zone';
COMMENT ON COLUMN customer_value.base_settings.as_of_setting IS 'The as-of day asked for; NULL: the last day with a sale that is not in the future';
COMMENT ON COLUMN customer_value.base_settings.as_of IS 'The as-of day in force: the end of observation of every view; resolved by create, fit and refresh. NULL: no sales yet';
COMMENT ON COLUMN customer_value.base_settings.first_sale_day IS 'First day with a kept sale, as of the last refresh; NULL: no sales yet';
COMMENT ON COLUMN customer_value.base_settings.last_sale_day IS 'Last day with a kept sale, as of the last refresh, also if it lies after as_of; NULL: no sales yet';
COMMENT ON COLUMN customer_value.base_settings.refreshed_at IS 'When as_of was resolved last';
COMMENT ON COLUMN customer_value.base_settings.refreshed_on IS 'The calendar day of that moment in time_zone; later sales are in the future';
COMMENT ON COLUMN customer_value.base_settings.horizon IS 'How far ahead expected values look, from as_of';
COMMENT ON COLUMN customer_value.base_settings.annual_discount_rate IS 'Yearly rate at which future value is discounted: 0.10 is 10 percent';
COMMENT ON COLUMN customer_value.base_settings.margin_rate IS 'Margin as a share of the amount, assumed where no cost is bound; NULL: none assumed';
COMMENT ON COLUMN customer_value.base_settings.currency IS 'Currency of every amount, a label only; NULL: not said';
COMMENT ON COLUMN customer_value.base_settings.minor_units IS 'Decimals of the currency: predicted money is rounded to them';
COMMENT ON COLUMN customer_value.base_settings.purchase_family IS 'Family of purchase model that fit has to use, such as mbg/nbd; NULL: fit compares the candidates and chooses';
COMMENT ON COLUMN customer_value.base_settings.anonymous_ids IS 'Customer ids that stand for nobody in particular; their lines are left out';
COMMENT ON COLUMN customer_value.base_settings.zero_amounts IS 'Lines with an amount of zero: count (they are sales) or ignore';
COMMENT ON COLUMN customer_value.base_settings.returns IS 'Lines that are returns: net (they reduce the customer''s amount) or ignore';
COMMENT ON COLUMN customer_value.base_settings.amount_scale IS 'Decimals that amounts are rounded to when read; NULL: not rounded';
COMMENT ON COLUMN customer_value.base_settings.duplicates IS 'Second and further copies of a whole line: keep or ignore';
COMMENT ON COLUMN customer_value.base_settings.value_basis IS 'What expected value is counted in: margin, assumed margin or revenue; resolved by create, fit and refresh';
COMMENT ON COLUMN customer_value.base_settings.margin_share IS 'Share of the amount that is value: the margin over amounts with known cost, margin_rate, or 1';
COMMENT ON COLUMN customer_value.base_settings.fitted_at IS 'When fit ran last; NULL: never';
COMMENT ON COLUMN customer_value.base_settings.fitted_family IS 'Family of the purchase model in use; NULL: not fitted';
COMMENT ON COLUMN customer_value.base_settings.views IS 'Names of the views that belong to the base: what rebuild replaces and drop removes';
COMMENT ON COLUMN customer_value.base_settings.schema_created IS 'True if the schema was made together with the base, and goes with it';
COMMENT ON COLUMN customer_value.base_settings.created_with IS 'Version of customer_value that made the objects of the base';

CREATE TYPE customer_value.base_model AS (
	model_id   integer,
	kind       text,
	model      customer_value.fitted_model,
	is_current boolean,
	as_of      date,
	fitted_at  timestamp with time zone,
	fitted_by  text,
	verdict    text,
	fit_number integer,
	family     text,
	is_chosen  boolean,
	reason     text,
	change     text,
	settings   jsonb,
	correlation         double precision,
	correlation_p_value double precision,
	correlation_verdict text
);
COMMENT ON TYPE customer_value.base_model IS 'A model that fit stored for a customer base';
COMMENT ON COLUMN customer_value.base_model.model_id IS 'Number of the model within the base, counting from 1';
COMMENT ON COLUMN customer_value.base_model.kind IS 'purchase or spend';
COMMENT ON COLUMN customer_value.base_model.model IS 'The fitted model; NULL where none could be fitted';
COMMENT ON COLUMN customer_value.base_model.is_current IS 'True for the model of each kind that the views use';
COMMENT ON COLUMN customer_value.base_model.as_of IS 'The as-of day the model was fitted to';
COMMENT ON COLUMN customer_value.base_model.fitted_at IS 'When the model was fitted';
COMMENT ON COLUMN customer_value.base_model.fitted_by IS 'Role that asked for the fit';
COMMENT ON COLUMN customer_value.base_model.verdict IS 'What the fit says, in plain words';
COMMENT ON COLUMN customer_value.base_model.fit_number IS 'Number of the fit that stored the model, counting from 1; NULL: not stored by fit';
COMMENT ON COLUMN customer_value.base_model.family IS 'Family that was asked for; the model''s own differs where its limit had to be used';
COMMENT ON COLUMN customer_value.base_model.is_chosen IS 'True for the model of each kind that its fit made current';
COMMENT ON COLUMN customer_value.base_model.reason IS 'Why fit chose this purchase model, in a sentence; NULL for the others';
COMMENT ON COLUMN customer_value.base_model.change IS 'What moved since the model that was current before, in a sentence; NULL where there was none';
COMMENT ON COLUMN customer_value.base_model.settings IS 'Bindings, rules and settings of the base when the model was fitted';
COMMENT ON COLUMN customer_value.base_model.correlation IS 'Of a spend model: Pearson correlation of ln(repeat purchase days) and mean amount of one, over the customers with a repeat purchase';
COMMENT ON COLUMN customer_value.base_model.correlation_p_value IS 'Probability of a correlation at least as far from 0 where the mean amount does not depend on the number, as the model assumes';
COMMENT ON COLUMN customer_value.base_model.correlation_verdict IS 'What the correlation means for the model, in plain words';

CREATE TYPE customer_value.base_check AS (
	cut_day                date,
	end_day                date,
	method                 text,
	customers              bigint,
	actual_purchases       double precision,
	predicted_purchases    double precision,
	mean_absolute_error    double precision,
	root_mean_square_error double precision,
	bias                   double precision,
	correlation            double precision,
	top_decile_lift        double precision,
	verdict                text,
	fit_number             integer,
	relative_error         double precision
);
COMMENT ON TYPE customer_value.base_check IS 'One line of the holdout check that fit stored: how well a method predicted purchases it had not seen';
COMMENT ON COLUMN customer_value.base_check.cut_day IS 'Last day of the calibration: the method saw nothing later';
COMMENT ON COLUMN customer_value.base_check.end_day IS 'Last day of the holdout: its purchases are the actual ones';
COMMENT ON COLUMN customer_value.base_check.method IS 'The model''s family, or the simple rule it is compared with';
COMMENT ON COLUMN customer_value.base_check.customers IS 'Customers with a purchase by the cut day';
COMMENT ON COLUMN customer_value.base_check.actual_purchases IS 'Purchase days of those customers in the holdout';
COMMENT ON COLUMN customer_value.base_check.predicted_purchases IS 'Purchase days predicted for the holdout';
COMMENT ON COLUMN customer_value.base_check.mean_absolute_error IS 'Mean over customers of |predicted - actual|, in purchase days';
COMMENT ON COLUMN customer_value.base_check.root_mean_square_error IS 'Root of the mean over customers of (predicted - actual)^2, in purchase days';
COMMENT ON COLUMN customer_value.base_check.bias IS 'Mean over customers of predicted - actual, in purchase days';
COMMENT ON COLUMN customer_value.base_check.correlation IS 'Correlation over customers of predicted and actual; NULL where one does not vary';
COMMENT ON COLUMN customer_value.base_check.top_decile_lift IS 'Actual purchases of the tenth of customers predicted highest, as a multiple of the average';
COMMENT ON COLUMN customer_value.base_check.verdict IS 'What the comparison says, in plain words';
COMMENT ON COLUMN customer_value.base_check.fit_number IS 'Number of the fit that stored the line';
COMMENT ON COLUMN customer_value.base_check.relative_error IS 'root_mean_square_error as a multiple of that of the best simple rule: below 1 the method is better';

CREATE TYPE customer_value.base_holdout AS (
	fit_number           integer,
	cut_day              date,
	end_day              date,
	family               text,
	repeat_purchase_days integer,
	customers            bigint,
	actual_purchases     double precision,
	predicted_purchases  double precision
);
COMMENT ON TYPE customer_value.base_holdout IS 'What a model predicted for a holdout, and what happened, by the number of purchases it knew of';
COMMENT ON COLUMN customer_value.base_holdout.fit_number IS 'Number of the fit that stored the line';
COMMENT ON COLUMN customer_value.base_holdout.cut_day IS 'Last day of the calibration: the model saw nothing later';
COMMENT ON COLUMN customer_value.base_holdout.end_day IS 'Last day of the holdout';
COMMENT ON COLUMN customer_value.base_holdout.family IS 'Family of the model that was asked for';
COMMENT ON COLUMN customer_value.base_holdout.repeat_purchase_days IS 'Purchase days after the first, up to the cut day; 7 stands for 7 and more';
COMMENT ON COLUMN customer_value.base_holdout.customers IS 'Customers with that many';
COMMENT ON COLUMN customer_value.base_holdout.actual_purchases IS 'Their purchase days in the holdout';
COMMENT ON COLUMN customer_value.base_holdout.predicted_purchases IS 'Purchase days predicted for them';
