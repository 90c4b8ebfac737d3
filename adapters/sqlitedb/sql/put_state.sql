INSERT INTO states (
    student_id, concept_id, p_mastered, log_unmastered, p_previous, p_earlier, evidence, impossible,
    last_answered_at, last_item_id, last_correct, last_identity, parameters_version, version, updated_at, sync_status
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
ON CONFLICT (student_id, concept_id) DO UPDATE SET
    p_mastered = excluded.p_mastered, log_unmastered = excluded.log_unmastered,
    p_previous = excluded.p_previous, p_earlier = excluded.p_earlier,
    evidence = excluded.evidence, impossible = excluded.impossible,
    last_answered_at = excluded.last_answered_at, last_item_id = excluded.last_item_id,
    last_correct = excluded.last_correct, last_identity = excluded.last_identity,
    parameters_version = excluded.parameters_version, version = excluded.version, updated_at = excluded.updated_at,
    sync_status = excluded.sync_status
