package server

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/flintsql/flint/cluster"
	"github.com/flintsql/flint/optimizer"
	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/server/pgcatalog"
	"github.com/flintsql/flint/sql/analyzer"
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/lower"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Session is one client's state. It belongs to one goroutine.
type Session struct {
	engine     *Engine
	user       string
	database   string
	path       []string // search_path as set
	pid        uint32
	settings   *settings
	tx         txState
	before     *savedSettings // nil outside transactions
	savepoints []string
	notices    []Notice
	sets       pendingSets

	// Statements are the prepared statements by name, of SQL's PREPARE and of the
	// protocol's Parse alike; "" is the unnamed one.
	Statements map[string]*Prepared
	cursors    map[string]*cursor
}

// Notice is a message to the client beside the result.
type Notice struct {
	Severity string // NOTICE, WARNING, INFO
	Err      *sqlerr.Error
}

// Column describes a result column to the client.
type Column struct {
	Name   string
	Type   types.Type
	Typmod int32
	// TableOID and Attribute are the table's column that this is; 0 if computed.
	TableOID  uint32
	Attribute uint16
}

// Prepared is a statement that was read and bound.
type Prepared struct {
	text    Text
	stmt    *core.Statement
	params  []types.Type
	columns []Column
	bound   *analyzer.Result // of the last binding, until its first run
	cmd     command
}

// Empty tells a statement of blanks and comments only.
func (p *Prepared) Empty() bool { return p.stmt.Empty() }

// Text is the statement as the client sent it.
func (p *Prepared) Text() string { return p.text.SQL }

// Params are the types of the parameters.
func (p *Prepared) Params() []types.Type { return p.params }

// Columns describes the result, nil if the statement gives no rows.
func (p *Prepared) Columns() []Column { return p.columns }

// Prepare reads and binds a statement. params are declared parameter types;
// unknown ones are inferred.
func (s *Session) Prepare(ctx context.Context, text Text, params []types.Type) (*Prepared, error) {
	st, err := lower.Lower(text.SQL)
	if err != nil {
		return nil, placed(err, text)
	}
	p := &Prepared{text: text, stmt: st}
	if st.Empty() {
		return p, nil
	}
	if err := s.allowed(st); err != nil {
		return nil, err
	}
	if st.Command != nil {
		err = s.prepareCommand(ctx, p, params)
		return p, placed(err, text)
	}
	if err := s.bind(ctx, p, params); err != nil {
		return nil, placed(err, text)
	}
	return p, nil
}

// bind resolves a query's names and types against the catalog as it is now.
func (s *Session) bind(ctx context.Context, p *Prepared, params []types.Type) error {
	b, err := analyzer.Bind(ctx, p.stmt, s.scope(params))
	if err != nil {
		return err
	}
	p.bound, p.params = b, b.Params
	p.columns = make([]Column, len(b.Columns))
	for i, c := range b.Columns {
		p.columns[i] = Column{Name: c.Name, Type: c.Type, Typmod: c.TypMod}
		p.columns[i].TableOID, p.columns[i].Attribute = s.origin(c.Origin)
	}
	return nil
}

// rebind binds a statement again for another run. The client has been told its
// columns, so they must be the same.
func (s *Session) rebind(ctx context.Context, p *Prepared) error {
	told := p.columns
	if err := s.bind(ctx, p, p.params); err != nil {
		return err
	}
	same := slices.EqualFunc(told, p.columns, func(a, b Column) bool { return a.Name == b.Name && a.Type == b.Type && a.Typmod == b.Typmod })
	if !same {
		p.columns, p.bound = told, nil
		return sqlerr.New(sqlerr.FeatureNotSupported, "cached plan must not change result type")
	}
	return nil
}

// scope is what the analyzer sees of the session.
func (s *Session) scope(params []types.Type) *analyzer.Session {
	return &analyzer.Session{Catalogs: s.engine.cfg.Catalogs, Database: s.database, SearchPath: s.schemas(), Params: params, Context: s.context()}
}

// Allowed refuses a statement that may not run now: all but the end of a
// transaction that has failed.
func (s *Session) Allowed(p *Prepared) error { return s.allowed(p.stmt) }

// Run executes a prepared statement.
func (s *Session) Run(ctx context.Context, p *Prepared, args []value.Value) (Rows, error) {
	if err := s.allowed(p.stmt); err != nil {
		return nil, err
	}
	if p.stmt.Command != nil {
		rows, err := p.cmd(ctx, args)
		return rows, placed(err, p.text)
	}
	r, err := s.runQuery(ctx, p, args)
	return r, placed(err, p.text)
}

// runQuery is the whole path of a query: bound plan → optimized plan → stages →
// running tasks.
func (s *Session) runQuery(ctx context.Context, p *Prepared, args []value.Value) (Rows, error) {
	pl, err := s.optimize(ctx, p, args)
	if err != nil {
		return nil, err
	}
	if rows := constantRows(pl.logical, p.columns); rows != nil {
		return rows, nil
	}
	if err := s.stages(ctx, pl); err != nil {
		return nil, err
	}
	res, err := s.start(ctx, pl)
	if err != nil {
		return nil, err
	}
	return &queryRows{columns: p.columns, res: res, learn: s.learner(pl)}, nil
}

