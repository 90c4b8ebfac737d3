-- The sessions of institution ?1, or of all, of the status ?2 unless it is empty. One that is untouched since ?3 is abandoned.
SELECT count(*)
FROM sessions s JOIN students r ON r.student_id = s.student_id
WHERE (?1 = '' OR r.institution_id = ?1)
  AND (?2 = '' OR (CASE WHEN s.status = 'active' AND s.touched_at <= ?3 THEN 'abandoned' ELSE s.status END) = ?2)
