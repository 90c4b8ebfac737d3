INSERT INTO journey.idempotency_keys (caller, route, key, fingerprint, student_id, answered_at, attempt_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
