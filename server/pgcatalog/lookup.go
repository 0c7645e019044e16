package pgcatalog

import (
	"context"
	"strings"
	"sync"

	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Session is what the catalog functions ask of a session.
type Session interface {
	// CatalogState describes the session.
	CatalogState() State
	// Setting returns a run-time parameter.
	Setting(name string) (string, bool)
	// SetSetting sets a parameter and returns its new value.
	SetSetting(name, v string) (string, error)
	// Signal cancels the running statement of a backend, or ends its connection;
	// false if there is no such backend.
	Signal(pid int32, terminate bool) bool
}

// Lookup returns the answers to catalog functions within one query. It sees
// the objects as they are when first asked.
func (c *Connector) Lookup(ctx context.Context, s Session) function.CatalogLookup {
	return &lookup{ctx: ctx, c: c, session: s}
}

// lookup is used by all tasks of a query.
type lookup struct {
	ctx     context.Context
	c       *Connector
	session Session
	mu      sync.Mutex
	s       *snapshot
}

// Lookup calls a catalog function; none of its arguments is NULL.
func (l *lookup) Lookup(name string, args []value.Value) (value.Value, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.s == nil {
		l.s = l.c.snapshot(l.ctx, l.session.CatalogState())
	}
	f, ok := answers[name]
	if !ok {
		f, ok = answerOf(name)
	}
	if !ok {
		return value.Value{}, sqlerr.New(sqlerr.UndefinedFunction, "function %s is not known to the catalog", name)
	}
	x, err := f(l, args)
	if err != nil {
		return value.Value{}, err
	}
	return scalar(types.Type{}, x), nil
}

// answer computes a catalog function: nil is NULL.
type answer func(l *lookup, a []value.Value) (any, error)

// answerOf gives the answers to families of functions.
func answerOf(name string) (answer, bool) {
	switch {
	case strings.HasSuffix(name, "_is_visible"):
		return always(true), true
	case strings.HasPrefix(name, "has_") && strings.HasSuffix(name, "_privilege"):
		return always(true), true
	case strings.HasPrefix(name, "pg_get_"), strings.HasSuffix(name, "_description"):
		return always(nil), true
	}
	return nil, false
}

func always(x any) answer { return func(*lookup, []value.Value) (any, error) { return x, nil } }

// answers lists the functions that have one. Those that describe what Flint
// does not have answer NULL or zero.
var answers = map[string]answer{
	"regclassin": regclassIn, "regclassout": regclassOut, "to_regclass": orNull(regclassIn),
	"regtypein": regtypeIn, "regtypeout": regtypeOut, "to_regtype": orNull(regtypeIn),
	"regprocin": regprocIn, "regprocout": regprocOut, "to_regproc": orNull(regprocIn),
	"regnamespacein": regnamespaceIn, "regnamespaceout": regnamespaceOut, "to_regnamespace": orNull(regnamespaceIn),
	"regrolein": regroleIn, "regroleout": regroleOut, "to_regrole": orNull(regroleIn),

	"pg_get_userbyid":                    getUserByID,
	"pg_table_is_visible":                tableIsVisible,
	"pg_get_function_arguments":          functionArguments,
	"pg_get_function_identity_arguments": functionArguments,
	"pg_get_function_result":             functionResult,
	"pg_relation_size":                   relationSize,
	"pg_table_size":                      relationSize,
	"pg_total_relation_size":             relationSize,
	"pg_indexes_size":                    always(0),
	"pg_database_size":                   always(0),
	"pg_tablespace_size":                 always(0),
	"pg_tablespace_location":             always(""),
	"pg_relation_is_publishable":         always(false),
	"pg_has_role":                        always(true),
	"pg_my_temp_schema":                  always(0),
	"pg_is_other_temp_schema":            always(false),
	"row_security_active":                always(false),
	"pg_notification_queue_usage":        always(0.0),
	"pg_relation_filenode":               func(_ *lookup, a []value.Value) (any, error) { return a[0].I, nil },
	"pg_stat_get_live_tuples":            liveTuples,
	"pg_jit_available":                   always(false),
	"pg_stat_get_numscans":               always(0),
	"pg_blocking_pids":                   always([]string(nil)),
	"pg_index_column_has_property":       always(nil),
	"pg_indexam_has_property":            always(nil),
	"pg_sequence_last_value":             always(nil),
	"pg_export_snapshot":                 always(nil),
	"inet_client_addr":                   always(nil),
	"inet_server_addr":                   always(nil),
	"pg_backend_pid":                     func(l *lookup, _ []value.Value) (any, error) { return l.s.state.PID, nil },
	"pg_postmaster_start_time":           func(l *lookup, _ []value.Value) (any, error) { return l.s.state.Started, nil },
	"format_type":                        formatType,
	"current_setting":                    currentSetting,
	"set_config":                         setConfig,
	"pg_cancel_backend":                  func(l *lookup, a []value.Value) (any, error) { return l.session.Signal(int32(a[0].I), false), nil },
	"pg_terminate_backend":               func(l *lookup, a []value.Value) (any, error) { return l.session.Signal(int32(a[0].I), true), nil },
}

func currentSetting(l *lookup, a []value.Value) (any, error) {
	if v, ok := l.session.Setting(a[0].S); ok {
		return v, nil
	}
	return nil, sqlerr.New(sqlerr.UndefinedObject, "unrecognized configuration parameter \"%s\"", a[0].S)
}

func setConfig(l *lookup, a []value.Value) (any, error) {
	return l.session.SetSetting(a[0].S, a[1].S)
}

func getUserByID(l *lookup, a []value.Value) (any, error) {
	for _, n := range l.s.roles() {
		if int64(roleOID(n)) == a[0].I {
			return n, nil
		}
	}
	return "unknown (OID=" + oidText(a[0].I) + ")", nil
}

func tableIsVisible(l *lookup, a []value.Value) (any, error) {
	r, err := l.s.relation(uint32(a[0].I))
	if r == nil || err != nil {
		return nil, err
	}
	return l.s.visible(r), nil
}

func functionArguments(_ *lookup, a []value.Value) (any, error) {
	if r := routineByOID()[uint32(a[0].I)]; r != nil {
		return r.arguments(), nil
	}
	return nil, nil
}

func functionResult(_ *lookup, a []value.Value) (any, error) {
	if r := routineByOID()[uint32(a[0].I)]; r != nil {
		name, _ := declared(r.result)
		if r.set {
			name = "SETOF " + name
		}
		return name, nil
	}
	return nil, nil
}

func liveTuples(l *lookup, a []value.Value) (any, error) {
	r, err := l.s.relation(uint32(a[0].I))
	if r == nil || err != nil {
		return nil, err
	}
	n, _ := l.s.stats(r)
	return int64(max(n, 0)), nil
}

func relationSize(l *lookup, a []value.Value) (any, error) {
	r, err := l.s.relation(uint32(a[0].I))
	if r == nil || err != nil {
		return nil, err
	}
	_, bytes := l.s.stats(r)
	return int64(bytes), nil
}
