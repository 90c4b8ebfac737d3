INSERT INTO journey.sessions (
    session_id, student_id, scope, question_count, time_mode, timer_seconds, stop_theta_sd, stop_all_mastered,
    status, ended_by, answered, correct, started_at, touched_at, completed_at, mastery_before, mastery_after,
    theta, theta_sd, responses, run_id
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
