package optimizer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// A row-at-a-time evaluator of logical plans over integers: the reference that
// optimized plans are held against.

var (
	tInt  = types.Of(types.Int8)
	tBool = types.Of(types.Bool)
)

type val struct {
	null bool
	i    int64
}

func (v val) String() string {
	if v.null {
		return "∅"
	}
	return fmt.Sprint(v.i)
}

type scope map[expr.ColumnID]val

var (
	errMany = errors.New("more than one row")
	errZero = errors.New("division by zero")
)

// fail carries an evaluation error up through panics; run recovers it.
type fail struct{ err error }

// memTable is a table of the reference: stats tell what is true of its rows.
type memTable struct {
	fields []types.Field
	rows   [][]val
	stats  catalog.Stats
}

func (t *memTable) Schema() []types.Field { return t.fields }
func (t *memTable) Stats(context.Context, []int) (catalog.Stats, error) {
	return t.stats, nil
}
func (t *memTable) Scan(context.Context, catalog.ScanRequest) (catalog.ScanPlan, error) {
	return catalog.ScanPlan{}, nil
}

// Whole makes the table one whose rows can be fetched: a locator is a row's number plus 100.
func (t *memTable) Whole() (catalog.Split, bool, error) { return catalog.Split{}, true, nil }

// testFuncs are the functions of the reference.
type testFuncs struct{}

var testOps = func() map[string]*function.Func {
	m := map[string]*function.Func{}
	for _, n := range []string{"=", "<>", "<", "<=", ">", ">="} {
		m[n] = &function.Func{Name: n, Args: []types.Type{tInt, tInt}, Result: tBool}
	}
	for _, n := range []string{"+", "-", "*"} {
		m[n] = &function.Func{Name: n, Args: []types.Type{tInt, tInt}, Result: tInt}
	}
	m["/"] = &function.Func{Name: "/", Args: []types.Type{tInt, tInt}, Result: tInt, Fallible: true}
	return m
}()

var testAggs = func() map[string]*function.Agg {
	m := map[string]*function.Agg{}
	for _, n := range []string{"count", "sum", "min", "max", "any_value"} {
		m[n] = &function.Agg{Name: n, Args: []types.Type{tInt}, Result: tInt, IgnoresDuplicates: n == "min" || n == "max"}
	}
	return m
}()

var testWindows = map[string]*function.Window{
	"row_number": {Name: "row_number", Result: tInt},
	"rank":       {Name: "rank", Result: tInt},
}

var testSeries = &function.Table{Name: "generate_series", Args: []types.Type{tInt, tInt}}

func (testFuncs) Operator(name string, args ...types.Type) *function.Func {
	if len(args) == 2 && args[0] == tInt && args[1] == tInt {
		return testOps[name]
	}
	return nil
}
func (testFuncs) Window(name string) *function.Window               { return testWindows[name] }
func (testFuncs) Aggregate(name string, _ types.Type) *function.Agg { return testAggs[name] }

func op(name string, a, b expr.Expr) expr.Expr {
	f := testOps[name]
	return &expr.Call{Func: f, Args: []expr.Expr{a, b}, Typ: f.Result}
}

func lit(i int64) expr.Expr { return &expr.Literal{Value: value.Int8(i)} }

func b2v(b bool) val {
	if b {
		return val{i: 1}
	}
	return val{}
}

var null = val{null: true}

// all evaluates conjuncts: later ones only while the earlier ones hold; NULL ends as NULL
// unless a later one is false.
func (s scope) all(preds []expr.Expr) val {
	if len(preds) == 0 {
		return b2v(true)
	}
	return s.eval(&expr.Logic{Op: expr.And, Args: preds})
}

// passes evaluates conjuncts that select rows, up to the first that is not true.
func (s scope) passes(preds []expr.Expr) bool {
	for _, p := range preds {
		if s.eval(p) != b2v(true) {
			return false
		}
	}
	return true
}

func (s scope) with(cols []logical.Column, row []val) scope {
	out := make(scope, len(s)+len(cols))
	for k, v := range s {
		out[k] = v
	}
	for i, c := range cols {
		out[c.ID] = row[i]
	}
	return out
}

