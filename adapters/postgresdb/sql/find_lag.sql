SELECT
    (SELECT count(*) FROM journey.states WHERE sync_status = 'pending'),
    (SELECT min(updated_at) FROM journey.states WHERE sync_status = 'pending'),
    (SELECT count(*) FROM journey.graph_removals)
