package analyzer

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// finish settles the parameters' types, inlines CTEs with one reference and
// describes the result.
func (b *binder) finish(plan logical.Node) (*Result, error) {
	plan, err := b.settleParams(plan)
	if err != nil {
		return nil, err
	}
	plan = settleReuse(plan)
	r := &Result{Plan: plan, IDs: b.ids, Params: b.params}
	for _, c := range plan.Schema() {
		if isHidden(c.Field.Name) {
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, "a composite value in a result is not supported")
		}
		o := Output{Name: c.Field.Name, Type: c.Field.Type, TypMod: -1, Origin: b.origins[c.ID]}
		if b.exact.Has(c.ID) {
			o.TypMod = typMod(c.Field.Type)
		}
		r.Columns = append(r.Columns, o)
	}
	return r, nil
}

// settleParams gives references that were bound before their parameter's type
// was known that type.
func (b *binder) settleParams(plan logical.Node) (logical.Node, error) {
	if len(b.open) == 0 {
		return plan, nil
	}
	for _, p := range b.open {
		if b.params[p-1].Kind == types.Unknown {
			return nil, sqlerr.New(sqlerr.IndeterminateDatatype, "could not determine data type of parameter $%d", p)
		}
	}
	return mapExprs(plan, func(e expr.Expr) expr.Expr {
		if p, ok := e.(*expr.Param); ok && p.Typ.Kind == types.Unknown {
			return &expr.Param{N: p.N, Typ: b.params[p.N-1]}
		}
		return e
	}), nil
}

// settleReuse inlines CTEs that are referred to once, and gives all references
// to the others one common plan.
func settleReuse(plan logical.Node) logical.Node {
	count := map[int]int{}
	seen := map[int]bool{}
	logical.Walk(plan, func(n logical.Node) bool {
		r, ok := n.(*logical.Reuse)
		if !ok {
			return true
		}
		count[r.ID]++
		first := !seen[r.ID]
		seen[r.ID] = true
		return first
	})
	if len(count) == 0 {
		return plan
	}
	return (&reuser{count: count, done: map[int]logical.Node{}}).node(plan)
}

type reuser struct {
	count map[int]int
	done  map[int]logical.Node
}

func (r *reuser) node(n logical.Node) logical.Node {
	if x, ok := n.(*logical.Reuse); ok {
		return r.reuse(x)
	}
	kids := n.Children()
	var fresh []logical.Node
	for i, k := range kids {
		m := r.node(k)
		if m != k && fresh == nil {
			fresh = append([]logical.Node(nil), kids...)
		}
		if fresh != nil {
			fresh[i] = m
		}
	}
	if fresh != nil {
		return n.WithChildren(fresh)
	}
	return n
}

func (r *reuser) reuse(x *logical.Reuse) logical.Node {
	input, ok := r.done[x.ID]
	if !ok {
		input = r.node(x.Input)
		r.done[x.ID] = input
	}
	if r.count[x.ID] == 1 {
		items := make([]logical.Item, len(x.Cols))
		for i, c := range input.Schema() {
			items[i] = logical.Item{Col: x.Cols[i], Expr: c.Ref()}
		}
		return &logical.Project{Input: input, Items: items}
	}
	y := *x
	y.Input = input
	return &y
}
