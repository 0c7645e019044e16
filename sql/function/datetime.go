package function

import (
	"math"
	"time"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

func (c *Context) location() *time.Location {
	if c == nil {
		return nil
	}
	return c.Location
}

// extract makes the kernel of extract(field from x): the result is numeric, or
// double precision for date_part.
func extract(t types.Type, double bool) Kernel {
	return func(c *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
		if args[0].Enc == vector.Const && t.Kind == types.Date && !double {
			return extractDate(out, args, sel, n)
		}
		var unit value.Unit
		known := ""
		return scalars(func(c *Context, a []value.Value) (value.Value, error) {
			if a[0].S != known || known == "" {
				var err error
				if unit, err = value.ExtractUnit(a[0].S, t); err != nil {
					return value.Value{}, err
				}
				known = a[0].S
			}
			r, null, err := value.Extract(unit, a[1], c.location())
			switch {
			case err != nil:
				return value.Value{}, err
			case null:
				return value.NullOf(out.Type), nil
			case double:
				return value.Float8(partOf(unit, r.Float64())), nil
			}
			return value.Value{N: r}, nil
		})(c, out, args, sel, n)
	}
}

// partOf adds up date_part's seconds as PostgreSQL 15 does, whole ones and their
// fraction apart: the last digit of the sum shows it.
func partOf(u value.Unit, f float64) float64 {
	if math.IsInf(f, 0) || u != value.Second && u != value.Millisecond {
		return f
	}
	scale := 1e6
	if u == value.Millisecond {
		scale = 1e3
	}
	us := int64(math.Round(f * scale))
	whole, fraction := float64(us/value.MicrosPerSecond), float64(us%value.MicrosPerSecond)
	if u == value.Millisecond {
		return whole*1e3 + fraction/1e3
	}
	return whole + fraction/1e6
}

// datePart makes the kernel of date_part, which takes a date as its midnight.
func datePart(t types.Type) Kernel {
	if t.Kind != types.Date {
		return extract(t, true)
	}
	part := extract(tTimestamp, true)
	return func(c *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
		us := vector.New(tTimestamp, n)
		us.Enc, us.Valid = args[1].Enc, args[1].Valid
		toTimestamp := ok1(func(d int32) int64 { us, _ := value.TimestampFromDate(d); return us })
		if err := toTimestamp(c, us, args[1:], sel, n); err != nil {
			return err
		}
		return part(c, out, []*vector.Vector{args[0], us}, sel, n)
	}
}

// extractDate is extract of dates with a constant field.
func extractDate(out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
	u, err := value.ExtractUnit(string(args[0].Bytes(0)), tDate)
	if err != nil {
		return err
	}
	d, r, m := vector.Values[int32](args[1]), vector.Values[num](out), mask(args[1])
	return each(sel, n, func(i int) error {
		x := d[i&m]
		if x != value.DateInfinity && x != value.DateNegInfinity {
			r[i] = value.NumericFromInt64(value.ExtractDate(u, x))
			return nil
		}
		v, ok := value.ExtractInfinite(u, x > 0)
		if !ok {
			out.SetNull(i)
		}
		r[i] = v
		return nil
	})
}

func dateTrunc(_ *Context, unit string, us int64) (int64, error) {
	if us == value.TimestampInfinity || us == value.TimestampNegInfinity {
		return us, nil
	}
	u, err := value.TruncUnit(unit, tTimestamp)
	if err != nil {
		return 0, err
	}
	return value.TruncTimestamp(u, us)
}

func dateTruncTZ(c *Context, unit string, us int64) (int64, error) {
	if us == value.TimestampInfinity || us == value.TimestampNegInfinity {
		return us, nil
	}
	u, err := value.TruncUnit(unit, tTimestampTZ)
	if err != nil {
		return 0, err
	}
	return value.TruncTimestampTZ(u, us, c.location())
}

func dateTruncInterval(unit string, v interval) (interval, error) {
	u, err := value.TruncUnit(unit, tInterval)
	if err != nil {
		return v, err
	}
	return value.TruncInterval(u, v), nil
}

func zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "time zone \"%s\" not recognized", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "time zone \"%s\" not recognized", name)
	}
	return loc, nil
}

