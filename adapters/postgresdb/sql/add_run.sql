INSERT INTO journey.calibration_runs (
    run_id, number, status, item_ids, model, min_responses, max_iterations, threshold, asked_by, asked_at
)
SELECT
    $1::text, coalesce(max(number), 0) + 1, 'queued', $2::text, $3::text, $4::integer, $5::integer, $6::double precision, $7::text,
    $8::timestamptz
FROM journey.calibration_runs
