SELECT version, coalesce(run_id, ''), changed_at FROM calibration_scale