func dateBin(stride interval, us, origin int64) (int64, error) {
	if stride.Months != 0 {
		return 0, sqlerr.New(sqlerr.FeatureNotSupported, "timestamps cannot be binned into intervals containing months or years")
	}
	step := int64(stride.Days)*86_400_000_000 + stride.Micros
	if step <= 0 {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "stride must be greater than zero")
	}
	d := us - origin
	r := d % step
	if r < 0 {
		r += step
	}
	return us - r, nil
}

// micros returns an instant in PostgreSQL's resolution.
func micros(t time.Time) int64 { return t.UnixMicro() }

// nowFuncs lists the clock: all give the statement's start but clock_timestamp.
func nowFuncs() []*Func {
	at := func(name string, r types.Type, f func(c *Context) int64) *Func {
		return &Func{Name: name, Result: r, Volatility: Stable,
			Kernel: scalars(func(c *Context, _ []value.Value) (value.Value, error) { return value.Value{I: f(c)}, nil })}
	}
	now := func(c *Context) int64 { return micros(c.Now) }
	local := func(c *Context) int64 { return value.LocalFromUTC(now(c), c.location()) }
	today := func(c *Context) int64 { return int64(value.DateFromTimestamp(local(c))) }
	clock := func(c *Context) int64 { return value.TimeFromTimestamp(local(c)) }
	fs := []*Func{
		at("now", tTimestampTZ, now), at("transaction_timestamp", tTimestampTZ, now), at("statement_timestamp", tTimestampTZ, now),
		at("current_timestamp", tTimestampTZ, now), at("localtimestamp", tTimestamp, local), at("current_date", tDate, today),
		at("localtime", tTime, clock), at("current_time", tTime, clock),
	}
	c := at("clock_timestamp", tTimestampTZ, func(*Context) int64 { return micros(time.Now()) })
	c.Volatility = Volatile
	return append(fs, c)
}

// datetimeFuncs lists the functions on dates and times.
func datetimeFuncs() []*Func {
	fs := nowFuncs()
	for _, t := range sig(tDate, tTime, tTimestamp, tTimestampTZ, tInterval) {
		vol := Immutable
		if t == tTimestampTZ {
			vol = Stable
		}
		// The field is nearly always a constant, and an unknown one is no row's making.
		fs = append(fs,
			&Func{Name: "extract", Args: sig(tText, t), Result: tNumeric, Volatility: vol, Kernel: extract(t, false)},
			&Func{Name: "date_part", Args: sig(tText, t), Result: tFloat8, Volatility: vol, Kernel: datePart(t)})
	}
	one := func(name string, a, r types.Type, k Kernel) {
		fs = append(fs, &Func{Name: name, Args: sig(a), Result: r, Fallible: true, Kernel: k})
	}
	one("justify_days", tInterval, tInterval, fn1(interval.JustifyDays))
	one("justify_hours", tInterval, tInterval, fn1(interval.JustifyHours))
	one("justify_interval", tInterval, tInterval, fn1(interval.JustifyInterval))
	one("to_timestamp", tFloat8, tTimestampTZ, fn1(value.TimestampFromEpoch))
	one("isfinite", tDate, tBool, ok1(func(d int32) bool { return d != value.DateInfinity && d != value.DateNegInfinity }))
	finiteTime := ok1(func(us int64) bool { return us != value.TimestampInfinity && us != value.TimestampNegInfinity })
	one("isfinite", tTimestamp, tBool, finiteTime)
	one("isfinite", tTimestampTZ, tBool, finiteTime)
	one("isfinite", tInterval, tBool, ok1(func(interval) bool { return true }))
	return append(append(fs, ageFuncs()...), composedFuncs()...)
}

