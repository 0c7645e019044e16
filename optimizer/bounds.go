package optimizer

import (
	"context"
	"math"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// integerRange returns the least and the greatest value of an integer type.
func integerRange(t types.Type) (lo, hi int64, ok bool) {
	switch t.Kind {
	case types.Int2:
		return math.MinInt16, math.MaxInt16, true
	case types.Int4:
		return math.MinInt32, math.MaxInt32, true
	case types.Int8:
		return math.MinInt64, math.MaxInt64, true
	}
	return 0, 0, false
}

// integerBounds returns bounds of an integer expression over n that hold for every row: those
// of its type, or the narrower ones that the table itself vouches for. Estimates and what ANALYZE
// sampled don't count.
func integerBounds(ctx context.Context, n logical.Node, e expr.Expr) (lo, hi int64, ok bool) {
	if lo, hi, ok = integerRange(e.Type()); !ok {
		return 0, 0, false
	}
	inner := e
	for {
		c, isCast := inner.(*expr.Cast)
		if !isCast || !c.Arg.Type().IsInteger() {
			break
		}
		inner = c.Arg
		if l, h, ok := integerRange(inner.Type()); ok {
			lo, hi = max(lo, l), min(hi, h)
		}
	}
	col, isCol := inner.(*expr.Column)
	if !isCol {
		return lo, hi, true
	}
	if l, h, known := columnBounds(ctx, n, col.ID); known {
		lo, hi = max(lo, l), min(hi, h)
	}
	return lo, hi, true
}

// columnBounds returns the bounds that a table below n vouches for of one of its columns, of 64 bits.
func columnBounds(ctx context.Context, n logical.Node, id expr.ColumnID) (lo, hi int64, known bool) {
	logical.Walk(n, func(x logical.Node) bool {
		s, isScan := x.(*logical.Scan)
		if !isScan || s.Table == nil {
			return !known
		}
		for i, c := range s.Cols {
			if c.ID != id {
				continue
			}
			st, err := s.Table.Stats(ctx, s.Ordinals[i:i+1])
			if b := st.Columns[s.Ordinals[i]]; err == nil && b.Min != nil && b.Max != nil {
				lo, hi, known = b.Min.I, b.Max.I, true
			}
		}
		return !known
	})
	return lo, hi, known
}
