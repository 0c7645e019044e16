package function

import (
	"math"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// WholeExtract returns the twin of extract(field from x), x of type t, that gives bigint, and the
// function that makes extract's numeric of it again; nil where the field has fractions. An infinite
// field is the least or greatest bigint in between, so that equal numerics have equal twins.
func WholeExtract(field string, t types.Type) (whole, numeric *Func) {
	u, err := value.ExtractUnit(field, t)
	if err != nil || t.Kind != types.Date && t.Kind != types.Timestamp || value.ExtractScale(u) != 0 ||
		t.Kind == types.Timestamp && u == value.Julian {
		return nil, nil
	}
	whole, ok1 := Find("extract", sig(fixed, bareType(t)))
	numeric, ok2 := Find("extracted", sig(fixed))
	if !ok1 || !ok2 {
		return nil, nil
	}
	return whole, numeric
}

func bareType(t types.Type) types.Type { return types.Of(t.Kind) }

// wholeExtractFuncs lists the twins; their signatures are ones that no call in SQL resolves to.
func wholeExtractFuncs() []*Func {
	return []*Func{
		{Name: "extract", Args: sig(fixed, tDate), Result: tInt8, Kernel: wholeExtract(tDate)},
		{Name: "extract", Args: sig(fixed, tTimestamp), Result: tInt8, Kernel: wholeExtract(tTimestamp)},
		{Name: "extracted", Args: sig(fixed), Result: tNumeric, Kernel: fixed1(extractedNumeric)},
	}
}

func extractedNumeric(_ *Context, x int64) (num, error) {
	switch x {
	case math.MaxInt64:
		return num{Kind: value.PosInf}, nil
	case math.MinInt64:
		return num{Kind: value.NegInf}, nil
	}
	return value.NumericFromInt64(x), nil
}

// wholeExtract makes the kernel for one type; the field is a constant.
func wholeExtract(t types.Type) Kernel {
	return func(_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
		if n == 0 || sel != nil && len(sel) == 0 {
			return nil
		}
		first := 0
		if sel != nil {
			first = int(sel[0])
		}
		u, err := value.ExtractUnit(string(args[0].Bytes(first&mask(args[0]))), t)
		if err != nil {
			return err
		}
		r, m := vector.Values[int64](out), mask(args[1])
		if t.Kind == types.Date {
			d := vector.Values[int32](args[1])
			if !wholeDatesByTable(u, out, d, m, sel, n) {
				wholeFields(u, out, r, d, value.DateInfinity, value.DateNegInfinity, value.ExtractDate, m, sel, n)
			}
			return nil
		}
		wholeFields(u, out, r, vector.Values[int64](args[1]), value.TimestampInfinity, value.TimestampNegInfinity, value.ExtractTimestamp, m, sel, n)
		return nil
	}
}

// fieldTable is the most days for which a batch's fields are computed once a day.
const fieldTable = 4096

// wholeDatesByTable looks the fields up by day, where the batch has few days for its rows; false
// where it has many.
func wholeDatesByTable(u value.Unit, out *vector.Vector, d []int32, m int, sel []int32, n int) bool {
	rows := n
	if sel != nil {
		rows = len(sel)
	}
	lo, hi := int32(math.MaxInt32), int32(math.MinInt32)
	if sel == nil {
		for i := range n {
			x := d[i&m]
			lo, hi = min(lo, x), max(hi, x)
		}
	} else {
		for _, i := range sel {
			x := d[int(i)&m]
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	span := int64(hi) - int64(lo) + 1
	if span > fieldTable || span > int64(rows)/2+1 || lo == value.DateNegInfinity || hi == value.DateInfinity {
		return false
	}
	var table [fieldTable]int32
	if !fillFields(u, table[:span], lo) {
		return false
	}
	r := vector.Values[int64](out)
	if sel == nil {
		for i := range n {
			r[i] = int64(table[(d[i&m]-lo)&(fieldTable-1)])
		}
		return true
	}
	for _, i := range sel {
		r[i] = int64(table[(d[int(i)&m]-lo)&(fieldTable-1)])
	}
	return true
}

// fillFields writes the fields of consecutive days; false if they don't fit.
func fillFields(u value.Unit, table []int32, day int32) bool {
	for k := 0; k < len(table); {
		x := value.ExtractDate(u, day+int32(k))
		if int64(int32(x)) != x {
			return false // seconds
		}
		run := 1
		if u >= value.Millennium && u <= value.Month { // one for all days of the month
			y, m, _ := value.CivilFromDays(int(day) + k)
			run = value.DaysFromCivil(y, m+1, 1) - int(day) - k
			if m == 12 {
				run = value.DaysFromCivil(y+1, 1, 1) - int(day) - k
			}
		}
		for end := min(k+run, len(table)); k < end; k++ {
			table[k] = int32(x)
		}
	}
	return true
}

// wholeFields writes a field of each listed value; most and least are the infinities.
func wholeFields[T int32 | int64](u value.Unit, out *vector.Vector, r []int64, vals []T, most, least T, field func(value.Unit, T) int64, m int, sel []int32, n int) {
	if sel != nil {
		n = len(sel)
	}
	for k := range n {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		x := vals[i&m]
		if x == most || x == least {
			r[i] = infiniteField(u, out, i, x == most)
			continue
		}
		r[i] = field(u, x)
	}
}

// infiniteField is the twin of an infinite field, or NULL.
func infiniteField(u value.Unit, out *vector.Vector, i int, positive bool) int64 {
	if _, ok := value.ExtractInfinite(u, positive); !ok {
		out.SetNull(i)
		return 0
	}
	if positive {
		return math.MaxInt64
	}
	return math.MinInt64
}
