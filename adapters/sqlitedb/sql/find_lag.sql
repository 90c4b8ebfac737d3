SELECT
    (SELECT count(*) FROM states WHERE sync_status = 'pending'),
    (SELECT min(updated_at) FROM states WHERE sync_status = 'pending'),
    (SELECT count(*) FROM graph_removals)
