// Package tpch is the catalog of TPC-H: its eight tables at any scale factor,
// with the rows of TPC's dbgen, generated while they are read.
//
// A schema is a scale factor: tiny is 0.01, sf1 is 1, sf0_1 is 0.1. Schemas
// lists the usual ones, and every sfN and sfN_M up to 29999 is accepted.
package tpch

import (
	"context"
	"slices"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/tpch/dbgen"
	"github.com/flintsql/flint/exec/memory"
)

// Connector is the TPC-H catalog. It keeps the pseudo text of comments, up to
// 300 MiB, from the first query that reads comments until the process ends.
type Connector struct {
	layouts []*layout // sorted by table name
	pool    *pool
}

// New returns the catalog. The account (of the process, say) is charged for
// the pseudo text; nil charges nobody.
func New(account *memory.Account) *Connector {
	c := &Connector{pool: newPool(account)}
	for _, t := range dbgen.Tables() {
		c.layouts = append(c.layouts, newLayout(t))
	}
	slices.SortFunc(c.layouts, func(a, b *layout) int {
		if a.table.Name < b.table.Name {
			return -1
		}
		return 1
	})
	return c
}

// DefaultSchema is tiny, scale factor 0.01.
func (c *Connector) DefaultSchema() string { return "tiny" }

// Schemas lists the usual scale factors, sorted by name.
func (c *Connector) Schemas(context.Context) ([]string, error) {
	return []string{"sf0_1", "sf1", "sf10", "sf100", "sf1000", "tiny"}, nil
}

// Tables lists the eight tables.
func (c *Connector) Tables(_ context.Context, schema string) ([]string, error) {
	if _, err := scaleOf(schema); err != nil {
		return nil, err
	}
	names := make([]string, len(c.layouts))
	for i, l := range c.layouts {
		names[i] = l.table.Name
	}
	return names, nil
}

// Table resolves a table at the scale factor that the schema names.
func (c *Connector) Table(_ context.Context, schema, name string) (catalog.Table, error) {
	scale, err := scaleOf(schema)
	if err != nil {
		return nil, err
	}
	l, err := c.layout(name)
	if err != nil {
		return nil, err
	}
	return &table{layout: l, scale: scale}, nil
}

// layout finds a table's layout.
func (c *Connector) layout(name string) (*layout, error) {
	for _, l := range c.layouts {
		if l.table.Name == name {
			return l, nil
		}
	}
	return nil, catalog.ErrNotFound
}
