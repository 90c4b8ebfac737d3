INSERT INTO journey.students (student_id, institution_id) VALUES ($1, $2)
ON CONFLICT (student_id) DO UPDATE SET institution_id = excluded.institution_id
