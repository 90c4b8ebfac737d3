-- The newest ?3 of the first answers of record ?1, ?2 to each item, the newest first.
SELECT item_id, correct, recorded_at
FROM (
    SELECT
        a.item_id, a.correct, a.recorded_at, a.answered_at, a.identity,
        row_number() OVER (PARTITION BY a.item_id ORDER BY a.answered_at, a.correct, a.identity) AS place
    FROM attempts a JOIN students s ON s.student_id = a.student_id
    WHERE a.student_id = ?1 AND s.institution_id = ?2
)
WHERE place = 1
ORDER BY answered_at DESC, item_id DESC, correct DESC, identity DESC
LIMIT ?3
