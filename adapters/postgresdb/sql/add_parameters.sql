-- The next version of concept $1.
INSERT INTO journey.bkt_parameters (
    concept_id, version, p_l0, p_t, p_g, p_s, p_f,
    sample_size, log_likelihood, iterations, converged, applied, fitted_at, fitted_by
)
SELECT
    $1::text, coalesce(max(version), 0) + 1, $2::double precision, $3::double precision, $4::double precision,
    $5::double precision, $6::double precision, $7::integer, $8::double precision, $9::integer, $10::boolean, $11::boolean,
    $12::timestamptz, $13::text
FROM journey.bkt_parameters WHERE concept_id = $1::text
RETURNING version
