SELECT session_id, position, item_id, concept_id
FROM journey.session_items
WHERE student_id = $1
ORDER BY session_id DESC, position DESC
LIMIT $2
