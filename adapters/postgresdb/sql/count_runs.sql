SELECT count(*) FROM journey.calibration_runs
