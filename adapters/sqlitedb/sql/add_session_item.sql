INSERT INTO session_items (
    session_id, student_id, position, item_id, concept_id, a, b, c, calibrated, strategy, p_mastered, information,
    prerequisite_id, needed_by, stepped_back, considered, evaluated, candidates, sentence, theta, theta_sd,
    responses, run_id, graph, given_at, inputs
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26)
