-- The first $3 states after ($1, $2) that the graph refused, or that none followed, become pending.
UPDATE journey.states t SET sync_status = 'pending', sync_due_at = NULL
FROM (
    SELECT student_id, concept_id FROM journey.states
    WHERE sync_status IN ('off', 'failed') AND (student_id, concept_id) > ($1, $2)
    ORDER BY student_id, concept_id LIMIT $3::integer
) AS next
WHERE t.student_id = next.student_id AND t.concept_id = next.concept_id AND t.sync_status IN ('off', 'failed')
RETURNING t.student_id, t.concept_id