// run evaluates a plan.
func run(n logical.Node) (rows [][]val, err error) { return scope{}.run(n) }

// run evaluates a plan whose outer columns have the scope's values.
func (s scope) run(n logical.Node) (rows [][]val, err error) {
	defer func() {
		if p := recover(); p != nil {
			f, ok := p.(fail)
			if !ok {
				panic(fmt.Sprintf("%v in\n%s", p, logical.Format(n)))
			}
			err = f.err
		}
	}()
	return s.rows(n), nil
}

func (s scope) rows(n logical.Node) [][]val {
	switch x := n.(type) {
	case *logical.Scan:
		return s.scan(x)
	case *logical.Values:
		var out [][]val
		for _, r := range x.Rows {
			var row []val
			for _, e := range r {
				row = append(row, s.eval(e))
			}
			out = append(out, row)
		}
		return out
	case *logical.Filter:
		return s.filter(x.Input.Schema(), s.rows(x.Input), x.Preds)
	case *logical.Project:
		var out [][]val
		for _, r := range s.rows(x.Input) {
			in := s.with(x.Input.Schema(), r)
			var row []val
			for _, it := range x.Items {
				row = append(row, in.eval(it.Expr))
			}
			out = append(out, row)
		}
		return out
	case *logical.Join:
		right := s.rows(x.R)
		return s.join(x.Kind, x.L, x.R, x.On, x.NullAware, func(scope) [][]val { return right })
	case *logical.Apply:
		return s.join(x.Kind, x.L, x.R, x.On, false, func(in scope) [][]val { return in.rows(x.R) })
	case *logical.Aggregate:
		return s.aggregate(x)
	case *logical.Window:
		return s.window(x)
	case *logical.Sort:
		return s.sorted(x.Input.Schema(), s.rows(x.Input), x.Keys)
	case *logical.Limit:
		return s.limit(x)
	case *logical.TopN:
		return slice(s.sorted(x.Input.Schema(), s.rows(x.Input), x.Keys), x.Count, x.Offset)
	case *logical.Union:
		var out [][]val
		for _, in := range x.Inputs {
			out = append(out, s.rows(in)...)
		}
		return out
	case *logical.Reuse:
		return s.rows(x.Input)
	case *logical.TableFunc:
		return s.series(x)
	case *logical.Fetch:
		var out [][]val
		for _, r := range s.rows(x.Input) {
			at := s.with(x.Input.Schema(), r).eval(x.Locator).i - 100
			row := slices.Clone(r)
			for _, o := range x.Ordinals {
				row = append(row, x.Table.(*memTable).rows[at][o])
			}
			out = append(out, row)
		}
		return out
	}
	panic(fmt.Sprintf("no %T", n))
}

func (s scope) scan(x *logical.Scan) [][]val {
	var out [][]val
	for i, r := range x.Table.(*memTable).rows {
		row := []val{}
		for _, o := range x.Ordinals {
			if o == catalog.Locator {
				row = append(row, val{i: int64(i) + 100})
				continue
			}
			row = append(row, r[o])
		}
		out = append(out, row)
	}
	out = s.filter(x.Cols, out, x.Filters)
	if x.Limit >= 0 {
		out = slice(out, x.Limit, 0)
	}
	return out
}

func (s scope) filter(cols []logical.Column, rows [][]val, preds []expr.Expr) [][]val {
	var out [][]val
	for _, r := range rows {
		if s.with(cols, r).passes(preds) {
			out = append(out, r)
		}
	}
	return out
}

