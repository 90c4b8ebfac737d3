-- Times are microseconds since 1970 in UTC; ids compare byte by byte, which is SQLite's default.

-- +goose Up

-- Whose record it is. Everything about a student belongs to this institution.
CREATE TABLE students (
    student_id     TEXT NOT NULL PRIMARY KEY,
    institution_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The bank. Without an institution a row is shared by all.
CREATE TABLE concepts (
    concept_id         TEXT NOT NULL PRIMARY KEY,
    name               TEXT NOT NULL,
    weight             REAL NOT NULL CHECK (weight > 0),
    institution_id     TEXT,
    -- The version in bkt_parameters that is in force; 0 is the defaults.
    parameters_version INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE prerequisites (
    concept_id      TEXT NOT NULL,
    prerequisite_id TEXT NOT NULL,
    PRIMARY KEY (concept_id, prerequisite_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
    item_id        TEXT NOT NULL PRIMARY KEY,
    concept_id     TEXT NOT NULL,
    -- Empty for an item that the platform grades.
    key            TEXT NOT NULL,
    stem           TEXT NOT NULL,
    -- [{"key": "A", "text": "…"}, …]
    options        TEXT NOT NULL,
    explanation    TEXT NOT NULL,
    retired        INTEGER NOT NULL CHECK (retired IN (0, 1)),
    institution_id TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX items_by_concept ON items (concept_id, item_id);

-- The attempts, which are the truth, and what was shown for each. The key is the order of the replay. identity is empty
-- for an attempt that its content identifies, and its id for one that came with an idempotency key.
CREATE TABLE attempts (
    student_id   TEXT NOT NULL,
    answered_at  INTEGER NOT NULL,
    item_id      TEXT NOT NULL,
    correct      INTEGER NOT NULL CHECK (correct IN (0, 1)),
    identity     TEXT NOT NULL,
    concept_id   TEXT NOT NULL,
    attempt_id   TEXT NOT NULL,
    response     TEXT,
    latency_ms   INTEGER NOT NULL,
    session_id   TEXT,
    graded_by    TEXT NOT NULL CHECK (graded_by IN ('service', 'caller')),
    recorded_by  TEXT NOT NULL,
    recorded_at  INTEGER NOT NULL,
    p_before     REAL NOT NULL,
    p_after      REAL NOT NULL,
    p_correct    REAL NOT NULL,
    evidence     INTEGER NOT NULL,
    trend        TEXT NOT NULL CHECK (trend IN ('improving', 'declining', 'stable')),
    is_mastered  INTEGER NOT NULL CHECK (is_mastered IN (0, 1)),
    sync_status  TEXT NOT NULL,
    PRIMARY KEY (student_id, answered_at, item_id, correct, identity, concept_id)
) STRICT, WITHOUT ROWID;

-- What a student knows of a concept: the replay of the attempts.
CREATE TABLE states (
    student_id         TEXT NOT NULL,
    concept_id         TEXT NOT NULL,
    p_mastered         REAL NOT NULL,
    -- ln(1 - p_mastered), which is known where p_mastered has rounded to 1.
    log_unmastered     REAL NOT NULL,
    -- p_mastered one answer and two answers ago.
    p_previous         REAL NOT NULL,
    p_earlier          REAL NOT NULL,
    evidence           INTEGER NOT NULL,
    -- Attempts that the parameters ruled out.
    impossible         INTEGER NOT NULL,
    last_answered_at   INTEGER NOT NULL,
    last_item_id       TEXT NOT NULL,
    last_correct       INTEGER NOT NULL,
    last_identity      TEXT NOT NULL,
    parameters_version INTEGER NOT NULL,
    -- Counts the changes. The graph has the state where synced_version is the same.
    version            INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL,
    sync_status        TEXT NOT NULL CHECK (sync_status IN ('off', 'pending', 'synced', 'failed')),
    synced_version     INTEGER NOT NULL DEFAULT 0,
    sync_error         TEXT,
    sync_due_at        INTEGER,
    PRIMARY KEY (student_id, concept_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX states_by_concept ON states (concept_id, student_id, parameters_version);

-- States along the replay, so that a late answer costs no replay of the whole.
CREATE TABLE snapshots (
    student_id         TEXT NOT NULL,
    concept_id         TEXT NOT NULL,
    answered_at        INTEGER NOT NULL,
    item_id            TEXT NOT NULL,
    correct            INTEGER NOT NULL,
    identity           TEXT NOT NULL,
    p_mastered         REAL NOT NULL,
    log_unmastered     REAL NOT NULL,
    p_previous         REAL NOT NULL,
    p_earlier          REAL NOT NULL,
    evidence           INTEGER NOT NULL,
    impossible         INTEGER NOT NULL,
    parameters_version INTEGER NOT NULL,
    PRIMARY KEY (student_id, concept_id, answered_at, item_id, correct, identity)
) STRICT, WITHOUT ROWID;

-- The attempt that came under an idempotency key; its reply is what was shown for it.
CREATE TABLE idempotency_keys (
    caller      TEXT NOT NULL,
    route       TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    student_id  TEXT NOT NULL,
    answered_at INTEGER NOT NULL,
    attempt_id  TEXT NOT NULL,
    PRIMARY KEY (caller, route, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_student ON idempotency_keys (student_id);

-- Each fit of a concept's parameters, applied or not. The fitted concept names the version in force.
CREATE TABLE bkt_parameters (
    concept_id     TEXT NOT NULL,
    version        INTEGER NOT NULL CHECK (version > 0),
    p_l0           REAL NOT NULL,
    p_t            REAL NOT NULL,
    p_g            REAL NOT NULL,
    p_s            REAL NOT NULL,
    p_f            REAL NOT NULL,
    sample_size    INTEGER NOT NULL,
    log_likelihood REAL NOT NULL,
    iterations     INTEGER NOT NULL,
    converged      INTEGER NOT NULL CHECK (converged IN (0, 1)),
    applied        INTEGER NOT NULL CHECK (applied IN (0, 1)),
    fitted_at      INTEGER NOT NULL,
    fitted_by      TEXT NOT NULL,
    PRIMARY KEY (concept_id, version)
) STRICT, WITHOUT ROWID;

-- Written to and emptied after the disk was full, to see whether there is space again.
CREATE TABLE space_probe (
    content BLOB NOT NULL
) STRICT;
