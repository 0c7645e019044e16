package cost

import (
	"math"
	"sort"
	"strings"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/types"
)

// Shares assumed where statistics say nothing (PostgreSQL's where it has them).
const (
	unknownShare = 0.25
	rangeShare   = 1.0 / 3
	equalShare   = 0.05
	prefixShare  = 0.02
	patternShare = 0.06
	smallest     = 1e-9
)

// effect is what a conjunct does to a column's statistics.
type effect struct {
	distinct float64 // NaN = unchanged
	min, max float64
}

// selectivity estimates a conjunction, and its effects on columns. Bounds of
// one column are joined into one interval first: BETWEEN is no product.
func selectivity(p *Props, preds []expr.Expr) (float64, map[expr.ColumnID]effect) {
	s := 1.0
	effects := map[expr.ColumnID]effect{}
	ranges := map[expr.ColumnID]*interval{}
	for _, e := range preds {
		for _, c := range expr.Conjuncts(e) {
			col, op, v, ok := comparison(c)
			if ok && (op == "<" || op == "<=" || op == ">" || op == ">=") {
				r := ranges[col.ID]
				if r == nil {
					r = &interval{lo: math.Inf(-1), hi: math.Inf(1), share: 1}
					ranges[col.ID] = r
				}
				r.narrow(op, v, c.(*expr.Call).Args[1])
				continue
			}
			s *= one(p, c)
			noteEffect(p, c, effects)
		}
	}
	for id, r := range ranges {
		share, eff := intervalShare(p, id, r)
		s *= share
		if _, ok := effects[id]; !ok {
			effects[id] = eff
		}
	}
	return min(1, max(s, smallest)), effects
}

// interval is what all bounds of one column say together.
type interval struct {
	lo, hi   float64
	share    float64 // guessed
	from, to *bound
	vague    bool // some bound is no literal
}

func (r *interval) narrow(op string, v float64, e expr.Expr) {
	r.share = min(r.share*rangeShare*1.2, rangeShare)
	l, ok := e.(*expr.Literal)
	if !ok || l.Value.Null {
		r.vague = true
		return
	}
	b := &bound{pointOf(l.Value), len(op) == 2}
	if op[0] == '<' {
		if v < r.hi || r.to == nil {
			r.to = b
		}
		r.hi = min(r.hi, v)
		return
	}
	if v > r.lo || r.from == nil {
		r.from = b
	}
	r.lo = max(r.lo, v)
}

func intervalShare(p *Props, id expr.ColumnID, r *interval) (float64, effect) {
	c, ok := p.Cols[id]
	lo, hi, fallback := r.lo, r.hi, r.share
	eff := effect{math.NaN(), math.NaN(), math.NaN()}
	if r.vague {
		lo = math.NaN()
	}
	if ok && c.Dev > 0 && !math.IsNaN(lo) && !math.IsNaN(hi) {
		share := max(normal((hi-c.Mean)/c.Dev)-normal((lo-c.Mean)/c.Dev), 1e-6)
		eff.distinct = max(1, c.Distinct*share)
		return share, eff
	}
	if ok && c.dist != nil && !r.vague && !math.IsNaN(lo) && !math.IsNaN(hi) {
		share := c.dist.between(r.from, r.to)
		eff = effect{max(1, c.Distinct*share), max(lo, c.Min), min(hi, c.Max)}
		return max(share, smallest), eff
	}
	if !ok || math.IsNaN(c.Min) || math.IsNaN(c.Max) || math.IsNaN(lo) || math.IsNaN(hi) {
		if ok {
			eff.distinct = max(1, c.Distinct*fallback)
		}
		return fallback, eff
	}
	lo, hi = max(lo, c.Min), min(hi, c.Max)
	share := 0.0
	switch {
	case hi < lo:
		share = 0
	case c.Max > c.Min:
		share = (hi - lo) / (c.Max - c.Min)
		if !math.IsNaN(c.Distinct) && c.Distinct >= 1 {
			share = max(share, 1/c.Distinct) // an interval that is not empty holds a value
		}
	default:
		share = 1
	}
	eff = effect{max(1, c.Distinct*share), lo, hi}
	return max(share*(1-c.NullFrac), smallest), eff
}

// normal is the share of a normal distribution below z deviations.
func normal(z float64) float64 { return 0.5 * (1 + math.Erf(z/math.Sqrt2)) }

// comparison recognizes column ⟨op⟩ constant; v is NaN if the constant has no Number.
func comparison(e expr.Expr) (col *expr.Column, op string, v float64, ok bool) {
	c, isCall := e.(*expr.Call)
	if !isCall || len(c.Args) != 2 {
		return nil, "", 0, false
	}
	col, isCol := c.Args[0].(*expr.Column)
	if !isCol {
		return nil, "", 0, false
	}
	switch l := c.Args[1].(type) {
	case *expr.Literal:
		return col, c.Func.Name, Number(l.Value), true
	case *expr.Param:
		return col, c.Func.Name, math.NaN(), true
	}
	return nil, "", 0, false
}

