DELETE FROM journey.snapshots
WHERE student_id = $1 AND concept_id = $2 AND (answered_at, item_id, correct, identity) >= ($3, $4, $5, $6)
