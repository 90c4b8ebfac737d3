-- The last answer of student ?1 to item ?3 in session ?2.
SELECT
    i.session_id, i.student_id, i.position, i.item_id, i.concept_id, i.a, i.b, i.c, i.calibrated, i.strategy, i.p_mastered,
    i.information, i.prerequisite_id, i.needed_by, i.stepped_back, i.considered, i.evaluated, i.candidates, i.sentence, i.theta,
    i.theta_sd, i.responses, i.run_id, i.graph, i.given_at, i.inputs, i.attempt_id, i.answered_at, i.correct, i.theta_after,
    i.theta_sd_after, i.responses_after, i.run_id_after, i.session_correct,
    a.student_id, a.answered_at, a.item_id, a.correct, a.identity, a.concept_id, a.attempt_id, a.response, a.latency_ms,
    a.session_id, a.graded_by, a.recorded_by, a.recorded_at, a.p_before, a.p_after, a.p_correct, a.evidence, a.trend,
    a.is_mastered, a.sync_status
FROM session_items i
JOIN attempts a ON a.student_id = i.student_id AND a.answered_at = i.answered_at AND a.attempt_id = i.attempt_id
WHERE i.student_id = ?1 AND i.session_id = ?2 AND i.item_id = ?3
ORDER BY i.position DESC
LIMIT 1
