package sqlitedb_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// BenchmarkAnswers records answers of distinct students from 64 goroutines, each on disk before the next.
func BenchmarkAnswers(b *testing.B) {
	store := open(b, filepath.Join(b.TempDir(), "journey.db"))
	c := newClass(b, store)
	var next atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(loop *testing.PB) {
		student := fmt.Sprintf("student-%d", next.Add(1))
		for n := 0; loop.Next(); n++ {
			if err := c.record(b.Context(), student, n); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
