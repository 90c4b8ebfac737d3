SELECT institution_id FROM journey.students WHERE student_id = $1
