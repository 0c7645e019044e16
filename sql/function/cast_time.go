package function

import (
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// castTimes returns the typed kernel of a cast among date, timestamp and
// timestamptz; nil for other pairs.
func castTimes(from, to types.Type) Kernel {
	switch from.Kind {
	case types.Date:
		switch to.Kind {
		case types.Timestamp:
			return fn1(value.TimestampFromDate)
		case types.TimestampTZ:
			return fn1c(func(c *Context, d int32) (int64, error) {
				us, err := value.TimestampFromDate(d)
				return value.UTCFromLocal(us, c.Location), err
			})
		}
	case types.Timestamp:
		switch to.Kind {
		case types.Date:
			return ok1(value.DateFromTimestamp)
		case types.TimestampTZ:
			return fn1c(func(c *Context, us int64) (int64, error) { return value.UTCFromLocal(us, c.Location), nil })
		}
	case types.TimestampTZ:
		switch to.Kind {
		case types.Date:
			return fn1c(func(c *Context, us int64) (int32, error) {
				return value.DateFromTimestamp(value.LocalFromUTC(us, c.Location)), nil
			})
		case types.Timestamp:
			return fn1c(func(c *Context, us int64) (int64, error) { return value.LocalFromUTC(us, c.Location), nil })
		}
	}
	return nil
}
