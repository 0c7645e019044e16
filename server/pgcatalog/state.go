package pgcatalog

import (
	"context"
	"time"
)

// State is what the system tables and functions show of the session that asks.
// It travels in a scan's split.
type State struct {
	User     string
	Database string
	Path     []string // search_path, resolved
	PID      int32
	Started  time.Time // of the server
	Settings []Setting `json:",omitempty"`
	Sessions []Activity
}

// Setting is a row of pg_settings.
type Setting struct {
	Name, Value, Default, Doc string
	Kind                      string // bool, integer, enum or string
	ReadOnly                  bool
	Enum                      []string
}

// Activity is a row of pg_stat_activity.
type Activity struct {
	PID                         int32
	User, Database, Application string
	Client                      string
	Port                        int32
	Started                     time.Time
	State, Query                string
	QueryStart                  time.Time
}

type stateKey struct{}

// WithState says for whom the catalog is read in ctx; state is called when a
// scan is planned.
func WithState(ctx context.Context, state func() State) context.Context {
	return context.WithValue(ctx, stateKey{}, state)
}

func stateOf(ctx context.Context) State {
	if f, ok := ctx.Value(stateKey{}).(func() State); ok {
		return f()
	}
	return State{User: owner}
}
