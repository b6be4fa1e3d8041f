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
	   CASE WHEN m.kind IS NOT NULL THEN m.verdict ELSE 'not fitted' END AS verdict
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
		'status: What came of the fit in a word (converged, weak, no_churn, not_converged, given), or not fitted',
		'verdict: What came of the fit in plain words, and what to do about it']);

	PERFORM customer_value._create_view(schema_name, 'model_check',
		format($q$
SELECT c.cut_day, c.end_day, c.method, c.customers, c.actual_purchases, c.predicted_purchases,
	   c.mean_absolute_error, c.root_mean_square_error, c.bias, c.correlation, c.top_decile_lift,
	   CASE WHEN c.method IS NOT NULL THEN c.verdict ELSE 'not fitted' END AS verdict
FROM (SELECT) AS always LEFT JOIN %1$I.model_checks AS c ON true
ORDER BY c.method NOT LIKE 'model %%', c.method
$q$, schema_name),
		'Can the model be trusted? It is fitted again on the sales up to a cut day, predicts each customer''s purchase days '
		'from there to the as-of day, and is compared with what happened and with two simple rules. Written by fit',
		ARRAY[
		'cut_day: Last day the predictions know. The days after it, up to end_day, are a quarter of the observed span, at most the horizon, at least 28 days',
		'end_day: Last day of the comparison: the as-of day of the fit',
		'method: Who predicts: model and its family; same rate as before = repeat purchase days / days since the first purchase x days to predict; last period again = purchase days of the equally long period before the cut',
		'customers: Number of customers with a purchase up to the cut day: those who are predicted',
		'actual_purchases: Purchase days of these customers after cut_day up to end_day',
		'predicted_purchases: Purchase days predicted for them in all',
		'mean_absolute_error: Mean over the customers of |predicted - actual| purchase days',
		'root_mean_square_error: Square root of the mean over the customers of (predicted - actual)^2, in purchase days; what a forecast of means is judged by',
		'bias: Mean over the customers of predicted - actual purchase days: above 0 too many are predicted',
		'correlation: Pearson correlation of predicted and actual over the customers; NULL where one of them is constant',
		'top_decile_lift: Share of the actual purchase days made by the tenth of the customers with the highest prediction, divided by 0.1: 1 is what chance reaches. Ties share the border evenly; NULL without actual purchases',
		'verdict: The outcome in plain words, or why there is none']);
END
$$;
COMMENT ON FUNCTION customer_value._create_model_views(text) IS
	'Internal: makes model_fit and model_check in the schema of a base';
