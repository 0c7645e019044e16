package pgcatalog

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/server/state"
	"github.com/flintsql/flint/sql/value"
)

// The schemas that Wrap adds, besides Flint.
const (
	PgCatalog         = "pg_catalog"
	InformationSchema = "information_schema"
)

// maxUsed bounds the unlisted schemas that a connector remembers.
const maxUsed = 64

// Connector is a connector with the system schemas. It is safe for
// concurrent use.
type Connector struct {
	catalog.Connector
	name string
	all  func() []string
	// memory is what flint.memory shows, nil = nothing.
	memory Holdings
	// analyzed gives what ANALYZE found out; nil before Describe.
	analyzed Statistics

	mu   sync.Mutex
	used map[string]bool // schemas in use that the connector does not list
}

// Wrap adds pg_catalog, information_schema and flint to the connector of the catalog
// called name. all lists the catalogs, for pg_database. Splits of c's own tables
// stay as they are, so that executors open them with the bare connector.
func Wrap(name string, c catalog.Connector, all func() []string) *Connector {
	return &Connector{Connector: c, name: name, all: all, used: map[string]bool{}}
}

// Statistics gives what ANALYZE found out about a table as it is now; nil if nothing.
type Statistics func(catalogName, schema, name string, t catalog.Table) *state.Table

// Describe tells where pg_stats and the like find statistics. It is called
// before the connector is used.
func (c *Connector) Describe(s Statistics) { c.analyzed = s }

// Schemas lists the connector's schemas and those of this package.
func (c *Connector) Schemas(ctx context.Context) ([]string, error) {
	own, err := c.Connector.Schemas(ctx)
	if err != nil {
		return nil, err
	}
	out := append([]string{PgCatalog, InformationSchema, Flint}, own...)
	slices.Sort(out)
	return slices.Compact(out), nil
}

// Tables lists the tables of a schema.
func (c *Connector) Tables(ctx context.Context, schema string) ([]string, error) {
	if !IsSystem(schema) {
		return c.Connector.Tables(ctx, schema)
	}
	var out []string
	for _, r := range relations() {
		if r.schema == schema {
			out = append(out, r.name)
		}
	}
	slices.Sort(out)
	return out, nil
}

// IsSystem tells the schemas of this package from a connector's own.
func IsSystem(schema string) bool {
	return schema == PgCatalog || schema == InformationSchema || schema == Flint
}

// Table resolves a table.
func (c *Connector) Table(ctx context.Context, schema, name string) (catalog.Table, error) {
	if IsSystem(schema) {
		r, ok := findRelation(schema, name)
		if !ok {
			return nil, catalog.ErrNotFound
		}
		return &table{c, r}, nil
	}
	t, err := c.Connector.Table(ctx, schema, name)
	if err == nil {
		c.use(schema)
	}
	return t, err
}

// use remembers that a schema is in use.
func (c *Connector) use(schema string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.used) < maxUsed {
		c.used[schema] = true
	}
}

// described lists the schemas that the system tables describe.
func (c *Connector) described(ctx context.Context, path []string) ([]string, error) {
	out, err := c.Schemas(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	for s := range c.used {
		out = append(out, s)
	}
	c.mu.Unlock()
	for _, s := range path {
		if slices.Contains(out, s) {
			continue
		}
		if _, err := c.Connector.Tables(ctx, s); !errors.Is(err, catalog.ErrNotFound) {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// Open reads a split of a system table, or of the wrapped connector.
func (c *Connector) Open(ctx context.Context, split catalog.Split, req catalog.ReadRequest) (catalog.Reader, error) {
	p, ok, err := decodePayload(split.Payload)
	if err != nil {
		return nil, err
	}
	if !ok {
		return c.Connector.Open(ctx, split, req)
	}
	return c.open(ctx, p, req)
}

// TableFunction forwards to the connector's own table functions.
func (c *Connector) TableFunction(ctx context.Context, name string, args []value.Value) (catalog.Table, error) {
	f, ok := c.Connector.(interface {
		TableFunction(ctx context.Context, name string, args []value.Value) (catalog.Table, error)
	})
	if !ok {
		return nil, catalog.ErrNotFound
	}
	return f.TableFunction(ctx, name, args)
}
