INSERT INTO items (item_id, concept_id, key, stem, options, explanation, retired)
VALUES (?1, ?2, '', '', '[]', '', 0) ON CONFLICT DO NOTHING
