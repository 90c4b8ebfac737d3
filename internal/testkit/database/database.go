// Package database gives tests database files whose schema was made once.
package database

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Copies returns a function that copies one file to a path. The first call makes the file, with create; every other
// copies it, since the schema takes longer to make than most tests take to run. The file must be closed when create
// returns.
func Copies(create func(t testing.TB, path string)) func(t testing.TB, path string) {
	var lock sync.Mutex
	var content []byte
	original := func(t testing.TB) []byte {
		t.Helper()
		lock.Lock()
		defer lock.Unlock()
		if content == nil {
			path := filepath.Join(t.TempDir(), "original.db")
			create(t, path)
			read, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			content = read
		}
		return content
	}
	return func(t testing.TB, path string) {
		t.Helper()
		if err := os.WriteFile(path, original(t), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
