SELECT
    student_id, answered_at, item_id, correct, identity, concept_id, attempt_id, response, latency_ms,
    session_id, graded_by, recorded_by, recorded_at, p_before, p_after, p_correct, evidence, trend,
    is_mastered, sync_status
FROM journey.attempts
WHERE student_id = $1 AND answered_at = $2 AND item_id = $3 AND correct IN (false, true) AND identity = '' AND concept_id = $4
