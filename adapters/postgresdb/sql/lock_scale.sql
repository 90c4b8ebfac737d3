-- Orders the changes of what is in force, on any number of copies.
SELECT version, coalesce(run_id, '') FROM journey.calibration_scale FOR UPDATE
