SELECT
    t.concept_id, t.p_mastered, t.log_unmastered, t.p_previous, t.p_earlier, t.evidence, t.impossible,
    t.last_answered_at, t.last_item_id, t.last_correct, t.last_identity,
    t.parameters_version, t.version, t.updated_at, t.sync_status
FROM journey.states t JOIN journey.students s ON s.student_id = t.student_id
WHERE t.student_id = $1 AND s.institution_id = $2 AND ($3 = '' OR t.concept_id = $3) AND t.p_mastered BETWEEN $4 AND $5
ORDER BY t.p_mastered, t.concept_id
LIMIT $6 OFFSET $7
