// Package cost estimates how many rows and bytes a plan yields, from the
// statistics of its tables.
package cost

import (
	"context"
	"math"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// Model estimates plans of one query. Estimates are memoized by node, which is
// sound because nodes are immutable. It is not safe for concurrent use.
type Model struct {
	ctx  context.Context
	memo map[logical.Node]*Props
	// tables counts the scans seen, to number them.
	tables int
	// stats gives a scan's statistics; nil asks the table itself.
	stats Statistics
	// tableStats remembers what was asked of each table, dists the distributions made.
	tableStats map[catalog.Table]catalog.Stats
	dists      map[distKey]*distribution
	// feedback knows what other queries measured; nil = nothing.
	feedback *digester
}

// Statistics gives the statistics of a scan's columns, as Table.Stats does.
type Statistics func(ctx context.Context, x *logical.Scan) (catalog.Stats, error)

// Props are the estimated properties of a node's output. Rows is at least 0.
type Props struct {
	Rows float64
	Cols map[expr.ColumnID]Column
}

// Column is what is estimated of one output column. Distinct is at least 1 and
// counts no NULL; Min and Max are NaN where unknown, on the scale of Number.
type Column struct {
	Distinct float64
	NullFrac float64
	Width    float64
	Min, Max float64
	Unique   bool // a key of the node: no two rows share a value
	// Domain is the distinct count before any filter: how many values the
	// column of a foreign key may take.
	Domain float64
	// Reach counts the values that the column's rows were drawn from when other columns' filters
	// dropped some: less than Domain where a filter, a join or the key of a filtered table bounds
	// the column itself. 0 is taken for Distinct.
	Reach float64
	// TableRows is the size of the table the column comes from, 0 if it is computed.
	TableRows float64
	// Table tells columns of one scan from those of another, 0 if it is computed.
	Table int
	// dist is the distribution of the values, nil if unknown.
	dist *distribution
	// Mean and Dev describe a sum per group, which is nearly normal; Dev is 0 for others.
	Mean, Dev float64
}

// NewModel returns a model; ctx bounds the reading of statistics.
func NewModel(ctx context.Context) *Model {
	return &Model{ctx: ctx, memo: map[logical.Node]*Props{}, tableStats: map[catalog.Table]catalog.Stats{}, dists: map[distKey]*distribution{}}
}

// WithStatistics makes the model ask for statistics elsewhere than at the tables.
func (m *Model) WithStatistics(s Statistics) *Model {
	m.stats = s
	return m
}

// Props returns the estimated properties of n. The result is shared: do not change it.
func (m *Model) Props(n logical.Node) *Props {
	if p, ok := m.memo[n]; ok {
		return p
	}
	p := m.estimate(n)
	if math.IsNaN(p.Rows) || p.Rows < 0 {
		p.Rows = 0
	}
	p.Rows = min(p.Rows, 1e18)
	if m.feedback != nil {
		p = m.correct(n, p)
	}
	m.memo[n] = p
	return p
}

// Rows returns the estimated number of rows of n.
func (m *Model) Rows(n logical.Node) float64 { return m.Props(n).Rows }

// RowBytes returns the estimated bytes of one row of n.
func (m *Model) RowBytes(n logical.Node) float64 {
	p := m.Props(n)
	w := 0.0
	for _, c := range n.Schema() {
		w += p.column(c).Width
	}
	return max(w, 1)
}

// Width returns the estimated bytes of a value of one of n's columns.
func (m *Model) Width(n logical.Node, c logical.Column) float64 { return m.Props(n).column(c).Width }

// Bytes returns the estimated bytes of n's output.
func (m *Model) Bytes(n logical.Node) float64 { return m.Rows(n) * m.RowBytes(n) }

// Distinct returns the estimated number of distinct values of a column of n.
func (m *Model) Distinct(n logical.Node, id expr.ColumnID) float64 {
	p := m.Props(n)
	if c, ok := p.Cols[id]; ok {
		return max(1, min(c.Distinct, p.Rows))
	}
	return max(1, p.Rows)
}

// Groups returns the estimated number of distinct combinations of expressions over n.
func (m *Model) Groups(n logical.Node, keys []expr.Expr) float64 {
	return groups(m.Props(n), keys)
}

// Selectivity returns the estimated share of n's rows that pass all conjuncts, 0..1.
func (m *Model) Selectivity(n logical.Node, preds []expr.Expr) float64 {
	s, _ := selectivity(m.Props(n), preds)
	return s
}

// Selectivity returns the estimated share of rows that pass all conjuncts, 0..1.
func (p *Props) Selectivity(preds []expr.Expr) float64 {
	s, _ := selectivity(p, preds)
	return s
}

// column returns what is known of a column, or defaults by its type.
func (p *Props) column(c logical.Column) Column {
	if s, ok := p.Cols[c.ID]; ok {
		return s
	}
	return unknownColumn(c, p.Rows)
}

func unknownColumn(c logical.Column, rows float64) Column {
	d := max(1, rows/10)
	nulls := 0.0
	if c.Field.Nullable {
		nulls = 0.01
	}
	return Column{Distinct: d, Domain: d, NullFrac: nulls, Width: typeWidth(c.Field.Type), Min: math.NaN(), Max: math.NaN()}
}
