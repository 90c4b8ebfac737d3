-- The graph has these versions of states, or refused those with a cause.
UPDATE journey.states t SET
    sync_status = CASE WHEN o.refused = '' THEN 'synced' ELSE 'failed' END,
    synced_version = CASE WHEN o.refused = '' THEN o.version ELSE t.synced_version END,
    sync_error = nullif(o.refused, ''),
    sync_due_at = CASE WHEN o.refused = '' THEN NULL ELSE o.retry_at END
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[])
    AS o (student_id, concept_id, version, refused, retry_at)
WHERE t.student_id = o.student_id AND t.concept_id = o.concept_id AND t.version = o.version
