package physical

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// Runtime filters across stages. A join whose probe side comes from another stage sends the
// keys of its build side to the scan at the bottom of that stage. They travel over an edge of their own, so
// that the rules for spooled edges hold for them: they are committed with the build side's attempts, counted once, fixed
// for every attempt of the scan, and made again if they are lost. A scan that waits for them holds no slot.
// Filters within one stage are the operators' own business (package exec).

// KeyFilter makes a scan drop the rows whose column is not among an edge's keys.
type KeyFilter struct {
	Edge   EdgeID
	Column int         // position in the scan's Columns
	Field  types.Field // of the keys
}

// MaxFilterKeys is how many keys a task puts on a filter edge; beyond it only their range counts.
const MaxFilterKeys = 1 << 22

// FilterField is the one column of a filter edge: parts of the filter by a key, of which each of the build side's tasks
// sends its own and the scan makes one.
func FilterField(key types.Field) types.Field {
	return types.Field{Name: key.Name, Type: types.Of(types.Bytea)}
}

// Filterable reports types of keys that runtime filters know: integers, and those whose values are equal exactly if
// their bytes are, but for the blanks that character(n) ignores.
func Filterable(t types.Type) bool { return integers(t) || textual(t) }

func textual(t types.Type) bool {
	switch t.Kind {
	case types.Text, types.Varchar, types.Char, types.Name, types.Bytea, types.UUID:
		return true
	}
	return false
}

// KeyColumn returns the column that a join key is, perhaps under another string type's name.
func KeyColumn(e expr.Expr) (*expr.Input, bool) {
	if c, ok := e.(*expr.Cast); ok && textual(c.Arg.Type()) && function.Relabels(c.Arg.Type(), c.To) {
		e = c.Arg
	}
	in, ok := e.(*expr.Input)
	return in, ok
}

// A filter is worth its work and the wait from filteredRows rows of the scan on, if there are filterFactor times
// fewer build rows, and the build side has lost part of its table's rows before.
const (
	filteredRows = 100_000
	filterFactor = 8
	keptShare    = 0.5
)

// sendFilters gives the scans below l, in stages before the join's, the keys of r. Both are the
// join's inputs as they are in its stage.
func (p *planner) sendFilters(n *HashJoin, l, r *fragment) {
	if !p.o.RuntimeFilters || !needsMatch(n.Kind) {
		return
	}
	for i, k := range n.RKeys {
		if i < len(n.NullSafe) && n.NullSafe[i] || !Filterable(k.Type()) || k.Type() != n.LKeys[i].Type() {
			continue
		}
		src, column := keySource(r.root, k)
		if src == nil {
			continue
		}
		p.sendFilter(n, i, l, p.edgeOf[src], column)
	}
}

// wouldFilter reports whether sendFilters would give a scan below l the keys of r if both came from stages of their own.
func (p *planner) wouldFilter(kind logical.JoinKind, k joinKeys, l, r *fragment) bool {
	if !p.o.RuntimeFilters || !needsMatch(kind) {
		return false
	}
	lpos, rpos := l.positions(), r.positions()
	moved := &edge{from: &stage{root: r.root}, fields: fieldsOf(r.cols), rows: r.rows()}
	for i := range k.l {
		a, okA := k.l[i].(*expr.Column)
		b, okB := k.r[i].(*expr.Column)
		if !okA || !okB || k.nullSafe[i] || !Filterable(a.Typ) || a.Typ != b.Typ {
			continue
		}
		to := p.origin(l.st, l.root, &expr.Input{Index: lpos[a.ID], Typ: a.Typ}, r.rows())
		if to.scan != nil && !p.filtered(to, r.rows()) && p.filterPays(moved, rpos[b.ID], to.scan) {
			return true
		}
	}
	return false
}

