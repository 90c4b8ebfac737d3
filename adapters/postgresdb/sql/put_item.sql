INSERT INTO journey.items (item_id, concept_id, key, stem, options, explanation, retired, institution_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, ''))
ON CONFLICT (item_id) DO UPDATE SET
    concept_id = excluded.concept_id, key = excluded.key, stem = excluded.stem, options = excluded.options,
    explanation = excluded.explanation, retired = excluded.retired, institution_id = excluded.institution_id
