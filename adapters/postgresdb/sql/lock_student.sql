-- Orders the student's answers, on any number of copies.
SELECT institution_id FROM journey.students WHERE student_id = $1 FOR UPDATE