// sendFilter sends the keys in a column of an edge that the build side is made from, if that pays.
func (p *planner) sendFilter(n *HashJoin, key int, l *fragment, in *edge, column int) {
	from, rows := in.from, in.rows
	to := p.origin(l.st, n.L, n.LKeys[key], rows)
	if to.scan == nil || to.stage == l.st || p.filtered(to, rows) || p.upstream(from, to.stage) || !p.filterPays(in, column, to.scan) {
		return
	}
	field := in.fields[column]
	e := &edge{from: from, to: to.stage, part: Partitioning{Kind: Broadcast, N: 1}, keys: []int{column},
		fields: []types.Field{FilterField(field)}, rows: min(rows, MaxFilterKeys), bytes: 8 * min(rows, MaxFilterKeys)}
	p.edges = append(p.edges, e)
	from.outputs = append(from.outputs, e)
	to.stage.inputs = append(to.stage.inputs, e)
	p.filters[to.scan] = append(p.filters[to.scan], scanFilter{e, to.column, field})
}

// keySource follows a key of a build side down to the exchange of its stage that brings it: a filter may have
// more keys than the build side. It goes through operators that give a column's values as they are, or NULL.
func keySource(n Node, key expr.Expr) (*ExchangeSource, int) {
	in, ok := KeyColumn(key)
	if !ok {
		return nil, 0
	}
	c := in.Index
	down := func(n Node, c int) (*ExchangeSource, int) {
		return keySource(n, &expr.Input{Index: c, Typ: in.Typ})
	}
	switch n := n.(type) {
	case *ExchangeSource:
		return n, c
	case *Filter:
		return down(n.Input, c)
	case *Sort:
		return down(n.Input, c)
	case *TopN:
		return down(n.Input, c)
	case *Limit:
		return down(n.Input, c)
	case *Project:
		return keySource(n.Input, n.Exprs[c])
	case *HashAggregate:
		if c < len(n.Groups) {
			return keySource(n.Input, n.Groups[c])
		}
	case *HashJoin:
		if n.Emit != nil {
			c = n.Emit[c]
		}
		left := len(n.L.Info().Out)
		switch {
		case n.Kind == logical.RightSemi || n.Kind == logical.RightAnti: // the output is R's columns
			return down(n.R, c)
		case c < left:
			return down(n.L, c)
		case n.Kind != logical.Mark:
			return down(n.R, c-left)
		}
	}
	return nil, 0
}

// filtered reports whether the column has a filter of no more rows already.
func (p *planner) filtered(to scanColumn, rows float64) bool {
	return slices.ContainsFunc(p.filters[to.scan], func(f scanFilter) bool { return f.column == to.column && f.edge.rows <= rows })
}

// scanFilter is a KeyFilter in the making.
type scanFilter struct {
	edge   *edge
	column int
	key    types.Field
}

// needsMatch reports kinds in which a row of L without a match has no effect.
func needsMatch(k JoinKind) bool {
	switch k {
	case logical.Inner, logical.Semi, logical.Right, logical.RightSemi, logical.RightAnti:
		return true
	}
	return false
}

func integers(t types.Type) bool {
	switch t.Storage() {
	case types.StoreInt16, types.StoreInt32, types.StoreInt64:
		return true
	}
	return false
}

// filterPays weighs a filter by a column of an edge for a scan.
func (p *planner) filterPays(in *edge, column int, scan *Scan) bool {
	if in.rows < 0 || in.rows > MaxFilterKeys || scan.Rows < filteredRows || in.rows*filterFactor > scan.Rows {
		return false
	}
	own := p.origin(in.from, in.from.root, &expr.Input{Index: column, Typ: in.fields[column].Type}, anyRows)
	return own.scan == nil || in.rows <= keptShare*p.tableRows[own.scan]
}

// scanColumn is a column of a scan in a stage.
type scanColumn struct {
	stage  *stage
	scan   *Scan
	column int // position in the scan's Columns
}

