UPDATE journey.calibration_runs SET stage = $3, iteration = $4, max_change = $5, log_likelihood = $6
WHERE run_id = $1 AND worker = $2 AND status = 'running'
RETURNING run_id
