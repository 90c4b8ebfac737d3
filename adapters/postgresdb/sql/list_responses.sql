SELECT student_id, item_id, correct FROM journey.attempts ORDER BY student_id, answered_at, item_id, correct, identity
