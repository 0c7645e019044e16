package value

import (
	"math"
	"strconv"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// Cast converts v to a type as PostgreSQL's CAST does: floats to integers round
// half to even, numerics half away from zero. explicit = false applies the rule
// of assignments to varchar(n): excess text is an error (22001), not cut. A pair
// without a cast is 42846; names of the reg types are the catalog's matter.
func Cast(v Value, to types.Type, explicit bool, env Env) (Value, error) {
	if v.Null {
		return NullOf(to), nil
	}
	from := v.Type
	switch {
	case from == to:
		return v, nil
	case from.Storage() == types.StoreList || to.Storage() == types.StoreList:
		return castList(v, to, explicit, env)
	case to.IsString():
		return castToText(v, to, explicit, env)
	case from.IsString():
		return ParseText(to, v.S, env)
	case to.IsNumber():
		return castToNumber(v, to)
	case to.IsReg():
		return castToOID(v, to)
	case from.Kind == to.Kind:
		v.Type = to
		return v, nil
	}
	return castOther(v, to, env)
}

func errCast(from, to types.Type) error {
	return sqlerr.New(sqlerr.CannotCoerce, "cannot cast type %s to %s", from, to)
}

func castList(v Value, to types.Type, explicit bool, env Env) (Value, error) {
	switch {
	case to.IsString():
		return castToText(v, to, explicit, env)
	case v.Type.IsString():
		return ParseText(to, v.S, env)
	case v.Type.Storage() != types.StoreList || to.Storage() != types.StoreList:
		return Value{}, errCast(v.Type, to)
	}
	r := Value{Type: to}
	elem := listElemType(to)
	for _, e := range v.List {
		c, err := Cast(e, elem, explicit, env)
		if err != nil {
			return r, err
		}
		r.List = append(r.List, c)
	}
	return r, nil
}

func castToText(v Value, to types.Type, explicit bool, env Env) (Value, error) {
	r := Value{Type: to}
	switch {
	case v.Type.Kind == types.Bool:
		r.S = strconv.FormatBool(v.I != 0)
		if to.Kind == types.Name {
			r.S = r.S[:1]
		}
	case v.Type.Kind == types.Char && to.Kind != types.Char:
		r.S = trimBlanks(v.S)
	case v.Type.Storage() == types.StoreBytes && v.Type.Kind != types.Bytea && v.Type.Kind != types.UUID:
		r.S = v.S
	default:
		r.S = string(AppendText(nil, v, env))
	}
	var err error
	switch to.Kind {
	case types.Varchar, types.Char:
		r.S, err = FitText(r.S, to, explicit)
	case types.Name:
		r.S = truncateBytes(r.S, 63)
	case types.QChar:
		r.S = truncateBytes(r.S, 1)
	}
	return r, err
}

func castToNumber(v Value, to types.Type) (Value, error) {
	from := v.Type
	switch {
	case from.Kind == types.Bool && to.Kind == types.Int4,
		from.IsReg() && to.Kind == types.Int8, from.IsReg() && to.Kind == types.Int4:
		v.Type = to
		if to.Kind == types.Int4 {
			v.I = int64(int32(v.I))
		}
		return v, nil
	case !from.IsNumber():
		return Value{}, errCast(from, to)
	case to.IsInteger():
		n, err := integerOf(v, to)
		return Value{Type: to, I: n}, err
	case to.IsFloat():
		f, err := floatOf(v, to)
		return Value{Type: to, F: f}, err
	}
	n := v.Numeric()
	if from.IsFloat() {
		var err error
		if n, err = numericOfFloat(v); err != nil {
			if to.Precision > 0 {
				err = ErrFieldOverflow(int(to.Precision), int(to.Scale))
			}
			return Value{}, err
		}
	}
	return NumericValue(to, n)
}

func numericOfFloat(v Value) (Numeric, error) {
	if v.Type.Kind == types.Float4 {
		return NumericFromFloat32(float32(v.F))
	}
	return NumericFromFloat64(v.F)
}

// integerOf converts a number to one of the integer types.
func integerOf(v Value, to types.Type) (int64, error) {
	lo, hi := int64(math.MinInt64), int64(math.MaxInt64)
	switch to.Kind {
	case types.Int2:
		lo, hi = math.MinInt16, math.MaxInt16
	case types.Int4:
		lo, hi = math.MinInt32, math.MaxInt32
	}
	switch {
	case v.Type.Kind == types.Numeric:
		return v.Numeric().integer(to, lo, hi)
	case v.Type.IsFloat():
		f := math.RoundToEven(v.F)
		if !(f >= float64(lo) && f < -float64(lo)) {
			return 0, ErrOutOfRange(to)
		}
		return int64(f), nil
	case v.I < lo || v.I > hi:
		return 0, ErrOutOfRange(to)
	}
	return v.I, nil
}

// floatOf converts a number to double precision or real.
func floatOf(v Value, to types.Type) (float64, error) {
	f := v.F
	switch {
	case v.Type.IsInteger():
		f = float64(v.I)
		if to.Kind == types.Float4 {
			return float64(float32(v.I)), nil
		}
	case v.Type.Kind == types.Numeric && to.Kind == types.Float4:
		return parseFloat(v.Numeric().String(), 32, to)
	case v.Type.Kind == types.Numeric:
		f = v.Numeric().Float64()
	}
	if to.Kind != types.Float4 {
		return f, nil
	}
	g := float64(float32(f))
	if math.IsInf(g, 0) && !math.IsInf(f, 0) {
		return 0, sqlerr.New(sqlerr.NumericOutOfRange, "value out of range: overflow")
	}
	if g == 0 && f != 0 {
		return 0, sqlerr.New(sqlerr.NumericOutOfRange, "value out of range: underflow")
	}
	return g, nil
}

func castToOID(v Value, to types.Type) (Value, error) {
	if !v.Type.IsInteger() && !v.Type.IsReg() {
		return Value{}, errCast(v.Type, to)
	}
	if v.I > math.MaxUint32 || v.I < math.MinInt32 || v.I < 0 && v.Type.Kind == types.Int8 {
		return Value{}, sqlerr.New(sqlerr.NumericOutOfRange, "OID out of range")
	}
	return Value{Type: to, I: int64(uint32(v.I))}, nil
}

// castOther holds the casts among booleans, dates and times, and documents.
func castOther(v Value, to types.Type, env Env) (Value, error) {
	r := Value{Type: to, I: v.I, V: v.V, S: v.S}
	from := v.Type.Kind
	var err error
	switch to.Kind {
	case types.Bool:
		if from != types.Int4 {
			return Value{}, errCast(v.Type, to)
		}
		r.I = int64(btoi(v.I != 0))
	case types.JSON, types.JSONB:
		if from != types.JSON && from != types.JSONB {
			return Value{}, errCast(v.Type, to)
		}
		if to.Kind == types.JSONB {
			r.S, err = NormalizeJSONB(v.S)
		}
	case types.Interval:
		if from != types.Time {
			return Value{}, errCast(v.Type, to)
		}
		r.V = Interval{Micros: v.I}
	default:
		return castDateTime(v, to, env)
	}
	return r, err
}

func castDateTime(v Value, to types.Type, env Env) (Value, error) {
	us, err := v.I, error(nil)
	switch v.Type.Kind { // to a wall clock, or a span for time
	case types.Date:
		us, err = TimestampFromDate(int32(v.I))
	case types.TimestampTZ:
		us = LocalFromUTC(v.I, env.Location)
	case types.Timestamp:
	case types.Interval:
		if to.Kind != types.Time {
			return Value{}, errCast(v.Type, to)
		}
		us = floorMod(v.V.Micros, MicrosPerDay)
	default:
		return Value{}, errCast(v.Type, to)
	}
	if err != nil {
		return Value{}, err
	}
	r := Value{Type: to}
	switch to.Kind {
	case types.Date:
		r.I = int64(DateFromTimestamp(us))
	case types.Timestamp:
		r.I = us
	case types.TimestampTZ:
		r.I = UTCFromLocal(us, env.Location)
	case types.Time:
		if v.Type.Kind == types.Date {
			return Value{}, errCast(v.Type, to)
		}
		if isInfinite(us) {
			return NullOf(to), nil
		}
		r.I = TimeFromTimestamp(us)
	default:
		return Value{}, errCast(v.Type, to)
	}
	return r, nil
}
