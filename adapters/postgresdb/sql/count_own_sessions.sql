-- The sessions of student $1, of the status $3 unless it is empty. One that is untouched since $4 is abandoned.
SELECT count(*)
FROM journey.sessions s JOIN journey.students r ON r.student_id = s.student_id
WHERE s.student_id = $1 AND ($2 = '' OR r.institution_id = $2)
  AND ($3 = '' OR (CASE WHEN s.status = 'active' AND s.touched_at <= $4 THEN 'abandoned' ELSE s.status END) = $3)
