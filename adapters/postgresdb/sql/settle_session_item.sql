UPDATE journey.session_items SET
    attempt_id = $4, answered_at = $5, correct = $6, theta_after = $7, theta_sd_after = $8, responses_after = $9,
    run_id_after = $10, session_correct = $11
WHERE student_id = $1 AND session_id = $2 AND position = $3
