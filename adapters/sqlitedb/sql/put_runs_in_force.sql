-- Run ?1 and those that it came on top of are in force, no others.
WITH RECURSIVE chain (run_id) AS (
    SELECT ?1
    UNION ALL
    SELECT r.base_run_id FROM chain c JOIN calibration_runs r ON r.run_id = c.run_id WHERE r.base_run_id IS NOT NULL
)
UPDATE calibration_runs SET in_force = run_id IN (SELECT c.run_id FROM chain c) WHERE applied
