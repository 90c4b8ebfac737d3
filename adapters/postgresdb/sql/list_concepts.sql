-- Institution $1, or all of them with $2. Of its prerequisites a concept shows those within the same scope.
SELECT
    c.concept_id, c.name, c.weight, coalesce(c.institution_id, ''),
    coalesce((
        SELECT string_agg(p.prerequisite_id, ' ' ORDER BY p.prerequisite_id)
        FROM journey.prerequisites p JOIN journey.concepts q ON q.concept_id = p.prerequisite_id
        WHERE p.concept_id = c.concept_id AND (q.institution_id IS NULL OR $2 OR q.institution_id = $1)
    ), '')
FROM journey.concepts c
WHERE c.institution_id IS NULL OR $2 OR c.institution_id = $1
ORDER BY c.concept_id
LIMIT $3 OFFSET $4
