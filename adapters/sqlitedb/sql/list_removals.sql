SELECT student_id FROM graph_removals ORDER BY student_id LIMIT ?1
