// Package sqlerr defines the one error that a client may see: a PostgreSQL
// ErrorResponse in Go form (protocol v3, section 55.8 "Error and Notice Message
// Fields").
package sqlerr

import (
	"errors"
	"fmt"
)

// Error is an error with a SQLSTATE. Everything that reaches a client is an
// *Error; any other error is wrapped by From as XX000.
type Error struct {
	Code     string // SQLSTATE, five characters (see codes.go)
	Message  string
	Detail   string
	Hint     string
	Position int   // 1-based character offset in the client's text; 0 = unknown
	Cause    error // what lies beneath; never shown to the client
}

// New makes an error with a SQLSTATE and a formatted message. %w in the format
// keeps the cause.
func New(code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), Cause: errors.Unwrap(err)}
}

// At returns a copy of e that points to a 1-based character position, unless e
// has one already.
func (e *Error) At(position int) *Error {
	if e.Position != 0 {
		return e
	}
	c := *e
	c.Position = position
	return &c
}

// WithHint returns a copy of e with a hint.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

// WithDetail returns a copy of e with a detail line.
func (e *Error) WithDetail(format string, args ...any) *Error {
	c := *e
	c.Detail = fmt.Sprintf(format, args...)
	return &c
}

// Error returns the message, and the SQLSTATE in brackets.
func (e *Error) Error() string { return e.Message + " (SQLSTATE " + e.Code + ")" }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// From returns err's *Error, or wraps err as an internal error (XX000). nil
// stays nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: Internal, Message: err.Error(), Cause: err}
}

// Code returns the SQLSTATE of err: XX000 for a foreign error, "" for nil.
func Code(err error) string {
	if e := From(err); e != nil {
		return e.Code
	}
	return ""
}
