package cost

import (
	"context"
	"math"
	"reflect"
	"slices"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// Rows assumed of a table without statistics, of a table function, and of a
// recursive or unknown node.
const (
	unknownTable  = 100_000
	functionRows  = 100
	defaultSingle = 1
)

func (m *Model) estimate(n logical.Node) *Props {
	switch x := n.(type) {
	case *logical.Scan:
		return m.scan(x)
	case *logical.Values:
		return m.values(x)
	case *logical.Filter:
		return filtered(m.Props(x.Input), x.Preds)
	case *logical.Project:
		return project(m.Props(x.Input), x.Items)
	case *logical.Join:
		return Joined(x.Kind, m.Props(x.L), m.Props(x.R), x.On, x.MarkCol)
	case *logical.Apply:
		return Joined(x.Kind, m.Props(x.L), m.Props(x.R), x.On, x.MarkCol)
	case *logical.Aggregate:
		return m.aggregate(x)
	case *logical.Window:
		return m.window(x)
	case *logical.Limit:
		return limited(m.Props(x.Input), x.Count, x.Offset)
	case *logical.TopN:
		return limited(m.Props(x.Input), x.Count, x.Offset)
	case *logical.Union:
		return m.union(x)
	case *logical.Reuse:
		return m.renumbered(rename(m.Props(x.Input), x.Input.Schema(), x.Cols))
	case *logical.TableFunc:
		in := m.Props(x.Input)
		out := scaled(in, in.Rows*functionRows)
		for _, c := range x.Cols {
			out.Cols[c.ID] = unknownColumn(c, out.Rows)
		}
		return out
	}
	if kids := n.Children(); len(kids) == 1 {
		return m.Props(kids[0])
	}
	return &Props{Rows: unknownTable, Cols: map[expr.ColumnID]Column{}}
}

func (m *Model) scan(x *logical.Scan) *Props {
	p := &Props{Rows: unknownTable, Cols: make(map[expr.ColumnID]Column, len(x.Cols))}
	if x.Table == nil {
		return p
	}
	st, err := m.statsOf(x)
	if err == nil && st.Rows >= 0 {
		p.Rows = st.Rows
	}
	m.tables++
	for i, c := range x.Cols {
		col := unknownColumn(c, p.Rows)
		if s, ok := st.Columns[x.Ordinals[i]]; ok && err == nil {
			col.NullFrac, col.Unique = s.NullFrac, s.Unique
			if s.Distinct > 0 {
				col.Distinct = s.Distinct
			}
			if s.Unique {
				col.Distinct = max(1, p.Rows)
			}
			if s.Width > 0 {
				col.Width = s.Width
			}
			if s.Min != nil && s.Max != nil {
				col.Min, col.Max = Number(*s.Min), Number(*s.Max)
			}
			col.Domain, col.Reach = col.Distinct, col.Distinct
			col.dist = m.distribution(x, x.Ordinals[i], c.Field.Type, s)
		}
		col.TableRows, col.Table = p.Rows, m.tables
		p.Cols[c.ID] = col
	}
	if len(x.Filters) > 0 {
		p = filtered(p, x.Filters)
	}
	if x.Limit >= 0 {
		p = limited(p, x.Limit, 0)
	}
	return p
}

// statsOf asks for a scan's statistics, once a column of a table: rules make many
// scans of one table.
func (m *Model) statsOf(x *logical.Scan) (catalog.Stats, error) {
	ask := m.stats
	if ask == nil {
		ask = func(ctx context.Context, x *logical.Scan) (catalog.Stats, error) {
			return x.Table.Stats(ctx, x.Ordinals)
		}
	}
	missing := *x
	if !reflect.TypeOf(x.Table).Comparable() {
		missing.Ordinals = slices.DeleteFunc(slices.Clone(x.Ordinals), func(o int) bool { return o == catalog.Locator })
		return ask(m.ctx, &missing)
	}
	known, seen := m.tableStats[x.Table]
	missing.Ordinals = nil
	for _, o := range x.Ordinals {
		if _, ok := known.Columns[o]; !ok && o != catalog.Locator {
			missing.Ordinals = append(missing.Ordinals, o)
		}
	}
	if seen && missing.Ordinals == nil {
		return known, nil
	}
	st, err := ask(m.ctx, &missing)
	if err != nil {
		return st, err
	}
	if known.Columns == nil {
		known.Columns = map[int]catalog.ColumnStats{}
	}
	for _, o := range missing.Ordinals {
		known.Columns[o] = st.Columns[o]
	}
	known.Rows, known.Exact = st.Rows, st.Exact
	m.tableStats[x.Table] = known
	return known, nil
}

func (m *Model) values(x *logical.Values) *Props {
	p := &Props{Rows: float64(len(x.Rows)), Cols: map[expr.ColumnID]Column{}}
	for _, c := range x.Cols {
		col := unknownColumn(c, p.Rows)
		col.Distinct = max(1, p.Rows)
		col.Domain = col.Distinct
		p.Cols[c.ID] = col
	}
	return p
}

// filtered applies conjuncts: fewer rows, and fewer distinct values of every column.
func filtered(p *Props, preds []expr.Expr) *Props {
	s, effects := selectivity(p, preds)
	out := scaled(p, p.Rows*s)
	for id, e := range effects {
		c, ok := p.Cols[id]
		if !ok {
			continue
		}
		c.NullFrac, c.dist = 0, nil
		if !math.IsNaN(e.distinct) {
			c.Reach = min(c.Reach, max(1, e.distinct))
			c.Distinct = max(1, min(e.distinct, c.Distinct, max(1, out.Rows)))
		}
		if !math.IsNaN(e.min) {
			c.Min, c.Max = e.min, e.max
		}
		out.Cols[id] = c
	}
	return out
}

// scaled returns p with other rows: of d values, d·(1-(1-s)^(n/d)) are left
// when a share s of n rows is picked at random.
func scaled(p *Props, rows float64) *Props {
	out := &Props{Rows: rows, Cols: make(map[expr.ColumnID]Column, len(p.Cols))}
	scaleInto(out, p, false)
	return out
}

// scaleInto adds the columns of p to out, as they are among out's rows. With
// fanOut, keys of which rows repeat are keys no more.
func scaleInto(out, p *Props, fanOut bool) {
	rows, share := out.Rows, 1.0
	if p.Rows > 0 {
		share = rows / p.Rows
	}
	for id, c := range p.Cols {
		if share < 1 && c.Distinct > 1 {
			if c.Unique {
				c.Distinct = max(1, rows)
			} else {
				c.Distinct = max(1, c.Distinct*(1-math.Pow(1-share, p.Rows/c.Distinct)))
			}
		}
		c.Distinct = max(1, min(c.Distinct, max(1, rows)))
		if c.Unique {
			c.Reach = min(c.Reach, c.Distinct) // a foreign key of the rows that are left
		}
		if share > 1 || fanOut && rows > p.Rows {
			c.Unique = false
		}
		out.Cols[id] = c
	}
}

func limited(p *Props, count, offset int64) *Props {
	rows := max(0, p.Rows-float64(max(0, offset)))
	if count >= 0 {
		rows = min(rows, float64(count))
	}
	return scaled(p, rows)
}

func project(p *Props, items []logical.Item) *Props {
	out := &Props{Rows: p.Rows, Cols: make(map[expr.ColumnID]Column, len(items))}
	for _, it := range items {
		out.Cols[it.Col.ID] = derived(p, it)
	}
	return out
}

// derived estimates a computed column.
func derived(p *Props, it logical.Item) Column {
	if c, ok := it.Expr.(*expr.Column); ok {
		if s, ok := p.Cols[c.ID]; ok {
			return s
		}
	}
	c := unknownColumn(it.Col, p.Rows)
	c.Distinct = exprDistinct(p, it.Expr)
	c.Domain = c.Distinct
	if l, ok := it.Expr.(*expr.Literal); ok {
		c.Min, c.Max = Number(l.Value), Number(l.Value)
	}
	return c
}

func (m *Model) aggregate(x *logical.Aggregate) *Props {
	in := m.Props(x.Input)
	keys := make([]expr.Expr, len(x.Groups))
	for i, g := range x.Groups {
		keys[i] = g.Expr
	}
	out := &Props{Cols: map[expr.ColumnID]Column{}}
	switch {
	case x.Sets != nil:
		for _, set := range x.Sets {
			var ks []expr.Expr
			for _, i := range set {
				ks = append(ks, keys[i])
			}
			out.Rows += groups(in, ks)
		}
	case len(keys) == 0:
		out.Rows = defaultSingle
	default:
		out.Rows = min(groups(in, keys), max(1, in.Rows))
	}
	for _, g := range x.Groups {
		c := derived(in, g)
		c.Unique = len(x.Groups) == 1 && x.Sets == nil
		if c.Unique {
			c.Distinct = max(1, out.Rows)
			c.Reach = min(c.Reach, c.Distinct)
		}
		out.Cols[g.Col.ID] = c
	}
	for _, a := range x.Aggs {
		c := unknownColumn(a.Col, out.Rows)
		c.Distinct = max(1, out.Rows*0.7)
		c.Domain = c.Distinct
		if from, ok := chosen(in, a); ok { // one of the values that went in
			from.Distinct, from.Reach = max(1, min(from.Distinct, out.Rows)), 0
			c = from
		}
		if len(a.Args) < 2 && len(keys) > 0 {
			c.Mean, c.Dev = spreadOf(in, a, in.Rows/max(1, out.Rows))
			if a.Func.Name == "count" && c.Dev > 0 { // whole numbers around the mean
				c.Distinct = max(1, min(c.Distinct, 8*c.Dev+1))
				c.Domain = c.Distinct
			}
		}
		out.Cols[a.Col.ID] = c
	}
	return out
}

// chosen is the column of which an aggregate gives some value of each group.
func chosen(in *Props, a logical.AggCall) (Column, bool) {
	switch a.Func.Name {
	case "min", "max", "any_value":
	default:
		return Column{}, false
	}
	col, ok := a.Args[0].(*expr.Column)
	if !ok {
		return Column{}, false
	}
	c, ok := in.Cols[col.ID]
	c.Unique, c.dist, c.Table, c.TableRows, c.Dev = false, nil, 0, 0, 0
	return c, ok
}

// spreadOf estimates mean and deviation of a count or a sum over groups of n
// rows on average. Group sizes are taken to vary as in a Poisson process.
func spreadOf(in *Props, a logical.AggCall, n float64) (mean, dev float64) {
	if a.Distinct || a.Filter != nil {
		return 0, 0
	}
	if a.Func.Name == "count" {
		return n, math.Sqrt(n)
	}
	if a.Func.Name != "sum" {
		return 0, 0
	}
	col, ok := a.Args[0].(*expr.Column)
	if !ok {
		return 0, 0
	}
	c, ok := in.Cols[col.ID]
	if !ok || math.IsNaN(c.Min) || math.IsNaN(c.Max) || c.Max <= c.Min {
		return 0, 0
	}
	mid := (c.Min + c.Max) / 2
	width := c.Max - c.Min
	return n * mid, math.Sqrt(n * (width*width/12 + mid*mid))
}

func (m *Model) window(x *logical.Window) *Props {
	out := scaled(m.Props(x.Input), m.Rows(x.Input))
	part := max(1, out.Rows/groups(m.Props(x.Input), x.PartitionBy))
	for _, c := range x.Calls {
		col := unknownColumn(c.Col, out.Rows)
		if c.Func != nil {
			switch c.Func.Name {
			case "row_number", "rank", "dense_rank": // from one up to the rows of the partition
				col.Distinct, col.Domain, col.Min, col.Max, col.NullFrac = part, part, 1, part, 0
			}
		}
		out.Cols[c.Col.ID] = col
	}
	return out
}

func (m *Model) union(x *logical.Union) *Props {
	out := &Props{Cols: map[expr.ColumnID]Column{}}
	for _, in := range x.Inputs {
		p := m.Props(in)
		out.Rows += p.Rows
		for i, c := range in.Schema() {
			s := p.column(c)
			t, seen := out.Cols[x.Cols[i].ID]
			if seen {
				s.Distinct = max(s.Distinct, t.Distinct) + min(s.Distinct, t.Distinct)/2
				s.Min, s.Max = min(s.Min, t.Min), max(s.Max, t.Max)
				s.Width = max(s.Width, t.Width)
				s.Unique = false
			}
			out.Cols[x.Cols[i].ID] = s
		}
	}
	return out
}

func rename(p *Props, from, to []logical.Column) *Props {
	out := &Props{Rows: p.Rows, Cols: make(map[expr.ColumnID]Column, len(to))}
	for i, c := range to {
		out.Cols[c.ID] = p.column(from[i])
	}
	return out
}

// renumbered tells the tables of a reader of a shared subplan from those of its
// other readers. p is the caller's own.
func (m *Model) renumbered(p *Props) *Props {
	first := m.tables
	for id, c := range p.Cols {
		if c.Table != 0 {
			c.Table += first
			m.tables = max(m.tables, c.Table)
			p.Cols[id] = c
		}
	}
	return p
}
