-- Fails if another transaction brought the item in meanwhile: the answer is then decided again.
INSERT INTO journey.items (item_id, concept_id, key, stem, options, explanation, retired)
VALUES ($1, $2, '', '', '[]', '', false)
