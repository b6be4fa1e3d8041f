-- base_views_model.sql - the views about the models: what was fitted, and how far to trust it.

CREATE FUNCTION customer_value._create_model_views(schema_name text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM customer_value._create_view(schema_name, 'model_fit',
		format($q$
SELECT k.kind,
	   f.family,
	   p.parameter,
	   p.estimate,
	   p.standard_error,
	   p.low,
	   p.high,
	   f.log_likelihood,
	   f.customers,
	   m.as_of,
	   m.fitted_at,
	   CASE WHEN m.model IS NOT NULL THEN f.status ELSE 'not fitted' END AS status,
	   CASE WHEN m.kind IS NOT NULL THEN coalesce(m.verdict, f.verdict) ELSE 'not fitted' END AS verdict
FROM (VALUES ('purchase'), ('spend')) AS k (kind)
	LEFT JOIN %1$I.models AS m ON m.kind = k.kind AND m.is_current
	LEFT JOIN LATERAL customer_value.model_summary(m.model) AS f ON m.model IS NOT NULL
	LEFT JOIN LATERAL customer_value.model_parameters(m.model)
		WITH ORDINALITY AS p (parameter, estimate, standard_error, low, high, place) ON m.model IS NOT NULL
ORDER BY k.kind, p.place
$q$, schema_name),
		'The current models: one row a parameter, and one row for a model that is not there. Models work in weeks',
		ARRAY[
		'kind: Kind of the model: purchase (when customers buy and leave) or spend (how much a purchase day brings)',
		'family: Family of the model, after a fall back to its limit; NULL where not fitted',
		'parameter: Name of the parameter; NULL where not fitted',
		'estimate: Maximum likelihood estimate of the parameter (time in weeks, money in the currency of the sales)',
		'standard_error: Standard error of the estimate, from the curvature of the likelihood; NULL where it has none',
		'low: Lower end of the 95% interval of the parameter, taken on its logarithm',
		'high: Upper end of the 95% interval of the parameter, taken on its logarithm',
		'log_likelihood: Log-likelihood at the estimate, full density; compare only between models of the same kind, customers and as_of',
		'customers: Number of customers the model was fitted to',
		'as_of: Day on which the observation ended',
		'fitted_at: Time of the fit; NULL before the first fit',
		'status: What came of the fit in a word (converged, weak, limit, no_churn, not_converged, given), or not fitted',
		'verdict: What came of the fit in plain words, and what to do about it']);

	PERFORM customer_value._create_view(schema_name, 'model_comparison',
		format($q$
SELECT coalesce(m.family, f.requested_family) AS family,
	   m.is_chosen,
	   m.is_current,
	   f.family AS fitted_family,
	   f.log_likelihood,
	   p.parameters,
	   a.aic,
	   round((a.aic - min(a.aic) OVER ())::numeric, 6)::double precision AS aic_difference,
	   k.holdouts,
	   k.holdout_error,
	   k.holdout_bias,
	   f.customers,
	   m.as_of,
	   m.fitted_at,
	   CASE WHEN m.model IS NOT NULL THEN f.status ELSE 'not fitted' END AS status,
	   CASE WHEN m.model_id IS NOT NULL THEN coalesce(m.verdict, f.verdict) ELSE 'not fitted' END AS verdict,
	   m.reason,
	   m.model_id
FROM (SELECT) AS always
	LEFT JOIN (SELECT n.*
			   FROM %1$I.models AS n
				   JOIN %1$I.models AS c ON c.kind = 'purchase' AND c.is_current
					   AND (c.fit_number = n.fit_number OR c.model_id = n.model_id)
			   WHERE n.kind = 'purchase') AS m ON true
	LEFT JOIN LATERAL customer_value.model_summary(m.model) AS f ON m.model IS NOT NULL
	LEFT JOIN LATERAL (SELECT nullif(count(*), 0)::integer AS parameters FROM customer_value.model_parameters(m.model)) AS p ON true
	LEFT JOIN LATERAL customer_value._aic(m.model) AS a (aic) ON true
	LEFT JOIN (SELECT c.fit_number, c.method, count(c.relative_error)::integer AS holdouts,
					  round(avg(c.relative_error::numeric), 6)::double precision AS holdout_error,
					  round((sum(c.predicted_purchases::numeric) / nullif(sum(c.actual_purchases::numeric), 0) - 1), 6)::double precision
						  AS holdout_bias
			   FROM %1$I.model_checks AS c
			   GROUP BY c.fit_number, c.method) AS k ON k.fit_number = m.fit_number AND k.method = 'model ' || m.family
ORDER BY m.is_chosen DESC, k.holdout_error, a.aic, m.model_id
$q$, schema_name),
		'The candidates of the fit that the current purchase model comes from, one row each, the chosen one first. Chosen is the smallest '
		'holdout_error; of those within 1% of it the smallest aic; of those less than 2 above that the first of mbg/nbd, pareto/nbd, mbg/cnbd-k, bg/nbd, bg/cnbd-k',
		ARRAY[
		'family: Family of the candidate, as asked for; NULL before the first fit',
		'is_chosen: True for the candidate that fit made current; NULL for a model that is not of a fit',
		'is_current: True for the model that the views use; another than the chosen one after use_model',
		'fitted_family: Family of the model that came out: another where the candidate fell back to its limit, such as nbd where nobody leaves',
		'log_likelihood: Log-likelihood at the estimate, full density: the higher the better the fit, with as many parameters',
		'parameters: Number of parameters of the model that came out',
		'aic: Akaike''s criterion, 2 x parameters - 2 x log_likelihood: the smaller the better',
		'aic_difference: aic above that of the best candidate; less than 2 says nothing',
		'holdouts: Number of holdouts with an error to compare; NULL where none was tried',
		'holdout_error: Mean over the holdouts of the root mean square error as a multiple of that of the best simple rule: below 1 the model is better than the rules',
		'holdout_bias: Purchase days predicted for all holdouts / those that happened - 1: 0.05 is 5 percent too many',
		'customers: Number of customers the model was fitted to',
		'as_of: Day on which the observation ended',
		'fitted_at: Time of the fit; NULL before the first fit',
		'status: What came of the fit in a word (converged, weak, no_churn, not_converged, given), or not fitted',
		'verdict: What came of the fit in plain words, and what to do about it',
		'reason: Why this candidate was chosen, in a sentence; NULL for the others',
		'model_id: Number of the model, for customer_value.use_model']);

	PERFORM customer_value._create_view(schema_name, 'model_check',
		format($q$
SELECT c.cut_day, c.end_day, c.method, c.customers, c.actual_purchases, c.predicted_purchases,
	   c.mean_absolute_error, c.root_mean_square_error, c.bias, c.correlation, c.top_decile_lift, c.relative_error,
	   CASE WHEN c.method IS NOT NULL THEN c.verdict
			WHEN m.model_id IS NULL THEN 'not fitted'
			ELSE 'not checked: the model was not made by fit' END AS verdict
FROM (SELECT) AS always
	LEFT JOIN %1$I.models AS m ON m.kind = 'purchase' AND m.is_current
	LEFT JOIN %1$I.model_checks AS c ON c.fit_number = m.fit_number
		AND (c.method = 'model ' || m.family OR c.method NOT LIKE 'model %%')
ORDER BY c.end_day DESC, c.method NOT LIKE 'model %%', c.method
$q$, schema_name),
		'Can the current purchase model be trusted? Its family is fitted again on the sales up to a cut day, predicts each customer''s '
		'purchase days from there to the end of a holdout, and is compared with what happened and with two simple rules. Written by fit',
		ARRAY[
		'cut_day: Last day the predictions know. The days after it, up to end_day, are a quarter of the observed span, at most the horizon, at least 28 days',
		'end_day: Last day of the comparison: the as-of day of the fit, then the cut day of the later holdout',
		'method: Who predicts: model and its family; same rate as before = repeat purchase days / days since the first purchase x days to predict; last period again = purchase days of the equally long period before the cut',
		'customers: Number of customers with a purchase up to the cut day: those who are predicted',
		'actual_purchases: Purchase days of these customers after cut_day up to end_day',
		'predicted_purchases: Purchase days predicted for them in all',
		'mean_absolute_error: Mean over the customers of |predicted - actual| purchase days',
		'root_mean_square_error: Square root of the mean over the customers of (predicted - actual)^2, in purchase days; what a forecast of means is judged by',
		'bias: Mean over the customers of predicted - actual purchase days: above 0 too many are predicted',
		'correlation: Pearson correlation of predicted and actual over the customers; NULL where one of them is constant',
		'top_decile_lift: Share of the actual purchase days made by the tenth of the customers with the highest prediction, divided by 0.1: 1 is what chance reaches. Ties share the border evenly; NULL without actual purchases',
		'relative_error: root_mean_square_error as a multiple of that of the better of the two rules; NULL where that is 0',
		'verdict: The outcome in plain words, or why there is none']);

	PERFORM customer_value._create_view(schema_name, 'holdout_by_frequency',
		format($q$
SELECT h.cut_day, h.end_day, h.family, h.repeat_purchase_days,
	   h.repeat_purchase_days || CASE WHEN h.repeat_purchase_days = 7 THEN '+' ELSE '' END AS label,
	   h.customers,
	   h.actual_purchases / h.customers AS actual_average,
	   h.predicted_purchases / h.customers AS predicted_average,
	   h.actual_purchases, h.predicted_purchases,
	   CASE WHEN h.family IS NOT NULL THEN NULL
			WHEN m.model_id IS NULL THEN 'not fitted'
			WHEN m.fit_number IS NULL THEN 'not checked: the model was not made by fit'
			ELSE coalesce((SELECT min(c.verdict) FROM %1$I.model_checks AS c
						   WHERE c.fit_number = m.fit_number AND c.method = 'model ' || m.family), 'not checked') END AS reason
FROM (SELECT) AS always
	LEFT JOIN %1$I.models AS m ON m.kind = 'purchase' AND m.is_current
	LEFT JOIN %1$I.model_holdouts AS h ON h.fit_number = m.fit_number AND h.family = m.family
ORDER BY h.end_day DESC, h.repeat_purchase_days
$q$, schema_name),
		'Chart: what the current purchase model predicted for each holdout and what happened, by the number of repeat purchase days it knew of. Written by fit',
		ARRAY[
		'cut_day: Last day the predictions know',
		'end_day: Last day of the holdout',
		'family: Family of the model, as asked for; NULL where nothing was checked',
		'repeat_purchase_days: Purchase days after the first, up to cut_day; 7 stands for 7 and more',
		'label: The same for an axis: 0 to 6 and 7+',
		'customers: Number of customers with so many',
		'actual_average: Mean purchase days of these customers in the holdout',
		'predicted_average: Mean purchase days predicted for them',
		'actual_purchases: Purchase days of these customers in the holdout',
		'predicted_purchases: Purchase days predicted for them in all',
		'reason: Why there are no numbers; NULL where there are']);

	PERFORM customer_value._create_view(schema_name, 'spend_check',
		format($q$
SELECT f.customers, m.correlation, m.correlation_p_value AS p_value, m.as_of,
	   CASE WHEN m.model_id IS NULL THEN 'not fitted'
			ELSE coalesce(m.correlation_verdict, CASE WHEN m.fit_number IS NULL THEN 'not checked: the model was not made by fit'
													  ELSE m.verdict END) END AS verdict
FROM (SELECT) AS always
	LEFT JOIN %1$I.models AS m ON m.kind = 'spend' AND m.is_current
	LEFT JOIN LATERAL customer_value.model_summary(m.model) AS f ON m.model IS NOT NULL
$q$, schema_name),
		'Does spend depend on how often a customer buys? The gamma-gamma spend model assumes that it does not. Written by fit',
		ARRAY[
		'customers: Customers with a repeat purchase: those the spend model was fitted to; NULL where not fitted',
		'correlation: Pearson correlation of ln(repeat purchase days) and mean amount of one, over these customers; NULL where one of the two is constant',
		'p_value: Probability of a correlation at least as far from 0 if the mean amount did not depend on the number: two-sided, with White''s standard error, which leaves the spread free to depend on it. NULL below 20 customers',
		'as_of: Day on which the observation ended',
		'verdict: What it means for the spend model, in plain words, or why nothing is known']);
END
$$;
COMMENT ON FUNCTION customer_value._create_model_views(text) IS
	'Internal: makes model_fit, model_comparison, model_check, holdout_by_frequency and spend_check in the schema of a base';
