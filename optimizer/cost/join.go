package cost

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// Joined estimates a join of any kind, from the rows of the inner one. mark is
// the column of a mark join.
func Joined(kind logical.JoinKind, lp, rp *Props, on []expr.Expr, mark logical.Column) *Props {
	share, residual := JoinShare(lp, rp, on)
	rows := lp.Rows * rp.Rows * share
	both := merged(lp, rp)
	if len(residual) > 0 {
		s, _ := selectivity(both, residual)
		rows *= s
	}
	switch kind {
	case logical.Semi:
		out := scaled(lp, matched(lp, rp, on, residual, both))
		narrow(out, lp, rp, on)
		return out
	case logical.Anti:
		return scaled(lp, max(lp.Rows-matched(lp, rp, on, residual, both), lp.Rows*0.02))
	case logical.Mark:
		out := scaled(lp, lp.Rows)
		out.Cols[mark.ID] = Column{Distinct: 2, Domain: 2, Width: 1}
		return out
	case logical.Single:
		out := spread(lp, rp, both, lp.Rows)
		extended(out, rp, max(0, lp.Rows-matched(lp, rp, on, residual, both)))
		return out
	case logical.Left, logical.Right, logical.Full:
		return outer(kind, lp, rp, both, on, residual, rows)
	}
	out := spread(lp, rp, both, rows)
	narrow(out, lp, rp, on)
	return out
}

// narrow notes that columns equal to one another reach no further than either.
func narrow(out, lp, rp *Props, on []expr.Expr) {
	inL := func(id expr.ColumnID) bool { _, ok := lp.Cols[id]; return ok }
	inR := func(id expr.ColumnID) bool { _, ok := rp.Cols[id]; return ok }
	for _, e := range on {
		a, b, ok := Equality(e, inL, inR)
		if !ok {
			continue
		}
		reach := min(reachOf(lp, a), reachOf(rp, b))
		for _, x := range []expr.Expr{a, b} {
			col, ok := x.(*expr.Column)
			if !ok {
				continue
			}
			if c, ok := out.Cols[col.ID]; ok && c.Reach > reach {
				c.Reach = reach
				out.Cols[col.ID] = c
			}
		}
	}
}

// ofKey reports a column that is a key of its table, though not of its rows any more.
func ofKey(p *Props, e expr.Expr) bool {
	col, ok := e.(*expr.Column)
	c := Column{}
	if ok {
		c = p.Cols[col.ID]
	}
	return c.TableRows > 0 && c.Domain >= 0.99*c.TableRows
}

// reachOf is the number of values that a side of an equality is drawn from.
func reachOf(p *Props, e expr.Expr) float64 {
	d := exprDistinct(p, e)
	if c, ok := e.(*expr.Column); ok {
		d = max(d, p.Cols[c.ID].Reach)
	}
	return d
}

// outer adds to an inner join's rows those without a match, of the sides that keep them.
func outer(kind logical.JoinKind, lp, rp, both *Props, on, residual []expr.Expr, rows float64) *Props {
	aloneL, aloneR, least := 0.0, 0.0, 0.0
	if kind != logical.Right {
		aloneL, least = max(0, lp.Rows-matched(lp, rp, on, residual, both)), lp.Rows
	}
	if kind != logical.Left {
		aloneR, least = max(0, rp.Rows-matched(rp, lp, on, residual, both)), max(least, rp.Rows)
	}
	out := spread(lp, rp, both, max(rows+aloneL+aloneR, least))
	if kind != logical.Right {
		extended(out, rp, aloneL)
	}
	if kind != logical.Left {
		extended(out, lp, aloneR)
	}
	return out
}

// extended notes that in so many rows of an outer join the columns of its inner
// side are NULL.
func extended(out, inner *Props, rows float64) {
	if out.Rows <= 0 {
		return
	}
	share := min(1, rows/out.Rows)
	for id := range inner.Cols {
		if c, ok := out.Cols[id]; ok {
			c.NullFrac += (1 - c.NullFrac) * share
			c.dist = nil
			out.Cols[id] = c
		}
	}
}

// spread gives the columns of a join's output their statistics.
func spread(lp, rp, both *Props, rows float64) *Props {
	out := &Props{Rows: rows, Cols: make(map[expr.ColumnID]Column, len(both.Cols))}
	scaleInto(out, lp, true)
	scaleInto(out, rp, true)
	return out
}

func merged(a, b *Props) *Props {
	out := &Props{Rows: max(a.Rows, b.Rows), Cols: make(map[expr.ColumnID]Column, len(a.Cols)+len(b.Cols))}
	for id, c := range a.Cols {
		out.Cols[id] = c
	}
	for id, c := range b.Cols {
		out.Cols[id] = c
	}
	return out
}

