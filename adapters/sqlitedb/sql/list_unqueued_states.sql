-- The first ?3 states after (?1, ?2) that the graph refused, or that were never queued.
SELECT student_id, concept_id FROM states
WHERE sync_status IN ('off', 'failed') AND (student_id, concept_id) > (?1, ?2)
ORDER BY student_id, concept_id LIMIT ?3
