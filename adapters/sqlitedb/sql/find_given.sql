SELECT
    i.session_id, i.student_id, i.position, i.item_id, i.concept_id, i.a, i.b, i.c, i.calibrated, i.strategy, i.p_mastered,
    i.information, i.prerequisite_id, i.needed_by, i.stepped_back, i.considered, i.evaluated, i.candidates, i.sentence, i.theta,
    i.theta_sd, i.responses, i.run_id, i.graph, i.given_at, i.inputs, i.attempt_id, i.answered_at, i.correct, i.theta_after,
    i.theta_sd_after, i.responses_after, i.run_id_after, i.session_correct
FROM session_items i
WHERE i.student_id = ?1 AND i.session_id = ?2 AND i.position = ?3
