package function

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// TestWholeExtract compares the twins of extract, made numerics again, with extract: every field,
// days near each other and far apart, infinities, selections.
func TestWholeExtract(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	units := []string{"millennium", "century", "decade", "year", "quarter", "month", "week", "day", "hour", "minute", "microseconds",
		"dow", "isodow", "doy", "isoyear", "julian", "epoch", "second", "timezone"}
	pairs := 0
	for _, unit := range units {
		for turn, near := range []int64{1, 400, 3000, 200_000, 2_000_000} {
			n := 6000
			days, us := make([]int32, n), make([]int64, n)
			base := r.Int64N(20_000) - 10_000
			for i := range n {
				days[i] = int32(base + r.Int64N(near))
				us[i] = (base+r.Int64N(near))*value.MicrosPerDay + r.Int64N(value.MicrosPerDay)
				if turn%2 == 1 && r.IntN(100) == 0 {
					days[i], us[i] = value.DateInfinity, value.TimestampNegInfinity
				}
			}
			var sel []int32
			for i := range n {
				if turn > 2 && r.IntN(3) > 0 {
					sel = append(sel, int32(i))
				}
			}
			pairs += compareExtract(t, unit, vector.FromSlice(tDate, days), sel, n)
			pairs += compareExtract(t, unit, vector.FromSlice(tTimestamp, us), sel, n)
		}
	}
	if pairs < 100 {
		t.Errorf("only %d comparisons", pairs)
	}
	if a, _ := WholeExtract("month", types.Of(types.TimestampTZ)); a != nil {
		t.Error("a field of the session's time zone")
	}
}

func compareExtract(t *testing.T, unit string, arg *vector.Vector, sel []int32, n int) int {
	whole, numeric := WholeExtract(unit, arg.Type)
	if whole == nil {
		return 0
	}
	plain, _ := Find("extract", sig(tText, arg.Type))
	args := []*vector.Vector{vector.FromValue(value.Value{Type: tText, S: unit}, n), arg}
	a, b, c := vector.New(tNumeric, n), vector.New(tInt8, n), vector.New(tNumeric, n)
	for _, err := range []error{plain.Kernel(nil, a, args, sel, n), whole.Kernel(nil, b, args, sel, n)} {
		if err != nil {
			t.Fatal(unit, err)
		}
	}
	if err := numeric.Kernel(nil, c, []*vector.Vector{b}, sel, n); err != nil {
		t.Fatal(err)
	}
	rows := n
	if sel != nil {
		rows = len(sel)
	}
	for k := range rows {
		i := at(sel, k)
		if a.IsNull(i) != b.IsNull(i) || !a.IsNull(i) && vector.Values[num](a)[i] != vector.Values[num](c)[i] {
			t.Fatalf("%s of %s %v: %v, want %v", unit, arg.Type, arg.Get(i), c.Get(i), a.Get(i))
		}
	}
	return 1
}

// TestWholeOrder holds that the twins of infinite fields lie beyond all others.
func TestWholeOrder(t *testing.T) {
	for _, c := range []struct {
		x    int64
		want value.NumericKind
	}{{math.MinInt64, value.NegInf}, {math.MaxInt64, value.PosInf}, {0, value.Finite}} {
		if v, err := extractedNumeric(nil, c.x); err != nil || v.Kind != c.want {
			t.Errorf("%d: %v", c.x, v)
		}
	}
}
