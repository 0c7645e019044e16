package server

import (
	"sort"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/server/pgcatalog"
)

// Catalogs are the connectors by catalog name. It does not change once the
// engine runs.
type Catalogs struct {
	byName map[string]*pgcatalog.Connector
}

// NewCatalogs makes the set of catalogs, each with pg_catalog,
// information_schema and flint beside its own schemas.
func NewCatalogs(byName map[string]catalog.Connector) *Catalogs {
	c := &Catalogs{byName: map[string]*pgcatalog.Connector{}}
	for n, x := range byName {
		c.byName[n] = pgcatalog.Wrap(n, x, c.Names)
	}
	return c
}

// UseMemory says who holds how much memory: what flint.memory shows. Call it
// before the engine runs.
func (c *Catalogs) UseMemory(holdings func() []memory.Holding) {
	for _, x := range c.byName {
		x.UseMemory(holdings)
	}
}

// describe tells the system tables where statistics are.
func (c *Catalogs) describe(stats pgcatalog.Statistics) {
	for _, x := range c.byName {
		x.Describe(stats)
	}
}

// Connector returns the connector of a catalog.
func (c *Catalogs) Connector(name string) (catalog.Connector, bool) {
	x, ok := c.byName[name]
	if !ok {
		return nil, false
	}
	return x, true
}

// Names lists the catalogs, sorted.
func (c *Catalogs) Names() []string {
	out := make([]string, 0, len(c.byName))
	for n := range c.byName {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}
