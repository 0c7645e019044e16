package physical

import (
	"fmt"
	"strings"

	"github.com/flintsql/flint/sql/expr"
)

// Scan reads the splits its task was given. Columns are positions in the
// table's schema; output column i is Columns[i]. Output rows pass all Filters.
type Scan struct {
	Base
	Catalog, Schema, Table string
	Columns                []int
	Filters                []expr.Expr // over the output columns
	Limit                  int64       // per task, -1 = all
	Pruned                 string      // what the connector skipped, for EXPLAIN
	// Emit lists which of Columns are output (positions in Columns, ascending); the others are only read for
	// Filters. nil = all.
	Emit []int
	// KeyFilters are the runtime filters that other stages send.
	KeyFilters []KeyFilter
}

// Values yields constant rows.
type Values struct {
	Base
	Data [][]expr.Expr
}

// ExchangeSource reads this task's partition of an edge. With Merge, it merges
// its producers' sorted streams by these keys.
type ExchangeSource struct {
	Base
	Edge  EdgeID
	Merge []SortKey
}

func (*Scan) Children() []Node           { return nil }
func (*Values) Children() []Node         { return nil }
func (*ExchangeSource) Children() []Node { return nil }

func (n *Scan) String() string {
	names := make([]string, len(n.Out))
	for i, f := range n.Out {
		names[i] = f.Name
	}
	s := fmt.Sprintf("Scan %s.%s.%s [%s]", n.Catalog, n.Schema, n.Table, strings.Join(names, ", "))
	if len(n.Filters) > 0 {
		s += " where " + expr.FormatAnd(n.Filters)
	}
	if n.Limit >= 0 {
		s += fmt.Sprintf(" limit %d", n.Limit)
	}
	return s
}

func (n *Values) String() string { return "Values " + count(len(n.Data), "row") }

func (n *ExchangeSource) String() string {
	s := fmt.Sprintf("Exchange #%d", n.Edge)
	if len(n.Merge) > 0 {
		s += " merge by " + keys(n.Merge, n.Out)
	}
	return s
}
