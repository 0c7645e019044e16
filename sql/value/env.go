package value

import "time"

// Env is what text input and output depend on besides the value: the session's
// settings and its clock.
type Env struct {
	Location         *time.Location // TimeZone; nil means UTC
	ExtraFloatDigits int            // ≤ 0 rounds floats to 15+n (6+n) digits; > 0 prints the shortest exact form
	ByteaEscape      bool           // bytea_output = escape
	Now              time.Time      // what 'now' and 'today' mean; zero: they are not accepted
}

// DefaultEnv has PostgreSQL's default settings in UTC, and no clock.
var DefaultEnv = Env{ExtraFloatDigits: 1}

// location returns the session's time zone, never nil.
func (e Env) location() *time.Location {
	if e.Location == nil {
		return time.UTC
	}
	return e.Location
}
