package sqlitedb

import (
	"context"
	"database/sql"
	_ "embed"
	"sync"
)

// The statements, each in its file. A test prepares every one against the schema.
var (
	//go:embed sql/find_student.sql
	findStudent string
	//go:embed sql/find_for_answer.sql
	findForAnswer string
	//go:embed sql/find_keyed.sql
	findKeyed string
	//go:embed sql/find_same.sql
	findSame string
	//go:embed sql/find_state.sql
	findState string
	//go:embed sql/find_snapshot.sql
	findSnapshot string
	//go:embed sql/list_past.sql
	listPast string
	//go:embed sql/list_existing.sql
	listExisting string
	//go:embed sql/put_student.sql
	putStudent string
	//go:embed sql/add_bare_concept.sql
	addBareConcept string
	//go:embed sql/add_bare_item.sql
	addBareItem string
	//go:embed sql/add_attempt.sql
	addAttempt string
	//go:embed sql/put_state.sql
	putState string
	//go:embed sql/drop_snapshots.sql
	dropSnapshots string
	//go:embed sql/add_snapshot.sql
	addSnapshot string
	//go:embed sql/add_key.sql
	addKey string
	//go:embed sql/count_states.sql
	countStates string
	//go:embed sql/list_states.sql
	listStates string
	//go:embed sql/list_history.sql
	listHistory string
	//go:embed sql/count_concepts.sql
	countConcepts string
	//go:embed sql/list_concepts.sql
	listConcepts string
	//go:embed sql/count_items.sql
	countItems string
	//go:embed sql/list_items.sql
	listItems string
	//go:embed sql/put_concept.sql
	putConcept string
	//go:embed sql/put_prerequisite.sql
	putPrerequisite string
	//go:embed sql/put_item.sql
	putItem string
	//go:embed sql/find_parameters.sql
	findParameters string
	//go:embed sql/find_version.sql
	findVersion string
	//go:embed sql/add_parameters.sql
	addParameters string
	//go:embed sql/put_in_force.sql
	putInForce string
	//go:embed sql/list_answers.sql
	listAnswers string
	//go:embed sql/list_outdated.sql
	listOutdated string
	//go:embed sql/take_space.sql
	takeSpace string
	//go:embed sql/give_space_back.sql
	giveSpaceBack string
	//go:embed sql/list_states_to_sync.sql
	listStatesToSync string
	//go:embed sql/settle_state.sql
	settleState string
	//go:embed sql/list_unqueued_states.sql
	listUnqueuedStates string
	//go:embed sql/requeue_state.sql
	requeueState string
	//go:embed sql/list_removals.sql
	listRemovals string
	//go:embed sql/drop_removal.sql
	dropRemoval string
	//go:embed sql/find_lag.sql
	findLag string
	//go:embed sql/list_refusals.sql
	listRefusals string
	//go:embed sql/count_outdated.sql
	countOutdated string
	//go:embed sql/find_deletable.sql
	findDeletable string
	//go:embed sql/add_removal.sql
	addRemoval string
)

// preparer is a connection or a pool of them.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// statements caches prepared statements. It may be used by many goroutines at once.
type statements struct {
	on    preparer
	known *sync.Map // text to *sql.Stmt
	// tx is the transaction that they run in, nil for none.
	tx *sql.Tx
}

func newStatements(on preparer) statements { return statements{on: on, known: new(sync.Map)} }

// in returns the statements for use in a transaction of the same pool.
func (s statements) in(tx *sql.Tx) *statements {
	s.tx = tx
	return &s
}

// get prepares a text once. It does so without the caller's context: the statement outlives the call.
func (s *statements) get(ctx context.Context, text string) (*sql.Stmt, error) {
	known, ok := s.known.Load(text)
	if !ok {
		prepared, err := s.on.PrepareContext(context.Background(), text)
		if err != nil {
			return nil, err
		}
		if known, ok = s.known.LoadOrStore(text, prepared); ok {
			_ = prepared.Close()
		} else {
			known = prepared
		}
	}
	statement := known.(*sql.Stmt) //nolint:forcetypeassert // nothing else is stored
	if s.tx != nil {
		statement = s.tx.StmtContext(ctx, statement)
	}
	return statement, nil
}

func (s *statements) exec(ctx context.Context, text string, values ...any) error {
	statement, err := s.get(ctx, text)
	if err != nil {
		return err
	}
	_, err = statement.ExecContext(ctx, values...)
	return err
}

// row scans the one row of a query; sql.ErrNoRows if there is none.
func (s *statements) row(ctx context.Context, text string, values []any, into ...any) error {
	statement, err := s.get(ctx, text)
	if err != nil {
		return err
	}
	return statement.QueryRowContext(ctx, values...).Scan(into...)
}

// each calls scan for every row of a query.
func (s *statements) each(ctx context.Context, text string, values []any, scan func(scanner) error) error {
	statement, err := s.get(ctx, text)
	if err != nil {
		return err
	}
	rows, err := statement.QueryContext(ctx, values...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// scanner is a row.
type scanner interface{ Scan(into ...any) error }
