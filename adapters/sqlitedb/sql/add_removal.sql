-- Queues student ?1 for removal from the graph if states are written to it (?3), or if it has had a state.
INSERT INTO graph_removals (student_id, requested_at)
SELECT ?1, ?2 WHERE ?3 OR EXISTS (SELECT 1 FROM states WHERE student_id = ?1 AND synced_version > 0)
ON CONFLICT DO NOTHING
