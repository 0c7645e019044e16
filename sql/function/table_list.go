package function

import (
	"strings"
	"time"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// tables lists every overload of every set-returning function.
var tables = []Table{
	{Name: "generate_series", Args: sig(tInt4, tInt4), Columns: seriesColumns, Call: intSeries[int32]},
	{Name: "generate_series", Args: sig(tInt4, tInt4, tInt4), Columns: seriesColumns, Call: intSeries[int32]},
	{Name: "generate_series", Args: sig(tInt8, tInt8), Columns: seriesColumns, Call: intSeries[int64]},
	{Name: "generate_series", Args: sig(tInt8, tInt8, tInt8), Columns: seriesColumns, Call: intSeries[int64]},
	{Name: "generate_series", Args: sig(tNumeric, tNumeric), Columns: numericColumns, Call: numericSeries},
	{Name: "generate_series", Args: sig(tNumeric, tNumeric, tNumeric), Columns: numericColumns, Call: numericSeries},
	{Name: "generate_series", Args: sig(tTimestamp, tTimestamp, tInterval), Columns: seriesColumns, Call: timeSeries(false)},
	{Name: "generate_series", Args: sig(tTimestampTZ, tTimestampTZ, tInterval), Columns: seriesColumns, Volatility: Stable, Call: timeSeries(true)},
	{Name: "unnest", Args: sig(anyArray), Variadic: true, Columns: unnestColumns, Call: unnest},
	{Name: "generate_subscripts", Args: sig(anyArray, tInt4), Columns: subscriptColumns, Call: subscripts},
	{Name: "generate_subscripts", Args: sig(anyArray, tInt4, tBool), Columns: subscriptColumns, Call: subscripts},
	{Name: "string_to_table", Args: sig(tText, tText), Columns: textColumn("string_to_table"), Call: stringToTable},
	{Name: "string_to_table", Args: sig(tText, tText, tText), Columns: textColumn("string_to_table"), Call: stringToTable},
	{Name: "regexp_split_to_table", Args: sig(tText, tText), Columns: textColumn("regexp_split_to_table"), Call: regexpSplit},
	{Name: "regexp_split_to_table", Args: sig(tText, tText, tText), Columns: textColumn("regexp_split_to_table"), Call: regexpSplit},
}

func seriesColumns(args []types.Type) []types.Field {
	return []types.Field{{Name: "generate_series", Type: args[0]}}
}

func numericColumns([]types.Type) []types.Field {
	return []types.Field{{Name: "generate_series", Type: tNumeric}}
}

func subscriptColumns([]types.Type) []types.Field {
	return []types.Field{{Name: "generate_subscripts", Type: tInt4}}
}

func textColumn(name string) func([]types.Type) []types.Field {
	return func([]types.Type) []types.Field { return []types.Field{{Name: name, Type: tText, Nullable: true}} }
}

func unnestColumns(args []types.Type) []types.Field {
	fs := make([]types.Field, len(args))
	for i, t := range args {
		fs[i] = types.Field{Name: "unnest", Type: t.ElemType(), Nullable: true}
	}
	return fs
}

// anyNull reports a NULL among a row's arguments, for which there are no rows.
func anyNull(args []*vector.Vector, i int) bool {
	for _, a := range args {
		if a.IsNull(i) {
			return true
		}
	}
	return false
}

func errZeroStep() error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "step size cannot equal zero")
}

func intSeries[T int32 | int64](_ *Context, args []*vector.Vector, i int, emit func(*vector.Batch) error) error {
	if anyNull(args, i) {
		return nil
	}
	arg := func(k int) int64 { return int64(vector.Values[T](args[k])[args[k].Index(i)]) }
	from, to, step := arg(0), arg(1), int64(1)
	if len(args) > 2 {
		step = arg(2)
	}
	if step == 0 {
		return errZeroStep()
	}
	if step > 0 && from > to || step < 0 && from < to {
		return nil
	}
	span, width := uint64(to)-uint64(from), uint64(step)
	if step < 0 {
		span, width = uint64(from)-uint64(to), -uint64(step)
	}
	left := span/width + 1
	for x := from; left > 0; {
		n := uint64(vector.BatchSize)
		if left < n {
			n = left
		}
		vals := make([]T, n)
		for k := range vals {
			vals[k] = T(x)
			x += step
		}
		left -= n
		if err := emitColumn(vector.FromSlice(args[0].Type, vals), emit); err != nil {
			return err
		}
	}
	return nil
}

func emitColumn(v *vector.Vector, emit func(*vector.Batch) error) error {
	return emit(&vector.Batch{Rows: v.Len, Cols: []*vector.Vector{v}, Owned: true})
}

