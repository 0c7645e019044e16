package function

import (
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

type interval = value.Interval

func dateTimestamp(d int32, v interval, sub bool) (int64, error) {
	us, err := value.TimestampFromDate(d)
	if err != nil {
		return 0, err
	}
	if sub {
		return value.SubInterval(us, v)
	}
	return value.AddInterval(us, v)
}

func addDaysInt(d, n int32) (int32, error) { return value.AddDays(d, int64(n)) }
func subDaysInt(d, n int32) (int32, error) { return value.AddDays(d, -int64(n)) }

func dateTime(d int32, t int64) (int64, error) {
	us, err := value.TimestampFromDate(d)
	if err != nil || us == value.TimestampInfinity || us == value.TimestampNegInfinity {
		return us, err
	}
	return us + t, nil
}

func timeSub(a, b int64) interval { return interval{Micros: a - b} }

func divInterval(v interval, f float64) (interval, error) {
	if f == 0 {
		return v, errDivisionByZero()
	}
	return v.Div(f)
}

// swap2 exchanges a function's arguments.
func swap2[A, B, R any](f func(A, B) (R, error)) func(B, A) (R, error) {
	return func(b B, a A) (R, error) { return f(a, b) }
}

// temporalFuncs lists + and - over dates, times and intervals.
func temporalFuncs() []*Func {
	var fs []*Func
	add := func(name string, a, b, r types.Type, k Kernel) {
		fs = append(fs, &Func{Name: name, Args: sig(a, b), Result: r, Fallible: true, Kernel: k})
	}
	both := func(a, b, r types.Type, k, swapped Kernel) {
		add("+", a, b, r, k)
		add("+", b, a, r, swapped)
	}
	addTime := func(t int64, v interval) (int64, error) { return value.AddTime(t, v), nil }
	subTime := func(t int64, v interval) (int64, error) {
		n, err := v.Neg()
		return value.AddTime(t, n), err
	}
	dateAdd := func(d int32, v interval) (int64, error) { return dateTimestamp(d, v, false) }
	dateSub := func(d int32, v interval) (int64, error) { return dateTimestamp(d, v, true) }
	both(tDate, tInt4, tDate, fn2(addDaysInt), fn2(swap2(addDaysInt)))
	both(tDate, tInterval, tTimestamp, fn2(dateAdd), fn2(swap2(dateAdd)))
	both(tDate, tTime, tTimestamp, fn2(dateTime), fn2(swap2(dateTime)))
	both(tTimestamp, tInterval, tTimestamp, fn2(value.AddInterval), fn2(swap2(value.AddInterval)))
	both(tTime, tInterval, tTime, fn2(addTime), fn2(swap2(addTime)))
	add("-", tDate, tInt4, tDate, fn2(subDaysInt))
	add("-", tDate, tDate, tInt4, fn2(value.SubDates))
	add("-", tDate, tInterval, tTimestamp, fn2(dateSub))
	add("-", tTimestamp, tInterval, tTimestamp, fn2(value.SubInterval))
	add("-", tTimestamp, tTimestamp, tInterval, fn2(value.SubTimestamps))
	add("-", tTimestampTZ, tTimestampTZ, tInterval, fn2(value.SubTimestamps))
	add("-", tTime, tTime, tInterval, ok2(timeSub))
	add("-", tTime, tInterval, tTime, fn2(subTime))
	add("+", tInterval, tInterval, tInterval, fn2(interval.Add))
	add("-", tInterval, tInterval, tInterval, fn2(interval.Sub))
	add("*", tInterval, tFloat8, tInterval, fn2(interval.Mul))
	add("*", tFloat8, tInterval, tInterval, fn2(swap2(interval.Mul)))
	add("/", tInterval, tFloat8, tInterval, fn2(divInterval))
	fs = append(fs, &Func{Name: "-", Args: sig(tInterval), Result: tInterval, Fallible: true, Kernel: fn1(interval.Neg)})
	for _, f := range zonedFuncs() {
		f.Fallible, f.Volatility = true, Stable
		fs = append(fs, f)
	}
	return fs
}

// zonedFuncs depend on the session's time zone.
func zonedFuncs() []*Func {
	plus := func(c *Context, us int64, v interval) (int64, error) { return value.AddIntervalTZ(us, v, c.Location) }
	minus := func(c *Context, us int64, v interval) (int64, error) { return value.SubIntervalTZ(us, v, c.Location) }
	return []*Func{
		{Name: "+", Args: sig(tTimestampTZ, tInterval), Result: tTimestampTZ, Kernel: fn2c(plus)},
		{Name: "+", Args: sig(tInterval, tTimestampTZ), Result: tTimestampTZ,
			Kernel: fn2c(func(c *Context, v interval, us int64) (int64, error) { return plus(c, us, v) })},
		{Name: "-", Args: sig(tTimestampTZ, tInterval), Result: tTimestampTZ, Kernel: fn2c(minus)},
		{Name: "age", Args: sig(tTimestampTZ, tTimestampTZ), Result: tInterval,
			Kernel: fn2c(func(c *Context, a, b int64) (interval, error) {
				return value.Age(value.LocalFromUTC(a, c.Location), value.LocalFromUTC(b, c.Location))
			})},
	}
}
