package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// pushLimits stops early: a limit moves below projections, and a copy of it
// into the inputs of a union, the left side of a left join, and the scan.
//
//	SELECT a + 1 FROM (SELECT a FROM t UNION ALL SELECT a FROM s) u LIMIT 5
//	→ SELECT a + 1 FROM (SELECT a FROM t LIMIT 5 UNION ALL SELECT a FROM s LIMIT 5 LIMIT 5) u
type pushLimits struct{}

func (pushLimits) Name() string { return "push_limits" }
func (pushLimits) Order() Order { return TopDown }

func (pushLimits) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	x, ok := n.(*logical.Limit)
	if !ok || x.CountExpr != nil || x.OffsetExpr != nil {
		return n, false, nil
	}
	if x.Count < 0 && x.Offset <= 0 {
		return x.Input, true, nil
	}
	if x.Count < 0 || x.WithTies {
		return n, false, nil
	}
	need := x.Count + max(0, x.Offset)
	switch in := x.Input.(type) {
	case *logical.Project:
		y := *x
		y.Input = in.Input
		for _, it := range in.Items {
			if expr.Volatile(it.Expr) {
				return n, false, nil
			}
		}
		return &logical.Project{Input: &y, Items: in.Items}, true, nil
	case *logical.Limit:
		if in.Count >= 0 && !in.WithTies && in.CountExpr == nil && in.OffsetExpr == nil && x.Offset <= 0 {
			return &logical.Limit{Input: in.Input, Count: min(x.Count, in.Count), Offset: in.Offset}, true, nil
		}
	case *logical.Union:
		ins := make([]logical.Node, len(in.Inputs))
		changed := false
		for i, k := range in.Inputs {
			ins[i] = atMost(k, need)
			changed = changed || ins[i] != k
		}
		if changed {
			return x.WithChildren([]logical.Node{in.WithChildren(ins)}), true, nil
		}
	case *logical.Join:
		if in.Kind == logical.Left || in.Kind == logical.Mark {
			if l := atMost(in.L, need); l != in.L {
				return x.WithChildren([]logical.Node{in.WithChildren([]logical.Node{l, in.R})}), true, nil
			}
		}
	case *logical.Scan:
		if in.Limit < 0 || in.Limit > need {
			y := *in
			y.Limit = need
			return x.WithChildren([]logical.Node{&y}), true, nil
		}
	}
	return n, false, nil
}

// atMost limits n to count rows, unless it is so already.
func atMost(n logical.Node, count int64) logical.Node {
	for in := n; ; {
		switch x := in.(type) {
		case *logical.Limit:
			if x.Count >= 0 && x.Count <= count && !x.WithTies {
				return n
			}
		case *logical.TopN:
			if x.Count <= count {
				return n
			}
		case *logical.Scan:
			if x.Limit >= 0 && x.Limit <= count {
				return n
			}
		case *logical.Project:
			in = x.Input
			continue
		case *logical.Values:
			if int64(len(x.Rows)) <= count {
				return n
			}
		}
		return &logical.Limit{Input: n, Count: count}
	}
}

// topN sorts no more than is wanted.
//
//	SELECT * FROM t ORDER BY a LIMIT 10 → the ten smallest, kept in a heap
type topN struct{}

func (topN) Name() string { return "top_n" }
func (topN) Order() Order { return TopDown }

func (topN) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	x, ok := n.(*logical.Limit)
	if !ok || x.WithTies || x.Count < 0 || x.CountExpr != nil || x.OffsetExpr != nil {
		return n, false, nil
	}
	s, ok := x.Input.(*logical.Sort)
	if !ok {
		return n, false, nil
	}
	return &logical.TopN{Input: s.Input, Keys: s.Keys, Count: x.Count, Offset: max(0, x.Offset)}, true, nil
}

// dropSorts drops an order that nothing sees.
//
//	SELECT count(*) FROM (SELECT * FROM t ORDER BY a) s → SELECT count(*) FROM t
type dropSorts struct{}

func (dropSorts) Name() string { return "drop_sorts" }
func (dropSorts) Order() Order { return TopDown }

func (dropSorts) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	switch x := n.(type) {
	case *logical.Join, *logical.Window, *logical.Sort, *logical.TopN:
	case *logical.Aggregate:
		for _, a := range x.Aggs {
			if a.Func.OrderSensitive && len(a.OrderBy) == 0 && !a.Col.Field.Type.IsFloat() {
				return n, false, nil // array_agg over an ordered subquery: people rely on it
			}
		}
	default:
		return n, false, nil
	}
	kids := n.Children()
	fresh := make([]logical.Node, len(kids))
	changed := false
	for i, k := range kids {
		fresh[i] = unsorted(k)
		changed = changed || fresh[i] != k
	}
	if !changed {
		return n, false, nil
	}
	return n.WithChildren(fresh), true, nil
}

func unsorted(n logical.Node) logical.Node {
	switch x := n.(type) {
	case *logical.Sort:
		return unsorted(x.Input)
	case *logical.Project:
		if in := unsorted(x.Input); in != x.Input {
			return &logical.Project{Input: in, Items: x.Items}
		}
	case *logical.Filter:
		if in := unsorted(x.Input); in != x.Input {
			return &logical.Filter{Input: in, Preds: x.Preds}
		}
	}
	return n
}
