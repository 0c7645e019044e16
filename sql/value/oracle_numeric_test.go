package value

import (
	"fmt"
	"strconv"
	"testing"
)

var numericSamples = []string{"0", "1", "-1", "2", "3", "-7", "0.5", "-2.5", "1.50", "100", "9999.9999", "10000", "0.0001", "123456789.123456789",
	"-98765432109876.54321", "0.000000000123", "99999999999999999999", "1e20", "7e-15", "NaN", "Infinity", "-Infinity", "12345678901234567890.12", "0.00", "333.3333333333333333"}

// numericOps are PostgreSQL's operators on two numerics, with Flint's.
var numericOps = []struct {
	sql string
	f   func(a, b Numeric) (Numeric, error)
}{
	{"%s + %s", Numeric.Add}, {"%s - %s", Numeric.Sub}, {"%s * %s", Numeric.Mul}, {"%s / %s", Numeric.Div},
	{"%s %% %s", Numeric.Mod}, {"div(%s, %s)", Numeric.DivTrunc},
}

func TestOracleNumeric(t *testing.T) {
	var qs []question
	add := func(sql string, f func() (Numeric, error)) {
		qs = append(qs, question{"UTC", sql, func(Env) (string, error) {
			n, err := f()
			return n.String(), err
		}})
	}
	for _, s := range numericSamples {
		a, err := ParseNumeric(s)
		if err != nil {
			t.Fatal(err)
		}
		la := literal("numeric", s)
		for _, u := range numericSamples {
			b, _ := ParseNumeric(u)
			lb := literal("numeric", u)
			for _, op := range numericOps {
				add(fmt.Sprintf(op.sql, la, lb), func() (Numeric, error) { return op.f(a, b) })
			}
			qs = append(qs, question{"UTC", "case when " + la + " < " + lb + " then -1 when " + la + " = " + lb + " then 0 else 1 end",
				func(Env) (string, error) { return strconv.Itoa(a.Cmp(b)), nil }})
		}
		for n := -6; n <= 12; n += 3 {
			add(fmt.Sprintf("round(%s, %d)", la, n), func() (Numeric, error) { return a.Round(n) })
			add(fmt.Sprintf("trunc(%s, %d)", la, n), func() (Numeric, error) { return a.Trunc(n) })
		}
		add("ceil("+la+")", func() (Numeric, error) { return a.Ceil(), nil })
		add("floor("+la+")", func() (Numeric, error) { return a.Floor(), nil })
		add("abs("+la+")", func() (Numeric, error) { return a.Abs(), nil })
		add("sign("+la+")", func() (Numeric, error) { return a.Signum(), nil })
		add("trim_scale("+la+")", func() (Numeric, error) { return a.TrimScale(), nil })
	}
	for _, sum := range []string{"0", "1", "-10", "123456", "99999999999999"} {
		for _, scale := range []int{0, 2, 6} {
			for _, count := range []int64{1, 3, 7, 1000000} {
				n, _ := ParseNumeric(sum)
				// avg = sum / count, as the aggregate's final function computes it
				sql := fmt.Sprintf("(%s::numeric * %s::numeric) / %d::numeric", sum, literal("numeric", Numeric{Coef: Int128From(1), Scale: int16(scale)}.String()), count)
				add(sql, func() (Numeric, error) { return Avg(n.Coef, scale, count) })
			}
		}
	}
	ask(t, "numeric.tsv", qs)
}

func TestOracleNumericFunctions(t *testing.T) {
	var qs []question
	add := func(sql string, f func() (Numeric, error)) {
		qs = append(qs, question{"UTC", sql, func(Env) (string, error) {
			n, err := f()
			return n.String(), err
		}})
	}
	samples := append([]string{"10", "0.95", "1.0000001", "12.5", "42", "1e-8", "0.01", "2.718281828", "-0.5", "-3", "50.25", "1000000"}, numericSamples...)
	for _, s := range samples {
		a, _ := ParseNumeric(s)
		la := literal("numeric", s)
		add("sqrt("+la+")", a.Sqrt)
		add("ln("+la+")", a.Ln)
		add("log("+la+")", func() (Numeric, error) { return a.Log(NumericFromInt64(10)) })
		if a.Kind != Finite || a.Abs().Cmp(NumericFromInt64(200)) < 0 {
			add("exp("+la+")", a.Exp)
		}
		for _, u := range []string{"0", "1", "2", "3", "-1", "-2", "0.5", "-0.5", "1.5", "10", "2.00", "NaN", "Infinity", "-Infinity"} {
			b, _ := ParseNumeric(u)
			add("power("+la+", "+literal("numeric", u)+")", func() (Numeric, error) { return a.Power(b) })
			add("log("+literal("numeric", u)+", "+la+")", func() (Numeric, error) { return a.Log(b) })
		}
	}
	ask(t, "numeric_functions.tsv", qs)
}
