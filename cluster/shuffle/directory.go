package shuffle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Directory is a directory that one process owns for its life: a lock beside
// it tells that the process lives, so that others sweep it once it is gone.
type Directory struct {
	Path string
	lock *os.File
}

const lockSuffix = ".lock"

// NewDirectory makes and locks root/name; the name must be new.
func NewDirectory(root, name string) (*Directory, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("make directory: %w", err)
	}
	path := filepath.Join(root, name)
	lock, err := lockFile(path + lockSuffix)
	if err != nil {
		return nil, fmt.Errorf("lock directory %s: %w", path, err)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		lock.Close()
		return nil, fmt.Errorf("make directory: %w", err)
	}
	return &Directory{path, lock}, nil
}

// lockFile makes and locks a file, again if a sweeper took it in between.
func lockFile(path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			f.Close()
			return nil, err
		}
		mine, err1 := f.Stat()
		there, err2 := os.Stat(path)
		if err1 == nil && err2 == nil && os.SameFile(mine, there) {
			return f, nil
		}
		f.Close()
	}
}

// Close removes the directory.
func (d *Directory) Close() error {
	err := errors.Join(os.RemoveAll(d.Path), os.Remove(d.Path+lockSuffix))
	d.lock.Close()
	return err
}

// Sweep removes the directories under root whose processes are gone.
func Sweep(root string) error {
	entries, err := os.ReadDir(root)
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	var errs []error
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), lockSuffix)
		if !ok {
			continue
		}
		path := filepath.Join(root, name)
		lock, err := lockFile(path + lockSuffix)
		if err != nil {
			continue // its process lives
		}
		errs = append(errs, (&Directory{path, lock}).Close())
	}
	return errors.Join(errs...)
}
