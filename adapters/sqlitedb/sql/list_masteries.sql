SELECT concept_id, p_mastered FROM states WHERE student_id = ?1
