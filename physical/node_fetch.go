package physical

import (
	"fmt"
	"strings"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// Fetch reads further columns of rows that a Scan has read, by their locators (catalog.Locator). Output:
// input columns, then Columns.
type Fetch struct {
	Base
	Input                  Node
	Catalog, Schema, Table string
	Locator                int           // the input's column
	Columns                []int         // positions in the table's schema
	Whole                  catalog.Split // what the locators refer to
}

func (n *Fetch) Children() []Node { return []Node{n.Input} }

func (n *Fetch) String() string {
	var names []string
	for _, f := range n.Out[len(n.Out)-len(n.Columns):] {
		names = append(names, f.Name)
	}
	return fmt.Sprintf("Fetch %s.%s.%s [%s]", n.Catalog, n.Schema, n.Table, strings.Join(names, ", "))
}

// fetch reads columns that only few rows need in the task that has these rows: on a cluster the locators
// travel with them.
func (p *planner) fetch(n *logical.Fetch, need expr.ColumnSet) (*fragment, error) {
	f, err := p.build(n.Input, with(need, n.Locator))
	if err != nil {
		return nil, err
	}
	t, ok := n.Table.(catalog.Locatable)
	if !ok {
		return nil, fmt.Errorf("table %s has no locators", n.Name)
	}
	node := &Fetch{Input: f.root, Catalog: n.Catalog, Schema: n.SchemaName, Table: n.Name}
	if node.Whole, ok, err = t.Whole(); err != nil || !ok {
		return nil, fmt.Errorf("table %s can't be read by rows: %w", n.Name, err)
	}
	in, ok := bind(n.Locator, f.positions()).(*expr.Input)
	if !ok {
		return nil, fmt.Errorf("the locator of %s is no column", n)
	}
	node.Locator = in.Index
	cols := append([]logical.Column(nil), f.cols...)
	for i, c := range n.Cols {
		if need.Has(c.ID) {
			cols, node.Columns = append(cols, c), append(node.Columns, n.Ordinals[i])
		}
	}
	node.Base = p.base(cols, f.rows())
	out := f.on(node, cols)
	out.hash, out.ordering, out.bytes = f.hash, f.ordering, p.est.Bytes(n)
	return out, nil
}
