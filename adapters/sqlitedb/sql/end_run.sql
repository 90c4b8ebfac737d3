-- Gives run ?1 the status ?3, if it is active, and worker ?2's unless that is empty.
UPDATE calibration_runs SET
    status = ?3, failure_code = ?4, failure_message = ?5, worker = '',
    started_at = CASE WHEN ?3 = 'queued' THEN NULL ELSE started_at END,
    ended_at = CASE WHEN ?3 = 'queued' THEN NULL ELSE ?6 END,
    starts = starts - CASE WHEN ?3 = 'queued' THEN 1 ELSE 0 END
WHERE run_id = ?1 AND status IN ('queued', 'running') AND (?2 = '' OR worker = ?2)
RETURNING run_id
