package eval

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// arrayNode is ARRAY[...].
type arrayNode struct {
	typ  types.Type
	args []node
	vecs []*vector.Vector
}

func (n *arrayNode) eval(st *state, x *scope) (*vector.Vector, error) {
	for i, a := range n.args {
		v, err := a.eval(st, x)
		if err != nil {
			return nil, err
		}
		n.vecs[i] = v
	}
	b := vector.NewBuilder(n.typ, st.n)
	list := make([]value.Value, len(n.vecs))
	for _, i := range st.rows(x) {
		for b.Len() < int(i) {
			b.Append(value.Value{Type: n.typ})
		}
		for k, v := range n.vecs {
			list[k] = v.Get(int(i))
		}
		b.Append(value.Value{Type: n.typ, List: list})
	}
	for b.Len() < st.n {
		b.Append(value.Value{Type: n.typ})
	}
	return b.Finish(), nil
}

// compileAnyAll compiles arg op ANY/ALL (array).
func (k *compiler) compileAnyAll(x *expr.AnyAll) (node, error) {
	if lit, ok := x.Array.(*expr.Literal); ok && !lit.Value.Null && !x.All && x.Op.Name == "=" && x.Arg.Type() == lit.Value.Type.ElemType() {
		in := &expr.In{Arg: x.Arg}
		for _, v := range lit.Value.List {
			in.List = append(in.List, &expr.Literal{Value: v})
		}
		if len(in.List) > 0 {
			return k.compileIn(in)
		}
	}
	args, err := k.flat(x.Arg, x.Array)
	if err != nil {
		return nil, err
	}
	n := &anyNode{arg: args[0], array: args[1], decides: 1}
	if x.All {
		n.decides = 0
	}
	n.elem = x.Array.Type().ElemType()
	n.left, n.right = &fixedNode{}, &fixedNode{}
	n.op = newCall(x.Op.Kernel, boolType, []node{n.left, n.right}, []types.Type{x.Arg.Type(), n.elem})
	n.op.notStrict, n.op.fallible = x.Op.NotStrict, x.Op.Fallible
	return n, nil
}

// fixedNode hands a vector to a node that is evaluated out of line.
type fixedNode struct{ v *vector.Vector }

func (n *fixedNode) eval(*state, *scope) (*vector.Vector, error) { return n.v, nil }

// anyNode pairs every row's argument with its array's elements and applies the
// operator to all pairs at once.
type anyNode struct {
	arg, array  node
	left, right *fixedNode
	op          *callNode
	elem        types.Type
	decides     uint8 // 1 for ANY, 0 for ALL
	reg         register
}

func (n *anyNode) eval(st *state, x *scope) (*vector.Vector, error) {
	v, err := n.arg.eval(st, x)
	if err != nil {
		return nil, err
	}
	arr, err := n.array.eval(st, x)
	if err != nil {
		return nil, err
	}
	rows := st.rows(x)
	var owner, elem []int32
	for _, i := range rows {
		if arr.IsNull(int(i)) {
			continue
		}
		k := arr.Index(int(i))
		for e := arr.Offsets[k]; e < arr.Offsets[k+1]; e++ {
			owner, elem = append(owner, i), append(elem, e)
		}
	}
	t, err := n.pairs(st, v, arr, owner, elem)
	if err != nil {
		return nil, err
	}
	out := n.reg.begin(boolType, st.n)
	out.Valid = n.reg.allValid(st.n)
	for _, i := range rows {
		out.Data[i] = n.decides ^ 1
		if arr.IsNull(int(i)) {
			out.Valid[i>>3] &^= 1 << (i & 7)
		}
	}
	decided := make([]bool, st.n)
	for k, i := range owner {
		switch b := t.at(int32(k)); {
		case decided[i]:
		case b == n.decides:
			decided[i] = true
			out.Data[i] = b
			out.Valid[i>>3] |= 1 << (i & 7)
		case b == 2:
			out.Valid[i>>3] &^= 1 << (i & 7)
		}
	}
	return out, nil
}

// pairs evaluates the operator over the pairs.
func (n *anyNode) pairs(st *state, v, arr *vector.Vector, owner, elem []int32) (truth, error) {
	if len(owner) == 0 {
		return truth{mask: -1}, nil
	}
	n.left.v = vector.Flatten(vector.Take(v, owner))
	n.right.v = vector.Flatten(vector.Take(arr.Child, elem))
	inner := state{c: st.c, n: len(owner)}
	r, err := n.op.eval(&inner, inner.enter(&scope{}, nil, nil))
	if err != nil {
		return truth{}, err
	}
	return truthOf(r), nil
}
