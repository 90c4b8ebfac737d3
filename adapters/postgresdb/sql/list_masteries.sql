SELECT concept_id, p_mastered FROM journey.states WHERE student_id = $1
