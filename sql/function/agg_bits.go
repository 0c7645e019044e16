package function

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// bitsAcc folds integers with a bitwise operator.
type bitsAcc[T int16 | int32 | int64] struct {
	extremeAcc[T]
	op byte
}

func (a *bitsAcc[T]) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(args[0], groups, sel, n)
	vals := vector.Values[T](args[0])
	for k := 0; k < count; k++ {
		p := &a.s[group(grp, k)]
		x := vals[at(pos, k)]
		switch {
		case !p.seen:
			p.v, p.seen = x, true
		case a.op == '&':
			p.v &= x
		case a.op == '|':
			p.v |= x
		default:
			p.v ^= x
		}
	}
	return nil
}

func (a *bitsAcc[T]) Merge(c *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	return a.Update(c, groups, state, sel, n)
}

func newBits(op byte) func(args []types.Type) Accumulator {
	return func(args []types.Type) Accumulator {
		t := args[0]
		switch t.Storage() {
		case types.StoreInt16:
			return &bitsAcc[int16]{extremeAcc[int16]{typ: t}, op}
		case types.StoreInt32:
			return &bitsAcc[int32]{extremeAcc[int32]{typ: t}, op}
		}
		return &bitsAcc[int64]{extremeAcc[int64]{typ: t}, op}
	}
}
