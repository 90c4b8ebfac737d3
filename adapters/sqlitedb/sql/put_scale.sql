UPDATE calibration_scale SET version = version + 1, run_id = ?1, changed_at = ?2
