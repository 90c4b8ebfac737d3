SELECT applied FROM calibration_runs WHERE run_id = ?1
