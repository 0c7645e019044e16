package server

import (
	"context"
	"strings"
	"sync"

	"github.com/flintsql/flint/server/pgcatalog"
	"github.com/flintsql/flint/sql/analyzer"
	"github.com/flintsql/flint/sql/function"
)

// Activity is what pg_stat_activity shows of a connection.
type Activity = pgcatalog.Activity

// Backends are the connections of a protocol server. It is safe for
// concurrent use.
type Backends interface {
	// Activity lists the connections by process ID.
	Activity() []Activity
	// Signal cancels the running statement of a connection, or ends it; false
	// if there is no such connection.
	Signal(pid uint32, terminate bool) bool
}

// SetBackends tells the engine of the protocol server's connections.
func (e *Engine) SetBackends(b Backends) { e.backends.Store(&b) }

// catalogLookup answers functions that look into the session's catalog.
func (s *Session) catalogLookup() function.CatalogLookup {
	c, ok := s.engine.cfg.Catalogs.byName[s.database]
	if !ok {
		return nil
	}
	return c.Lookup(context.Background(), s.asCatalogSession())
}

// CatalogState is what system tables show of the session.
func (s *Session) CatalogState() pgcatalog.State { return s.asCatalogSession().CatalogState() }

// asCatalogSession notes what the state is made from. Few queries ask for the
// state, so it is made when one does.
func (s *Session) asCatalogSession() catalogSession {
	return catalogSession{s: s, user: s.user, database: s.database, schemas: s.schemas(), defaultPath: s.defaultPath(), pid: int32(s.pid), values: s.settings.all()}
}

// kindNames are pg_settings.vartype.
var kindNames = [...]string{textSetting: "string", boolSetting: "bool", intSetting: "integer", bytesSetting: "string",
	durationSetting: "string", enumSetting: "enum", readOnlySetting: "string"}

// catalogSession is what the tasks of a query may ask of its session while the
// session itself waits.
type catalogSession struct {
	s                           *Session
	user, database, defaultPath string
	schemas                     []string
	pid                         int32
	values                      map[string]string
}

// CatalogState is the session's state when the query began, beside what the
// other sessions do now.
func (c catalogSession) CatalogState() pgcatalog.State {
	e := c.s.engine
	st := pgcatalog.State{User: c.user, Database: c.database, Path: c.schemas, PID: c.pid, Started: e.started}
	for _, x := range allSettings {
		st.Settings = append(st.Settings, pgcatalog.Setting{Name: x.name, Value: c.values[strings.ToLower(x.name)], Default: c.defaultOf(x), Doc: x.doc,
			Kind: kindNames[x.kind], ReadOnly: x.kind == readOnlySetting, Enum: strings.Fields(x.allowed)})
	}
	if b := e.backends.Load(); b != nil {
		st.Sessions = (*b).Activity()
	}
	return st
}

// defaultOf is a setting's value after RESET.
func (c catalogSession) defaultOf(x setting) string {
	if v, ok := c.s.settings.start[strings.ToLower(x.name)]; ok { // written before the first query only
		return v
	}
	switch x.name {
	case "search_path":
		return c.defaultPath
	case "session_authorization":
		return c.user
	}
	return x.value
}

func (c catalogSession) Setting(name string) (string, bool) {
	if v, ok := c.s.sets.get(name); ok {
		return v, true
	}
	x, ok := findSetting(name)
	if !ok {
		return "", false
	}
	return c.values[strings.ToLower(x.name)], true
}

func (c catalogSession) SetSetting(name, v string) (string, error) {
	x, ok := findSetting(name)
	if !ok && !strings.Contains(name, ".") {
		return "", unrecognized(name)
	}
	if ok {
		var err error
		if v, err = x.check(v); err != nil {
			return "", err
		}
	}
	c.s.sets.add(name, v)
	return v, nil
}

func (c catalogSession) Signal(pid int32, terminate bool) bool {
	b := c.s.engine.backends.Load()
	return b != nil && (*b).Signal(uint32(pid), terminate)
}

// pendingSets are settings that set_config changed in a running query. The
// session takes them over when the query has ended.
type pendingSets struct {
	mu   sync.Mutex
	list []Parameter
}

func (p *pendingSets) add(name, v string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, Parameter{name, v})
}

func (p *pendingSets) get(name string) (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.list) - 1; i >= 0; i-- {
		if strings.EqualFold(p.list[i].Name, name) {
			return p.list[i].Value, true
		}
	}
	return "", false
}

// applySets takes over what set_config changed.
func (s *Session) applySets() {
	s.sets.mu.Lock()
	list := s.sets.list
	s.sets.list = nil
	s.sets.mu.Unlock()
	for _, p := range list {
		_ = s.put(p.Name, p.Value) // was checked when set
	}
}

// origin gives a table's column its OID and number; zeros for what the
// session's catalog does not hold.
func (s *Session) origin(o *analyzer.Origin) (table uint32, attribute uint16) {
	if o == nil || o.Catalog != s.database || o.Schema == "" {
		return 0, 0
	}
	return s.engine.cfg.Catalogs.byName[s.database].TableOID(o.Schema, o.Table), uint16(o.Column)
}
