package sqlitedb

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	sqlite3 "modernc.org/sqlite/lib"
)

// inWords returns why a file can't be opened or written, if the file system tells: SQLite has one code for all causes.
func inWords(path string, err error) error {
	code := primaryCode(err)
	switch code {
	case sqlite3.SQLITE_NOTADB:
		return errors.New("the file is not a SQLite database")
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
	default:
		return err
	}
	if info, fault := os.Stat(path); fault == nil && info.IsDir() {
		return errors.New("that is a folder: DATABASE_URL names a file")
	}
	folder, fault := filepath.Abs(filepath.Dir(path))
	if fault != nil {
		return err
	}
	if _, fault := os.Stat(folder); errors.Is(fault, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %s", folder)
	}
	probe, fault := os.CreateTemp(folder, filepath.Base(path)+"-*")
	if cause, ok := errors.AsType[*fs.PathError](fault); ok {
		return fmt.Errorf("no file can be made in the folder %s, and the database needs some beside it: %w", folder, cause.Err)
	}
	if fault != nil {
		return err
	}
	_, _ = probe.Close(), os.Remove(probe.Name())
	if code != sqlite3.SQLITE_CANTOPEN {
		return fmt.Errorf("the file may not be written by this user: %w", err)
	}
	return err
}
