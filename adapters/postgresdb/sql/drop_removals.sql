DELETE FROM journey.graph_removals WHERE student_id = ANY ($1::text[])
