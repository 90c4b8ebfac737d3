SELECT
    r.institution_id,
    s.session_id, s.student_id, s.scope, s.question_count, s.time_mode, s.timer_seconds, s.stop_theta_sd, s.stop_all_mastered,
    s.status, s.ended_by, s.answered, s.correct, s.started_at, s.touched_at, s.completed_at, s.mastery_before, s.mastery_after,
    s.theta, s.theta_sd, s.responses, s.run_id,
    i.session_id, i.student_id, i.position, i.item_id, i.concept_id, i.a, i.b, i.c, i.calibrated, i.strategy, i.p_mastered,
    i.information, i.prerequisite_id, i.needed_by, i.stepped_back, i.considered, i.evaluated, i.candidates, i.sentence, i.theta,
    i.theta_sd, i.responses, i.run_id, i.graph, i.given_at, i.inputs, i.attempt_id, i.answered_at, i.correct, i.theta_after,
    i.theta_sd_after, i.responses_after, i.run_id_after, i.session_correct
FROM sessions s JOIN students r ON r.student_id = s.student_id
LEFT JOIN session_items i ON i.student_id = s.student_id AND i.session_id = s.session_id AND i.position = s.answered + 1
WHERE s.session_id = ?1
