INSERT INTO journey.prerequisites (concept_id, prerequisite_id) VALUES ($1, $2) ON CONFLICT DO NOTHING
