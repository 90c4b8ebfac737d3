-- The parameters of concept $1 that are in force, if institution $2 sees the concept, or anybody does with $3.
SELECT
    p.version, p.p_l0, p.p_t, p.p_g, p.p_s, p.p_f,
    p.sample_size, p.log_likelihood, p.iterations, p.converged, p.applied, p.fitted_at, p.fitted_by
FROM journey.concepts c
LEFT JOIN journey.bkt_parameters p ON p.concept_id = c.concept_id AND p.version = c.parameters_version
WHERE c.concept_id = $1 AND (c.institution_id IS NULL OR $3 OR c.institution_id = $2)
