-- What work in the background needs.

-- +goose Up

-- Students whose nodes the graph has yet to lose. The row goes with them.
CREATE TABLE journey.graph_removals (
    student_id   text COLLATE "C" NOT NULL PRIMARY KEY,
    requested_at timestamptz NOT NULL
);

-- The states that the graph has yet to get, the oldest first, and those that it refused, by when to try again.
CREATE INDEX states_pending ON journey.states (updated_at) WHERE sync_status = 'pending';
CREATE INDEX states_refused ON journey.states (sync_due_at) WHERE sync_status = 'failed';
