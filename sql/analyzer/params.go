package analyzer

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// BindParams replaces the parameters of a plan by their values: values[i] is
// $(i+1), of the type in Result.Params. LIMIT and OFFSET become numbers where
// their bound is then a constant.
func BindParams(plan logical.Node, values []value.Value) (logical.Node, error) {
	var missing int
	replace := func(e expr.Expr) expr.Expr {
		p, ok := e.(*expr.Param)
		if !ok {
			return e
		}
		if p.N > len(values) {
			missing = p.N
			return e
		}
		v := values[p.N-1]
		v.Type = p.Typ
		return &expr.Literal{Value: v}
	}
	var err error
	limits := func(n logical.Node) logical.Node {
		l, ok := n.(*logical.Limit)
		if !ok || err != nil {
			return n
		}
		var m *logical.Limit
		if m, err = fixedLimit(l); err != nil {
			return n
		}
		return m
	}
	r := rewriter{
		expr: func(e expr.Expr) expr.Expr { return expr.Transform(e, replace) },
		node: limits, done: map[int]logical.Node{},
	}
	plan = r.plan(plan)
	if missing > 0 {
		return nil, sqlerr.New(sqlerr.UndefinedParameter, "there is no parameter $%d", missing)
	}
	return plan, err
}

// fixedLimit turns a limit's constant expressions into numbers.
func fixedLimit(l *logical.Limit) (*logical.Limit, error) {
	if l.CountExpr == nil && l.OffsetExpr == nil {
		return l, nil
	}
	x := *l
	var err error
	if c, ok := boundLiteral(l.CountExpr); ok {
		x.CountExpr = nil
		if x.Count, err = boundValue(c, -1, "LIMIT"); err != nil {
			return nil, err
		}
	}
	if c, ok := boundLiteral(l.OffsetExpr); ok {
		x.OffsetExpr = nil
		if x.Offset, err = boundValue(c, 0, "OFFSET"); err != nil {
			return nil, err
		}
	}
	return &x, nil
}

// boundLiteral sees through the integer casts that binding put around a parameter.
func boundLiteral(e expr.Expr) (*expr.Literal, bool) {
	for {
		switch x := e.(type) {
		case *expr.Literal:
			return x, x.Value.Null || x.Value.Type.IsInteger()
		case *expr.Cast:
			if x.To.Kind != types.Int8 || !x.Arg.Type().IsInteger() {
				return nil, false
			}
			e = x.Arg
			continue
		}
		return nil, false
	}
}
