package postgresdb

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// inspection is the state of our schema in the database.
type inspection struct {
	// version is the version of the last migration, 0 for a schema that was never migrated.
	version int64
	// tables are the tables, views and the like.
	tables []string
	// foreignVersions is true if the table of versions is not ours.
	foreignVersions bool
}

// inspect reads in one snapshot: a migration of another copy is seen before or after, never in between.
func (s *Store) inspect(ctx context.Context) (found inspection, err error) {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, s.pool, options, func(tx pgx.Tx) error {
		err := each(ctx, tx, `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`, []any{s.schema}, func(row pgx.Row) error {
			var name string
			err := row.Scan(&name)
			found.tables = append(found.tables, name)
			return err
		})
		if err != nil || !slices.Contains(found.tables, versionsTable) {
			return err
		}
		var ours int
		err = tx.QueryRow(ctx, `SELECT count(*) FROM information_schema.columns
			WHERE table_schema = $1 AND table_name = $2 AND column_name IN ('version_id', 'is_applied')`, s.schema, versionsTable).Scan(&ours)
		if found.foreignVersions = ours < 2; err != nil || found.foreignVersions {
			return err
		}
		return tx.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM "+s.schema+"."+versionsTable).Scan(&found.version)
	})
	return found, err
}

var createdTable = regexp.MustCompile(`(?m)^CREATE TABLE \w+\.(\w+)`)

// conflictingTable returns an error for the first foreign table that has the name of one to be created.
func (i inspection) conflictingTable(schema string, steps []step) error {
	if i.foreignVersions {
		return foreign(schema, versionsTable)
	}
	for _, one := range steps {
		if one.version <= i.version {
			continue
		}
		for _, match := range createdTable.FindAllStringSubmatch(one.text, -1) {
			if slices.Contains(i.tables, match[1]) {
				return foreign(schema, match[1])
			}
		}
	}
	return nil
}

func foreign(schema, table string) error {
	return fmt.Errorf("the table %s.%s is there already and not of this program: rename it, or set DATABASE_SCHEMA to another schema", schema, table)
}

// checkSchema returns an error for a schema of another version, and for a role to which row security shows empty
// tables.
func (s *Store) checkSchema(ctx context.Context) error {
	found, err := s.inspect(ctx)
	if err != nil {
		return err
	}
	steps, err := s.steps()
	switch {
	case err != nil:
		return err
	case found.foreignVersions:
		return foreign(s.schema, versionsTable)
	case found.version < latest(steps):
		return fmt.Errorf("the schema %s has version %d and this program needs %d: run journey-api migrate", s.schema, found.version, latest(steps))
	case found.version > latest(steps):
		return fmt.Errorf("the schema %s has version %d, which is of a newer program; this one knows %d", s.schema, found.version, latest(steps))
	}
	var secured []string
	err = each(ctx, s.pool, `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND row_security_active(c.oid) ORDER BY c.relname`, []any{s.schema},
		func(row pgx.Row) error {
			var name string
			err := row.Scan(&name)
			secured = append(secured, name)
			return err
		})
	if err == nil && len(secured) > 0 {
		return fmt.Errorf("row security hides rows of %s from this role (%s): use the role that owns the schema, or one with BYPASSRLS",
			s.schema, strings.Join(secured, ", "))
	}
	return err
}