func noteEffect(p *Props, e expr.Expr, effects map[expr.ColumnID]effect) {
	if x, ok := e.(*expr.Logic); ok && x.Op == expr.Or {
		noteEither(p, x, effects)
		return
	}
	if col, op, v, ok := comparison(e); ok && op == "=" {
		effects[col.ID] = effect{1, v, v}
		return
	}
	if in, ok := e.(*expr.In); ok && !in.Negated {
		if col, ok := in.Arg.(*expr.Column); ok {
			effects[col.ID] = effect{float64(len(in.List)), math.NaN(), math.NaN()}
		}
	}
}

// noteEither notes what every branch of an OR says of a column: it has the values of
// one of them. (A joined OR leaves such bounds on its tables, and is tested again over them.)
func noteEither(p *Props, x *expr.Logic, effects map[expr.ColumnID]effect) {
	var all map[expr.ColumnID]effect
	for _, branch := range x.Args {
		_, own := selectivity(p, expr.Conjuncts(branch))
		if all == nil {
			all = own
			continue
		}
		for id, a := range all {
			b, ok := own[id]
			if !ok {
				delete(all, id)
				continue
			}
			all[id] = effect{a.distinct + b.distinct, min(a.min, b.min), max(a.max, b.max)}
		}
	}
	for id, e := range all {
		if _, ok := effects[id]; !ok {
			effects[id] = e
		}
	}
}

// one estimates a single predicate.
func one(p *Props, e expr.Expr) float64 {
	switch x := e.(type) {
	case *expr.Literal:
		if x.Value.Type.Kind == types.Bool && !x.Value.Null && x.Value.I != 0 {
			return 1
		}
		return 0
	case *expr.Logic:
		if x.Op == expr.And {
			s, _ := selectivity(p, x.Args)
			return s
		}
		miss := 1.0
		for _, a := range x.Args {
			s, _ := selectivity(p, expr.Conjuncts(a))
			miss *= 1 - s
		}
		return 1 - miss
	case *expr.Not:
		return 1 - one(p, x.Arg)
	case *expr.Test:
		return testShare(p, x)
	case *expr.In:
		s := inShare(p, x)
		if _, plain := x.Arg.(*expr.Column); !plain && !x.Negated {
			s = sampled(p, x, s)
		}
		if x.Negated {
			return 1 - s
		}
		return s
	case *expr.Distinct:
		s := equality(p, x.L, x.R)
		if x.Negated {
			return s
		}
		return 1 - s
	case *expr.Call:
		return callShare(p, x)
	case *expr.Column:
		return 0.5 // a boolean column
	}
	return sampled(p, e, unknownShare)
}

// inShare adds up the shares of a list's values.
func inShare(p *Props, x *expr.In) float64 {
	s := 0.0
	for _, e := range x.List {
		s += equality(p, x.Arg, e)
	}
	return min(1, s)
}

func testShare(p *Props, x *expr.Test) float64 {
	nulls := 0.01
	if c, ok := x.Arg.(*expr.Column); ok {
		if s, ok := p.Cols[c.ID]; ok {
			nulls = s.NullFrac
		}
	}
	switch x.Kind {
	case expr.IsNull:
		return nulls
	case expr.IsNotNull:
		return 1 - nulls
	case expr.IsTrue:
		return one(p, x.Arg)
	case expr.IsNotTrue:
		return 1 - one(p, x.Arg)
	case expr.IsFalse:
		return 1 - one(p, x.Arg)
	}
	return one(p, x.Arg)
}

func callShare(p *Props, x *expr.Call) float64 {
	if len(x.Args) < 2 {
		return unknownShare
	}
	switch x.Func.Name {
	case "=":
		return equality(p, x.Args[0], x.Args[1])
	case "<>", "!=":
		return 1 - equality(p, x.Args[0], x.Args[1])
	case "<", "<=", ">", ">=":
		return sampled(p, x, rangeShare)
	case "~~", "~~*", "like", "ilike":
		return sampled(p, x, likeShare(x.Args[1]))
	case "!~~", "!~~*":
		return sampled(p, x, 1-likeShare(x.Args[1]))
	}
	return sampled(p, x, unknownShare)
}

func likeShare(pattern expr.Expr) float64 {
	l, ok := pattern.(*expr.Literal)
	if !ok || l.Value.Null || l.Value.S == "" || l.Value.S[0] != '%' {
		return prefixShare
	}
	if strings.Trim(l.Value.S, "%") == "" {
		return 1
	}
	share := 1.0 // several parts must all be there
	for _, part := range strings.Split(l.Value.S, "%") {
		if part != "" {
			share *= patternShare
		}
	}
	return share
}

