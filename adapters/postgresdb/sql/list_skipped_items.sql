SELECT p.item_id, p.reason, p.responses
FROM journey.skipped_items p LEFT JOIN journey.items i ON i.item_id = p.item_id
WHERE p.run_id = $1 AND (i.item_id IS NULL OR i.institution_id IS NULL OR $3 OR i.institution_id = $2)
ORDER BY p.item_id
