-- The state of student ?1 and concept ?2, and the parameters in force.
SELECT
    p.version, p.p_l0, p.p_t, p.p_g, p.p_s, p.p_f,
    t.concept_id, t.p_mastered, t.log_unmastered, t.p_previous, t.p_earlier, t.evidence, t.impossible,
    t.last_answered_at, t.last_item_id, t.last_correct, t.last_identity,
    t.parameters_version, t.version, t.updated_at, t.sync_status
FROM (SELECT 1)
LEFT JOIN concepts c ON c.concept_id = ?2
LEFT JOIN bkt_parameters p ON p.concept_id = c.concept_id AND p.version = c.parameters_version
LEFT JOIN states t ON t.student_id = ?1 AND t.concept_id = ?2
