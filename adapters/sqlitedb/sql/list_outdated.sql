-- The first ?2 students whose state of concept ?1 was computed with other parameters than those in force.
SELECT t.student_id
FROM concepts c JOIN states t ON t.concept_id = c.concept_id
WHERE c.concept_id = ?1 AND t.parameters_version <> c.parameters_version
ORDER BY t.student_id
LIMIT ?2
