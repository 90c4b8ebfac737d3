SELECT count(*) FROM journey.concepts WHERE institution_id IS NULL OR $2 OR institution_id = $1
