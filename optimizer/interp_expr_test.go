package optimizer

import (
	"fmt"

	"github.com/flintsql/flint/sql/expr"
)

// eval evaluates an expression of the reference for one row.
func (s scope) eval(e expr.Expr) val {
	switch x := e.(type) {
	case *expr.Column:
		v, ok := s[x.ID]
		if !ok {
			panic(fmt.Sprintf("column %d (%s) not in scope", x.ID, x.Name))
		}
		return v
	case *expr.Literal:
		return val{x.Value.Null, x.Value.I}
	case *expr.Call:
		return s.call(x)
	case *expr.Logic:
		stop := b2v(x.Op == expr.Or)
		out := b2v(x.Op == expr.And)
		for _, a := range x.Args {
			v := s.eval(a)
			if !v.null && v == stop {
				return stop
			}
			if v.null {
				out = null
			}
		}
		return out
	case *expr.Not:
		v := s.eval(x.Arg)
		if v.null {
			return null
		}
		return b2v(v.i == 0)
	case *expr.Test:
		return test(x.Kind, s.eval(x.Arg))
	case *expr.Distinct:
		return b2v((s.eval(x.L) == s.eval(x.R)) == x.Negated)
	case *expr.Case:
		for _, w := range x.Whens {
			if s.eval(w.Cond) == b2v(true) {
				return s.eval(w.Result)
			}
		}
		return s.eval(x.Else)
	case *expr.Coalesce:
		for _, a := range x.Args {
			if v := s.eval(a); !v.null {
				return v
			}
		}
		return null
	case *expr.In:
		return s.in(x)
	}
	panic(fmt.Sprintf("no %T", e))
}

func test(k expr.TestKind, v val) val {
	switch k {
	case expr.IsNull:
		return b2v(v.null)
	case expr.IsNotNull:
		return b2v(!v.null)
	case expr.IsTrue:
		return b2v(!v.null && v.i == 1)
	case expr.IsNotTrue:
		return b2v(v.null || v.i != 1)
	case expr.IsFalse:
		return b2v(!v.null && v.i == 0)
	}
	return b2v(v.null || v.i != 0)
}

func (s scope) in(x *expr.In) val {
	a, out := s.eval(x.Arg), val{}
	for _, e := range x.List {
		v := s.eval(e)
		if a.null || v.null {
			if out.i == 0 {
				out = null
			}
		} else if a == v {
			out = val{i: 1}
			break
		}
	}
	if x.Negated && !out.null {
		return b2v(out.i == 0)
	}
	return out
}

func (s scope) call(x *expr.Call) val {
	a, b := s.eval(x.Args[0]), s.eval(x.Args[1])
	if a.null || b.null {
		return null
	}
	switch x.Func.Name {
	case "=":
		return b2v(a.i == b.i)
	case "<>":
		return b2v(a.i != b.i)
	case "<":
		return b2v(a.i < b.i)
	case "<=":
		return b2v(a.i <= b.i)
	case ">":
		return b2v(a.i > b.i)
	case ">=":
		return b2v(a.i >= b.i)
	case "+":
		return val{i: a.i + b.i}
	case "-":
		return val{i: a.i - b.i}
	case "*":
		return val{i: a.i * b.i}
	}
	if b.i == 0 {
		panic(fail{errZero})
	}
	return val{i: a.i / b.i}
}
