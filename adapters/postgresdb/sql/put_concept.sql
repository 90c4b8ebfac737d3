INSERT INTO journey.concepts (concept_id, name, weight, institution_id) VALUES ($1, $2, $3, nullif($4, ''))
ON CONFLICT (concept_id) DO UPDATE SET
    name = excluded.name, weight = excluded.weight, institution_id = excluded.institution_id
