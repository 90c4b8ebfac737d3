SELECT count(*), count(*) FILTER (WHERE t.p_mastered >= $6)
FROM journey.states t JOIN journey.students s ON s.student_id = t.student_id
WHERE t.student_id = $1 AND s.institution_id = $2 AND ($3 = '' OR t.concept_id = $3) AND t.p_mastered BETWEEN $4 AND $5