// Equality splits an equality conjunct into its sides, the first over l's
// columns and the second over r's.
func Equality(e expr.Expr, l, r func(expr.ColumnID) bool) (a, b expr.Expr, ok bool) {
	switch x := e.(type) {
	case *expr.Call:
		if x.Func.Name != "=" || len(x.Args) != 2 {
			return nil, nil, false
		}
		a, b = x.Args[0], x.Args[1]
	case *expr.Distinct:
		if !x.Negated {
			return nil, nil, false
		}
		a, b = x.L, x.R
	default:
		return nil, nil, false
	}
	within := func(e expr.Expr, in func(expr.ColumnID) bool) bool {
		cols := expr.Columns(e)
		for id := range cols {
			if !in(id) {
				return false
			}
		}
		return len(cols) > 0
	}
	switch {
	case within(a, l) && within(b, r):
		return a, b, true
	case within(b, l) && within(a, r):
		return b, a, true
	}
	return nil, nil, false
}

// JoinShare estimates the share of the cross product that passes the equalities
// among the conjuncts, and returns the others. One equality passes 1/max of the
// distinct counts (the smaller side's values are contained in the larger's), which for a key are
// those before other columns' filters: these drop a foreign key's values and its table's keys
// independently.
// Several together are taken for a composite key: 1/min of the sides' combined
// counts, each at most its table's rows, because their columns depend on each other.
func JoinShare(l, r *Props, on []expr.Expr) (share float64, residual []expr.Expr) {
	inL := func(id expr.ColumnID) bool { _, ok := l.Cols[id]; return ok }
	inR := func(id expr.ColumnID) bool { _, ok := r.Cols[id]; return ok }
	share = 1
	product := 1.0
	var as, bs []expr.Expr
	for _, e := range on {
		a, b, ok := Equality(e, inL, inR)
		if !ok {
			residual = append(residual, e)
			continue
		}
		as, bs = append(as, a), append(bs, b)
		one := 1 / max(1, exprDistinct(l, a), exprDistinct(r, b))
		if ofKey(l, a) || ofKey(r, b) {
			one = 1 / max(1, reachOf(l, a), reachOf(r, b))
		}
		share, product = min(share, one), product*one
	}
	switch {
	case len(as) < 2:
	case apart(l, as) || apart(r, bs):
		// Keys that come from several tables on one side know nothing of each other: an order's
		// customer and its supplier are of one nation by chance only.
		share = product
	default:
		share = min(share, 1/max(1, min(domain(l, as), domain(r, bs))))
	}
	return share, residual
}

// apart reports keys that are columns of different tables.
func apart(p *Props, keys []expr.Expr) bool {
	first := 0
	for _, k := range keys {
		c, ok := k.(*expr.Column)
		if !ok {
			return false
		}
		t := p.Cols[c.ID].Table
		if t == 0 {
			return false
		}
		if first == 0 {
			first = t
		}
		if t != first {
			return true
		}
	}
	return false
}

// domain estimates how many combinations of values keys have in their table,
// before any filter.
func domain(p *Props, keys []expr.Expr) float64 {
	d, rows := 1.0, 0.0
	for _, k := range keys {
		c, ok := k.(*expr.Column)
		if !ok {
			d *= exprDistinct(p, k)
			continue
		}
		s := p.Cols[c.ID]
		d *= max(1, s.Domain)
		rows = max(rows, s.TableRows)
	}
	if rows == 0 {
		rows = p.Rows
	}
	return max(1, min(d, rows))
}

// matched estimates how many of l's rows have a partner in r.
func matched(lp, rp *Props, on, residual []expr.Expr, both *Props) float64 {
	if rp.Rows < 1 {
		return lp.Rows * min(1, rp.Rows)
	}
	inL := func(id expr.ColumnID) bool { _, ok := lp.Cols[id]; return ok }
	inR := func(id expr.ColumnID) bool { _, ok := rp.Cols[id]; return ok }
	share := 1.0
	for _, e := range on {
		if a, b, ok := Equality(e, inL, inR); ok {
			dl, dr := exprDistinct(lp, a), exprDistinct(rp, b)
			domain := dl
			if c, ok := a.(*expr.Column); ok {
				domain = max(dl, lp.Cols[c.ID].Domain)
			}
			share = min(share, dr/max(1, domain))
		}
	}
	if len(residual) > 0 { // a partner must pass these too; several candidates make that likely
		s, _ := selectivity(both, residual)
		share *= max(s, 0.5)
	}
	return lp.Rows * min(1, share)
}
