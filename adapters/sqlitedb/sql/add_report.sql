INSERT INTO calibration_reports (run_id, content) VALUES (?1, ?2)
