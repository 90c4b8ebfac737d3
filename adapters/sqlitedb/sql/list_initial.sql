-- The mastery before the first answer of the concepts whose parameters were fitted.
SELECT c.concept_id, p.p_l0
FROM concepts c JOIN bkt_parameters p ON p.concept_id = c.concept_id AND p.version = c.parameters_version
