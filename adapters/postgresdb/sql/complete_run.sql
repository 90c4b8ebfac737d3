-- Completes worker $2's run $1. One that is applied comes on top of those in force.
UPDATE journey.calibration_runs SET
    status = 'completed', ended_at = $3, worker = '', people = $4, responses = $5, calibrated = $6, flagged = $7, skipped = $8,
    iterations = $9, converged = $10, log_likelihood = $11, density = $12,
    link_items = $13, link_slope = $14, link_intercept = $15, drifted = $16,
    applied = $17::boolean, in_force = $17::boolean, not_applied = $18, covers_all = $19,
    base_run_id = CASE WHEN $17::boolean THEN (SELECT s.run_id FROM journey.calibration_scale s) END
WHERE run_id = $1 AND worker = $2 AND status = 'running'
RETURNING run_id
