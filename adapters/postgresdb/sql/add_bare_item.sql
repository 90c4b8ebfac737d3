INSERT INTO journey.items (item_id, concept_id, key, stem, options, explanation, retired)
VALUES ($1, $2, '', '', '[]', '', false) ON CONFLICT DO NOTHING