func (s scope) join(kind logical.JoinKind, l, r logical.Node, on []expr.Expr, nullAware bool, right func(scope) [][]val) [][]val {
	ls, rs := l.Schema(), r.Schema()
	if kind == logical.Right {
		return s.rightJoin(l, r, on)
	}
	var out [][]val
	hit := map[int]bool{}
	for _, lr := range s.rows(l) {
		in := s.with(ls, lr)
		mark, n := b2v(false), 0
		for i, rr := range right(in) {
			at := in.with(rs, rr)
			var v val
			if kind == logical.Mark || nullAware {
				v = at.all(on)
			} else {
				v = b2v(at.passes(on))
			}
			if v != b2v(true) {
				if v.null && mark != b2v(true) {
					mark = null
				}
				continue
			}
			n, mark = n+1, v
			hit[i] = true
			switch kind {
			case logical.Single:
				if n > 1 {
					panic(fail{errMany})
				}
				fallthrough
			case logical.Inner, logical.Left, logical.Full:
				out = append(out, slices.Concat(lr, rr))
			}
		}
		switch {
		case kind == logical.Mark:
			out = append(out, append(slices.Clone(lr), mark))
		case kind == logical.Semi && n > 0, kind == logical.Anti && n == 0 && (!nullAware || !mark.null):
			out = append(out, lr)
		case n == 0 && (kind == logical.Left || kind == logical.Full || kind == logical.Single):
			out = append(out, slices.Concat(lr, nulls(len(rs))))
		}
	}
	if kind == logical.Full {
		for i, rr := range right(s) {
			if !hit[i] {
				out = append(out, slices.Concat(nulls(len(ls)), rr))
			}
		}
	}
	return out
}

func (s scope) rightJoin(l, r logical.Node, on []expr.Expr) [][]val {
	left := s.rows(l)
	rows := s.join(logical.Left, r, l, on, false, func(scope) [][]val { return left })
	n := len(r.Schema())
	for i, x := range rows {
		rows[i] = slices.Concat(x[n:], x[:n])
	}
	return rows
}

func nulls(n int) []val {
	out := make([]val, n)
	for i := range out {
		out[i] = null
	}
	return out
}

func key(vs []val) string { return fmt.Sprint(vs) }

func (s scope) compare(keys []logical.SortKey, a, b scope) int {
	for _, k := range keys {
		x, y := a.eval(k.Expr), b.eval(k.Expr)
		c := 0
		switch {
		case x.null && y.null:
		case x.null:
			c = 1
			if k.NullsFirst {
				c = -1
			}
			return c
		case y.null:
			c = -1
			if k.NullsFirst {
				c = 1
			}
			return c
		default:
			c = cmp.Compare(x.i, y.i)
			if k.Desc {
				c = -c
			}
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func (s scope) sorted(cols []logical.Column, rows [][]val, keys []logical.SortKey) [][]val {
	out := slices.Clone(rows)
	slices.SortStableFunc(out, func(a, b []val) int { return s.compare(keys, s.with(cols, a), s.with(cols, b)) })
	return out
}

func slice(rows [][]val, count, offset int64) [][]val {
	rows = rows[min(int(offset), len(rows)):]
	if count >= 0 {
		rows = rows[:min(int(count), len(rows))]
	}
	return rows
}

func (s scope) limit(x *logical.Limit) [][]val {
	rows := s.rows(x.Input)
	out := slice(rows, x.Count, x.Offset)
	if x.WithTies && len(out) > 0 {
		cols := x.Input.Schema()
		last := s.with(cols, out[len(out)-1])
		for i := int(x.Offset) + len(out); i < len(rows) && s.compare(x.Keys, last, s.with(cols, rows[i])) == 0; i++ {
			out = append(slices.Clone(out), rows[i])
		}
	}
	return out
}

func (s scope) series(x *logical.TableFunc) [][]val {
	var out [][]val
	for _, r := range s.rows(x.Input) {
		in := s.with(x.Input.Schema(), r)
		a, b := in.eval(x.Args[0]), in.eval(x.Args[1])
		if a.null || b.null || a.i > b.i {
			if x.Outer {
				out = append(out, slices.Concat(r, nulls(len(x.Cols))))
			}
			continue
		}
		for i := a.i; i <= b.i; i++ {
			out = append(out, append(slices.Clone(r), val{i: i}))
		}
	}
	return out
}

// bag prints rows in a canonical order.
func bag(rows [][]val) string {
	s := make([]string, len(rows))
	for i, r := range rows {
		s[i] = key(r)
	}
	slices.Sort(s)
	return strings.Join(s, "\n")
}
