package value

import (
	"math"
	"testing"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// TestTextLengths: assignments refuse what explicit casts cut (22001), but both
// cut blanks; character(n) pads by characters, not bytes.
func TestTextLengths(t *testing.T) {
	varchar := types.Type{Kind: types.Varchar, Precision: 3}
	char := types.Type{Kind: types.Char, Precision: 4}
	for _, c := range []struct {
		to       types.Type
		in, want string
		explicit bool
	}{
		{varchar, "äöüß", "", false}, {varchar, "äöüß", "äöü", true}, {varchar, "abc  ", "abc", false},
		{char, "äö", "äö  ", false}, {char, "abcde", "", false}, {char, "abcd ", "abcd", false},
	} {
		v, err := Cast(Text(c.in), c.to, c.explicit, DefaultEnv)
		if c.want == "" {
			want := "value too long for type " + c.to.Format()
			if e := sqlerr.From(err); e == nil || e.Code != "22001" || e.Message != want {
				t.Errorf("%q to %s: %v", c.in, c.to.Format(), err)
			}
		} else if err != nil || v.S != c.want {
			t.Errorf("%q to %s: %q, %v", c.in, c.to.Format(), v.S, err)
		}
	}
}

// TestCompareOrder: within each list, every value is below the next.
func TestCompareOrder(t *testing.T) {
	array := types.ArrayOf(types.Of(types.Int4))
	parse := func(typ types.Type, s string) Value {
		v, err := ParseText(typ, s, DefaultEnv)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	fixed := types.NumericOf(10, 2)
	for _, list := range [][]Value{
		{Float8(math.Inf(-1)), Float8(-1), Float8(0), Float8(math.Inf(1)), Float8(math.NaN()), NullOf(types.Of(types.Float8))},
		{parse(fixed, "-1.50"), parse(types.Of(types.Numeric), "-1.4999"), parse(fixed, "7"), parse(types.Of(types.Numeric), "Infinity"), parse(types.Of(types.Numeric), "NaN")},
		{parse(array, "{}"), parse(array, "{1}"), parse(array, "{1,2}"), parse(array, "{1,NULL}"), parse(array, "{2}")},
		{Text("B"), Text("a"), Text("a "), Text("ä")},
	} {
		for i := range list {
			for j := range list {
				want := 0
				if i < j {
					want = -1
				} else if i > j {
					want = 1
				}
				if got := Compare(list[i], list[j]); got != want {
					t.Errorf("Compare(%s, %s) = %d", Display(list[i]), Display(list[j]), got)
				}
			}
		}
	}
	char := types.Of(types.Char)
	a, b := Value{Type: char, S: "a  "}, Value{Type: char, S: "a"}
	if !Equal(a, b) || string(AppendKey(nil, a)) != string(AppendKey(nil, b)) || !Equal(Float8(0), Float8(math.Copysign(0, -1))) {
		t.Error("blanks of character(n) and the sign of zero do not count")
	}
}

// TestExtraFloatDigits holds what PostgreSQL prints with extra_float_digits ≤ 0.
func TestExtraFloatDigits(t *testing.T) {
	for _, c := range []struct {
		f      float64
		digits int
		want   string
	}{
		{0.30000000000000004, 0, "0.3"}, {0.30000000000000004, 1, "0.30000000000000004"}, {1e15, 0, "1e+15"}, {123456789012345678, 0, "1.23456789012346e+17"},
		{1e-5, 0, "1e-05"}, {100000, -10, "1e+05"}, {12345.678, -10, "12346"}, {0.00012345, -12, "0.000123"},
	} {
		if got := string(AppendFloat8(nil, c.f, c.digits)); got != c.want {
			t.Errorf("%v with %d: %s, want %s", c.f, c.digits, got, c.want)
		}
	}
}
