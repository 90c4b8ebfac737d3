package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
)

// Backup copies a database while others read and write it. The copy is a snapshot of the database, without its free
// space, in one file that is complete or absent.
type Backup struct {
	from, to string
	// beside is the path of the unfinished copy, in the folder of the finished one.
	beside string
	size   atomic.Int64
}

// NewBackup returns a backup of the file at from into the file at to.
func NewBackup(from, to string) *Backup {
	beside := filepath.Join(filepath.Dir(to), fmt.Sprintf(".%s.%d", filepath.Base(to), os.Getpid()))
	if absolute, err := filepath.Abs(beside); err == nil {
		beside = absolute // SQLite may take a name like file:x for a URI
	}
	return &Backup{from: from, to: to, beside: beside}
}

// Progress returns how many bytes the copy has, and about how many it will have, 0 while that is unknown.
func (b *Backup) Progress() (written, size int64) {
	if info, err := os.Stat(b.beside); err == nil {
		written = info.Size()
	}
	return written, b.size.Load()
}

// Run makes the copy, which only its owner can read, checks that it is complete, and returns its size in bytes. An
// existing file at the path is an error and stays as it is. Run ends with ctx. After an error there is no copy.
func (b *Backup) Run(ctx context.Context) (size int64, err error) {
	if info, err := os.Stat(b.from); err != nil || !info.Mode().IsRegular() {
		return 0, fmt.Errorf("there is no database at %s", b.from)
	}
	if _, err := os.Lstat(b.to); !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%s is there already and was left as it is: name another file", b.to)
	}
	file, err := os.OpenFile(b.beside, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, fmt.Errorf("can't write %s: %w", b.to, withoutPath(err))
	}
	defer func() {
		err = errors.Join(err, file.Close())
		if err != nil {
			_ = os.Remove(b.beside)
		}
	}()
	for _, step := range []func(context.Context) error{b.copy, b.check} {
		if err := step(ctx); err != nil {
			return 0, b.sentence(err)
		}
	}
	return b.publish(file)
}

// copy is one read transaction, which blocks nobody.
func (b *Backup) copy(ctx context.Context) error {
	return withFile(b.from, []string{"busy_timeout(2000)"}, func(db *sql.DB) error {
		var version, pages, free, pageSize int64
		if err := db.QueryRowContext(ctx, "SELECT max(version_id) FROM schema_versions").Scan(&version); err != nil {
			return fmt.Errorf("%s is no database of journey-api: %w", b.from, err)
		}
		err := db.QueryRowContext(ctx, "SELECT page_count, freelist_count, page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size").
			Scan(&pages, &free, &pageSize)
		if err != nil {
			return err
		}
		b.size.Store((pages - free) * pageSize)
		_, err = db.ExecContext(ctx, "VACUUM INTO ?", b.beside)
		return err
	})
}

// check opens the copy and reads all of it.
func (b *Backup) check(ctx context.Context) error {
	return withFile(b.beside, []string{"query_only(1)"}, func(db *sql.DB) error {
		var found string
		err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found)
		if err == nil && found != "ok" {
			err = fmt.Errorf("the copy is not whole, and neither may be %s: %s", b.from, found)
		}
		return err
	})
}

// publish renames the copy once it is on disk.
func (b *Backup) publish(file *os.File) (size int64, err error) {
	if err := file.Sync(); err != nil { // VACUUM INTO does not
		return 0, b.sentence(err)
	}
	info, err := file.Stat()
	if err != nil {
		return 0, b.sentence(err)
	}
	if err := os.Rename(b.beside, b.to); err != nil {
		return 0, b.sentence(err)
	}
	if folder, err := os.Open(filepath.Dir(b.to)); err == nil {
		_ = folder.Sync() // not every system has it
		_ = folder.Close()
	}
	return info.Size(), nil
}

func (b *Backup) sentence(err error) error {
	if isFull(err) {
		return fmt.Errorf("no space is left for %s", b.to)
	}
	return withoutPath(err)
}

// withoutPath removes the name of the unfinished copy.
func withoutPath(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}

// withFile opens a file and calls use with one connection to it.
func withFile(path string, pragmas []string, use func(*sql.DB) error) error {
	db, err := sql.Open("sqlite", dataSource(path, pragmas...))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	return errors.Join(use(db), db.Close())
}
