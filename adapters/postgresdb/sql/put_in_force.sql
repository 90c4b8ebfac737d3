-- Version $2, if there is one; 0 is the defaults.
UPDATE journey.concepts SET parameters_version = $2::bigint
WHERE concept_id = $1
  AND ($2::bigint = 0 OR EXISTS (SELECT 1 FROM journey.bkt_parameters p WHERE p.concept_id = $1 AND p.version = $2::bigint))
RETURNING parameters_version
