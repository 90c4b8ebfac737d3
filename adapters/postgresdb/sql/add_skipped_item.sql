INSERT INTO journey.skipped_items (run_id, item_id, reason, responses) VALUES ($1, $2, $3, $4)
