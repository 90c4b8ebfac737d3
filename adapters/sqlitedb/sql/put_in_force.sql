-- Version ?2, if there is one; 0 is the defaults.
UPDATE concepts SET parameters_version = ?2
WHERE concept_id = ?1
  AND (?2 = 0 OR EXISTS (SELECT 1 FROM bkt_parameters p WHERE p.concept_id = ?1 AND p.version = ?2))
RETURNING parameters_version