func equality(p *Props, a, b expr.Expr) float64 {
	if isConstant(a) {
		a, b = b, a
	}
	if isConstant(b) {
		if col, ok := a.(*expr.Column); ok {
			if l, ok := b.(*expr.Literal); ok {
				c, known := p.Cols[col.ID]
				if v := Number(l.Value); known && !math.IsNaN(c.Min) && (v < c.Min || v > c.Max) {
					return smallest
				}
				if known && c.dist != nil && !l.Value.Null {
					return c.dist.equal(pointOf(l.Value))
				}
			}
		}
		return equalTo(p, a)
	}
	return 1 / max(1, exprDistinct(p, a), exprDistinct(p, b))
}

func isConstant(e expr.Expr) bool { return len(expr.Columns(e)) == 0 }

// equalTo estimates e = some constant.
func equalTo(p *Props, e expr.Expr) float64 {
	if c, ok := e.(*expr.Column); ok {
		if s, ok := p.Cols[c.ID]; ok {
			return (1 - s.NullFrac) / max(1, s.Distinct)
		}
		return equalShare
	}
	return min(1/max(1, exprDistinct(p, e)), equalShare)
}

// exprDistinct estimates the distinct values of an expression.
func exprDistinct(p *Props, e expr.Expr) float64 {
	switch x := e.(type) {
	case *expr.Column:
		if s, ok := p.Cols[x.ID]; ok {
			return max(1, s.Distinct)
		}
		return max(1, p.Rows/10)
	case *expr.Literal, *expr.Param:
		return 1
	case *expr.Cast:
		return exprDistinct(p, x.Arg)
	case *expr.Call:
		switch x.Func.Name {
		case "extract", "date_part":
			return min(productDistinct(p, x.Args), fieldDistinct(p, x.Args))
		case "substring", "substr", "left":
			return min(productDistinct(p, x.Args), prefixDistinct(x.Args))
		}
		return productDistinct(p, x.Args)
	}
	if e.Type().Kind == types.Bool {
		return 2
	}
	return productDistinct(p, e.Children())
}

// prefixDistinct guesses how many parts of so many characters there are: ten for each.
func prefixDistinct(args []expr.Expr) float64 {
	l, ok := args[len(args)-1].(*expr.Literal)
	if !ok || l.Value.Null || len(args) < 2 || !l.Value.Type.IsInteger() || l.Value.I < 1 {
		return 100
	}
	return math.Pow10(int(min(l.Value.I, 9)))
}

// fieldDistinct is how many values a field of a date has: years by the range of the
// dates, the others by the calendar.
func fieldDistinct(p *Props, args []expr.Expr) float64 {
	field, ok := args[0].(*expr.Literal)
	col, isCol := args[len(args)-1].(*expr.Column)
	if !ok || !isCol {
		return 30
	}
	if n, ok := calendar[strings.ToLower(field.Value.S)]; ok {
		return n
	}
	c, known := p.Cols[col.ID]
	if strings.ToLower(field.Value.S) != "year" || !known || math.IsNaN(c.Min) || math.IsNaN(c.Max) {
		return 30
	}
	days := c.Max - c.Min
	if col.Typ.Kind != types.Date {
		days /= 86_400e6
	}
	return max(1, math.Floor(days/365.25)+1)
}

// calendar are the numbers of values of fields of a date.
var calendar = map[string]float64{"month": 12, "quarter": 4, "day": 31, "dow": 7, "isodow": 7, "doy": 366, "week": 53, "hour": 24, "minute": 60}

func productDistinct(p *Props, es []expr.Expr) float64 {
	d := 1.0
	for _, e := range es {
		d *= exprDistinct(p, e)
	}
	return max(1, min(d, p.Rows))
}

// groups estimates the distinct combinations of keys. Columns of one table have at
// most as many as its rows, and no more than a key of it among them has values.
func groups(p *Props, keys []expr.Expr) float64 {
	type table struct{ product, most float64 }
	tables := map[int]table{}
	d := 1.0
	for _, k := range keys {
		c, ok := k.(*expr.Column)
		s := Column{}
		if ok {
			s = p.Cols[c.ID]
		}
		switch n := exprDistinct(p, k); {
		case s.Unique:
			return max(1, p.Rows)
		case s.Table == 0 || s.TableRows == 0:
			d = min(d*n, 1e18)
		default:
			t, seen := tables[s.Table]
			if !seen {
				t = table{1, s.TableRows}
			}
			t.product = min(t.product*n, 1e18)
			if s.Domain >= s.TableRows {
				t.most = min(t.most, n)
			}
			tables[s.Table] = t
		}
	}
	ids := make([]int, 0, len(tables))
	for id := range tables {
		ids = append(ids, id)
	}
	sort.Ints(ids) // products of floats in one order
	for _, id := range ids {
		d = min(d*min(tables[id].product, tables[id].most), 1e18)
	}
	return max(1, min(d, p.Rows))
}
