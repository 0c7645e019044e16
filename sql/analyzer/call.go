package analyzer

import (
	"strings"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// callOptions are what is written around a call's arguments.
type callOptions struct {
	star, distinct, ignoreNulls bool
	orderBy, within             []ast.ExprNode
	filter                      ast.ExprNode
	over                        *ast.WindowSpec
}

// aggregateOnly names the first option that only aggregates take.
func (o callOptions) aggregateOnly() string {
	switch {
	case o.distinct:
		return "DISTINCT"
	case o.within != nil:
		return "WITHIN GROUP"
	case o.orderBy != nil:
		return "ORDER BY"
	case o.filter != nil:
		return "FILTER"
	}
	return ""
}

// wrappedCall unwraps a call's options, from the outside in, and binds it.
func (b *binder) wrappedCall(x ast.ExprNode, k *block, over *ast.WindowSpec) (expr.Expr, error) {
	o := callOptions{over: over}
	for {
		name, args, ok := core.Call(x)
		if !ok {
			break
		}
		switch name {
		case core.CountStar:
			o.star = true
		case core.AggDistinct:
			o.distinct = true
		case core.AggOrderBy:
			o.orderBy = args[1:]
		case core.WithinGroup:
			o.within = args[1:]
		case core.Filter:
			o.filter = args[1]
		case core.IgnoreNulls:
			o.ignoreNulls = true
		default:
			return nil, b.unsupported(x, "OVER on this expression")
		}
		x = args[0]
	}
	f, ok := core.Unparen(x).(*ast.FuncCallExpr)
	if !ok {
		return nil, b.errorAt(x, sqlerr.Syntax, "OVER needs a function call")
	}
	return b.call(f, o, k)
}

// call binds a function call of any kind.
func (b *binder) call(x *ast.FuncCallExpr, o callOptions, k *block) (expr.Expr, error) {
	name := x.FnName.O
	if s := x.Schema.O; s != "" && s != "pg_catalog" && !(s == "information_schema" && strings.HasPrefix(name, "_pg_")) {
		return nil, b.unknownInSchema(x, s+"."+name, k)
	}
	aggregate := b.reg.isAggregate(name)
	switch {
	case o.over != nil && (aggregate || b.reg.isWindow(name)):
		return b.windowCall(x, o, k)
	case o.over != nil:
		if _, err := b.call(x, callOptions{}, k); err != nil {
			return nil, err
		}
		return nil, b.errorAt(x, sqlerr.WrongObjectType, "OVER specified, but %s is not a window function nor an aggregate function", name)
	case aggregate && !o.star && len(x.Args) == 0 && name == "count":
		return nil, b.errorAt(x, sqlerr.WrongObjectType, "%s(*) must be used to call a parameterless aggregate function", name)
	case aggregate:
		return b.aggregate(x, o, k)
	case b.reg.isWindow(name):
		return nil, b.errorAt(x, sqlerr.WrongObjectType, "window function %s requires an OVER clause", name)
	}
	if what := o.aggregateOnly(); what != "" {
		if _, err := b.plainCall(x, o, k); err != nil {
			return nil, err
		}
		return nil, b.errorAt(x, sqlerr.WrongObjectType, "%s specified, but %s is not an aggregate function", what, name)
	}
	return b.plainCall(x, o, k)
}

func (b *binder) unknownInSchema(x *ast.FuncCallExpr, name string, k *block) error {
	schema, _, _ := strings.Cut(name, ".")
	if !b.hasSchema(b.s.Database, schema) {
		return b.errorAt(x, sqlerr.InvalidSchema, "schema \"%s\" does not exist", schema)
	}
	args, err := b.exprs(x.Args, k)
	if err != nil {
		return err
	}
	return b.noFunction(x, name, plainTypes(args))
}

// plainCall binds a scalar or set-returning call.
func (b *binder) plainCall(x *ast.FuncCallExpr, o callOptions, k *block) (expr.Expr, error) {
	name := x.FnName.O
	switch {
	case name == "coalesce":
		return b.coalesce(x, k)
	case name == "nullif" && len(x.Args) == 2:
		return b.nullIf(x, k)
	case name == "greatest" || name == "least":
		return b.extremum(name, x, k)
	case len(function.Scalars(name)) == 0 && b.reg.isTable(name):
		return b.setReturning(x, k)
	}
	return b.callNamed(name, x.Args, x, k)
}

// callNamed binds arguments and calls a scalar function. A cast may be written
// as a function named like its type.
func (b *binder) callNamed(name string, args []ast.ExprNode, at ast.Node, k *block) (expr.Expr, error) {
	for _, a := range args {
		if marker, _, ok := core.Call(a); ok && (marker == core.NamedArg || marker == core.Variadic || marker == core.As) {
			return nil, b.unsupported(a, "this form of argument")
		}
	}
	es, err := b.exprs(args, k)
	if err != nil {
		return nil, err
	}
	e, err := b.callFunc(name, es, at)
	if err != nil && len(es) == 1 && sqlerr.Code(err) == sqlerr.UndefinedFunction {
		if t, ok := parseType(name); ok && function.CanCast(es[0].Type(), t) != function.CastNone {
			return b.explicitCast(es[0], t, at, args[0])
		}
	}
	return e, err
}

func (b *binder) coalesce(x *ast.FuncCallExpr, k *block) (expr.Expr, error) {
	es, err := b.exprs(x.Args, k)
	if err != nil {
		return nil, err
	}
	t, err := b.unify(es, "COALESCE", x.Args)
	if err != nil {
		return nil, err
	}
	if len(es) == 1 {
		return es[0], nil
	}
	return &expr.Coalesce{Args: es, Typ: t}, nil
}

// extremum binds GREATEST and LEAST, whose arguments have one type.
func (b *binder) extremum(name string, x *ast.FuncCallExpr, k *block) (expr.Expr, error) {
	es, err := b.exprs(x.Args, k)
	if err != nil {
		return nil, err
	}
	what := map[string]string{"greatest": "GREATEST", "least": "LEAST"}[name]
	t, err := b.unify(es, what, x.Args)
	if err != nil {
		return nil, err
	}
	e, err := b.callFunc(name, es, x)
	if c, ok := e.(*expr.Call); ok && t.Kind != c.Typ.Kind {
		c.Typ = t
	}
	return e, err
}

// promoted reports whether PostgreSQL has no operator = of the two types, so that the left
// operand, and with it NULLIF, gets another type.
func promoted(a, b types.Type) bool {
	switch {
	case a.Kind == types.Unknown:
		return true
	case a.IsInteger():
		return !b.IsInteger()
	case a.Kind == types.Numeric:
		return b.IsFloat()
	}
	return false
}

// nullIf is CASE WHEN a = b THEN NULL ELSE a END, of the type that = gives a.
func (b *binder) nullIf(x *ast.FuncCallExpr, k *block) (expr.Expr, error) {
	es, err := b.exprs(x.Args, k)
	if err != nil {
		return nil, err
	}
	eq, err := b.operator("=", es, x)
	if err != nil {
		return nil, err
	}
	a := es[0]
	if c, ok := eq.(*expr.Call); ok && promoted(a.Type(), es[1].Type()) {
		a = c.Args[0]
	}
	if expr.Volatile(a) {
		return nil, b.unsupported(x, "NULLIF over a volatile function")
	}
	return &expr.Case{Whens: []expr.When{{Cond: eq, Result: nullOf(a.Type())}}, Else: a, Typ: a.Type()}, nil
}
