-- The parameters of all runs in force, the oldest run first, from the newest one that has every item on.
SELECT p.item_id, p.run_id, p.a, p.b, p.c
FROM calibration_runs r JOIN item_parameters p ON p.run_id = r.run_id
WHERE r.in_force AND r.number >= coalesce((SELECT max(c.number) FROM calibration_runs c WHERE c.in_force AND c.covers_all), 0)
ORDER BY r.number, p.item_id
