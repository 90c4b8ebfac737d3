-- The graph has yet to lose student $1 if it follows ($3), or if it has had a state.
INSERT INTO journey.graph_removals (student_id, requested_at)
SELECT $1, $2 WHERE $3::boolean OR EXISTS (SELECT 1 FROM journey.states WHERE student_id = $1 AND synced_version > 0)
ON CONFLICT DO NOTHING
