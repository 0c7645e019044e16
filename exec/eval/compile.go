package eval

import (
	"fmt"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// compiler turns trees into a graph of nodes in which equal subtrees are one.
type compiler struct {
	in   []types.Type
	c    *function.Context
	dict bool // look for subtrees to evaluate per dictionary
	done map[string]node
}

func newCompiler(in []types.Type, c *function.Context, dict bool) *compiler {
	return &compiler{in: in, c: c, dict: dict, done: map[string]node{}}
}

// compile returns the node of e, shared with equal expressions unless volatile.
func (k *compiler) compile(e expr.Expr) (node, error) {
	switch x := e.(type) {
	case *expr.Input:
		if x.Index < 0 || x.Index >= len(k.in) {
			return nil, sqlerr.New(sqlerr.Internal, "column %d of %d in %s", x.Index, len(k.in), x.Name)
		}
		return &inputNode{x.Index}, nil
	case *expr.Literal:
		return &constNode{vector.FromValue(x.Value, 1)}, nil
	}
	key := sharedKey(e)
	if n, ok := k.done[key]; ok {
		return n, nil
	}
	n, err := k.compileNew(e)
	if err != nil {
		return nil, err
	}
	if expr.Volatile(e) {
		return n, nil
	}
	if _, leaf := n.(*inputNode); leaf {
		return n, nil
	}
	n = &memoNode{node: n}
	k.done[key] = n
	return n, nil
}

// sharedKey is equal for equal trees of one type. A rule that narrows a numeric (narrow_numerics) leaves
// the tree as it is otherwise, but its values take 64 bits where the wide one's take 128.
func sharedKey(e expr.Expr) string { return e.Type().Format() + " " + expr.Key(e) }

func (k *compiler) compileNew(e expr.Expr) (node, error) {
	if k.dict {
		if n, err := k.compileDict(e); n != nil || err != nil {
			return n, err
		}
	}
	switch x := e.(type) {
	case *expr.Call:
		return k.compileCall(x)
	case *expr.Cast:
		return k.compileCast(x)
	case *expr.Logic:
		args, err := k.flat(x.Args...)
		l := &logicNode{args: args}
		if x.Op == expr.Or {
			l.decides = 1
		}
		return l, err
	case *expr.Not:
		args, err := k.flat(x.Arg)
		return &notNode{arg: one(args)}, err
	case *expr.Test:
		args, err := k.flat(x.Arg)
		if x.Kind == expr.IsNull || x.Kind == expr.IsNotNull {
			args, err = k.all(x.Arg)
		}
		return &testNode{kind: x.Kind, arg: one(args)}, err
	case *expr.Distinct:
		args, err := k.flat(x.L, x.R)
		if err != nil {
			return nil, err
		}
		t := x.L.Type()
		eq := newCall(function.CompareKernel(function.Eq), boolType, args, []types.Type{t, t})
		return &distinctNode{negated: x.Negated, l: args[0], r: args[1], equal: eq}, nil
	case *expr.Case:
		return k.compileCase(x)
	case *expr.Coalesce:
		args, err := k.flat(x.Args...)
		return &coalesceNode{typ: x.Typ, args: args}, err
	case *expr.In:
		return k.compileIn(x)
	case *expr.ArrayExpr:
		args, err := k.all(x.Elems...)
		return &arrayNode{typ: x.Typ, args: args, vecs: make([]*vector.Vector, len(args))}, err
	case *expr.AnyAll:
		return k.compileAnyAll(x)
	case *expr.Param:
		return nil, sqlerr.New(sqlerr.UndefinedParameter, "there is no parameter $%d", x.N)
	}
	return nil, fmt.Errorf("cannot evaluate %T", e)
}

func one(args []node) node {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

// all compiles several expressions.
func (k *compiler) all(es ...expr.Expr) ([]node, error) {
	out := make([]node, len(es))
	for i, e := range es {
		n, err := k.compile(e)
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return out, nil
}

// flat compiles several expressions whose results must not be dictionaries.
func (k *compiler) flat(es ...expr.Expr) ([]node, error) {
	out, err := k.all(es...)
	if err != nil {
		return nil, err
	}
	for i, e := range es {
		if _, ok := e.(*expr.Literal); ok {
			continue
		}
		key := "flat:" + sharedKey(e)
		n, ok := k.done[key]
		if !ok {
			n = &memoNode{node: &flatNode{node: out[i]}}
			k.done[key] = n
		}
		if expr.Volatile(e) {
			n = &flatNode{node: out[i]}
		}
		out[i] = n
	}
	return out, nil
}

func argTypes(es []expr.Expr) []types.Type {
	ts := make([]types.Type, len(es))
	for i, e := range es {
		ts[i] = e.Type()
	}
	return ts
}

func (k *compiler) compileCall(x *expr.Call) (node, error) {
	args, err := k.flat(x.Args...)
	if err != nil {
		return nil, err
	}
	c := newCall(x.Func.Kernel, x.Typ, args, argTypes(x.Args))
	c.notStrict, c.fallible = x.Func.NotStrict, x.Func.Fallible
	c.volatile = x.Func.Volatility == function.Volatile
	for _, a := range x.Args {
		// A pattern or the name of a field may be invalid beside a NULL, although the
		// function counts as infallible, for it mostly is a constant.
		c.fallible = c.fallible || a.Type().Storage() == types.StoreBytes
	}
	return c, nil
}

func (k *compiler) compileCast(x *expr.Cast) (node, error) {
	from := x.Arg.Type()
	if function.Relabels(from, x.To) {
		n, err := k.compile(x.Arg)
		return &relabelNode{node: n, typ: x.To}, err
	}
	kernel, fallible, err := function.CastKernel(from, x.To, x.Explicit)
	if err != nil {
		return nil, err
	}
	args, err := k.flat(x.Arg)
	if err != nil {
		return nil, err
	}
	c := newCall(kernel, x.To, args, []types.Type{from})
	c.fallible = fallible
	return c, nil
}

func (k *compiler) compileCase(x *expr.Case) (node, error) {
	n := &caseNode{typ: x.Typ}
	for _, w := range x.Whens {
		ns, err := k.flat(w.Cond, w.Result)
		if err != nil {
			return nil, err
		}
		n.conds, n.results = append(n.conds, ns[0]), append(n.results, ns[1])
	}
	ns, err := k.flat(x.Else)
	if err != nil {
		return nil, err
	}
	n.results = append(n.results, ns[0])
	return n, nil
}
