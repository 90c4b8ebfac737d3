SELECT
    s.session_id, s.student_id, s.scope, s.question_count, s.time_mode, s.timer_seconds, s.stop_theta_sd, s.stop_all_mastered,
    s.status, s.ended_by, s.answered, s.correct, s.started_at, s.touched_at, s.completed_at, s.mastery_before, s.mastery_after,
    s.theta, s.theta_sd, s.responses, s.run_id,
    i.position, i.item_id, i.concept_id
FROM journey.sessions s
LEFT JOIN journey.session_items i ON i.student_id = s.student_id AND i.session_id = s.session_id AND i.position = s.answered + 1
WHERE s.student_id = $1 AND s.status = 'active'
