-- base_dictionary_models.sql - words of metric_dictionary about models and their checks, the sales as read, and itself.

CREATE FUNCTION customer_value._metrics_models() RETURNS SETOF customer_value.metric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT m.views, m.column_name, m.english_name, m.chinese_name, m.unit, m.needs, m.formula, m.must_not_claim
	FROM (VALUES
		-- model_fit
		('model_fit', 'kind', 'Kind of model', '模型类别', 'text', NULL::text, NULL::text, NULL::text),
		('model_fit', 'family', 'Family of the model', '模型族', 'text', 'purchase model', NULL, NULL),
		('model_fit', 'parameter', 'Parameter', '参数', 'text', 'purchase model', NULL, NULL),
		('model_fit', 'estimate', 'Estimate', '估计值', 'number', 'purchase model', 'maximum likelihood; time in weeks, money in the currency of the sales',
		 'Not by itself a finding about customers: parameters of a model move together'),
		('model_fit', 'standard_error', 'Standard error', '标准误', 'number', 'purchase model', 'from the curvature of the log-likelihood', 'Supposes that the family is right'),
		('model_fit', 'low', 'Low', '下限', 'number', 'purchase model', 'lower end of the 95% interval, taken on the logarithm', 'Supposes that the family is right'),
		('model_fit', 'high', 'High', '上限', 'number', 'purchase model', 'upper end of the 95% interval, taken on the logarithm', 'Supposes that the family is right'),
		(NULL, 'log_likelihood', 'Log-likelihood', '对数似然', 'number', 'purchase model', 'log of the full density at the estimate', 'Comparable only between models of one kind, of the same customers and as_of'),
		('model_fit,model_comparison', 'customers', 'Customers fitted to', '拟合客户数', 'customers', 'purchase model', NULL, NULL),
		('model_fit,model_comparison,spend_check', 'as_of', 'As-of day of the fit', '拟合截止日', 'date', 'fit', NULL, NULL),
		(NULL, 'fitted_at', 'Time of the fit', '拟合时间', 'timestamp', 'fit', NULL, NULL),
		(NULL, 'status', 'Status', '拟合状态', 'text', NULL, NULL, 'Converged says that the best parameters were found, not that the model is right'),
		(NULL, 'verdict', 'Verdict', '结论', 'text', NULL, NULL, NULL),

		-- model_comparison
		('model_comparison', 'family', 'Candidate', '候选模型', 'text', 'fit', NULL, NULL),
		('model_comparison', 'is_chosen', 'Chosen?', '是否选中', 'boolean', 'fit', 'holdout error, then AIC, then a fixed order', 'The best of the candidates, which need not be good'),
		('model_comparison', 'is_current', 'Current?', '是否当前使用', 'boolean', 'fit', NULL, NULL),
		('model_comparison', 'fitted_family', 'Family that came out', '实际模型族', 'text', 'purchase model', NULL, NULL),
		('model_comparison', 'parameters', 'Parameters', '参数个数', 'count', 'purchase model', NULL, NULL),
		('model_comparison', 'aic', 'AIC', '赤池信息准则（AIC）', 'number', 'purchase model', '2 x parameters - 2 x log_likelihood', 'Only differences mean something'),
		('model_comparison', 'aic_difference', 'AIC above the best', '与最优AIC之差', 'number', 'purchase model', 'aic - smallest aic', 'Less than 2 says nothing'),
		('model_comparison', 'holdouts', 'Holdouts', '留出检验次数', 'count', 'fit', NULL, NULL),
		('model_comparison', 'holdout_error', 'Holdout error', '留出误差', 'ratio', 'holdout', 'mean of relative_error over the holdouts', 'Two periods of the past: the next may differ'),
		('model_comparison', 'holdout_bias', 'Holdout bias', '留出偏差', 'share', 'holdout', 'predicted purchases / actual purchases - 1', 'Two periods of the past: the next may differ'),
		('model_comparison', 'reason', 'Why it was chosen', '选择理由', 'text', 'fit', NULL, NULL),
		('model_comparison', 'model_id', 'Model', '模型编号', 'id', 'fit', NULL, NULL),

		-- model_check, holdout_by_frequency, spend_check
		(NULL, 'cut_day', 'Cut day', '校准截止日', 'date', 'holdout', NULL, NULL),
		(NULL, 'end_day', 'End of the holdout', '留出期末日', 'date', 'fit', NULL, NULL),
		('model_check', 'method', 'Method', '预测方法', 'text', NULL, NULL, NULL),
		('model_check', 'customers', 'Customers predicted', '被预测客户数', 'customers', 'holdout', 'customers with a purchase up to cut_day', NULL),
		('model_check,holdout_by_frequency', 'actual_purchases', 'Actual purchase days', '实际购买天数', 'days', 'holdout', 'purchase days after cut_day up to end_day', NULL),
		('model_check,holdout_by_frequency', 'predicted_purchases', 'Predicted purchase days', '预测购买天数', 'days', 'holdout', 'sum over the customers of what is predicted',
		 'A good total can hide bad predictions of single customers'),
		('model_check', 'mean_absolute_error', 'Mean absolute error', '平均绝对误差', 'days', 'holdout', 'mean of |predicted - actual|', 'Favours predicting 0 where most buy nothing: see root_mean_square_error'),
		('model_check', 'root_mean_square_error', 'Root mean square error', '均方根误差', 'days', 'holdout', 'root of the mean of (predicted - actual)^2', 'Of one period; part of it is chance that no method foretells'),
		('model_check', 'bias', 'Bias', '偏差', 'days', 'holdout', 'mean of predicted - actual', 'No bias in total says nothing about single customers'),
		('model_check', 'correlation', 'Correlation', '相关系数', 'correlation', 'holdout', 'Pearson correlation of predicted and actual', 'Says nothing about the level'),
		('model_check', 'top_decile_lift', 'Lift of the top tenth', '前10%提升度', 'ratio', 'holdout', 'share of actual purchases of the tenth predicted highest / 0.1', 'How well customers are sorted, not how well they are counted'),
		('model_check', 'relative_error', 'Error over the best simple rule', '相对误差', 'ratio', 'holdout', 'root_mean_square_error / that of the better simple rule', 'Below 1 is better than the rules, not good by itself'),
		('holdout_by_frequency', 'family', 'Family', '模型族', 'text', 'holdout', NULL, NULL),
		('holdout_by_frequency', 'repeat_purchase_days', 'Repeat purchase days at the cut', '校准期重复购买天数', 'days', 'holdout', NULL, NULL),
		('holdout_by_frequency', 'customers', 'Customers', '客户数', 'customers', 'holdout', NULL, NULL),
		('holdout_by_frequency', 'actual_average', 'Actual average', '实际平均', 'days', 'holdout', 'actual_purchases / customers', 'Rows of few customers say little'),
		('holdout_by_frequency', 'predicted_average', 'Predicted average', '预测平均', 'days', 'holdout', 'predicted_purchases / customers', 'Rows of few customers say little'),
		('spend_check', 'customers', 'Customers with a repeat purchase', '重复购买客户数', 'customers', 'spend model', NULL, NULL),
		('spend_check', 'correlation', 'Correlation of spend and number of purchases', '消费金额与购买次数相关系数', 'correlation', 'spend model',
		 'Pearson correlation of ln(repeat purchase days) and mean amount', 'A small one does not prove the assumption, a large one does not make predictions useless'),
		('spend_check', 'p_value', 'p value', 'p 值', 'probability', 'spend model', 'two-sided, with White''s standard error', 'Not the probability that the model is right; in large bases tiny correlations are significant'),

		-- sales_lines, history
		('sales_lines', 'day', 'Day of the sale', '销售日期', 'date', NULL, NULL, NULL),
		('sales_lines', 'order_id', 'Order', '订单编号', 'id', 'order_id', NULL, NULL),
		('sales_lines', 'amount', 'Amount', '销售金额', 'money', NULL, NULL, 'Net of discounts as the sales say it: nobody checks that'),
		('sales_lines', 'cost', 'Cost', '成本', 'money', 'cost', NULL, NULL),
		('sales_lines', 'list_amount', 'Amount at list price', '目录价金额', 'money', 'list_amount', NULL, NULL),
		('sales_lines', 'quantity', 'Quantity', '数量', 'pieces', 'quantity', NULL, NULL),
		('sales_lines,history_by_product', 'product', 'Product', '产品', 'text', 'product', NULL, NULL),
		('sales_lines,history_by_category', 'category', 'Category', '品类', 'text', 'category', NULL, NULL),
		('sales_lines,history_by_channel', 'channel', 'Channel', '渠道', 'text', 'channel', NULL, NULL),
		('sales_lines,data_quality', 'rule', 'Rule', '规则', 'text', NULL, NULL, NULL),
		('sales_lines', 'currency', 'Currency of the line', '币种', 'text', 'currency_column', NULL, 'A label: nothing is converted'),
		('sales_lines', 'read_amount', 'Amount as read', '原始金额', 'money', NULL, NULL, NULL),
		('sales_lines', 'line', 'The whole line', '原始记录', 'text', NULL, NULL, 'Equal lines may be two sales'),
		('history', 'history', 'Purchase history', '购买历史', 'purchase_history', NULL, 'customer_value.purchase_history(day, amount, cost, list_amount, quantity)', 'The whole timeline: it does not stop at as_of'),

		('history_by_category', 'customer_id', 'Customer', '客户编号', 'id', 'category', NULL, NULL),
		('history_by_category', 'history', 'Purchase history in the category', '品类购买历史', 'purchase_history', 'category', 'as history, of the lines of the category', 'The whole timeline, counted in lines: it does not stop at as_of'),
		('history_by_product', 'customer_id', 'Customer', '客户编号', 'id', 'product', NULL, NULL),
		('history_by_product', 'history', 'Purchase history of the product', '产品购买历史', 'purchase_history', 'product', 'as history, of the lines of the product', 'The whole timeline, counted in lines: it does not stop at as_of'),
		('history_by_channel', 'customer_id', 'Customer', '客户编号', 'id', 'channel', NULL, NULL),
		('history_by_channel', 'history', 'Purchase history in the channel', '渠道购买历史', 'purchase_history', 'channel', 'as history, of the lines of the channel', 'The whole timeline, counted in lines: it does not stop at as_of'),

		-- data_quality
		('data_quality', 'treatment', 'Treatment', '处理方式', 'text', NULL, NULL, NULL),
		('data_quality', 'lines', 'Lines', '行数', 'count', NULL, NULL, NULL),
		('data_quality', 'amount', 'Amount', '金额', 'money', NULL, 'sum of amount of these lines', NULL),
		('data_quality', 'share_of_lines', 'Share of lines', '行数占比', 'share', NULL, 'lines / all lines', 'Rules noticed of the kept lines overlap'),
		('data_quality', 'left_out', 'Left out?', '是否剔除', 'boolean', NULL, NULL, NULL),
		('data_quality', 'part_of_total', 'Part of the total?', '是否计入合计', 'boolean', NULL, NULL, NULL),
		('data_quality', 'explanation', 'Explanation', '说明', 'text', NULL, NULL, NULL),

		-- metric_dictionary
		('metric_dictionary', 'view_name', 'View', '视图', 'text', NULL, NULL, NULL),
		('metric_dictionary', 'column_name', 'Column', '列名', 'text', NULL, NULL, NULL),
		('metric_dictionary', 'position', 'Position of the column', '列序', 'number', NULL, NULL, NULL),
		('metric_dictionary', 'english_name', 'English name', '英文名称', 'text', NULL, NULL, NULL),
		('metric_dictionary', 'chinese_name', 'Chinese name', '中文名称', 'text', NULL, NULL, NULL),
		('metric_dictionary', 'description', 'Description', '说明', 'text', NULL, NULL, NULL),
		('metric_dictionary', 'formula', 'Formula', '公式', 'text', NULL, NULL, NULL),
		('metric_dictionary', 'unit', 'Unit', '单位', 'text', NULL, NULL, NULL),
		('metric_dictionary', 'needs', 'What it needs', '所需数据', 'text', NULL, NULL, NULL),
		('metric_dictionary', 'must_not_claim', 'What it must not claim', '不得声称', 'text', NULL, NULL, NULL),
		('metric_dictionary', 'is_available', 'Available here?', '本库是否可用', 'boolean', NULL, NULL, 'That the data are there, not that they are good'),
		('metric_dictionary', 'why_not', 'Why not', '不可用原因', 'text', NULL, NULL, NULL)
	) AS m (views, column_name, english_name, chinese_name, unit, needs, formula, must_not_claim);
END;
COMMENT ON FUNCTION customer_value._metrics_models() IS 'Internal: what metric_dictionary says of columns about models, sales as read and itself';
