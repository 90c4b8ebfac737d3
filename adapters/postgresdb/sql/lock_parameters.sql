-- Orders the changes of a concept's parameters, on any number of copies.
SELECT parameters_version FROM journey.concepts WHERE concept_id = $1 FOR UPDATE
