UPDATE states SET sync_status = 'pending', sync_due_at = NULL
WHERE student_id = ?1 AND concept_id = ?2 AND sync_status IN ('off', 'failed')
