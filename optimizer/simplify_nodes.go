package optimizer

import (
	"math"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/types"
)

// negated and flipped are the comparison operators' counterparts.
var (
	negated = map[string]string{"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
		"~~": "!~~", "!~~": "~~", "~~*": "!~~*", "!~~*": "~~*"}
	flipped = map[string]string{"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
	negTest = map[expr.TestKind]expr.TestKind{expr.IsNull: expr.IsNotNull, expr.IsNotNull: expr.IsNull,
		expr.IsTrue: expr.IsNotTrue, expr.IsNotTrue: expr.IsTrue, expr.IsFalse: expr.IsNotFalse, expr.IsNotFalse: expr.IsFalse}
)

// not pushes a negation inwards.
func (s simplifier) not(x *expr.Not) expr.Expr {
	switch y := x.Arg.(type) {
	case *expr.Not:
		return y.Arg
	case *expr.Literal:
		if y.Value.Null {
			return y
		}
		return boolean(y.Value.I == 0)
	case *expr.Test:
		return &expr.Test{Kind: negTest[y.Kind], Arg: y.Arg}
	case *expr.Distinct:
		return &expr.Distinct{Negated: !y.Negated, L: y.L, R: y.R}
	case *expr.In:
		return &expr.In{Arg: y.Arg, List: y.List, Negated: !y.Negated}
	case *expr.Logic:
		args := make([]expr.Expr, len(y.Args))
		for i, a := range y.Args {
			args[i] = s.node(&expr.Not{Arg: a})
		}
		return logic(expr.And+expr.Or-y.Op, args)
	case *expr.Call:
		if n, ok := negated[y.Func.Name]; ok && len(y.Args) == 2 {
			if f := s.funcs.Operator(n, y.Func.Args...); f != nil {
				return &expr.Call{Func: f, Args: y.Args, Typ: y.Typ}
			}
		}
	}
	return x
}

func (s simplifier) test(x *expr.Test) expr.Expr {
	if l, ok := x.Arg.(*expr.Literal); ok {
		v := l.Value
		switch x.Kind {
		case expr.IsNull:
			return boolean(v.Null)
		case expr.IsNotNull:
			return boolean(!v.Null)
		case expr.IsTrue:
			return boolean(!v.Null && v.I != 0)
		case expr.IsNotTrue:
			return boolean(v.Null || v.I == 0)
		case expr.IsFalse:
			return boolean(!v.Null && v.I == 0)
		case expr.IsNotFalse:
			return boolean(v.Null || v.I != 0)
		}
	}
	if !s.nulls.never(x.Arg) || anyFails([]expr.Expr{x.Arg}) {
		return x
	}
	switch x.Kind {
	case expr.IsNull:
		return boolean(false)
	case expr.IsNotNull:
		return boolean(true)
	case expr.IsTrue, expr.IsNotFalse:
		return x.Arg
	}
	return s.node(&expr.Not{Arg: x.Arg})
}

// simplifyCase drops branches that are never taken.
func simplifyCase(x *expr.Case) expr.Expr {
	var whens []expr.When
	out := x.Else
	changed := false
	for _, w := range x.Whens {
		if v, ok := boolLiteral(w.Cond); ok {
			changed = true
			if !v.Null && v.I != 0 {
				out = w.Result
				break
			}
			continue
		}
		whens = append(whens, w)
	}
	switch {
	case !changed:
		return x
	case len(whens) == 0:
		return out
	}
	return &expr.Case{Whens: whens, Else: out, Typ: x.Typ}
}

func (s simplifier) coalesce(x *expr.Coalesce) expr.Expr {
	var args []expr.Expr
	for _, a := range x.Args {
		if isNullLit(a) {
			continue
		}
		args = append(args, a)
		if s.nulls.never(a) {
			break
		}
	}
	switch {
	case len(args) == 0:
		return x.Args[0]
	case len(args) == 1 && args[0].Type() == x.Typ:
		return args[0]
	case len(args) == len(x.Args):
		return x
	}
	return &expr.Coalesce{Args: args, Typ: x.Typ}
}

// in drops duplicates of the list, and makes a list of one an equality.
func (s simplifier) in(x *expr.In) expr.Expr {
	var list []expr.Expr
	seen := map[string]bool{}
	for _, e := range x.List {
		k := expr.Key(e)
		if _, ok := e.(*expr.Literal); ok && seen[k] {
			continue
		}
		seen[k] = true
		list = append(list, e)
	}
	if len(list) == 1 {
		name := "="
		if x.Negated {
			name = "<>"
		}
		if f := s.funcs.Operator(name, x.Arg.Type(), list[0].Type()); f != nil {
			return &expr.Call{Func: f, Args: []expr.Expr{x.Arg, list[0]}, Typ: types.Of(types.Bool)}
		}
	}
	if len(list) == len(x.List) {
		return x
	}
	return &expr.In{Arg: x.Arg, List: list, Negated: x.Negated}
}

// call puts the column of a comparison left and the constant right.
func (s simplifier) call(x *expr.Call) expr.Expr {
	name, ok := flipped[x.Func.Name]
	if !ok || len(x.Args) != 2 {
		return x
	}
	if len(expr.Columns(x.Args[0])) > 0 || len(expr.Columns(x.Args[1])) == 0 {
		return x
	}
	f := s.funcs.Operator(name, x.Func.Args[1], x.Func.Args[0])
	if f == nil {
		return x
	}
	return &expr.Call{Func: f, Args: []expr.Expr{x.Args[1], x.Args[0]}, Typ: x.Typ}
}

// distinct makes a null-safe comparison a plain one where NULLs cannot be.
func (s simplifier) distinct(x *expr.Distinct) expr.Expr {
	switch {
	case isNullLit(x.L), isNullLit(x.R):
		arg, kind := x.L, expr.IsNotNull
		if isNullLit(x.L) {
			arg = x.R
		}
		if x.Negated {
			kind = expr.IsNull
		}
		return s.test(&expr.Test{Kind: kind, Arg: arg})
	case !s.nulls.never(x.L) || !s.nulls.never(x.R):
		return x
	}
	name := "<>"
	if x.Negated {
		name = "="
	}
	f := s.funcs.Operator(name, x.L.Type(), x.R.Type())
	if f == nil {
		return x
	}
	return &expr.Call{Func: f, Args: []expr.Expr{x.L, x.R}, Typ: types.Of(types.Bool)}
}

// contradict reports conjuncts that cannot hold together: a false one, or
// bounds of one column that exclude each other.
func contradict(preds []expr.Expr) bool {
	type bounds struct{ lo, hi float64 }
	cols := map[expr.ColumnID]*bounds{}
	for _, p := range preds {
		if isFalseLit(p) {
			return true
		}
		c, ok := p.(*expr.Call)
		if !ok || len(c.Args) != 2 {
			continue
		}
		col, isCol := c.Args[0].(*expr.Column)
		l, isLit := c.Args[1].(*expr.Literal)
		if !isCol || !isLit || col.Typ != l.Value.Type || !exactNumber(col.Typ) {
			continue
		}
		v := cost.Number(l.Value)
		if math.Abs(v) > 1<<52 || math.IsNaN(v) {
			continue
		}
		b := cols[col.ID]
		if b == nil {
			b = &bounds{math.Inf(-1), math.Inf(1)}
			cols[col.ID] = b
		}
		switch c.Func.Name {
		case "=":
			b.lo, b.hi = max(b.lo, v), min(b.hi, v)
		case "<":
			b.hi = min(b.hi, v-1)
		case "<=":
			b.hi = min(b.hi, v)
		case ">":
			b.lo = max(b.lo, v+1)
		case ">=":
			b.lo = max(b.lo, v)
		}
		if b.lo > b.hi {
			return true
		}
	}
	return false
}

// exactNumber reports types whose values are whole numbers on cost.Number's line.
func exactNumber(t types.Type) bool { return t.IsInteger() || t.Kind == types.Date }
