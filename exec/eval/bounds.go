package eval

import (
	"math"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// bounds is a conjunct over one integer-stored column: Low ≤ x ≤ High, or with
// not, its opposite. NULL never passes.
type bounds struct {
	col       *expr.Input
	low, high int64
	not       bool
}

// columnBounds recognizes a comparison of an integer-stored column with a
// literal.
func columnBounds(e expr.Expr) (bounds, bool) {
	call, ok := e.(*expr.Call)
	if !ok || len(call.Args) != 2 {
		return bounds{}, false
	}
	op, ok := function.ParseCompare(call.Func.Name)
	if !ok {
		return bounds{}, false
	}
	arg, lit := call.Args[0], call.Args[1]
	if _, ok := arg.(*expr.Literal); ok {
		arg, lit, op = lit, arg, op.Swap()
	}
	l, ok := lit.(*expr.Literal)
	if !ok || l.Value.Null {
		return bounds{}, false
	}
	col, ok := bareColumn(arg)
	if !ok {
		return bounds{}, false
	}
	if col.Typ.Kind == types.Date && l.Value.Type.Kind == types.Timestamp {
		return dateBounds(col, op, l.Value.I)
	}
	if !sameClass(col.Typ, l.Value.Type) {
		return bounds{}, false
	}
	v := l.Value.I
	if l.Value.Type.Storage() == types.StoreInt128 {
		if !l.Value.D.IsInt64() {
			return bounds{}, false
		}
		v = l.Value.D.Int64()
	}
	return compareBounds(col, op, v)
}

// bareColumn looks through casts that keep the integer a column holds.
func bareColumn(e expr.Expr) (*expr.Input, bool) {
	for {
		switch x := e.(type) {
		case *expr.Input:
			s := x.Typ.Storage()
			return x, s >= types.StoreInt16 && s <= types.StoreInt64
		case *expr.Cast:
			from, to := x.Arg.Type(), x.To
			widens := from.IsInteger() && to.IsInteger() && from.Kind <= to.Kind
			scales := from.IsFixedNumeric() && to.IsFixedNumeric() && from.Scale == to.Scale && from.Precision <= to.Precision
			if !widens && !scales {
				return nil, false
			}
			e = x.Arg
		default:
			return nil, false
		}
	}
}

// sameClass tells whether integers of both types mean the same values.
func sameClass(a, b types.Type) bool {
	switch {
	case a.IsInteger():
		return b.IsInteger()
	case a.IsFixedNumeric():
		return b.IsFixedNumeric() && a.Scale == b.Scale
	case a.IsReg():
		return b.IsReg()
	}
	return a == b
}

func compareBounds(col *expr.Input, op function.CompareOp, v int64) (bounds, bool) {
	b := bounds{col: col, low: math.MinInt64, high: math.MaxInt64}
	switch op {
	case function.Eq, function.Ne:
		b.low, b.high, b.not = v, v, op == function.Ne
	case function.Le:
		b.high = v
	case function.Ge:
		b.low = v
	case function.Lt:
		if v == math.MinInt64 {
			return b, false
		}
		b.high = v - 1
	case function.Gt:
		if v == math.MaxInt64 {
			return b, false
		}
		b.low = v + 1
	}
	return b, true
}

const microsPerDay = 86_400_000_000

// dateBounds compares dates with a timestamp by whole days.
func dateBounds(col *expr.Input, op function.CompareOp, us int64) (bounds, bool) {
	if us == value.TimestampInfinity || us == value.TimestampNegInfinity {
		return bounds{}, false
	}
	day := us / microsPerDay
	if us%microsPerDay < 0 {
		day--
	}
	exact := us%microsPerDay == 0
	switch {
	case exact:
	case op == function.Eq || op == function.Ne:
		return bounds{}, false
	case op == function.Lt:
		op = function.Le // midnight of that day is before it
	case op == function.Ge:
		op = function.Gt
	}
	return compareBounds(col, op, day)
}

// clamp fits the bounds to a storage's range; ok is false where no value of it
// can lie within.
func (b bounds) clamp(lo, hi int64) (low, high int64, ok bool) {
	low, high = max(b.low, lo), min(b.high, hi)
	return low, high, low <= high
}

// isFull reports bounds that every value meets.
func (b bounds) isFull() bool { return b.low == math.MinInt64 && b.high == math.MaxInt64 && !b.not }
