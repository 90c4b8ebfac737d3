-- Begins the active run for worker $1 at $2, if it is queued or its lease ended before $3.
UPDATE journey.calibration_runs SET
    status = 'running', worker = $1, started_at = $2, lease_until = $4, starts = starts + 1,
    stage = '', iteration = 0, max_change = 0, log_likelihood = 0
WHERE status = 'queued' OR (status = 'running' AND lease_until < $3)
RETURNING
    run_id, status, item_ids, model, min_responses, max_iterations, threshold, asked_by, asked_at, started_at, ended_at, starts,
    stage, iteration, max_change, log_likelihood, failure_code, failure_message,
    people, responses, calibrated, flagged, skipped, iterations, converged, density,
    link_items, link_slope, link_intercept, drifted, applied, not_applied, covers_all, in_force
