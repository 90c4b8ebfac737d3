SELECT coalesce(sync_error, ''), count(*) FROM states WHERE sync_status = 'failed' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10
