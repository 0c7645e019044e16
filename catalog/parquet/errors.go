package parquet

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/flintsql/flint/sql/sqlerr"
)

// corrupt says that a file's contents break the format (XX001).
func corrupt(form string, args ...any) error {
	return sqlerr.New(sqlerr.DataCorrupted, form, args...)
}

// inFile adds the file's name to an error that a client will see. Errors of the
// operating system become 58030, and everything else that is not an
// *sqlerr.Error XX001.
func inFile(path string, err error) error {
	var e *sqlerr.Error
	if errors.As(err, &e) {
		if e.Code != sqlerr.DataCorrupted && e.Code != sqlerr.FeatureNotSupported {
			return err
		}
		c := *e
		c.Message = fmt.Sprintf("file %q: %s", path, e.Message)
		return &c
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return sqlerr.New(sqlerr.IOError, "could not read file %q: %w", path, pe.Err)
	}
	return sqlerr.New(sqlerr.DataCorrupted, "file %q is not a valid Parquet file: %w", path, err)
}

// changed says that a file is not the one that was planned with.
func changed(path string) error {
	return sqlerr.New(sqlerr.IOError, "file %q changed while it was being queried", path)
}

// guard turns a panic of a decoder into an error, so that a bad file costs one query.
func guard(err *error) {
	if r := recover(); r != nil {
		*err = corrupt("the data is malformed: %v", r)
	}
}
