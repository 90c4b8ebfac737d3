DELETE FROM graph_removals WHERE student_id = ?1
