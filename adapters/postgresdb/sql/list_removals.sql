SELECT student_id FROM journey.graph_removals ORDER BY student_id LIMIT $1::integer
