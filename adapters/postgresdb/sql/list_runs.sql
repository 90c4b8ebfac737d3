SELECT
    run_id, status, item_ids, model, min_responses, max_iterations, threshold, asked_by, asked_at, started_at, ended_at, starts,
    stage, iteration, max_change, log_likelihood, failure_code, failure_message,
    people, responses, calibrated, flagged, skipped, iterations, converged, density,
    link_items, link_slope, link_intercept, drifted, applied, not_applied, covers_all, in_force
FROM journey.calibration_runs
ORDER BY number DESC
LIMIT $1 OFFSET $2
