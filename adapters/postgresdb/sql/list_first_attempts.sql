-- The newest $2 of the first attempts of student $1 at each item.
SELECT a.item_id, a.answered_at, a.correct
FROM journey.attempts a
WHERE a.student_id = $1 AND NOT EXISTS (
    SELECT 1 FROM journey.attempts b
    WHERE b.student_id = a.student_id AND b.item_id = a.item_id
      AND (b.answered_at, b.correct, b.identity) < (a.answered_at, a.correct, a.identity)
)
ORDER BY a.answered_at DESC, a.item_id DESC
LIMIT $2
