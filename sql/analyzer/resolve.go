package analyzer

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// registry is the one place that asks sql/function for functions.
type registry struct{}

// called is a resolved function: an aggregate, window or table function, its cast arguments and
// its result type.
type called struct {
	agg    *function.Agg
	window *function.Window
	table  *function.Table
	args   []expr.Expr
	typ    types.Type
}

func (registry) isAggregate(name string) bool { return len(function.Aggregates(name)) > 0 }
func (registry) isWindow(name string) bool    { return len(function.Windows(name)) > 0 }
func (registry) isTable(name string) bool     { return len(function.Tables(name)) > 0 }

// operator binds an operator call.
func (b *binder) operator(op string, args []expr.Expr, at ast.Node) (expr.Expr, error) {
	return b.callFunc(op, args, at)
}

// callFunc binds a call of a scalar function or operator.
func (b *binder) callFunc(name string, args []expr.Expr, at ast.Node) (expr.Expr, error) {
	ts := plainTypes(args)
	if function.IsOperator(name) {
		var err error
		if args, err = b.numericTexts(args); err != nil {
			return nil, err
		}
		ts = argTypes(args)
	}
	f, coerced, err := b.resolve(name, ts)
	if err != nil {
		return nil, b.unresolved(err, name, args, at)
	}
	if args, err = b.coerceArgs(args, coerced, at); err != nil {
		return nil, err
	}
	return &expr.Call{Func: f, Args: args, Typ: f.ResultType(coerced)}, nil
}

// unresolved words the failure to find a function or operator as Postgres does.
func (b *binder) unresolved(err error, name string, args []expr.Expr, at ast.Node) error {
	ts := plainTypes(args)
	code, operator := sqlerr.Code(err), function.IsOperator(name)
	switch {
	case code == sqlerr.UndefinedFunction && operator:
		return b.noOperator(at, name, ts)
	case code == sqlerr.AmbiguousFunction && operator:
		return b.ambiguousOperator(at, name, ts)
	case code == sqlerr.UndefinedFunction:
		return b.noFunction(at, name, ts)
	case code == sqlerr.AmbiguousFunction:
		return b.ambiguousFunction(at, name, ts)
	}
	return b.place(err, at)
}

func (b *binder) place(err error, at ast.Node) error { return sqlerr.From(err).At(b.pos(at)) }

func plainTypes(args []expr.Expr) []types.Type {
	ts := make([]types.Type, len(args))
	for i, a := range args {
		ts[i] = a.Type()
	}
	return ts
}

// operatorKey is what the overload of an operator depends on.
type operatorKey struct {
	name string
	l, r types.Type
}

type resolved struct {
	f    *function.Func
	want []types.Type
}

// resolve is function.Resolve that remembers binary operators: a long chain of
// conditions asks for the same ones again and again.
func (b *binder) resolve(name string, ts []types.Type) (*function.Func, []types.Type, error) {
	if len(ts) != 2 {
		return function.Resolve(name, ts)
	}
	key := operatorKey{name, ts[0], ts[1]}
	if r, ok := b.operators[key]; ok {
		return r.f, r.want, nil
	}
	f, want, err := function.Resolve(name, ts)
	if err == nil {
		b.operators[key] = resolved{f, want}
	}
	return f, want, err
}

// numericTexts reads untyped constants beside numerics as numerics of their own
// digits: '1.234' beside numeric(12,2) is not cut to two digits.
func (b *binder) numericTexts(args []expr.Expr) ([]expr.Expr, error) {
	numeric, unknown := false, false
	for _, a := range args {
		t := a.Type()
		numeric = numeric || t.Kind == types.Numeric
		unknown = unknown || t.Kind == types.Unknown
		if !t.IsNumber() && t.Kind != types.Unknown || t.IsFloat() {
			return args, nil
		}
	}
	if !numeric || !unknown {
		return args, nil
	}
	out := append([]expr.Expr(nil), args...)
	for i, a := range args {
		if l, ok := a.(*expr.Literal); ok && l.Value.Type.Kind == types.Unknown && !l.Value.Null {
			v, err := numericValue(l.Value.S)
			if err != nil {
				return nil, b.place(err, b.consts[l])
			}
			out[i] = &expr.Literal{Value: v}
		}
	}
	return out, nil
}

