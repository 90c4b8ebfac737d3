-- The items that student ?1 of institution ?2 was given before position ?4 of session ?3, over all sessions.
SELECT i.session_id, i.position, i.item_id, i.concept_id
FROM session_items i JOIN students r ON r.student_id = i.student_id
WHERE i.student_id = ?1 AND r.institution_id = ?2 AND (i.session_id, i.position) < (?3, ?4)
ORDER BY i.session_id DESC, i.position DESC
LIMIT ?5
