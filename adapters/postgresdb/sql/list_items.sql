SELECT item_id, concept_id, key, stem, options, explanation, retired, coalesce(institution_id, '')
FROM journey.items
WHERE (institution_id IS NULL OR $2 OR institution_id = $1) AND ($3 = '' OR concept_id = $3)
ORDER BY item_id
LIMIT $4 OFFSET $5
