package optimizer

import (
	"context"
	"slices"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// simplify folds constants and brings expressions into one form.
//
//	WHERE 1 + 1 < a AND NOT (b >= 3) AND (c = 1 OR c = 1) AND d IN (7)
//	→ WHERE a > 2 AND b < 3 AND c = 1 AND d = 7
type simplify struct{ *env }

func (simplify) Name() string { return "simplify_expressions" }
func (simplify) Order() Order { return BottomUp }

func (r simplify) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	es := n.Exprs()
	if _, ok := n.(*logical.Values); len(es) == 0 || ok && len(es) > 1000 {
		return n, false, nil
	}
	s := simplifier{env: r.env, nulls: nullableOf(n.Children()...)}
	switch x := n.(type) {
	case *logical.Filter:
		preds, c := s.conjuncts(es)
		if !c {
			return n, false, nil
		}
		return filter(x.Input, preds), true, nil
	case *logical.Scan:
		s.nulls = nullableOf(n)
		if preds, c := s.conjuncts(es); c {
			return x.WithExprs(preds), true, nil
		}
		return n, false, nil
	case *logical.Join:
		if x.Kind == logical.Mark || x.NullAware {
			break // NULL and false differ there
		}
		if preds, c := s.conjuncts(es); c {
			return x.WithExprs(preds), true, nil
		}
		return n, false, nil
	}
	var fresh []expr.Expr
	for i, e := range es {
		out := s.expr(e)
		if out != e && fresh == nil {
			fresh = slices.Clone(es)
		}
		if fresh != nil {
			fresh[i] = out
		}
	}
	if fresh == nil {
		return n, false, nil
	}
	return n.WithExprs(fresh), true, nil
}

// simplifier simplifies expressions over columns of known nullability.
type simplifier struct {
	*env
	nulls *nullability
}

// conjuncts simplifies conjuncts that select rows: NULL is as good as false.
func (s simplifier) conjuncts(preds []expr.Expr) ([]expr.Expr, bool) {
	changed := false
	var out []expr.Expr
	seen := map[string]bool{}
	for _, p := range preds {
		q := selects(s.expr(p))
		parts := expr.Conjuncts(q)
		changed = changed || q != p || len(parts) != 1
		for _, c := range parts {
			c = selects(c)
			k := expr.Key(c)
			if isTrue(c) || seen[k] && !expr.Volatile(c) {
				changed = true
				continue
			}
			seen[k] = true
			out = append(out, c)
		}
	}
	if contradict(out) && !(len(out) == 1 && isFalseLit(out[0])) && !anyFails(out) {
		return []expr.Expr{boolean(false)}, true
	}
	return out, changed
}

func anyFails(es []expr.Expr) bool {
	for _, e := range es {
		if canFail(e) || expr.Volatile(e) {
			return true
		}
	}
	return false
}

// selects simplifies a predicate of which only "true" matters.
func selects(e expr.Expr) expr.Expr {
	switch x := e.(type) {
	case *expr.Literal:
		if x.Value.Null {
			return boolean(false)
		}
	case *expr.Test:
		if x.Kind == expr.IsTrue {
			return selects(x.Arg)
		}
	case *expr.Logic:
		args := make([]expr.Expr, len(x.Args))
		changed := false
		for i, a := range x.Args {
			args[i] = selects(a)
			changed = changed || args[i] != a
		}
		if changed {
			return logic(x.Op, args)
		}
	}
	return e
}

func boolean(b bool) expr.Expr { return &expr.Literal{Value: value.Bool(b)} }

func boolLiteral(e expr.Expr) (value.Value, bool) {
	l, ok := e.(*expr.Literal)
	if !ok || l.Value.Type.Kind != types.Bool && !l.Value.Null {
		return value.Value{}, false
	}
	return l.Value, true
}

func isTrue(e expr.Expr) bool {
	v, ok := boolLiteral(e)
	return ok && !v.Null && v.I != 0
}

func isFalseLit(e expr.Expr) bool {
	v, ok := boolLiteral(e)
	return ok && !v.Null && v.I == 0
}

func isNullLit(e expr.Expr) bool {
	l, ok := e.(*expr.Literal)
	return ok && l.Value.Null
}

// expr simplifies bottom-up.
func (s simplifier) expr(e expr.Expr) expr.Expr {
	if out := fold(e, s.fctx); out != e {
		e = out
	}
	return expr.Transform(e, s.node)
}

