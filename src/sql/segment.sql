-- segment.sql - rules with priority that put each customer into one segment.

CREATE TYPE customer_value.base_segment_rule AS (
	segmentation text,
	priority     integer,
	segment      text,
	measure      text,
	at_least     double precision,
	below        double precision
);
COMMENT ON TYPE customer_value.base_segment_rule IS
	'A condition of a segment rule. Rows of one segmentation and priority are one rule: all of its conditions hold. The first rule that holds, by priority, names the segment';
COMMENT ON COLUMN customer_value.base_segment_rule.segmentation IS 'What is divided into segments: life_stage, rfm_segment, value_quadrant or key_account';
COMMENT ON COLUMN customer_value.base_segment_rule.priority IS 'Number of the rule within the segmentation: the lowest that holds counts';
COMMENT ON COLUMN customer_value.base_segment_rule.segment IS 'Name of the segment; several rules may lead to one';
COMMENT ON COLUMN customer_value.base_segment_rule.measure IS 'What the condition looks at; NULL: no condition, the rule takes everybody it meets';
COMMENT ON COLUMN customer_value.base_segment_rule.at_least IS 'The measure is this much or more; NULL: no lower limit';
COMMENT ON COLUMN customer_value.base_segment_rule.below IS 'The measure is less than this; NULL: no upper limit. With neither limit the measure only has to be known';

CREATE FUNCTION customer_value.first_segment(rules customer_value.base_segment_rule[], measures text[], vals double precision[]) RETURNS text
	AS 'MODULE_PATHNAME', 'cv_first_segment' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION customer_value.first_segment(customer_value.base_segment_rule[], text[], double precision[]) IS
	'Segment of the rule with the lowest priority of which all conditions hold: at_least <= measure < below, an open end where NULL. The rules are of one segmentation; vals has a value for each of measures, and one that is NULL meets no condition. NULL where no rule holds';
