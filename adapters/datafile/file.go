package datafile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"sync/atomic"
)

// Stdin is the path that stands for standard input.
const Stdin = "-"

// chunkBytes is how much is read at a time, and chunksAhead how many of them before they are asked for.
const (
	chunkBytes  = 256 << 10
	chunksAhead = 4
)

// File is an open data file, unpacked. A goroutine of its own reads ahead, so that unpacking and parsing overlap and a
// read of a silent pipe ends with the context. One goroutine at a time may read it.
type File struct {
	name   string
	size   int64
	source io.Reader
	closer io.Closer
	read   atomic.Int64

	ctx     context.Context // here because io.Reader has no other way to end a read
	cancel  context.CancelFunc
	filled  chan chunk
	free    chan []byte
	whole   []byte // the chunk in hand, to be given back
	current []byte // what is left of it
	err     error
}

type chunk struct {
	buffer []byte
	n      int
	err    error
}

// Open opens the file at path; "-" is stdin, which is not closed. The file is unpacked if its first bytes are those of
// gzip, whatever its name. The end of ctx ends every Read with its cause.
func Open(ctx context.Context, path string, stdin io.Reader) (*File, error) {
	file := &File{name: "standard input", source: stdin, closer: io.NopCloser(nil)}
	if path != Stdin {
		opened, size, err := openPath(path)
		if err != nil {
			return nil, err
		}
		file.name, file.size, file.source, file.closer = path, size, opened, opened
	}
	file.ctx, file.cancel = context.WithCancel(ctx)
	file.filled, file.free = make(chan chunk), make(chan []byte, chunksAhead)
	for range chunksAhead {
		file.free <- make([]byte, chunkBytes)
	}
	go file.fill()
	return file, nil
}

// openPath returns the file and its size, 0 for what has none, a pipe for one.
func openPath(path string) (*os.File, int64, error) {
	opened, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := opened.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a directory", path)
	}
	if err != nil {
		_ = opened.Close()
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return opened, 0, nil
	}
	return opened, info.Size(), nil
}

// Name returns the path, or "standard input".
func (f *File) Name() string { return f.name }

// Progress returns how many bytes of the file were read, before unpacking, and its size; 0 if the size isn't known. It
// may be called while another goroutine reads.
func (f *File) Progress() (read, size int64) { return f.read.Load(), f.size }

// Read implements io.Reader.
func (f *File) Read(p []byte) (int, error) {
	for len(f.current) == 0 {
		if f.err != nil {
			return 0, f.err
		}
		if f.whole != nil {
			f.free <- f.whole // has room: there are no more chunks than it holds
			f.whole = nil
		}
		select {
		case next := <-f.filled:
			f.whole, f.current, f.err = next.buffer, next.buffer[:next.n], next.err
		case <-f.ctx.Done():
			f.err = context.Cause(f.ctx)
		}
	}
	n := copy(p, f.current)
	f.current = f.current[n:]
	return n, nil
}

// Close ends the reading ahead and closes the file.
func (f *File) Close() error {
	f.cancel()
	return f.closer.Close()
}

// fill reads ahead, chunk by chunk, until the file or the context ends. The last chunk carries the error, io.EOF at the
// end of the file.
func (f *File) fill() {
	packed := bufio.NewReaderSize(counted{f.source, &f.read}, chunkBytes)
	reader, err := unpacked(packed)
	for {
		var next chunk
		select {
		case next.buffer = <-f.free:
		case <-f.ctx.Done():
			return
		}
		if err == nil {
			next.n, err = reader.Read(next.buffer)
		}
		next.err = err
		select {
		case f.filled <- next:
		case <-f.ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// unpacked reads through gzip if the file begins with its magic number (RFC 1952).
func unpacked(packed *bufio.Reader) (io.Reader, error) {
	magic, err := packed.Peek(2)
	if err != nil || !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return packed, nil //nolint:nilerr // what failed fails again when it is read; under two bytes is a plain file
	}
	return gzip.NewReader(packed)
}

// counted counts what is read through it.
type counted struct {
	io.Reader
	read *atomic.Int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read.Add(int64(n))
	return n, err
}
