-- The next version of concept ?1.
INSERT INTO bkt_parameters (
    concept_id, version, p_l0, p_t, p_g, p_s, p_f,
    sample_size, log_likelihood, iterations, converged, applied, fitted_at, fitted_by
)
SELECT ?1, coalesce(max(version), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13
FROM bkt_parameters WHERE concept_id = ?1
RETURNING version
