package function

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// instant reads a date, timestamp or timestamptz as microseconds; local times
// are taken in the session's zone where zoned is set.
func instant(c *Context, v *vector.Vector, zoned bool) func(i int) int64 {
	m := mask(v)
	switch v.Type.Kind {
	case types.Date:
		days := vector.Values[int32](v)
		return func(i int) int64 {
			us, err := value.TimestampFromDate(days[i&m])
			switch {
			case err != nil && days[i&m] > 0:
				return value.TimestampInfinity - 1 // later than any timestamp
			case zoned:
				return value.UTCFromLocal(us, c.Location)
			}
			return us
		}
	case types.Timestamp:
		us := vector.Values[int64](v)
		return func(i int) int64 {
			if zoned {
				return value.UTCFromLocal(us[i&m], c.Location)
			}
			return us[i&m]
		}
	}
	us := vector.Values[int64](v)
	return func(i int) int64 { return us[i&m] }
}

// mixedTimes lists a comparison over each pair of date, timestamp and
// timestamptz.
func mixedTimes(name string, op CompareOp) []*Func {
	var fs []*Func
	kinds := sig(tDate, tTimestamp, tTimestampTZ)
	for _, a := range kinds {
		for _, b := range kinds {
			if a == b {
				continue
			}
			zoned := a == tTimestampTZ || b == tTimestampTZ
			f := &Func{Name: name, Args: sig(a, b), Result: tBool}
			if zoned {
				f.Volatility = Stable
			}
			f.Kernel = func(c *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
				x, y, r := instant(c, args[0], zoned), instant(c, args[1], zoned), vector.Values[uint8](out)
				return each(sel, n, func(i int) error {
					p, q := x(i), y(i)
					r[i] = b2u(op.holds(int(b2u(p > q)) - int(b2u(p < q))))
					return nil
				})
			}
			fs = append(fs, f)
		}
	}
	return fs
}
