SELECT content FROM journey.calibration_reports WHERE run_id = $1
