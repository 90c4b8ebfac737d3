SELECT version, coalesce(run_id, ''), changed_at FROM journey.calibration_scale