// argTypes gives the types that operators are resolved with. An integer
// constant beside a numeric counts as a numeric of its own digits.
func argTypes(args []expr.Expr) []types.Type {
	ts := plainTypes(args)
	numeric := false
	for _, t := range ts {
		numeric = numeric || t.Kind == types.Numeric
	}
	for i, a := range args {
		if l, ok := a.(*expr.Literal); ok && numeric && ts[i].IsInteger() && !l.Value.Null {
			ts[i] = types.NumericOf(digits(l.Value.I), 0)
		}
	}
	return ts
}

func (b *binder) coerceArgs(args []expr.Expr, want []types.Type, at ast.Node) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(args))
	for i, a := range args {
		e, err := b.coerce(a, want[i], at)
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	return out, nil
}

// aggregateFunc resolves an aggregate.
func (b *binder) aggregateFunc(name string, args []expr.Expr, at ast.Node) (called, error) {
	f, want, err := function.ResolveAggregate(name, plainTypes(args))
	if err != nil {
		return called{}, b.unresolved(err, name, args, at)
	}
	if args, err = b.coerceArgs(args, want, at); err != nil {
		return called{}, err
	}
	return called{agg: f, args: args, typ: f.ResultType(want)}, nil
}

// windowFunc resolves a pure window function.
func (b *binder) windowFunc(name string, args []expr.Expr, at ast.Node) (called, error) {
	f, want, err := function.ResolveWindow(name, plainTypes(args))
	if err != nil {
		return called{}, b.unresolved(err, name, args, at)
	}
	if args, err = b.coerceArgs(args, want, at); err != nil {
		return called{}, err
	}
	return called{window: f, args: args, typ: f.ResultType(want)}, nil
}

// tableFunc resolves a set-returning function.
func (b *binder) tableFunc(name string, args []expr.Expr, at ast.Node) (called, error) {
	f, want, err := function.ResolveTable(name, plainTypes(args))
	if err != nil {
		return called{}, b.unresolved(err, name, args, at)
	}
	if args, err = b.coerceArgs(args, want, at); err != nil {
		return called{}, err
	}
	return called{table: f, args: args}, nil
}

// commonType is function.CommonType for callers that make their own error.
func commonType(ts []types.Type) (types.Type, bool) {
	if len(ts) > 0 {
		same := true
		for _, t := range ts[1:] {
			same = same && t == ts[0]
		}
		if same {
			return ts[0], true // unknown stays unknown
		}
	}
	t, err := function.CommonType("UNION", ts)
	return t, err == nil
}

// unify brings expressions to their common type in place. ns gives their nodes
// for error positions; it may be nil.
func (b *binder) unify(es []expr.Expr, what string, ns []ast.ExprNode) (types.Type, error) {
	if texts, err := b.numericTexts(es); err != nil {
		return types.Type{}, err
	} else {
		copy(es, texts)
	}
	ts := plainTypes(es)
	t, err := function.CommonType(what, ts)
	if err != nil {
		return t, sqlerr.From(err).At(b.start(culprit(ts, ns)))
	}
	for i, e := range es {
		var at ast.Node
		if i < len(ns) {
			at = ns[i]
		}
		if es[i], err = b.coerce(e, t, at); err != nil {
			return t, err
		}
	}
	return t, nil
}

// culprit is the first expression whose type doesn't go with those before it.
func culprit(ts []types.Type, ns []ast.ExprNode) ast.Node {
	for i := range ns {
		if i < len(ts) {
			if _, err := function.CommonType("", ts[:i+1]); err != nil {
				return ns[i]
			}
		}
	}
	return nil
}
