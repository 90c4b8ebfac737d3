-- The active run, if there is one, and when the schedule asked for a run the last time.
SELECT r.run_id, r.status, r.asked_at, (SELECT max(asked_at) FROM calibration_runs WHERE asked_by = '')
FROM (SELECT 1) AS one LEFT JOIN calibration_runs r ON r.status IN ('queued', 'running')
