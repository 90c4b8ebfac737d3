SELECT min(answered_at) FROM journey.attempts WHERE student_id = $1 AND item_id = $2
