SELECT
    a.student_id, a.answered_at, a.item_id, a.correct, a.identity, a.concept_id, a.attempt_id, a.response, a.latency_ms,
    a.session_id, a.graded_by, a.recorded_by, a.recorded_at, a.p_before, a.p_after, a.p_correct, a.evidence, a.trend,
    a.is_mastered, a.sync_status
FROM journey.attempts a JOIN journey.students s ON s.student_id = a.student_id
WHERE a.student_id = $1 AND s.institution_id = $2 AND ($3 = '' OR a.concept_id = $3) AND a.answered_at >= $4
ORDER BY a.answered_at, a.item_id, a.correct, a.identity, a.concept_id
LIMIT $5 OFFSET $6