// ageFuncs lists age(), which counts from today's midnight with one argument.
func ageFuncs() []*Func {
	today := func(c *Context) int64 {
		us := value.LocalFromUTC(micros(c.Now), c.location())
		return us - value.TimeFromTimestamp(us)
	}
	age := fn1c(func(c *Context, us int64) (interval, error) { return value.Age(today(c), us) })
	ageTZ := fn1c(func(c *Context, us int64) (interval, error) {
		return value.Age(today(c), value.LocalFromUTC(us, c.location()))
	})
	return []*Func{
		{Name: "age", Args: sig(tTimestamp, tTimestamp), Result: tInterval, Fallible: true, Kernel: fn2(value.Age)},
		{Name: "age", Args: sig(tTimestamp), Result: tInterval, Fallible: true, Volatility: Stable, Kernel: age},
		{Name: "age", Args: sig(tTimestampTZ), Result: tInterval, Fallible: true, Volatility: Stable, Kernel: ageTZ},
	}
}

// composedFuncs lists truncation, construction and time zones.
func composedFuncs() []*Func {
	return []*Func{
		{Name: "date_trunc", Args: sig(tText, tTimestamp), Result: tTimestamp, Fallible: true, Kernel: fn2c(dateTrunc)},
		{Name: "date_trunc", Args: sig(tText, tTimestampTZ), Result: tTimestampTZ, Fallible: true, Volatility: Stable,
			Kernel: fn2c(dateTruncTZ)},
		{Name: "date_trunc", Args: sig(tText, tInterval), Result: tInterval, Fallible: true, Kernel: fn2(dateTruncInterval)},
		{Name: "make_date", Args: sig(tInt4, tInt4, tInt4), Result: tDate, Fallible: true, Kernel: fn3(value.MakeDate)},
		{Name: "make_time", Args: sig(tInt4, tInt4, tFloat8), Result: tTime, Fallible: true, Kernel: fn3(value.MakeTime)},
		{Name: "make_timestamp", Args: sig(tInt4, tInt4, tInt4, tInt4, tInt4, tFloat8), Result: tTimestamp, Fallible: true,
			Kernel: scalars(func(_ *Context, a []value.Value) (value.Value, error) {
				us, err := value.MakeTimestamp(int32(a[0].I), int32(a[1].I), int32(a[2].I), int32(a[3].I), int32(a[4].I), a[5].F)
				return value.Value{I: us}, err
			})},
		{Name: "make_interval", Args: sig(tInt4, tInt4, tInt4, tInt4, tInt4, tInt4, tFloat8), Result: tInterval, Fallible: true,
			Kernel: scalars(func(_ *Context, a []value.Value) (value.Value, error) {
				v, err := value.MakeInterval(int32(a[0].I), int32(a[1].I), int32(a[2].I), int32(a[3].I), int32(a[4].I), int32(a[5].I), a[6].F)
				return value.Value{V: v}, err
			})},
		{Name: "date_bin", Args: sig(tInterval, tTimestamp, tTimestamp), Result: tTimestamp, Fallible: true, Kernel: fn3(dateBin)},
		{Name: "date_bin", Args: sig(tInterval, tTimestampTZ, tTimestampTZ), Result: tTimestampTZ, Fallible: true, Kernel: fn3(dateBin)},
		{Name: "timezone", Args: sig(tText, tTimestamp), Result: tTimestampTZ, Fallible: true,
			Kernel: fn2(func(z string, us int64) (int64, error) {
				loc, err := zone(z)
				return value.UTCFromLocal(us, loc), err
			})},
		{Name: "timezone", Args: sig(tText, tTimestampTZ), Result: tTimestamp, Fallible: true,
			Kernel: fn2(func(z string, us int64) (int64, error) {
				loc, err := zone(z)
				return value.LocalFromUTC(us, loc), err
			})},
	}
}
