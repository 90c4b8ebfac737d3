SELECT applied FROM journey.calibration_runs WHERE run_id = $1
