-- Begins run ?1, if it is active, for worker ?2 at ?3. Whoever worked on it has lost it.
UPDATE calibration_runs SET
    status = 'running', worker = ?2, started_at = ?3, starts = starts + 1,
    stage = '', iteration = 0, max_change = 0, log_likelihood = 0
WHERE run_id = ?1 AND status IN ('queued', 'running')
RETURNING
    run_id, status, item_ids, model, min_responses, max_iterations, threshold, asked_by, asked_at, started_at, ended_at, starts,
    stage, iteration, max_change, log_likelihood, failure_code, failure_message,
    people, responses, calibrated, flagged, skipped, iterations, converged, density,
    link_items, link_slope, link_intercept, drifted, applied, not_applied, covers_all, in_force
