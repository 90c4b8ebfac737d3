INSERT INTO snapshots (
    student_id, concept_id, answered_at, item_id, correct, identity,
    p_mastered, log_unmastered, p_previous, p_earlier, evidence, impossible, parameters_version
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
