// Package server is the engine behind the protocol: text in, result out. The
// whole path of a query stands in session.go.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/flintsql/flint/cluster"
	"github.com/flintsql/flint/server/state"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/lower"
	"github.com/flintsql/flint/sql/sqlerr"
)

// Version is what Flint says it is; ServerVersion is the PostgreSQL version
// whose behaviour clients may expect.
const (
	Version       = "0.1.0"
	ServerVersion = function.ServerVersion
)

// Config is what an Engine is made of.
type Config struct {
	Catalogs       *Catalogs
	Runner         cluster.Runner
	DefaultCatalog string // what a connection without a known database name gets
	Log            *slog.Logger
	Now            func() time.Time // nil = time.Now
	State          *state.Store     // what was learnt of the data; nil = a new one in memory
}

// Engine holds what all sessions share.
type Engine struct {
	cfg     Config
	state   *state.Store
	queries atomic.Uint64
	started time.Time
	// backends are the connections, nil if there is no protocol server.
	backends atomic.Pointer[Backends]
}

// NewEngine makes an engine.
func NewEngine(cfg Config) *Engine {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.DefaultCatalog == "" {
		cfg.DefaultCatalog = "flint"
	}
	if cfg.State == nil {
		cfg.State = state.New()
	}
	e := &Engine{cfg: cfg, state: cfg.State, started: cfg.Now()}
	cfg.Catalogs.describe(e.analyzed)
	return e
}

// Text is one statement of a simple-query string.
type Text = lower.Text

// Split cuts a simple-query string into its statements. As in PostgreSQL, a
// syntax error in any of them is found before the first one runs.
func Split(text string) ([]Text, error) {
	list, err := lower.Split(text)
	if err != nil || len(list) < 2 {
		return list, err
	}
	for _, t := range list {
		var e *sqlerr.Error
		if _, err := lower.Lower(t.SQL); errors.As(err, &e) && e.Code == sqlerr.Syntax {
			return nil, placed(err, t)
		}
	}
	return list, nil
}

// Connect opens a session on a database, which is a catalog. params are the
// startup packet's settings.
func (e *Engine) Connect(ctx context.Context, user, database string, params map[string]string) (*Session, error) {
	if database == "" {
		database = user
		if _, ok := e.cfg.Catalogs.Connector(database); !ok {
			database = e.cfg.DefaultCatalog // PostgreSQL's default, the user's name, is rarely a catalog
		}
	}
	s := &Session{engine: e, user: user, Statements: map[string]*Prepared{}, cursors: map[string]*cursor{}, settings: newSettings()}
	if err := s.switchCatalog(database); err != nil {
		if database == user {
			err = s.switchCatalog(e.cfg.DefaultCatalog) // libpq fills in the user's name
		}
		if err != nil {
			return nil, err
		}
	}
	if err := s.startupSettings(params); err != nil {
		return nil, err
	}
	return s, nil
}

func (e *Engine) nextQueryID() string {
	return fmt.Sprintf("q%d", e.queries.Add(1))
}

// noDatabase is PostgreSQL's error for connecting to a database that is not there.
func noDatabase(name string) *sqlerr.Error {
	return sqlerr.New(sqlerr.InvalidDatabase, "database %q does not exist", name)
}