func (s simplifier) node(e expr.Expr) expr.Expr {
	switch x := e.(type) {
	case *expr.Logic:
		return s.logic(x)
	case *expr.Not:
		return s.not(x)
	case *expr.Test:
		return s.test(x)
	case *expr.Case:
		return simplifyCase(x)
	case *expr.Coalesce:
		return s.coalesce(x)
	case *expr.In:
		return s.in(x)
	case *expr.Call:
		return s.call(x)
	case *expr.Distinct:
		return s.distinct(x)
	case *expr.Cast:
		if x.Arg.Type() == x.To {
			return x.Arg
		}
	}
	return e
}

// logic builds an AND or OR, flat and without what does not matter.
func logic(op expr.LogicOp, args []expr.Expr) expr.Expr {
	var out []expr.Expr
	seen := map[string]bool{}
	for _, a := range args {
		parts := []expr.Expr{a}
		if l, ok := a.(*expr.Logic); ok && l.Op == op {
			parts = l.Args
		}
		for _, p := range parts {
			if v, ok := boolLiteral(p); ok && !v.Null {
				if (v.I != 0) == (op == expr.And) {
					continue
				}
				if !anyFails(out) { // what came before may have to fail first
					return boolean(op == expr.Or)
				}
			}
			if k := expr.Key(p); !seen[k] || expr.Volatile(p) {
				seen[k] = true
				out = append(out, p)
			}
		}
	}
	switch len(out) {
	case 0:
		return boolean(op == expr.And)
	case 1:
		return out[0]
	}
	return &expr.Logic{Op: op, Args: out}
}

func (s simplifier) logic(x *expr.Logic) expr.Expr {
	e := logic(x.Op, x.Args)
	y, ok := e.(*expr.Logic)
	if !ok {
		return e
	}
	if y.Op == expr.Or {
		if f := factor(y); f != nil {
			return f
		}
		if in := orToIn(y); in != nil {
			return in
		}
	}
	if len(y.Args) == len(x.Args) {
		return x
	}
	return y
}

// factor takes what all arms of an OR share out of it: (a AND b) OR (a AND c)
// is a AND (b OR c), in three-valued logic too.
func factor(x *expr.Logic) expr.Expr {
	arms := make([][]expr.Expr, len(x.Args))
	count := map[string]int{}
	for i, a := range x.Args {
		arms[i] = expr.Conjuncts(a)
		seen := map[string]bool{}
		for _, c := range arms[i] {
			if k := expr.Key(c); !seen[k] && fixed(c) {
				seen[k] = true
				count[k]++
			}
		}
	}
	var common, rest []expr.Expr
	taken := map[string]bool{}
	for _, c := range arms[0] {
		if k := expr.Key(c); count[k] == len(arms) && !taken[k] {
			taken[k] = true
			common = append(common, c)
		}
	}
	if len(common) == 0 {
		return nil
	}
	for _, arm := range arms {
		var left []expr.Expr
		for _, c := range arm {
			if !taken[expr.Key(c)] {
				left = append(left, c)
			}
		}
		if len(left) == 0 {
			return logic(expr.And, common)
		}
		rest = append(rest, expr.AndOf(left))
	}
	return logic(expr.And, append(common, logic(expr.Or, rest)))
}

// orToIn makes x = 1 OR x = 2 an IN list.
func orToIn(x *expr.Logic) expr.Expr {
	var arg expr.Expr
	var list []expr.Expr
	for _, a := range x.Args {
		var l expr.Expr
		var vs []expr.Expr
		switch y := a.(type) {
		case *expr.Call:
			if y.Func.Name != "=" || y.Args[0].Type() != y.Args[1].Type() {
				return nil
			}
			l, vs = y.Args[0], y.Args[1:]
		case *expr.In:
			if y.Negated {
				return nil
			}
			l, vs = y.Arg, y.List
		default:
			return nil
		}
		for _, v := range vs {
			if _, ok := v.(*expr.Literal); !ok {
				return nil
			}
		}
		if arg == nil {
			arg = l
		} else if !expr.Equal(arg, l) {
			return nil
		}
		list = append(list, vs...)
	}
	if !fixed(arg) {
		return nil
	}
	return &expr.In{Arg: arg, List: list}
}
