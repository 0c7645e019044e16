package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// pushFilters moves conjuncts towards the scans.
//
//	SELECT * FROM (SELECT a, b + 1 c FROM t) x JOIN s ON x.a = s.a WHERE c > 3 AND s.d = 1
//	→ SELECT * FROM (SELECT a, b + 1 c FROM t WHERE b + 1 > 3) x JOIN (SELECT * FROM s WHERE d = 1) s ON x.a = s.a
//
// A conjunct that can fail or is volatile stays where it is, unless no row is
// dropped on the way.
type pushFilters struct{}

func (pushFilters) Name() string { return "push_filters" }
func (pushFilters) Order() Order { return TopDown }

func (pushFilters) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	switch x := n.(type) {
	case *logical.Filter:
		out := pushFilter(x)
		return out, out != n, nil
	case *logical.Join:
		out := pushOn(x)
		return out, out != n, nil
	}
	return n, false, nil
}

// pushFilter moves what it can of a filter below its input.
func pushFilter(f *logical.Filter) logical.Node {
	switch x := f.Input.(type) {
	case *logical.Filter:
		return &logical.Filter{Input: x.Input, Preds: concat(x.Preds, f.Preds)}
	case *logical.Project:
		return pushThroughProject(f, x)
	case *logical.Scan:
		move, stay := leading(f.Preds, func(e expr.Expr) bool { return !expr.Volatile(e) })
		if len(move) == 0 || x.Limit >= 0 {
			return f
		}
		y := *x
		y.Filters = concat(x.Filters, move)
		return filter(&y, stay)
	case *logical.Join:
		return pushIntoJoin(f, x)
	case *logical.Aggregate:
		return pushThroughAggregate(f, x)
	case *logical.Window:
		keys := expr.ColumnSet{}
		for _, p := range x.PartitionBy {
			if c, ok := p.(*expr.Column); ok {
				keys.Add(c.ID)
			}
		}
		return pushBelow(f, x, keys, true)
	case *logical.Sort:
		return x.WithChildren([]logical.Node{&logical.Filter{Input: x.Input, Preds: f.Preds}})
	case *logical.TableFunc:
		return pushBelow(f, x, logical.Columns(x.Input), true)
	case *logical.Union:
		return pushThroughUnion(f, x)
	}
	return f
}

// leading splits off the conjuncts that may be moved; one that can fail only
// moves if all before it do: they may guard it.
func leading(preds []expr.Expr, ok func(expr.Expr) bool) (move, stay []expr.Expr) {
	for _, p := range preds {
		if ok(p) && (len(stay) == 0 || !canFail(p)) {
			move = append(move, p)
		} else {
			stay = append(stay, p)
		}
	}
	return move, stay
}

func pushThroughProject(f *logical.Filter, x *logical.Project) logical.Node {
	m := itemMap(x.Items)
	move, stay := leading(f.Preds, func(e expr.Expr) bool {
		if expr.Volatile(e) {
			return false
		}
		for id := range expr.Columns(e) {
			if expr.Volatile(m[id]) {
				return false
			}
		}
		return true
	})
	if len(move) == 0 {
		return f
	}
	in := &logical.Filter{Input: x.Input, Preds: substituteAll(move, m)}
	return filter(&logical.Project{Input: in, Items: x.Items}, stay)
}

// pushBelow moves conjuncts over the columns of keys below a one-input node.
func pushBelow(f *logical.Filter, x logical.Node, keys expr.ColumnSet, safe bool) logical.Node {
	move, stay := splitPreds(f.Preds, func(e expr.Expr) bool { return only(e, keys) && safe && fixed(e) })
	if len(move) == 0 {
		return f
	}
	in := &logical.Filter{Input: x.Children()[0], Preds: move}
	return filter(x.WithChildren([]logical.Node{in}), stay)
}

func pushThroughAggregate(f *logical.Filter, x *logical.Aggregate) logical.Node {
	if x.Sets != nil || len(x.Groups) == 0 {
		return f
	}
	m := itemMap(x.Groups)
	keys := expr.ColumnSet{}
	for id, e := range m {
		if !expr.Volatile(e) {
			keys.Add(id)
		}
	}
	move, stay := splitPreds(f.Preds, func(e expr.Expr) bool { return only(e, keys) && fixed(e) })
	if len(move) == 0 {
		return f
	}
	in := &logical.Filter{Input: x.Input, Preds: substituteAll(move, m)}
	return filter(x.WithChildren([]logical.Node{in}), stay)
}

func pushThroughUnion(f *logical.Filter, x *logical.Union) logical.Node {
	move, stay := leading(f.Preds, func(e expr.Expr) bool { return !expr.Volatile(e) })
	if len(move) == 0 {
		return f
	}
	ins := make([]logical.Node, len(x.Inputs))
	for i, in := range x.Inputs {
		m := map[expr.ColumnID]expr.Expr{}
		for j, c := range in.Schema() {
			m[x.Cols[j].ID] = c.Ref()
		}
		ins[i] = &logical.Filter{Input: in, Preds: substituteAll(move, m)}
	}
	return filter(x.WithChildren(ins), stay)
}

// pushIntoJoin moves the conjuncts of a filter above a join to its sides or
// into its condition.
func pushIntoJoin(f *logical.Filter, j *logical.Join) logical.Node {
	l, r := logical.Columns(j.L), logical.Columns(j.R)
	toL := j.Kind != logical.Right && j.Kind != logical.Full
	toR := j.Kind == logical.Inner || j.Kind == logical.Right
	preserved := j.Kind == logical.Left || j.Kind == logical.Mark || j.Kind == logical.Single
	var left, right, on, stay []expr.Expr
	for _, p := range f.Preds {
		switch {
		case preserved && only(p, l) && !expr.Volatile(p) && (len(stay) == 0 || !canFail(p)):
			left = append(left, p)
		case !fixed(p) && (!movableKey(p) || len(stay) > 0):
			stay = append(stay, p)
		case toL && only(p, l):
			left = append(left, p)
		case toR && only(p, r):
			right = append(right, p)
		case j.Kind == logical.Inner && len(expr.Columns(p)) > 0:
			on = append(on, p)
		default:
			stay = append(stay, p)
		}
	}
	if len(stay) == len(f.Preds) {
		return f
	}
	y := *j
	y.L, y.R, y.On = filter(j.L, left), filter(j.R, right), concat(j.On, on)
	return filter(&y, stay)
}

// pushOn moves the conjuncts of a join's condition that concern one side only.
func pushOn(j *logical.Join) logical.Node {
	l, r := logical.Columns(j.L), logical.Columns(j.R)
	toL := j.Kind == logical.Inner || j.Kind == logical.Semi || j.Kind == logical.Right
	toR := j.Kind != logical.Right && j.Kind != logical.Full
	nulls := nullableOf(j.L, j.R)
	var left, right, on []expr.Expr
	for _, p := range j.On {
		exact := j.Kind != logical.Mark && !j.NullAware || nulls.never(p)
		switch {
		case !fixed(p) || !exact:
			on = append(on, p)
		case toL && only(p, l):
			left = append(left, p)
		case toR && only(p, r):
			right = append(right, p)
		default:
			on = append(on, p)
		}
	}
	if len(on) == len(j.On) {
		return j
	}
	y := *j
	y.L, y.R, y.On = filter(j.L, left), filter(j.R, right), on
	return &y
}
