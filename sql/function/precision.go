package function

import (
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// precisionFuncs lists the functions behind timestamp(3) and its like: casts that
// round to a number of decimals of the second. They have their types' names, as in PostgreSQL.
func precisionFuncs() []*Func {
	var fs []*Func
	add := func(t types.Type, k Kernel) {
		fs = append(fs, &Func{Name: t.InternalName(), Args: sig(t, tInt4), Result: t, Kernel: k})
	}
	instant := ok2(func(us int64, digits int32) int64 {
		if us == value.TimestampInfinity || us == value.TimestampNegInfinity {
			return us
		}
		return roundMicros(us, digits)
	})
	add(tTimestamp, instant)
	add(tTimestampTZ, instant)
	add(tTime, ok2(roundMicros))
	add(tInterval, ok2(func(iv interval, digits int32) interval {
		iv.Micros = roundMicros(iv.Micros, digits)
		return iv
	}))
	return fs
}

// roundMicros rounds microseconds to decimals of a second, halves away from zero.
func roundMicros(us int64, digits int32) int64 {
	if digits < 0 || digits >= 6 {
		return us
	}
	unit := value.Pow10Int64[6-digits]
	if us < 0 {
		return -((-us + unit/2) / unit * unit)
	}
	return (us + unit/2) / unit * unit
}
