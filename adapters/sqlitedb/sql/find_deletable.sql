SELECT EXISTS (SELECT 1 FROM students WHERE student_id = ?1 AND institution_id = ?2)
