package analyzer

import (
	"fmt"
	"strings"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// aggregate binds an aggregate call: it is computed by the block that its
// arguments' columns belong to, the innermost one of them, and stands as a column.
func (b *binder) aggregate(x *ast.FuncCallExpr, o callOptions, k *block) (expr.Expr, error) {
	var used []*block
	outer := b.track
	b.track = &used
	call, pending, err := b.aggregateCall(x, o, k)
	b.track = outer
	if err != nil {
		return nil, err
	}
	if outer != nil {
		*outer = append(*outer, used...)
	}
	own := levelOf(used, k)
	if err := b.aggregateAllowed(x, own, k); err != nil {
		return nil, err
	}
	if own != k.owner() && pending > 0 {
		return nil, b.unsupported(x, "a subquery in an aggregate of an outer query")
	}
	return own.addAggregate(call), nil
}

// levelOf is the innermost block, not deeper than k, that columns belong to; k
// itself if there are none.
func levelOf(used []*block, k *block) *block {
	own := k.owner()
	var hit *block
	for _, u := range used {
		if u.depth <= own.depth && (hit == nil || u.depth > hit.depth) {
			hit = u
		}
	}
	if hit == nil {
		return own
	}
	return hit
}

// aggregateAllowed checks the clause of the block that computes an aggregate.
func (b *binder) aggregateAllowed(x ast.Node, own, k *block) error {
	c := own.clause
	if own == k.owner() {
		c = k.clause
	}
	switch c {
	case inAggregate:
		return b.errorAt(x, sqlerr.Grouping, "aggregate function calls cannot be nested")
	case inWhere, inGroupBy, inJoinOn, inFunction, inLimit, inValues, inFilter, inFrame:
		return b.errorAt(x, sqlerr.Grouping, "aggregate functions are not allowed in %s", clauseText[c])
	}
	return nil
}

// aggregateCall binds arguments and options; pending is the number of
// subqueries in them.
func (b *binder) aggregateCall(x *ast.FuncCallExpr, o callOptions, k *block) (logical.AggCall, int, error) {
	saved := k.clause
	defer func() { k.clause = saved }()
	before := len(k.owner().pre)
	direct := x.Args
	if o.within != nil {
		direct = append(direct[:len(direct):len(direct)], sortNodes(o.within)...)
	}
	var call logical.AggCall
	if saved != inAggregate && saved != inWhere && saved != inGroupBy && saved != inJoinOn && saved != inFunction && saved != inFilter {
		k.clause = inAggregate
	} else if saved == inAggregate {
		return call, 0, b.errorAt(x, sqlerr.Grouping, "aggregate function calls cannot be nested")
	}
	args, err := b.exprs(direct, k)
	if err != nil {
		return call, 0, err
	}
	f, err := b.aggregateFunc(x.FnName.O, args, x)
	if err != nil {
		return call, 0, err
	}
	call = logical.AggCall{Func: f.agg, Args: f.args, Distinct: o.distinct && !f.agg.IgnoresDuplicates}
	call.Col = logical.Column{Field: types.Field{Name: x.FnName.O, Type: f.typ, Nullable: true}}
	if call.OrderBy, err = b.callOrder(o, f.args, k); err != nil {
		return call, 0, err
	}
	if o.filter != nil {
		if k.clause == inAggregate {
			k.clause = inFilter
		}
		if call.Filter, err = b.boolean(o.filter, k, "FILTER"); err != nil {
			return call, 0, err
		}
	}
	call.Col.ID = b.ids.Next()
	return call, len(k.owner().pre) - before, nil
}

// callOrder binds ORDER BY within a call; with DISTINCT it may name arguments only.
func (b *binder) callOrder(o callOptions, args []expr.Expr, k *block) ([]logical.SortKey, error) {
	nodes := o.orderBy
	if o.within != nil {
		nodes = o.within
	}
	var keys []logical.SortKey
	for i, n := range nodes {
		sk := core.SortKeyOf(n)
		var e expr.Expr
		var err error
		if o.within != nil {
			e = args[len(args)-len(nodes)+i]
		} else if e, err = b.sortable(sk.Expr, k); err != nil {
			return nil, err
		}
		if o.distinct && !contains(args, e) {
			return nil, b.errorAt(sk.Expr, sqlerr.InvalidColumnReference,
				"in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list")
		}
		keys = append(keys, sortKey(sk, e))
	}
	return keys, nil
}

// sortable binds a sort key of a call or a window; untyped constants are text.
func (b *binder) sortable(n ast.ExprNode, k *block) (expr.Expr, error) {
	e, err := b.expr(n, k)
	if err == nil && e.Type().Kind == types.Unknown {
		e, err = b.coerce(e, types.Of(types.Text), n)
	}
	return e, err
}

func contains(es []expr.Expr, e expr.Expr) bool {
	for _, x := range es {
		if expr.Equal(x, e) {
			return true
		}
	}
	return false
}

func sortNodes(keys []ast.ExprNode) []ast.ExprNode {
	out := make([]ast.ExprNode, len(keys))
	for i, n := range keys {
		out[i] = core.SortKeyOf(n).Expr
	}
	return out
}

// sortKey applies Postgres' defaults: NULLs are larger than anything.
func sortKey(k core.SortKey, e expr.Expr) logical.SortKey {
	first := k.Desc
	if k.Nulls != "" {
		first = k.Nulls == "first"
	}
	return logical.SortKey{Expr: e, Desc: k.Desc, NullsFirst: first}
}

// addAggregate adds a call unless an equal one is there, and refers to its column.
func (k *block) addAggregate(call logical.AggCall) expr.Expr {
	var key strings.Builder
	fmt.Fprintf(&key, "%s %v %v ", call.Func.Name, call.Func.Args, call.Distinct)
	for _, a := range call.Args {
		key.WriteString(expr.Key(a) + ",")
		if expr.Volatile(a) {
			fmt.Fprintf(&key, "#%d", call.Col.ID)
		}
	}
	for _, o := range call.OrderBy {
		fmt.Fprintf(&key, " by %s %v %v", expr.Key(o.Expr), o.Desc, o.NullsFirst)
	}
	if call.Filter != nil {
		key.WriteString(" filter " + expr.Key(call.Filter))
	}
	if i, ok := k.aggKeys[key.String()]; ok {
		return k.aggs[i].Col.Ref()
	}
	if k.aggKeys == nil {
		k.aggKeys = map[string]int{}
	}
	k.aggKeys[key.String()] = len(k.aggs)
	k.aggs = append(k.aggs, call)
	k.isGrouped = true
	return call.Col.Ref()
}
