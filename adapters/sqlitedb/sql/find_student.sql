SELECT institution_id FROM students WHERE student_id = ?1
