package eval

import (
	"math"
	"slices"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Predicate is a Filter in the form that readers take: catalog.Predicate.
type Predicate struct {
	filter  *Filter
	columns []int
	ranges  []catalog.Range
	steps   [][]int // of the last call of Steps
	starts  []int   // their first conjuncts
}

var _ catalog.Stepwise = (*Predicate)(nil)

// CompilePredicate prepares the conjuncts for a reader whose columns have the
// types of in. The result is used by one goroutine.
func CompilePredicate(conjuncts []expr.Expr, in []types.Type, c *function.Context) (*Predicate, error) {
	folded := make([]expr.Expr, len(conjuncts))
	for i, e := range conjuncts {
		folded[i] = Fold(e, c)
	}
	f, err := CompileFilter(folded, in, c)
	if err != nil {
		return nil, err
	}
	p := &Predicate{filter: f, ranges: Ranges(folded)}
	for i := range f.conjuncts {
		p.columns = append(p.columns, f.conjuncts[i].columns...)
	}
	slices.Sort(p.columns)
	p.columns = slices.Compact(p.columns)
	return p, nil
}

// Columns lists the columns that the predicate reads.
func (p *Predicate) Columns() []int { return p.columns }

// Ranges returns what must hold of single columns of a row that passes.
func (p *Predicate) Ranges() []catalog.Range { return p.ranges }

// Select returns the selected rows that pass; see Filter.Select.
func (p *Predicate) Select(b *vector.Batch) (sel []int32, all bool, err error) {
	return p.filter.Select(b)
}

// Steps lists what the conjuncts read in the order in which they are tried now, those together
// that read no more than the first of them (catalog.Stepwise).
func (p *Predicate) Steps() [][]int {
	p.filter.next()
	p.steps, p.starts = p.steps[:0], p.starts[:0]
	for i := range p.filter.conjuncts {
		c := &p.filter.conjuncts[i]
		if n := len(p.steps); n == 0 || !subset(c.columns, p.steps[n-1]) {
			p.steps, p.starts = append(p.steps, c.columns), append(p.starts, i)
		}
	}
	return p.steps
}

// SelectStep is Select for the conjuncts of a step of the last Steps.
func (p *Predicate) SelectStep(step int, b *vector.Batch) (sel []int32, all bool, err error) {
	end := len(p.filter.conjuncts)
	if step+1 < len(p.starts) {
		end = p.starts[step+1]
	}
	return p.filter.run(p.filter.conjuncts[p.starts[step]:end], b)
}

// columnsOf lists the columns that an expression reads, ascending.
func columnsOf(e expr.Expr) []int {
	if r, ok := e.(*rangeExpr); ok {
		e = r.Expr
	}
	var out []int
	expr.Walk(e, func(x expr.Expr) bool {
		if i, ok := x.(*expr.Input); ok {
			out = append(out, i.Index)
		}
		return true
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// subset reports that b has all of a.
func subset(a, b []int) bool {
	for _, x := range a {
		if !slices.Contains(b, x) {
			return false
		}
	}
	return true
}

// Ranges derives necessary conditions on single columns from conjuncts over
// Inputs.
func Ranges(conjuncts []expr.Expr) []catalog.Range {
	var out []catalog.Range
	for _, c := range conjuncts {
		for _, e := range expr.Conjuncts(c) {
			if r, ok := rangeOf(e); ok {
				out = append(out, r)
			}
		}
	}
	return out
}

func rangeOf(e expr.Expr) (catalog.Range, bool) {
	if b, ok := columnBounds(e); ok && !b.not && !b.isFull() {
		return b.catalogRange(), true
	}
	switch x := e.(type) {
	case *expr.Call:
		return callRange(x)
	case *expr.In:
		return inRange(x)
	case *expr.Test:
		col, ok := x.Arg.(*expr.Input)
		switch {
		case !ok:
		case x.Kind == expr.IsNull:
			return catalog.Range{Column: col.Index, In: []value.Value{}, Nulls: true}, true
		case x.Kind == expr.IsNotNull:
			return catalog.Range{Column: col.Index}, true
		}
	}
	return catalog.Range{}, false
}

func (b bounds) catalogRange() catalog.Range {
	r := catalog.Range{Column: b.col.Index}
	if b.low != math.MinInt64 {
		r.Min = &value.Value{Type: b.col.Typ, I: b.low}
	}
	if b.high != math.MaxInt64 {
		r.Max = &value.Value{Type: b.col.Typ, I: b.high}
	}
	return r
}

// callRange handles comparisons of types that are not stored as integers, and
// LIKE 'prefix%'.
func callRange(x *expr.Call) (catalog.Range, bool) {
	if len(x.Args) != 2 {
		return catalog.Range{}, false
	}
	if x.Func.Name == "~~" {
		return likeRange(x)
	}
	op, ok := function.ParseCompare(x.Func.Name)
	arg, lit := x.Args[0], x.Args[1]
	if _, isLit := arg.(*expr.Literal); isLit {
		arg, lit, op = lit, arg, op.Swap()
	}
	col, isCol := stringColumn(arg)
	l, isLit := lit.(*expr.Literal)
	if !ok || !isCol || !isLit || l.Value.Null || col.Typ.Storage() != l.Value.Type.Storage() || col.Typ.Kind == types.Char {
		return catalog.Range{}, false
	}
	if col.Typ.IsFloat() && op != function.Eq {
		return catalog.Range{}, false // statistics leave NaN out, which is the greatest
	}
	v := l.Value
	v.Type = col.Typ
	r := catalog.Range{Column: col.Index}
	switch op {
	case function.Eq:
		r.Min, r.Max = &v, &v
	case function.Lt, function.Le:
		r.Max = &v
	case function.Gt, function.Ge:
		r.Min = &v
	default:
		return r, false
	}
	return r, true
}

// stringColumn looks through casts that only rename a string type.
func stringColumn(e expr.Expr) (*expr.Input, bool) {
	if c, ok := e.(*expr.Cast); ok && function.Relabels(c.Arg.Type(), c.To) {
		e = c.Arg
	}
	col, ok := e.(*expr.Input)
	return col, ok
}

func likeRange(x *expr.Call) (catalog.Range, bool) {
	col, ok := stringColumn(x.Args[0])
	l, isLit := x.Args[1].(*expr.Literal)
	if !ok || !isLit || l.Value.Null || col.Typ.Kind == types.Char {
		return catalog.Range{}, false
	}
	p, err := function.CompileLike(l.Value.S, false)
	if err != nil {
		return catalog.Range{}, false
	}
	prefix, exact := p.Prefix()
	if prefix == "" {
		return catalog.Range{}, false
	}
	low := value.Value{Type: col.Typ, S: prefix}
	r := catalog.Range{Column: col.Index, Min: &low}
	switch end := successor(prefix); {
	case exact:
		r.Max = &low
	case end != "":
		r.Max = &value.Value{Type: col.Typ, S: end}
	}
	return r, true
}

// successor returns the least string above all that start with p, "" if none.
func successor(p string) string {
	b := []byte(p)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xff {
			b[i]++
			return string(b[:i+1])
		}
	}
	return ""
}

func inRange(x *expr.In) (catalog.Range, bool) {
	col, ok := stringColumn(x.Arg)
	if !ok || x.Negated || col.Typ.Kind == types.Char || col.Typ.IsFloat() {
		return catalog.Range{}, false
	}
	r := catalog.Range{Column: col.Index, In: []value.Value{}}
	for _, e := range x.List {
		l, ok := e.(*expr.Literal)
		if !ok {
			return r, false
		}
		if l.Value.Null {
			continue
		}
		v := l.Value
		v.Type = col.Typ
		r.In = append(r.In, v)
		if r.Min == nil || value.Compare(v, *r.Min) < 0 {
			r.Min = &v
		}
		if r.Max == nil || value.Compare(v, *r.Max) > 0 {
			r.Max = &v
		}
	}
	return r, true
}