// planned is a query on its way to the cluster.
type planned struct {
	logical  logical.Node
	trace    *optimizer.Trace
	physical *physical.Plan
	model    *cost.Model
	context  *function.Context
	topology cluster.Topology
}

// plan takes a prepared query to its physical plan.
func (s *Session) plan(ctx context.Context, p *Prepared, args []value.Value) (*planned, error) {
	pl, err := s.optimize(ctx, p, args)
	if err != nil {
		return nil, err
	}
	return pl, s.stages(ctx, pl)
}

// optimize takes a prepared query to its optimized logical plan.
func (s *Session) optimize(ctx context.Context, p *Prepared, args []value.Value) (*planned, error) {
	s.applySets()
	ctx = pgcatalog.WithState(ctx, s.CatalogState)
	if p.bound == nil {
		if err := s.rebind(ctx, p); err != nil {
			return nil, err
		}
	}
	b := p.bound
	p.bound = nil
	node, err := analyzer.BindParams(b.Plan, args)
	if err != nil {
		return nil, err
	}
	model := cost.NewModel(ctx).WithStatistics(s.engine.scanStats)
	if s.feedback() {
		model = model.WithFeedback(s.engine.state)
	}
	out := &planned{context: s.context(), model: model, topology: s.engine.cfg.Runner.Topology()}
	out.logical, out.trace, err = optimizer.Optimize(ctx, node, optimizer.Options{Disabled: s.disabledRules(), IDs: b.IDs, Context: out.context, Model: model,
		SharedMemory: out.topology.InProcess || s.settings.boolean("runtime_filters")})
	return out, err
}

// stages divides an optimized plan into the stages that run.
func (s *Session) stages(ctx context.Context, pl *planned) error {
	ctx = pgcatalog.WithState(ctx, s.CatalogState)
	top := pl.topology
	var err error
	pl.physical, err = physical.New(ctx, pl.logical, pl.model, physical.Options{
		Slots: s.parallelism(top.Slots()), Processes: len(top.Executors), InProcess: top.InProcess, Functions: pl.context,
		BroadcastBytes: float64(s.settings.bytes("broadcast_threshold")), SpoolBytes: float64(s.settings.bytes("spool_threshold")),
		LocalCatalogs: localCatalogs, RuntimeFilters: s.settings.boolean("runtime_filters"), AdaptiveBytes: s.adaptiveBytes(),
	})
	return err
}

// adaptiveBytes is what a task of a re-planned stage should read, 0 = stages are not
// re-planned.
func (s *Session) adaptiveBytes() int64 {
	if s.settings.get("adaptive") != "on" {
		return 0
	}
	return max(1, s.settings.bytes("adaptive_task_size"))
}

// localCatalogs are read by the driver itself.
var localCatalogs = map[string]bool{"*.pg_catalog": true, "*.information_schema": true, "*.flint": true, "flint": true}

// start hands a plan to the cluster.
func (s *Session) start(ctx context.Context, pl *planned) (cluster.Result, error) {
	return s.engine.cfg.Runner.Run(ctx, cluster.Query{ID: s.engine.nextQueryID(), Plan: pl.physical, Context: pl.context,
		Memory: s.settings.bytes("query_memory_limit"), Committed: s.settings.get("result_delivery") == "committed"})
}

// placed shifts an error's position from its statement to the whole text.
func placed(err error, text Text) error {
	var e *sqlerr.Error
	if err == nil || text.Characters == 0 || !errors.As(err, &e) || e.Position == 0 {
		return err
	}
	c := *e
	c.Position += text.Characters
	return &c
}

// context fixes what a query sees of its surroundings.
func (s *Session) context() *function.Context {
	now := s.engine.cfg.Now()
	fc := &function.Context{Now: now, Location: s.settings.location, User: s.user, Database: s.database,
		Schemas: s.schemas(), Settings: s.settings.all(), Seed: uint64(now.UnixNano())}
	fc.Catalog = s.catalogLookup()
	return fc
}

// ValueEnv is what text forms of values depend on.
func (s *Session) ValueEnv() value.Env {
	return value.Env{Location: s.settings.location, ExtraFloatDigits: s.settings.integer("extra_float_digits"),
		ByteaEscape: s.settings.get("bytea_output") == "escape", Now: s.engine.cfg.Now()}
}

// StatementTimeout is the longest time a statement may run, 0 = no limit.
func (s *Session) StatementTimeout() time.Duration {
	return s.settings.duration("statement_timeout")
}

// parallelism is the number of tasks a stage may have.
func (s *Session) parallelism(slots int) int {
	if n := s.settings.integer("max_parallelism"); n > 0 {
		return min(n, max(1, slots))
	}
	return max(1, slots) // a plan that the driver runs alone needs no executor
}

// Database is the session's catalog.
func (s *Session) Database() string { return s.database }

// SetBackend tells the session its connection's process ID.
func (s *Session) SetBackend(pid uint32) { s.pid = pid }

// TakeNotices returns the notices since the last call.
func (s *Session) TakeNotices() []Notice {
	n := s.notices
	s.notices = nil
	return n
}

func (s *Session) warn(code, format string, args ...any) {
	s.notices = append(s.notices, Notice{"WARNING", sqlerr.New(code, format, args...)})
}

// Close ends the session.
func (s *Session) Close() { s.closeCursors(true) }
