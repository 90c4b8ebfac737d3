-- +goose Up

-- Counts the changes of the bank and of the parameters of mastery: what is kept of them in memory is read again.
CREATE TABLE journey.bank_version (
    version bigint NOT NULL
);

INSERT INTO journey.bank_version (version) VALUES (1);

CREATE TABLE journey.sessions (
    session_id        text COLLATE "C" NOT NULL PRIMARY KEY,
    student_id        text COLLATE "C" NOT NULL,
    -- ["concept", …]
    scope             text NOT NULL,
    question_count    integer NOT NULL,
    time_mode         text NOT NULL CHECK (time_mode IN ('timed', 'untimed')),
    -- 0 for an untimed session.
    timer_seconds     integer NOT NULL,
    -- 0 for no such rule.
    stop_theta_sd     double precision NOT NULL,
    stop_all_mastered boolean NOT NULL,
    -- One that is active and was not touched for a day counts as abandoned.
    status            text NOT NULL CHECK (status IN ('active', 'completed', 'abandoned')),
    ended_by          text NOT NULL,
    answered          integer NOT NULL,
    correct           integer NOT NULL,
    started_at        timestamptz NOT NULL,
    touched_at        timestamptz NOT NULL,
    completed_at      timestamptz,
    -- {"concept": p_mastered, …} at the opening and at the end.
    mastery_before    text NOT NULL,
    mastery_after     text,
    -- The ability at the last answer.
    theta             double precision NOT NULL,
    theta_sd          double precision NOT NULL,
    responses         integer NOT NULL,
    run_id            text COLLATE "C" NOT NULL
);

CREATE INDEX sessions_by_student ON journey.sessions (student_id, session_id);
CREATE UNIQUE INDEX sessions_active ON journey.sessions (student_id) WHERE status = 'active';

-- The items that were given, each with why, and with what the pick was made of. A session is one student's, so that the
-- key is unique by session and position.
CREATE TABLE journey.session_items (
    student_id      text COLLATE "C" NOT NULL,
    session_id      text COLLATE "C" NOT NULL,
    position        integer NOT NULL CHECK (position > 0),
    item_id         text COLLATE "C" NOT NULL,
    concept_id      text COLLATE "C" NOT NULL,
    a               double precision NOT NULL,
    b               double precision NOT NULL,
    c               double precision NOT NULL,
    calibrated      boolean NOT NULL,
    strategy        text NOT NULL,
    p_mastered      double precision NOT NULL,
    information     double precision NOT NULL,
    prerequisite_id text COLLATE "C" NOT NULL,
    needed_by       text COLLATE "C" NOT NULL,
    stepped_back    text COLLATE "C" NOT NULL,
    considered      integer NOT NULL,
    evaluated       integer NOT NULL,
    -- ["concept", …]
    candidates      text NOT NULL,
    sentence        text NOT NULL,
    theta           double precision NOT NULL,
    theta_sd        double precision NOT NULL,
    responses       integer NOT NULL,
    run_id          text COLLATE "C" NOT NULL,
    graph           text NOT NULL CHECK (graph IN ('database', 'live', 'cached', 'none')),
    given_at        timestamptz NOT NULL,
    -- Settings, mastery and the rest: see core/practice, Inputs.
    inputs          bytea NOT NULL,
    -- The answer; all of it is NULL while the item is open.
    attempt_id      uuid,
    answered_at     timestamptz,
    correct         boolean,
    theta_after     double precision,
    theta_sd_after  double precision,
    responses_after integer,
    run_id_after    text,
    session_correct integer,
    PRIMARY KEY (student_id, session_id, position)
);

-- The ability after the attempts that there are, to go on from. Attempts that come in otherwise drop it: it can always be
-- computed again.
CREATE TABLE journey.abilities (
    student_id       text COLLATE "C" NOT NULL PRIMARY KEY,
    -- The calibration that its parameters came from; empty for none.
    run_id           text COLLATE "C" NOT NULL,
    theta            double precision NOT NULL,
    theta_sd         double precision NOT NULL,
    responses        integer NOT NULL,
    drift            double precision NOT NULL,
    last_answered_at timestamptz NOT NULL,
    last_item_id     text COLLATE "C" NOT NULL,
    last_correct     boolean NOT NULL,
    -- The weights of the nodes, each as 8 bytes, the lowest first.
    posterior        bytea NOT NULL,
    updated_at       timestamptz NOT NULL
);

-- A student's first attempt at an item.
CREATE INDEX attempts_by_item ON journey.attempts (student_id, item_id, answered_at, correct, identity);
