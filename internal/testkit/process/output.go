// Package process runs programs for tests and benchmarks, each in a process group of its own, and reads what they write,
// what they use of the machine, and their metrics.
package process

import (
	"bytes"
	"sync"
)

// Output can be read while it is written.
type Output struct {
	lock  sync.Mutex
	bytes bytes.Buffer
}

// Write appends to the output.
func (o *Output) Write(p []byte) (int, error) {
	o.lock.Lock()
	defer o.lock.Unlock()
	return o.bytes.Write(p)
}

// String returns all that was written so far.
func (o *Output) String() string {
	o.lock.Lock()
	defer o.lock.Unlock()
	return o.bytes.String()
}
