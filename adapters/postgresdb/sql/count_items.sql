SELECT count(*) FROM journey.items
WHERE (institution_id IS NULL OR $2 OR institution_id = $1) AND ($3 = '' OR concept_id = $3)
