-- At most ?2 states that the graph does not have yet, the longest pending first, and then those that it refused and whose
-- time has come by ?1.
SELECT student_id, concept_id, p_mastered, p_previous, p_earlier, evidence, updated_at, version FROM (
    SELECT * FROM states
    WHERE sync_status = 'pending' AND student_id NOT IN (SELECT student_id FROM graph_removals)
    ORDER BY updated_at LIMIT ?2
)
UNION ALL
SELECT student_id, concept_id, p_mastered, p_previous, p_earlier, evidence, updated_at, version FROM (
    SELECT * FROM states
    WHERE sync_status = 'failed' AND sync_due_at <= ?1 AND student_id NOT IN (SELECT student_id FROM graph_removals)
    ORDER BY sync_due_at LIMIT ?2
)
LIMIT ?2
