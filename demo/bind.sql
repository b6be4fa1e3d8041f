-- bind.sql - make the sample shop a customer base: names of tables and columns, nothing else.

SELECT customer_value.create_customer_base('shop',
	sales => 'public.sales', customer_id => 'customer_id', sold_at => 'ordered_at', amount => 'amount',
	order_id => 'order_id', cost => 'cost', list_amount => 'list_amount', quantity => 'quantity',
	product => 'product', category => 'category', channel => 'channel',
	customers => 'public.customers', customer_key => 'customer_id', customer_name => 'name',
	customer_region => 'region', customer_owner => 'account_manager', customer_parent => 'parent_id',
	anonymous_ids => ARRAY['0'], currency => 'EUR');
