-- The ability has to be computed again: attempts come in that it does not count.
DELETE FROM journey.abilities WHERE student_id = $1