// origin follows an expression over n's columns down to the scan column it is, through exchanges and
// operators that lose a row's output exactly when the row is lost. Unless rows is anyRows, it looks for
// a place to filter by so many keys: it goes only where no one else sees the rows that would be taken away, and not below a
// join by as few keys, which filters already.
func (p *planner) origin(st *stage, n Node, e expr.Expr, rows float64) scanColumn {
	in, ok := KeyColumn(e)
	if !ok {
		return scanColumn{}
	}
	c := in.Index
	down := func(n Node, c int) scanColumn {
		return p.origin(st, n, &expr.Input{Index: c, Typ: in.Typ}, rows)
	}
	switch n := n.(type) {
	case *Scan:
		if n.Limit >= 0 {
			return scanColumn{}
		}
		if n.Emit != nil {
			c = n.Emit[c]
		}
		return scanColumn{st, n, c}
	case *ExchangeSource:
		e := p.edgeOf[n]
		if rows != anyRows && (readers(e.from) > 1 || p.shared(e.from)) {
			return scanColumn{}
		}
		return p.origin(e.from, e.from.root, in, rows)
	case *Filter:
		return down(n.Input, c)
	case *Sort:
		return down(n.Input, c)
	case *Project:
		return p.origin(st, n.Input, n.Exprs[c], rows)
	case *HashAggregate:
		if n.Sets == nil && c < len(n.Groups) {
			return p.origin(st, n.Input, n.Groups[c], rows)
		}
	case *HashJoin:
		return p.joinOrigin(st, n, in, rows)
	}
	return scanColumn{}
}

func (p *planner) joinOrigin(st *stage, n *HashJoin, in *expr.Input, rows float64) scanColumn {
	c, left := in.Index, len(n.L.Info().Out)
	if n.Emit != nil {
		c = n.Emit[c]
	}
	at := func(side Node, c int) scanColumn {
		return p.origin(st, side, &expr.Input{Index: c, Typ: in.Typ}, rows)
	}
	switch {
	case n.Kind == logical.RightSemi || n.Kind == logical.RightAnti: // the output is R's columns
		return at(n.R, c)
	case rows != anyRows && needsMatch(n.Kind) && n.R.Info().Rows <= rows && joinsBy(n, c):
		return scanColumn{}
	case c < left && n.Kind != logical.Right && n.Kind != logical.Full:
		return at(n.L, c)
	case c >= left && (n.Kind == logical.Inner || n.Kind == logical.Right):
		return at(n.R, c-left)
	}
	return scanColumn{}
}

// anyRows makes origin look for a column wherever it comes from.
const anyRows = -1

// joinsBy reports whether a column of L is by itself a key of the join.
func joinsBy(n *HashJoin, column int) bool {
	return slices.ContainsFunc(n.LKeys, func(k expr.Expr) bool {
		in, ok := k.(*expr.Input)
		return ok && in.Index == column
	})
}

// readers counts the stages that read a stage's rows. Filter edges do not count: what a further
// filter takes away below them has no effect on the joins above them either.
func readers(s *stage) (n int) {
	for _, e := range s.outputs {
		if e.keys == nil {
			n++
		}
	}
	return n
}

// shared reports a stage that several subplans read, now or later.
func (p *planner) shared(s *stage) bool {
	for _, f := range p.reused {
		if f.st == s {
			return true
		}
	}
	return false
}

// upstream reports whether s reads from stage from, directly or not, or is it.
func (p *planner) upstream(s, from *stage) bool {
	seen := map[*stage]bool{} // a stage that several read is asked once
	var reads func(s *stage) bool
	reads = func(s *stage) bool {
		if s == from || seen[s] {
			return s == from
		}
		seen[s] = true
		return slices.ContainsFunc(s.inputs, func(e *edge) bool { return reads(e.from) })
	}
	return reads(s)
}

// keyFilters numbers the filters of a scan.
func (p *planner) keyFilters(n *Scan) []KeyFilter {
	var out []KeyFilter
	for _, f := range p.filters[n] {
		out = append(out, KeyFilter{f.edge.id, f.column, f.key})
	}
	return out
}

// withFilters adds a scan's runtime filters to its line of EXPLAIN, where they are not cut off.
func (n *Scan) withFilters(line string) string {
	if len(n.KeyFilters) == 0 {
		return line
	}
	by := " by keys of"
	for i, f := range n.KeyFilters {
		if i > 0 {
			by += ","
		}
		by += fmt.Sprintf(" #%d", f.Edge)
	}
	return strings.Replace(line, " [", by+" [", 1)
}
