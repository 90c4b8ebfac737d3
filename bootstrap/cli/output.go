package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// output is a requested output file. It appears complete or not at all: the content is written to a file beside it,
// which replaces it when it is published. A path that is no regular file, such as a pipe or a terminal, is written
// directly. A nil output is not requested.
type output struct {
	path   string
	file   *os.File
	beside bool

	lock  sync.Mutex // publish and discard may meet
	ended bool
}

// openOutput opens an output, so that a path that can't be written is reported before the work.
func openOutput(path string) (*output, error) {
	if path == "-" {
		return nil, exit{code: ExitUsage, message: "- is no name of a file to write"}
	}
	target := path
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		target = resolved // a link stays one
	}
	o := &output{path: target, beside: true}
	mode := fs.FileMode(0o666) // less what the process masks
	name, flags := filepath.Join(filepath.Dir(target), fmt.Sprintf(".%s.%d", filepath.Base(target), os.Getpid())), os.O_CREATE|os.O_TRUNC
	if info, err := os.Stat(target); err == nil {
		mode = info.Mode().Perm()
		if !info.Mode().IsRegular() {
			name, flags, o.beside = target, 0, false
		}
	}
	opened, err := os.OpenFile(name, os.O_WRONLY|flags, mode)
	if err != nil {
		return nil, failf("can't write %s: %v", path, cause(err))
	}
	o.file = opened
	return o, nil
}

// cause returns what is wrong with a file, without its temporary name.
func cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}

// write fills the output and publishes it.
func (o *output) write(content func(io.Writer) error) error {
	if err := o.fill(content); err != nil {
		return err
	}
	return o.publish()
}

// fill writes the content, up to the disk.
func (o *output) fill(content func(io.Writer) error) error {
	if o == nil {
		return nil
	}
	buffered := bufio.NewWriter(o.file)
	err := content(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil && o.beside {
		err = o.file.Sync()
	}
	return o.named(err)
}

// publish renames a filled file to its path. It fails if the output was discarded.
func (o *output) publish() error {
	if o == nil {
		return nil
	}
	o.lock.Lock()
	defer o.lock.Unlock()
	if o.ended {
		return o.named(fs.ErrClosed)
	}
	o.ended = true
	err := o.file.Close()
	switch {
	case err != nil && o.beside:
		_ = os.Remove(o.file.Name())
	case err == nil && o.beside:
		err = os.Rename(o.file.Name(), o.path)
	}
	return o.named(err)
}

// discard removes an output that was not published; otherwise it does nothing.
func (o *output) discard() {
	if o == nil {
		return
	}
	o.lock.Lock()
	defer o.lock.Unlock()
	if o.ended {
		return
	}
	o.ended = true
	_ = o.file.Close()
	if o.beside {
		_ = os.Remove(o.file.Name())
	}
}

func (o *output) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("can't write %s: %w", o.path, cause(err))
}
