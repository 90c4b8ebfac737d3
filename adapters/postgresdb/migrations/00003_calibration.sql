-- +goose Up

-- Each calibration, from the moment it was asked for.
CREATE TABLE journey.calibration_runs (
    run_id          text COLLATE "C" NOT NULL PRIMARY KEY,
    -- Counts the runs in the order in which they were asked for.
    number          bigint NOT NULL UNIQUE,
    status          text NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    -- ["item-1", …]; [] is every item.
    item_ids        text NOT NULL,
    model           text NOT NULL,
    min_responses   integer NOT NULL,
    max_iterations  integer NOT NULL,
    threshold       double precision NOT NULL,
    -- Empty for a run that the schedule asked for.
    asked_by        text NOT NULL,
    asked_at        timestamptz NOT NULL,
    started_at      timestamptz,
    ended_at        timestamptz,
    -- Which execution computes it, and how often it was begun.
    worker          text NOT NULL DEFAULT '',
    starts          integer NOT NULL DEFAULT 0,
    -- How far it is.
    stage           text NOT NULL DEFAULT '',
    iteration       integer NOT NULL DEFAULT 0,
    max_change      double precision NOT NULL DEFAULT 0,
    -- Of the last iteration; of a completed run, at its parameters.
    log_likelihood  double precision NOT NULL DEFAULT 0,
    failure_code    text NOT NULL DEFAULT '',
    failure_message text NOT NULL DEFAULT '',
    -- What a completed run found.
    people          integer NOT NULL DEFAULT 0,
    responses       integer NOT NULL DEFAULT 0,
    calibrated      integer NOT NULL DEFAULT 0,
    flagged         integer NOT NULL DEFAULT 0,
    skipped         integer NOT NULL DEFAULT 0,
    iterations      integer NOT NULL DEFAULT 0,
    converged       boolean NOT NULL DEFAULT false,
    density         text NOT NULL DEFAULT '',
    link_items      integer NOT NULL DEFAULT 0,
    link_slope      double precision NOT NULL DEFAULT 1,
    link_intercept  double precision NOT NULL DEFAULT 0,
    -- ["item-1", …]
    drifted         text NOT NULL DEFAULT '[]',
    -- Whether it came in force when it was completed, why not, and whether it is in force now.
    applied         boolean NOT NULL DEFAULT false,
    not_applied     text NOT NULL DEFAULT '',
    in_force        boolean NOT NULL DEFAULT false,
    -- The newest run that was in force before it, and whether this one has every item that was.
    base_run_id     text COLLATE "C",
    covers_all      boolean NOT NULL DEFAULT false
);

-- One at a time for the platform.
CREATE UNIQUE INDEX calibration_runs_active ON journey.calibration_runs ((status IN ('queued', 'running')))
    WHERE status IN ('queued', 'running');

CREATE INDEX calibration_runs_scheduled ON journey.calibration_runs (asked_at) WHERE asked_by = '';

-- What a completed run found of each item. A parameter's standard error is null at a bound.
CREATE TABLE journey.item_parameters (
    item_id     text COLLATE "C" NOT NULL,
    run_id      text COLLATE "C" NOT NULL,
    a           double precision NOT NULL,
    b           double precision NOT NULL,
    c           double precision NOT NULL,
    a_se        double precision,
    b_se        double precision,
    c_se        double precision,
    infit       double precision NOT NULL,
    outfit      double precision NOT NULL,
    rmsd        double precision NOT NULL,
    item_rest   double precision,
    s_x2        double precision,
    s_x2_df     integer,
    s_x2_p      double precision,
    s_x2_rmsea  double precision,
    -- Separated by spaces.
    flags       text NOT NULL,
    responses   integer NOT NULL,
    correct     integer NOT NULL,
    PRIMARY KEY (item_id, run_id)
);

CREATE INDEX item_parameters_by_run ON journey.item_parameters (run_id, item_id);

CREATE TABLE journey.skipped_items (
    run_id    text COLLATE "C" NOT NULL,
    item_id   text COLLATE "C" NOT NULL,
    reason    text NOT NULL,
    responses integer NOT NULL,
    PRIMARY KEY (run_id, item_id)
);

-- What the report of a run is written from. No student's id is in it.
CREATE TABLE journey.calibration_reports (
    run_id  text COLLATE "C" NOT NULL PRIMARY KEY,
    content bytea NOT NULL
);

-- One row. version counts the changes of the parameters in force; run_id is the newest run in force.
CREATE TABLE journey.calibration_scale (
    id         integer NOT NULL PRIMARY KEY CHECK (id = 1),
    version    bigint NOT NULL,
    run_id     text COLLATE "C",
    changed_at timestamptz NOT NULL
);

INSERT INTO journey.calibration_scale (id, version, changed_at) VALUES (1, 0, to_timestamp(0));
