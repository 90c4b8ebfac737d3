INSERT INTO journey.concepts (concept_id, name, weight) VALUES ($1, '', 1) ON CONFLICT DO NOTHING
