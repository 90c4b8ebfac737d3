-- Ids compare byte by byte, whatever the database's locale.

-- +goose Up

-- Whose record it is. Everything about a student belongs to this institution.
CREATE TABLE journey.students (
    student_id     text COLLATE "C" NOT NULL PRIMARY KEY,
    institution_id text COLLATE "C" NOT NULL
);

-- The bank. Without an institution a row is shared by all.
CREATE TABLE journey.concepts (
    concept_id         text COLLATE "C" NOT NULL PRIMARY KEY,
    name               text NOT NULL,
    weight             double precision NOT NULL CHECK (weight > 0),
    institution_id     text COLLATE "C",
    -- The version in bkt_parameters that is in force; 0 is the defaults.
    parameters_version integer NOT NULL DEFAULT 0
);

CREATE TABLE journey.prerequisites (
    concept_id      text COLLATE "C" NOT NULL,
    prerequisite_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (concept_id, prerequisite_id)
);

CREATE TABLE journey.items (
    item_id        text COLLATE "C" NOT NULL PRIMARY KEY,
    concept_id     text COLLATE "C" NOT NULL,
    -- Empty for an item that the platform grades.
    key            text COLLATE "C" NOT NULL,
    stem           text NOT NULL,
    -- [{"key": "A", "text": "…"}, …]
    options        text NOT NULL,
    explanation    text NOT NULL,
    retired        boolean NOT NULL,
    institution_id text COLLATE "C"
);

CREATE INDEX items_by_concept ON journey.items (concept_id, item_id);

-- The attempts, which are the truth, and what was shown for each. The key is the order of the replay. identity is empty
-- for an attempt that its content identifies, and its id for one that came with an idempotency key.
CREATE TABLE journey.attempts (
    student_id   text COLLATE "C" NOT NULL,
    answered_at  timestamptz NOT NULL,
    item_id      text COLLATE "C" NOT NULL,
    correct      boolean NOT NULL,
    identity     text COLLATE "C" NOT NULL,
    concept_id   text COLLATE "C" NOT NULL,
    attempt_id   uuid NOT NULL,
    response     text,
    latency_ms   integer NOT NULL,
    session_id   text COLLATE "C",
    graded_by    text NOT NULL CHECK (graded_by IN ('service', 'caller')),
    recorded_by  text COLLATE "C" NOT NULL,
    recorded_at  timestamptz NOT NULL,
    p_before     double precision NOT NULL,
    p_after      double precision NOT NULL,
    p_correct    double precision NOT NULL,
    evidence     integer NOT NULL,
    trend        text NOT NULL CHECK (trend IN ('improving', 'declining', 'stable')),
    is_mastered  boolean NOT NULL,
    sync_status  text NOT NULL,
    PRIMARY KEY (student_id, answered_at, item_id, correct, identity, concept_id)
);

-- What a student knows of a concept: the replay of the attempts.
CREATE TABLE journey.states (
    student_id         text COLLATE "C" NOT NULL,
    concept_id         text COLLATE "C" NOT NULL,
    p_mastered         double precision NOT NULL,
    -- ln(1 - p_mastered), which is known where p_mastered has rounded to 1.
    log_unmastered     double precision NOT NULL,
    -- p_mastered one answer and two answers ago.
    p_previous         double precision NOT NULL,
    p_earlier          double precision NOT NULL,
    evidence           integer NOT NULL,
    -- Attempts that the parameters ruled out.
    impossible         integer NOT NULL,
    last_answered_at   timestamptz NOT NULL,
    last_item_id       text COLLATE "C" NOT NULL,
    last_correct       boolean NOT NULL,
    last_identity      text COLLATE "C" NOT NULL,
    parameters_version integer NOT NULL,
    -- Counts the changes. The graph has the state where synced_version is the same.
    version            bigint NOT NULL,
    updated_at         timestamptz NOT NULL,
    sync_status        text NOT NULL CHECK (sync_status IN ('off', 'pending', 'synced', 'failed')),
    synced_version     bigint NOT NULL DEFAULT 0,
    sync_error         text,
    sync_due_at        timestamptz,
    PRIMARY KEY (student_id, concept_id)
);

CREATE INDEX states_by_concept ON journey.states (concept_id, student_id, parameters_version);

-- States along the replay, so that a late answer costs no replay of the whole.
CREATE TABLE journey.snapshots (
    student_id         text COLLATE "C" NOT NULL,
    concept_id         text COLLATE "C" NOT NULL,
    answered_at        timestamptz NOT NULL,
    item_id            text COLLATE "C" NOT NULL,
    correct            boolean NOT NULL,
    identity           text COLLATE "C" NOT NULL,
    p_mastered         double precision NOT NULL,
    log_unmastered     double precision NOT NULL,
    p_previous         double precision NOT NULL,
    p_earlier          double precision NOT NULL,
    evidence           integer NOT NULL,
    impossible         integer NOT NULL,
    parameters_version integer NOT NULL,
    PRIMARY KEY (student_id, concept_id, answered_at, item_id, correct, identity)
);

-- The attempt that came under an idempotency key; its reply is what was shown for it.
CREATE TABLE journey.idempotency_keys (
    caller      text COLLATE "C" NOT NULL,
    route       text COLLATE "C" NOT NULL,
    key         text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    student_id  text COLLATE "C" NOT NULL,
    answered_at timestamptz NOT NULL,
    attempt_id  uuid NOT NULL,
    PRIMARY KEY (caller, route, key)
);

CREATE INDEX idempotency_keys_by_student ON journey.idempotency_keys (student_id);

-- Each fit of a concept's parameters, applied or not. The fitted concept names the version in force.
CREATE TABLE journey.bkt_parameters (
    concept_id     text COLLATE "C" NOT NULL,
    version        bigint NOT NULL CHECK (version > 0),
    p_l0           double precision NOT NULL,
    p_t            double precision NOT NULL,
    p_g            double precision NOT NULL,
    p_s            double precision NOT NULL,
    p_f            double precision NOT NULL,
    sample_size    integer NOT NULL,
    log_likelihood double precision NOT NULL,
    iterations     integer NOT NULL,
    converged      boolean NOT NULL,
    applied        boolean NOT NULL,
    fitted_at      timestamptz NOT NULL,
    fitted_by      text NOT NULL,
    PRIMARY KEY (concept_id, version)
);