func numericSeries(_ *Context, args []*vector.Vector, i int, emit func(*vector.Batch) error) error {
	if anyNull(args, i) {
		return nil
	}
	arg := func(k int) value.Numeric { return args[k].Get(i).Numeric() }
	x, to, step := arg(0), arg(1), value.NumericFromInt64(1)
	if len(args) > 2 {
		step = arg(2)
	}
	for k, what := range []value.Numeric{x, to, step} {
		if !what.IsFinite() {
			return errSeries([]string{"start", "stop", "step size"}[k], what)
		}
	}
	if step.Sign() == 0 {
		return errZeroStep()
	}
	var vals []value.Numeric
	for x.Cmp(to)*step.Sign() <= 0 {
		vals = append(vals, x)
		var err error
		if x, err = x.Add(step); err != nil {
			break // beyond every number: the series ends
		}
		if len(vals) == vector.BatchSize {
			if err := emitColumn(vector.FromSlice(tNumeric, vals), emit); err != nil {
				return err
			}
			vals = nil
		}
	}
	return emitColumn(vector.FromSlice(tNumeric, vals), emit)
}

func errSeries(what string, x value.Numeric) error {
	kind := "infinity"
	if x.IsNaN() {
		kind = "NaN"
	}
	return sqlerr.New(sqlerr.InvalidParameterValue, "%s value cannot be %s", what, kind)
}

func timeSeries(zoned bool) func(*Context, []*vector.Vector, int, func(*vector.Batch) error) error {
	return func(c *Context, args []*vector.Vector, i int, emit func(*vector.Batch) error) error {
		if anyNull(args, i) {
			return nil
		}
		x, to, step := args[0].Get(i).I, args[1].Get(i).I, args[2].Get(i).V
		sign := step.Span().Sign()
		if sign == 0 {
			return errZeroStep()
		}
		loc := time.UTC
		if zoned && c.Location != nil {
			loc = c.Location
		}
		var vals []int64
		for sign > 0 && x <= to || sign < 0 && x >= to {
			vals = append(vals, x)
			if len(vals) == vector.BatchSize {
				if err := emitColumn(vector.FromSlice(args[0].Type, vals), emit); err != nil {
					return err
				}
				vals = nil
			}
			var err error
			if zoned {
				x, err = value.AddIntervalTZ(x, step, loc)
			} else {
				x, err = value.AddInterval(x, step)
			}
			if err != nil {
				return err
			}
		}
		return emitColumn(vector.FromSlice(args[0].Type, vals), emit)
	}
}

// unnest yields the elements of one or several arrays side by side; shorter
// ones are filled up with NULLs.
func unnest(_ *Context, args []*vector.Vector, i int, emit func(*vector.Batch) error) error {
	n := 0
	for _, a := range args {
		if !a.IsNull(i) {
			k := a.Index(i)
			n = max(n, int(a.Offsets[k+1]-a.Offsets[k]))
		}
	}
	b := &vector.Batch{Rows: n, Cols: make([]*vector.Vector, len(args)), Owned: true}
	for c, a := range args {
		idx := make([]int32, n)
		for k := range idx {
			idx[k] = -1
		}
		if !a.IsNull(i) {
			k := a.Index(i)
			for e := a.Offsets[k]; e < a.Offsets[k+1]; e++ {
				idx[e-a.Offsets[k]] = e
			}
		}
		b.Cols[c] = vector.Take(a.Child, idx)
	}
	return emit(b)
}

func subscripts(_ *Context, args []*vector.Vector, i int, emit func(*vector.Batch) error) error {
	if anyNull(args, i) || args[1].Get(i).I != 1 { // arrays have one dimension
		return nil
	}
	k := args[0].Index(i)
	n := args[0].Offsets[k+1] - args[0].Offsets[k]
	reverse := len(args) > 2 && args[2].Get(i).I != 0
	vals := make([]int32, n)
	for j := range vals {
		if vals[j] = int32(j) + 1; reverse {
			vals[j] = n - int32(j)
		}
	}
	return emitColumn(vector.FromSlice(tInt4, vals), emit)
}

func stringToTable(_ *Context, args []*vector.Vector, i int, emit func(*vector.Batch) error) error {
	if args[0].IsNull(i) {
		return nil
	}
	text := args[0].Get(i).S
	if text == "" {
		return nil
	}
	var parts []string
	switch {
	case args[1].IsNull(i):
		parts = strings.Split(text, "")
	case len(args[1].Bytes(i)) == 0:
		parts = []string{text}
	default:
		parts = strings.Split(text, args[1].Get(i).S)
	}
	v := vector.FromStrings(tText, parts)
	if len(args) > 2 && !args[2].IsNull(i) {
		null := args[2].Get(i).S
		for k, p := range parts {
			if p == null {
				v.SetNull(k)
			}
		}
	}
	return emitColumn(v, emit)
}

func regexpSplit(_ *Context, args []*vector.Vector, i int, emit func(*vector.Batch) error) error {
	if anyNull(args, i) {
		return nil
	}
	flags := ""
	if len(args) > 2 {
		flags = args[2].Get(i).S
	}
	re, err := compileRegex(args[1].Get(i).S, flags)
	if err != nil {
		return err
	}
	text := args[0].Get(i).S
	var parts []string
	at := 0
	for _, m := range re.FindAllStringIndex(text, -1) {
		if m[1] == m[0] && (m[0] == at || m[0] == len(text)) {
			continue // an empty match splits only between characters
		}
		parts = append(parts, text[at:m[0]])
		at = m[1]
	}
	return emitColumn(vector.FromStrings(tText, append(parts, text[at:])), emit)
}
