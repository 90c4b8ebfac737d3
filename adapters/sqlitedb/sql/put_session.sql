UPDATE sessions SET
    status = ?2, ended_by = ?3, answered = ?4, correct = ?5, touched_at = ?6, completed_at = ?7, mastery_after = ?8,
    theta = ?9, theta_sd = ?10, responses = ?11, run_id = ?12,
    mastery_before = coalesce(?13, mastery_before)
WHERE session_id = ?1
