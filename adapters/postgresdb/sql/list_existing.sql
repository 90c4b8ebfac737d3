SELECT concept_id, answered_at, item_id, correct, identity
FROM journey.attempts
WHERE student_id = $1 AND answered_at BETWEEN $2 AND $3
