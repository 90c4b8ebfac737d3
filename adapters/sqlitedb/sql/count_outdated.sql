-- How many states of concept ?1, or of each if it is empty, were computed with other parameters than those in force.
SELECT c.concept_id, count(*)
FROM concepts c JOIN states t ON t.concept_id = c.concept_id
WHERE (?1 = '' OR c.concept_id = ?1) AND t.parameters_version <> c.parameters_version
GROUP BY c.concept_id
