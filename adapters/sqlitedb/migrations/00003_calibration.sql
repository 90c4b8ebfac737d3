-- +goose Up

-- Each calibration, from the moment it was asked for.
CREATE TABLE calibration_runs (
    run_id          TEXT NOT NULL PRIMARY KEY,
    -- Counts the runs in the order in which they were asked for.
    number          INTEGER NOT NULL UNIQUE,
    status          TEXT NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    -- ["item-1", …]; [] is every item.
    item_ids        TEXT NOT NULL,
    model           TEXT NOT NULL,
    min_responses   INTEGER NOT NULL,
    max_iterations  INTEGER NOT NULL,
    threshold       REAL NOT NULL,
    -- Empty for a run that the schedule asked for.
    asked_by        TEXT NOT NULL,
    asked_at        INTEGER NOT NULL,
    started_at      INTEGER,
    ended_at        INTEGER,
    -- Which execution computes it, and how often it was begun.
    worker          TEXT NOT NULL DEFAULT '',
    starts          INTEGER NOT NULL DEFAULT 0,
    -- How far it is.
    stage           TEXT NOT NULL DEFAULT '',
    iteration       INTEGER NOT NULL DEFAULT 0,
    max_change      REAL NOT NULL DEFAULT 0,
    -- Of the last iteration; of a completed run, at its parameters.
    log_likelihood  REAL NOT NULL DEFAULT 0,
    failure_code    TEXT NOT NULL DEFAULT '',
    failure_message TEXT NOT NULL DEFAULT '',
    -- What a completed run found.
    people          INTEGER NOT NULL DEFAULT 0,
    responses       INTEGER NOT NULL DEFAULT 0,
    calibrated      INTEGER NOT NULL DEFAULT 0,
    flagged         INTEGER NOT NULL DEFAULT 0,
    skipped         INTEGER NOT NULL DEFAULT 0,
    iterations      INTEGER NOT NULL DEFAULT 0,
    converged       INTEGER NOT NULL DEFAULT 0 CHECK (converged IN (0, 1)),
    density         TEXT NOT NULL DEFAULT '',
    link_items      INTEGER NOT NULL DEFAULT 0,
    link_slope      REAL NOT NULL DEFAULT 1,
    link_intercept  REAL NOT NULL DEFAULT 0,
    -- ["item-1", …]
    drifted         TEXT NOT NULL DEFAULT '[]',
    -- Whether it came in force when it was completed, why not, and whether it is in force now.
    applied         INTEGER NOT NULL DEFAULT 0 CHECK (applied IN (0, 1)),
    not_applied     TEXT NOT NULL DEFAULT '',
    in_force        INTEGER NOT NULL DEFAULT 0 CHECK (in_force IN (0, 1)),
    -- The newest run that was in force before it, and whether this one has every item that was.
    base_run_id     TEXT,
    covers_all      INTEGER NOT NULL DEFAULT 0 CHECK (covers_all IN (0, 1))
) STRICT, WITHOUT ROWID;

-- One at a time for the platform.
CREATE UNIQUE INDEX calibration_runs_active ON calibration_runs ((status IN ('queued', 'running')))
    WHERE status IN ('queued', 'running');

CREATE INDEX calibration_runs_scheduled ON calibration_runs (asked_at) WHERE asked_by = '';

-- What a completed run found of each item. A parameter's standard error is null at a bound.
CREATE TABLE item_parameters (
    item_id     TEXT NOT NULL,
    run_id      TEXT NOT NULL,
    a           REAL NOT NULL,
    b           REAL NOT NULL,
    c           REAL NOT NULL,
    a_se        REAL,
    b_se        REAL,
    c_se        REAL,
    infit       REAL NOT NULL,
    outfit      REAL NOT NULL,
    rmsd        REAL NOT NULL,
    item_rest   REAL,
    s_x2        REAL,
    s_x2_df     INTEGER,
    s_x2_p      REAL,
    s_x2_rmsea  REAL,
    -- Separated by spaces.
    flags       TEXT NOT NULL,
    responses   INTEGER NOT NULL,
    correct     INTEGER NOT NULL,
    PRIMARY KEY (item_id, run_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX item_parameters_by_run ON item_parameters (run_id, item_id);

CREATE TABLE skipped_items (
    run_id    TEXT NOT NULL,
    item_id   TEXT NOT NULL,
    reason    TEXT NOT NULL,
    responses INTEGER NOT NULL,
    PRIMARY KEY (run_id, item_id)
) STRICT, WITHOUT ROWID;

-- What the report of a run is written from. No student's id is in it.
CREATE TABLE calibration_reports (
    run_id  TEXT NOT NULL PRIMARY KEY,
    content BLOB NOT NULL
) STRICT;

-- One row. version counts the changes of the parameters in force; run_id is the newest run in force.
CREATE TABLE calibration_scale (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version    INTEGER NOT NULL,
    run_id     TEXT,
    changed_at INTEGER NOT NULL
) STRICT;

INSERT INTO calibration_scale (id, version, changed_at) VALUES (1, 0, 0);
