INSERT INTO journey.students (student_id, institution_id) VALUES ($1, $2) ON CONFLICT DO NOTHING
