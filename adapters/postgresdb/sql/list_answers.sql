-- What all students answered to concept $1, in the order of the replay of each. The states say who did.
SELECT a.student_id, a.correct
FROM journey.states t JOIN journey.attempts a ON a.student_id = t.student_id AND a.concept_id = t.concept_id
WHERE t.concept_id = $1
ORDER BY t.student_id, a.answered_at, a.item_id, a.correct, a.identity
