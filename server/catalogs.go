package server

import (
	"sort"

	"github.com/flintsql/flint/catalog"
)

// Catalogs are the connectors by catalog name. It does not change once the
// engine runs.
type Catalogs struct {
	byName map[string]catalog.Connector
}

// NewCatalogs makes the set of catalogs.
func NewCatalogs(byName map[string]catalog.Connector) *Catalogs { return &Catalogs{byName} }

// Connector returns the connector of a catalog.
func (c *Catalogs) Connector(name string) (catalog.Connector, bool) {
	x, ok := c.byName[name]
	return x, ok
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
