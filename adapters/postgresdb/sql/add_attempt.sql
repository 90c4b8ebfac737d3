INSERT INTO journey.attempts (
    student_id, answered_at, item_id, correct, identity, concept_id, attempt_id, response, latency_ms,
    session_id, graded_by, recorded_by, recorded_at, p_before, p_after, p_correct, evidence, trend,
    is_mastered, sync_status
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
