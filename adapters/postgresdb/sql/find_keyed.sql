SELECT
    k.fingerprint,
    a.student_id, a.answered_at, a.item_id, a.correct, a.identity, a.concept_id, a.attempt_id, a.response, a.latency_ms,
    a.session_id, a.graded_by, a.recorded_by, a.recorded_at, a.p_before, a.p_after, a.p_correct, a.evidence, a.trend,
    a.is_mastered, a.sync_status
FROM journey.idempotency_keys k
JOIN journey.attempts a ON a.student_id = k.student_id AND a.answered_at = k.answered_at AND a.attempt_id = k.attempt_id
WHERE k.caller = $1 AND k.route = $2 AND k.key = $3
