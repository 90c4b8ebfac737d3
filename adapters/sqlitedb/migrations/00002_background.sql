-- What work in the background needs.

-- +goose Up

-- Students whose nodes the graph has yet to lose. The row goes with them.
CREATE TABLE graph_removals (
    student_id   TEXT NOT NULL PRIMARY KEY,
    requested_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The states that the graph has yet to get, the oldest first, and those that it refused, by when to try again.
CREATE INDEX states_pending ON states (updated_at) WHERE sync_status = 'pending';
CREATE INDEX states_refused ON states (sync_due_at) WHERE sync_status = 'failed';
