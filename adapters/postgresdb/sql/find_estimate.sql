SELECT run_id, theta, theta_sd, responses, drift, last_answered_at, last_item_id, last_correct, posterior, updated_at
FROM journey.abilities WHERE student_id = $1
