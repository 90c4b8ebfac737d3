-- Fails if another transaction brought the concept in meanwhile: the answer is then decided again.
INSERT INTO journey.concepts (concept_id, name, weight) VALUES ($1, '', 1)
