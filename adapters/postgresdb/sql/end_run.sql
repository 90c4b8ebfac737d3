-- Gives run $1 the status $3, if it is active, and worker $2's unless that is empty.
UPDATE journey.calibration_runs SET
    status = $3::text, failure_code = $4::text, failure_message = $5::text, worker = '',
    started_at = CASE WHEN $3::text = 'queued' THEN NULL ELSE started_at END,
    ended_at = CASE WHEN $3::text = 'queued' THEN NULL ELSE $6::timestamptz END,
    starts = starts - CASE WHEN $3::text = 'queued' THEN 1 ELSE 0 END
WHERE run_id = $1 AND status IN ('queued', 'running') AND ($2::text = '' OR worker = $2::text)
RETURNING run_id
