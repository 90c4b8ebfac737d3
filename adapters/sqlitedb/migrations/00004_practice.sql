-- +goose Up

-- Counts the changes of the bank and of the parameters of mastery: what is kept of them in memory is read again.
CREATE TABLE bank_version (
    version INTEGER NOT NULL
) STRICT;

INSERT INTO bank_version (version) VALUES (1);

CREATE TABLE sessions (
    session_id        TEXT NOT NULL PRIMARY KEY,
    student_id        TEXT NOT NULL,
    -- ["concept", …]
    scope             TEXT NOT NULL,
    question_count    INTEGER NOT NULL,
    time_mode         TEXT NOT NULL CHECK (time_mode IN ('timed', 'untimed')),
    -- 0 for an untimed session.
    timer_seconds     INTEGER NOT NULL,
    -- 0 for no such rule.
    stop_theta_sd     REAL NOT NULL,
    stop_all_mastered INTEGER NOT NULL CHECK (stop_all_mastered IN (0, 1)),
    -- One that is active and was not touched for a day counts as abandoned.
    status            TEXT NOT NULL CHECK (status IN ('active', 'completed', 'abandoned')),
    ended_by          TEXT NOT NULL,
    answered          INTEGER NOT NULL,
    correct           INTEGER NOT NULL,
    started_at        INTEGER NOT NULL,
    touched_at        INTEGER NOT NULL,
    completed_at      INTEGER,
    -- {"concept": p_mastered, …} at the opening and at the end.
    mastery_before    TEXT NOT NULL,
    mastery_after     TEXT,
    -- The ability at the last answer.
    theta             REAL NOT NULL,
    theta_sd          REAL NOT NULL,
    responses         INTEGER NOT NULL,
    run_id            TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_student ON sessions (student_id, session_id);
CREATE UNIQUE INDEX sessions_active ON sessions (student_id) WHERE status = 'active';

-- The items that were given, each with why, and with what the pick was made of. A session is one student's, so that the
-- key is unique by session and position.
CREATE TABLE session_items (
    student_id      TEXT NOT NULL,
    session_id      TEXT NOT NULL,
    position        INTEGER NOT NULL CHECK (position > 0),
    item_id         TEXT NOT NULL,
    concept_id      TEXT NOT NULL,
    a               REAL NOT NULL,
    b               REAL NOT NULL,
    c               REAL NOT NULL,
    calibrated      INTEGER NOT NULL CHECK (calibrated IN (0, 1)),
    strategy        TEXT NOT NULL,
    p_mastered      REAL NOT NULL,
    information     REAL NOT NULL,
    prerequisite_id TEXT NOT NULL,
    needed_by       TEXT NOT NULL,
    stepped_back    TEXT NOT NULL,
    considered      INTEGER NOT NULL,
    evaluated       INTEGER NOT NULL,
    -- ["concept", …]
    candidates      TEXT NOT NULL,
    sentence        TEXT NOT NULL,
    theta           REAL NOT NULL,
    theta_sd        REAL NOT NULL,
    responses       INTEGER NOT NULL,
    run_id          TEXT NOT NULL,
    graph           TEXT NOT NULL CHECK (graph IN ('database', 'live', 'cached', 'none')),
    given_at        INTEGER NOT NULL,
    -- Settings, mastery and the rest: see core/practice, Inputs.
    inputs          BLOB NOT NULL,
    -- The answer; all of it is NULL while the item is open.
    attempt_id      TEXT,
    answered_at     INTEGER,
    correct         INTEGER,
    theta_after     REAL,
    theta_sd_after  REAL,
    responses_after INTEGER,
    run_id_after    TEXT,
    session_correct INTEGER,
    PRIMARY KEY (student_id, session_id, position)
) STRICT, WITHOUT ROWID;

-- The ability after the attempts that there are, to go on from. Attempts that come in otherwise drop it: it can always be
-- computed again.
CREATE TABLE abilities (
    student_id       TEXT NOT NULL PRIMARY KEY,
    -- The calibration that its parameters came from; empty for none.
    run_id           TEXT NOT NULL,
    theta            REAL NOT NULL,
    theta_sd         REAL NOT NULL,
    responses        INTEGER NOT NULL,
    drift            REAL NOT NULL,
    last_answered_at INTEGER NOT NULL,
    last_item_id     TEXT NOT NULL,
    last_correct     INTEGER NOT NULL,
    -- The weights of the nodes, each as 8 bytes, the lowest first.
    posterior        BLOB NOT NULL,
    updated_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A student's first attempt at an item.
CREATE INDEX attempts_by_item ON attempts (student_id, item_id, answered_at, correct, identity);
