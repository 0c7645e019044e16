package eval

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
)

// callNode applies a kernel.
type callNode struct {
	kernel    function.Kernel
	typ       types.Type
	args      []node
	notStrict bool
	fallible  bool
	volatile  bool
	dense     bool // may run over rows outside the selection
	vecs      []*vector.Vector
	reg       register
	live      []int32 // rows without a NULL argument
}

// newCall makes a callNode; argTypes decide whether it may run densely.
func newCall(k function.Kernel, typ types.Type, args []node, argTypes []types.Type) *callNode {
	c := &callNode{kernel: k, typ: typ, args: args, vecs: make([]*vector.Vector, len(args)), dense: plain(typ)}
	for _, t := range argTypes {
		c.dense = c.dense && plain(t)
	}
	return c
}

// plain reports storages for which any bits are a value.
func plain(t types.Type) bool {
	switch t.Storage() {
	case types.StoreNumeric, types.StoreInterval, types.StoreBytes, types.StoreList:
		return false
	}
	return true
}

// denseShare is the part of the rows from which on computing all rows is
// cheaper than following the selection.
const denseShare = 0.8

func (c *callNode) eval(st *state, x *scope) (*vector.Vector, error) {
	if st.count(x) == 0 {
		return vector.NullConst(c.typ, st.n), nil
	}
	constant := !c.volatile
	for i, a := range c.args {
		v, err := a.eval(st, x)
		if err != nil {
			return nil, err
		}
		c.vecs[i] = v
		constant = constant && v.Enc == vector.Const
		if v.Enc == vector.Const && !c.notStrict && v.IsNull(0) {
			// The others still count for their errors.
			if err := c.evalRest(st, x, i+1); err != nil {
				return nil, err
			}
			return vector.NullConst(c.typ, st.n), nil
		}
	}
	if constant {
		return c.once(st)
	}
	out, sel := c.reg.begin(c.typ, st.n), x.sel
	if !c.notStrict {
		out.Valid = c.validity(st.n)
	}
	switch {
	case c.fallible && out.Valid != nil:
		if cap(c.live) < st.n {
			c.live = make([]int32, st.n)
		}
		sel = vector.SelectValid(c.live[:st.n], out.Valid, sel, st.n)
	case c.dense && !c.fallible && !c.volatile && sel != nil && float64(len(sel)) > denseShare*float64(st.n):
		sel = nil
	}
	return out, c.kernel(st.c, out, c.vecs, sel, st.n)
}

func (c *callNode) evalRest(st *state, x *scope, from int) error {
	for _, a := range c.args[from:] {
		if _, err := a.eval(st, x); err != nil {
			return err
		}
	}
	return nil
}

// once computes a call of constants.
func (c *callNode) once(st *state) (*vector.Vector, error) {
	out := c.reg.begin(c.typ, 1)
	if err := c.kernel(st.c, out, c.vecs, nil, 1); err != nil {
		return nil, err
	}
	out.Enc, out.Len = vector.Const, st.n
	return out, nil
}

// validity combines the arguments' bitmaps in the register's own; nil if no
// argument has one.
func (c *callNode) validity(n int) []byte {
	var valid []byte
	for _, v := range c.vecs {
		switch {
		case v.Valid == nil || v.Enc == vector.Const:
		case valid == nil:
			valid = c.reg.bitmap(n)
			copy(valid, v.Valid)
		default:
			vector.AndBitmaps(valid, valid, v.Valid, n)
		}
	}
	return valid
}

// relabelNode gives its node's result another type of the same storage.
type relabelNode struct {
	node
	typ types.Type
	v   vector.Vector
}

func (r *relabelNode) eval(st *state, x *scope) (*vector.Vector, error) {
	v, err := r.node.eval(st, x)
	if err != nil {
		return nil, err
	}
	r.v = *v
	r.v.Type = r.typ
	return &r.v, nil
}
