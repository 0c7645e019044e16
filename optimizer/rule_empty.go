package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/value"
)

// pruneEmpty replaces what can have no rows by the empty relation.
//
//	SELECT * FROM t JOIN s ON t.a = s.a WHERE false → VALUES with no rows
type pruneEmpty struct{}

func (pruneEmpty) Name() string { return "prune_empty" }
func (pruneEmpty) Order() Order { return BottomUp }

func (pruneEmpty) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	if isEmpty(n) {
		return n, false, nil
	}
	none := &logical.Values{Cols: n.Schema()}
	switch x := n.(type) {
	case *logical.Filter:
		if isEmpty(x.Input) || anyFalse(x.Preds) {
			return none, true, nil
		}
	case *logical.Scan:
		if anyFalse(x.Filters) {
			return none, true, nil
		}
	case *logical.Limit:
		if x.Count == 0 && x.CountExpr == nil || isEmpty(x.Input) {
			return none, true, nil
		}
	case *logical.Project, *logical.Sort, *logical.TopN, *logical.Window, *logical.TableFunc, *logical.Reuse:
		if isEmpty(n.Children()[0]) {
			return none, true, nil
		}
	case *logical.Aggregate:
		if isEmpty(x.Input) && len(x.Groups) > 0 && x.Sets == nil {
			return none, true, nil
		}
	case *logical.Join:
		if out := emptyJoin(x, none); out != nil {
			return out, true, nil
		}
	case *logical.Union:
		return emptyUnion(x, none)
	}
	return n, false, nil
}

func isEmpty(n logical.Node) bool {
	v, ok := n.(*logical.Values)
	return ok && len(v.Rows) == 0
}

func anyFalse(preds []expr.Expr) bool {
	for _, p := range preds {
		if isFalseLit(p) || isNullLit(p) {
			return true
		}
	}
	return false
}

func emptyJoin(x *logical.Join, none logical.Node) logical.Node {
	l, r := isEmpty(x.L), isEmpty(x.R)
	never := x.Kind != logical.Mark && anyFalse(x.On)
	switch x.Kind {
	case logical.Inner:
		if l || r || never {
			return none
		}
	case logical.Semi:
		if l || r || never {
			return none
		}
	case logical.Anti:
		if l {
			return none
		}
		if r || never && !x.NullAware {
			return x.L
		}
	case logical.Left, logical.Single:
		if l {
			return none
		}
		if r || never {
			return extend(x.L, x.R.Schema(), x.Schema())
		}
	case logical.Right:
		if r {
			return none
		}
		if l {
			return extend(x.R, x.L.Schema(), x.Schema())
		}
	case logical.Full:
		switch {
		case l && r:
			return none
		case r:
			return extend(x.L, x.R.Schema(), x.Schema())
		case l:
			return extend(x.R, x.L.Schema(), x.Schema())
		}
	case logical.Mark:
		if l {
			return none
		}
		if r {
			items := append(passItems(x.L.Schema()), logical.Item{Col: x.MarkCol, Expr: boolean(false)})
			return &logical.Project{Input: x.L, Items: items}
		}
	}
	return nil
}

// extend adds NULL columns to n, in the order of schema.
func extend(n logical.Node, nulls, schema []logical.Column) logical.Node {
	isNull := expr.ColumnSet{}
	for _, c := range nulls {
		isNull.Add(c.ID)
	}
	items := passItems(schema)
	for i, it := range items {
		if isNull.Has(it.Col.ID) {
			items[i].Expr = &expr.Literal{Value: value.NullOf(it.Col.Field.Type)}
		}
	}
	return &logical.Project{Input: n, Items: items}
}

func emptyUnion(x *logical.Union, none logical.Node) (logical.Node, bool, error) {
	var ins []logical.Node
	for _, in := range x.Inputs {
		if !isEmpty(in) {
			ins = append(ins, in)
		}
	}
	switch {
	case len(ins) == 0:
		return none, true, nil
	case len(ins) == 1:
		items := make([]logical.Item, len(x.Cols))
		for i, c := range ins[0].Schema() {
			items[i] = logical.Item{Col: x.Cols[i], Expr: c.Ref()}
		}
		return &logical.Project{Input: ins[0], Items: items}, true, nil
	case len(ins) == len(x.Inputs):
		return x, false, nil
	}
	return &logical.Union{Inputs: ins, Cols: x.Cols}, true, nil
}
