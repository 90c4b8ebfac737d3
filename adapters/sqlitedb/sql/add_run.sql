INSERT INTO calibration_runs (
    run_id, number, status, item_ids, model, min_responses, max_iterations, threshold, asked_by, asked_at
)
SELECT ?1, coalesce(max(number), 0) + 1, 'queued', ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM calibration_runs
