SELECT
    answered_at, item_id, correct, identity,
    p_mastered, log_unmastered, p_previous, p_earlier, evidence, impossible, parameters_version
FROM journey.snapshots
WHERE student_id = $1 AND concept_id = $2 AND (answered_at, item_id, correct, identity) < ($3, $4, $5, $6)
  AND parameters_version = $7
ORDER BY answered_at DESC, item_id DESC, correct DESC, identity DESC
LIMIT 1
