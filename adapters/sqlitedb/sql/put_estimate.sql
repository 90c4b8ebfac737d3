INSERT INTO abilities (
    student_id, run_id, theta, theta_sd, responses, drift, last_answered_at, last_item_id, last_correct, posterior, updated_at
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT (student_id) DO UPDATE SET
    run_id = excluded.run_id, theta = excluded.theta, theta_sd = excluded.theta_sd, responses = excluded.responses,
    drift = excluded.drift, last_answered_at = excluded.last_answered_at, last_item_id = excluded.last_item_id,
    last_correct = excluded.last_correct, posterior = excluded.posterior, updated_at = excluded.updated_at
