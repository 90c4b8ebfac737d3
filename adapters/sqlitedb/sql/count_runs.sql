SELECT count(*) FROM calibration_runs
