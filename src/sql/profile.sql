-- profile.sql - the numbers of a customer's profile that are neither history nor model.

CREATE FUNCTION customer_value.chance_of_line(lines bigint, all_lines bigint, draws double precision) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_chance_of_line_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.chance_of_line(bigint, bigint, double precision) IS
	'Chance that so many lines drawn at random of all_lines, without putting back, have one of lines: 1 - C(all_lines - lines, draws) / C(all_lines, draws). Its sum over the categories of a customer is the rarefied breadth. Draws are rounded down; null where there are fewer lines than draws';

CREATE FUNCTION customer_value.fewer_purchases_p_value(last_year integer, year_before integer) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cv_fewer_purchases_p_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION customer_value.fewer_purchases_p_value(integer, integer) IS
	'One-sided mid-p value of last_year < year_before where the two windows are equally long and the rate did not change: the chance of fewer than last_year of last_year + year_before purchases in the later window, plus half that of exactly as many';
