-- The graph has version ?3 of a state, or refused it for ?4 until ?5.
UPDATE states SET
    sync_status = CASE WHEN ?4 IS NULL THEN 'synced' ELSE 'failed' END,
    synced_version = CASE WHEN ?4 IS NULL THEN ?3 ELSE synced_version END,
    sync_error = ?4, sync_due_at = ?5
WHERE student_id = ?1 AND concept_id = ?2 AND version = ?3
