SELECT content FROM calibration_reports WHERE run_id = ?1
