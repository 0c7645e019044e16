package cost

import (
	"math"

	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Number maps a value onto a line on which distances are proportional to
// shares of a range: numbers as they are, dates as days, timestamps as
// microseconds, strings by their first bytes. NaN where there is no such line.
func Number(v value.Value) float64 {
	if v.Null {
		return math.NaN()
	}
	switch v.Type.Storage() {
	case types.StoreInt64:
		if v.Type.IsFixedNumeric() {
			return float64(v.I) / math.Pow10(int(v.Type.Scale))
		}
		return float64(v.I)
	case types.StoreBool, types.StoreInt16, types.StoreInt32:
		return float64(v.I)
	case types.StoreFloat32, types.StoreFloat64:
		return v.F
	case types.StoreInt128:
		return value.Fixed128ToFloat64(v.D, int(v.Type.Scale))
	case types.StoreNumeric:
		return v.N.Float64()
	case types.StoreBytes:
		return stringNumber(v.S)
	}
	return math.NaN()
}

func stringNumber(s string) float64 {
	f, unit := 0.0, 1.0
	for i := 0; i < 7; i++ {
		unit /= 256
		if i < len(s) {
			f += float64(s[i]) * unit
		}
	}
	return f
}

// typeWidth guesses the bytes of a value.
func typeWidth(t types.Type) float64 {
	if w := t.Storage().Width(); w > 0 {
		return float64(w)
	}
	if (t.Kind == types.Varchar || t.Kind == types.Char) && t.Precision > 0 {
		return 4 + min(float64(t.Precision)/2, 100)
	}
	return 24
}
