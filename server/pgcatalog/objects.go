package pgcatalog

import (
	"context"
	"errors"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/server/state"
	"github.com/flintsql/flint/sql/types"
)

// snapshot is the catalog's objects as one scan or query sees them. They are
// listed when first asked for. It belongs to one goroutine.
type snapshot struct {
	ctx     context.Context
	c       *Connector
	state   State
	listed  bool
	err     error
	schemas []*schemaObject
	rels    []*relObject
	byOID   map[uint32]*relObject
}

type schemaObject struct {
	name string
	oid  uint32
}

// relObject is a table or view.
type relObject struct {
	schema *schemaObject
	name   string
	oid    uint32
	kind   string    // pg_class.relkind
	system *relation // nil for the connector's own
	table  catalog.Table
	opened bool
}

func (c *Connector) snapshot(ctx context.Context, s State) *snapshot {
	return &snapshot{ctx: ctx, c: c, state: s}
}

// list enumerates schemas and tables, without opening any.
func (s *snapshot) list() error {
	if s.listed {
		return s.err
	}
	s.listed = true
	s.err = s.listNow()
	return s.err
}

func (s *snapshot) listNow() error {
	names, err := s.c.described(s.ctx, s.state.Path)
	if err != nil {
		return err
	}
	s.byOID = map[uint32]*relObject{}
	for _, n := range names {
		sc := &schemaObject{n, s.c.schemaOID(n)}
		tables, err := s.c.Tables(s.ctx, n)
		if errors.Is(err, catalog.ErrNotFound) {
			continue // it was dropped
		}
		if err != nil {
			return err
		}
		s.schemas = append(s.schemas, sc)
		for _, t := range tables {
			r := s.relObject(sc, t)
			s.rels = append(s.rels, r)
			s.byOID[r.oid] = r
		}
	}
	return nil
}

func (s *snapshot) relObject(sc *schemaObject, name string) *relObject {
	r := &relObject{schema: sc, name: name, oid: s.c.TableOID(sc.name, name), kind: "r"}
	if x, ok := findRelation(sc.name, name); ok {
		r.system, r.kind = x, x.kind
	}
	return r
}

// open resolves a table of the connector; nil if it cannot be read just now,
// which must not keep the others from being shown.
func (s *snapshot) open(r *relObject) catalog.Table {
	if !r.opened && r.system == nil {
		r.opened = true
		if t, err := s.c.Connector.Table(s.ctx, r.schema.name, r.name); err == nil {
			r.table = t
		}
	}
	return r.table
}

func (s *snapshot) fields(r *relObject) []types.Field {
	if r.system != nil {
		return r.system.fields
	}
	if t := s.open(r); t != nil {
		return t.Schema()
	}
	return nil
}

// stats returns the estimated rows and bytes of a table, -1 if unknown.
func (s *snapshot) stats(r *relObject) (rows, bytes float64) {
	t := s.open(r)
	if t == nil {
		return -1, 0
	}
	all := make([]int, len(t.Schema()))
	for i := range all {
		all[i] = i
	}
	st, err := t.Stats(s.ctx, all)
	if k := s.analyzed(r); err == nil && st.Rows < 0 && k != nil {
		st.Rows = k.Rows
	}
	if err != nil || st.Rows < 0 {
		return -1, 0
	}
	width := 0.0
	for i, f := range t.Schema() {
		w := st.Columns[i].Width
		if w == 0 {
			w = float64(max(f.Type.Storage().Width(), 8))
		}
		width += w
	}
	return st.Rows, st.Rows * width
}

// analyzed returns what ANALYZE found out about a table; nil if nothing.
func (s *snapshot) analyzed(r *relObject) *state.Table {
	if s.c.analyzed == nil || r.system != nil {
		return nil
	}
	t := s.open(r)
	if t == nil {
		return nil
	}
	return s.c.analyzed(s.c.name, r.schema.name, r.name, t)
}

// relation finds a table by OID; nil if there is none.
func (s *snapshot) relation(oid uint32) (*relObject, error) {
	if err := s.list(); err != nil {
		return nil, err
	}
	return s.byOID[oid], nil
}

// searched is the search path with the implicit pg_catalog.
func (s *snapshot) searched() []string {
	for _, n := range s.state.Path {
		if n == PgCatalog {
			return s.state.Path
		}
	}
	return append([]string{PgCatalog}, s.state.Path...)
}

// find resolves a table's name, qualified or not; nil if there is none.
func (s *snapshot) find(schema, name string) (*relObject, error) {
	path := s.searched()
	if schema != "" {
		path = []string{schema}
	}
	for _, n := range path {
		_, err := s.c.Table(s.ctx, n, name)
		if errors.Is(err, catalog.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return s.relObject(&schemaObject{n, s.c.schemaOID(n)}, name), nil
	}
	return nil, nil
}

// visible reports whether a table's bare name means it.
func (s *snapshot) visible(r *relObject) bool {
	for _, n := range s.searched() {
		if n == r.schema.name {
			return true
		}
		if _, ok := s.byOID[s.c.TableOID(n, r.name)]; ok {
			return false
		}
	}
	return false
}
