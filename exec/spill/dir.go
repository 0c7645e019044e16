// Package spill keeps runs of batches on local disk, as blocks, and as Arrow IPC streams
// compressed with LZ4 where they have lists, for operators whose rows outgrow their memory. Files have
// no name while they are open, so that nothing is left of a process that dies.
package spill

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/flintsql/flint/sql/sqlerr"
)

// Dir is the directory that a process spills to. It is safe for concurrent use.
type Dir struct {
	path string
	used atomic.Int64

	scratch sync.Pool // of *scratch

	mu     sync.Mutex
	made   bool
	closed bool
}

// NewDir returns the directory at path. It is created when something is spilled
// for the first time.
func NewDir(path string) *Dir { return &Dir{path: path} }

// Path returns where the directory is, or will be.
func (d *Dir) Path() string { return d.path }

// Used returns the bytes now on disk.
func (d *Dir) Used() int64 { return d.used.Load() }

// Close removes the directory, if it was created; nothing can be spilled then.
func (d *Dir) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if !d.made {
		return nil
	}
	d.made = false
	return os.RemoveAll(d.path)
}

// file is an open file that counts as used as much as was written to it.
type file struct {
	*os.File
	dir  *Dir
	size int64
	name string // of the file where it could not be unlinked while open
}

func (d *Dir) newFile() (*file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, sqlerr.New(sqlerr.AdminShutdown, "the process is shutting down")
	}
	if !d.made {
		if err := os.MkdirAll(d.path, 0o700); err != nil {
			return nil, failed("create directory", err)
		}
		d.made = true
	}
	f, err := os.CreateTemp(d.path, "run-*.arrows")
	if err != nil {
		return nil, failed("create", err)
	}
	out := &file{File: f, dir: d}
	if os.Remove(f.Name()) != nil {
		out.name = f.Name()
	}
	return out, nil
}

func (f *file) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	f.size += int64(n)
	f.dir.used.Add(int64(n))
	return n, err
}

// close frees the file; it may be called again.
func (f *file) close() error {
	if f.File == nil {
		return nil
	}
	err := f.File.Close()
	if f.name != "" {
		err = errors.Join(err, os.Remove(f.name))
	}
	f.dir.used.Add(-f.size)
	f.File, f.size = nil, 0
	return err
}

// failed turns an error of the file system into what the user sees.
func failed(what string, err error) error {
	var e *sqlerr.Error
	if errors.As(err, &e) {
		return err
	}
	code, reason := sqlerr.IOError, err
	var errno syscall.Errno
	if errors.As(err, &errno) {
		reason = errno
		if errno == syscall.ENOSPC || errno == syscall.EDQUOT {
			code = sqlerr.DiskFull
		}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		reason = errors.New("unexpected end of file")
	}
	return sqlerr.New(code, "could not %s temporary file: %s", what, fmt.Sprint(reason))
}
