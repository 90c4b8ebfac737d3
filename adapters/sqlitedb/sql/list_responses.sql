SELECT student_id, item_id, correct FROM attempts ORDER BY student_id, answered_at, item_id, correct, identity
