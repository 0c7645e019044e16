// Package mem is the connector of tables held in memory: fixed tables that a
// process makes of its own state, and the empty default catalog.
package mem

import (
	"context"
	"io"
	"sort"
	"strconv"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// Source makes the rows of a table; each scan calls it anew. Batches are Owned
// and have all of the table's columns.
type Source func(ctx context.Context) ([]*vector.Batch, error)

// Table describes one table.
type Table struct {
	Name   string
	Fields []types.Field
	Rows   Source
	Count  float64 // estimated rows
}

// Connector offers schemas of tables. It is immutable.
type Connector struct {
	def     string
	schemas map[string]map[string]*Table
}

// New makes a connector; def is its default schema.
func New(def string, schemas map[string][]*Table) *Connector {
	c := &Connector{def: def, schemas: map[string]map[string]*Table{}}
	for name, tables := range schemas {
		m := map[string]*Table{}
		for _, t := range tables {
			m[t.Name] = t
		}
		c.schemas[name] = m
	}
	return c
}

// DefaultSchema is the schema of unqualified names.
func (c *Connector) DefaultSchema() string { return c.def }

// Schemas lists the schemas.
func (c *Connector) Schemas(context.Context) ([]string, error) { return sorted(c.schemas), nil }

// Tables lists the tables of a schema.
func (c *Connector) Tables(_ context.Context, schema string) ([]string, error) {
	m, ok := c.schemas[schema]
	if !ok {
		return nil, catalog.ErrNotFound
	}
	return sorted(m), nil
}

func sorted[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// Table resolves a table.
func (c *Connector) Table(_ context.Context, schema, name string) (catalog.Table, error) {
	t, ok := c.schemas[schema][name]
	if !ok {
		return nil, catalog.ErrNotFound
	}
	return &table{t, schema}, nil
}

type table struct {
	t      *Table
	schema string
}

func (t *table) Schema() []types.Field { return t.t.Fields }

func (t *table) Stats(context.Context, []int) (catalog.Stats, error) {
	return catalog.Stats{Rows: t.t.Count, Columns: map[int]catalog.ColumnStats{}}, nil
}

func (t *table) Scan(context.Context, catalog.ScanRequest) (catalog.ScanPlan, error) {
	name := strconv.Quote(t.schema) + " " + strconv.Quote(t.t.Name)
	return catalog.ScanPlan{Splits: []catalog.Split{{Payload: []byte(name), Rows: int64(t.t.Count)}}}, nil
}

// Open reads a table from its source.
func (c *Connector) Open(ctx context.Context, split catalog.Split, req catalog.ReadRequest) (catalog.Reader, error) {
	for schema, m := range c.schemas {
		for name, t := range m {
			if strconv.Quote(schema)+" "+strconv.Quote(name) != string(split.Payload) {
				continue
			}
			b, err := t.Rows(ctx)
			if err != nil {
				return nil, err
			}
			return &reader{batches: b, columns: req.Columns}, nil
		}
	}
	return nil, sqlerr.New(sqlerr.Internal, "no table for split %q", split.Payload)
}

type reader struct {
	batches []*vector.Batch
	columns []int
}

func (r *reader) Next(context.Context) (*vector.Batch, error) {
	if len(r.batches) == 0 {
		return nil, io.EOF
	}
	b := r.batches[0]
	r.batches = r.batches[1:]
	out := &vector.Batch{Rows: b.Rows, Owned: true}
	for _, c := range r.columns {
		out.Cols = append(out.Cols, b.Cols[c])
	}
	return out, nil
}

func (r *reader) Applied() bool { return false }
func (r *reader) Close() error  { r.batches = nil; return nil }
