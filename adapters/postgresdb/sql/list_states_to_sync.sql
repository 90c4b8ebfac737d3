-- At most $2 states that the graph does not have yet, the longest pending first, and then those that it refused and whose
-- time has come by $1.
(
    SELECT student_id, concept_id, p_mastered, p_previous, p_earlier, evidence, updated_at, version FROM journey.states t
    WHERE sync_status = 'pending' AND NOT EXISTS (SELECT 1 FROM journey.graph_removals r WHERE r.student_id = t.student_id)
    ORDER BY t.updated_at LIMIT $2::integer
)
UNION ALL
(
    SELECT student_id, concept_id, p_mastered, p_previous, p_earlier, evidence, updated_at, version FROM journey.states t
    WHERE sync_status = 'failed' AND sync_due_at <= $1 AND NOT EXISTS (SELECT 1 FROM journey.graph_removals r WHERE r.student_id = t.student_id)
    ORDER BY t.sync_due_at LIMIT $2::integer
)
LIMIT $2::integer
