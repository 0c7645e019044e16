package value

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/flintsql/flint/sql/types"
)

// randomInt128 draws numbers of every length, with many near a power of two.
func randomInt128(r *rand.Rand) Int128 {
	v := Int128{Lo: r.Uint64(), Hi: int64(r.Uint64())}
	m := v.magnitude()
	s := uint(r.IntN(128))
	if s >= 64 {
		m = uint128{lo: m.hi >> (s - 64)}
	} else {
		m = uint128{lo: m.lo>>s | m.hi<<1<<(63-s), hi: m.hi >> s}
	}
	switch r.IntN(4) {
	case 0:
		m = uint128{lo: 1}.shift(s).sub(uint128{lo: uint64(r.IntN(2))})
	case 1:
		m.lo = ^uint64(0)
	}
	return m.signed(r.IntN(2) == 0)
}

func (m uint128) shift(s uint) uint128 {
	if s >= 64 {
		return uint128{hi: m.lo << (s - 64)}
	}
	return uint128{lo: m.lo << s, hi: m.hi<<s | m.lo>>1>>(63-s)}
}

func TestInt128AgainstBig(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	fits := func(v *big.Int) bool { _, ok := Int128FromBig(v); return ok }
	for range 200_000 {
		a, b := randomInt128(r), randomInt128(r)
		x, y := a.Big(), b.Big()
		if back, ok := Int128FromBig(x); !ok || back != a {
			t.Fatalf("%v: big round trip gave %v", x, back)
		}
		check := func(op string, got Int128, overflow bool, want *big.Int) {
			t.Helper()
			if overflow != !fits(want) || !overflow && got.Big().Cmp(want) != 0 {
				t.Fatalf("%v %s %v = %v (overflow %v), want %v", x, op, y, got, overflow, want)
			}
		}
		s, o := a.AddOverflow(b)
		check("+", s, o, new(big.Int).Add(x, y))
		s, o = a.SubOverflow(b)
		check("-", s, o, new(big.Int).Sub(x, y))
		s, o = a.MulOverflow(b)
		check("*", s, o, new(big.Int).Mul(x, y))
		check("MulInt64", MulInt64(a.Int64(), b.Int64()), false, new(big.Int).Mul(big.NewInt(a.Int64()), big.NewInt(b.Int64())))
		check("AddInt64", a.AddInt64(b.Int64()), !fits(new(big.Int).Add(x, big.NewInt(b.Int64()))), new(big.Int).Add(x, big.NewInt(b.Int64())))
		if !b.IsZero() && !(a == minInt128 && b == Int128From(-1)) {
			q, m := a.DivMod(b)
			wq, wm := new(big.Int).QuoRem(x, y, new(big.Int))
			check("/", q, false, wq)
			check("%", m, false, wm)
			check("DivRound", a.DivRound(b), false, roundQuo(x, y))
			w := mul128(a.magnitude(), b.magnitude())
			d := randomInt128(r).magnitude()
			if d != (uint128{}) {
				checkDiv256(t, w, new(big.Int).Abs(new(big.Int).Mul(x, y)), d)
			}
		}
		if a.Cmp(b) != x.Cmp(y) || a.Less(b) != (x.Cmp(y) < 0) {
			t.Fatalf("%v cmp %v", x, y)
		}
		if a.String() != x.String() || a.Digits() != len(new(big.Int).Abs(x).String()) {
			t.Fatalf("%v prints %s with %d digits", x, a, a.Digits())
		}
		if want, _ := strconv.ParseFloat(x.String(), 64); a.Float64() != want {
			t.Fatalf("%v as float: %v, want %v", x, a.Float64(), want)
		}
	}
}

func checkDiv256(t *testing.T, w uint256, wide *big.Int, d uint128) {
	t.Helper()
	big128 := func(m uint128) *big.Int {
		r := new(big.Int).SetUint64(m.hi)
		return r.Lsh(r, 64).Or(r, new(big.Int).SetUint64(m.lo))
	}
	q, rem, ok := w.divMod(d)
	wq, wr := new(big.Int).QuoRem(wide, big128(d), new(big.Int))
	if ok != (wq.BitLen() <= 128) || ok && (big128(q).Cmp(wq) != 0 || big128(rem).Cmp(wr) != 0) {
		t.Fatalf("%v / %v = %v rem %v ok %v", wide, d, q, rem, ok)
	}
}

// TestNumericNormalForms: equal numerics have one key, one hash and one normal
// form; rescaling agrees between the widths.
func TestNumericNormalForms(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 50_000 {
		a := Numeric{Coef: Int128From(r.Int64N(2_000_000) - 1_000_000), Scale: int16(r.IntN(10))}
		b := Numeric{Coef: Int128From(r.Int64N(2_000_000) - 1_000_000), Scale: int16(r.IntN(10))}
		if r.IntN(2) == 0 {
			b, _ = a.Round(int(a.Scale) + r.IntN(20))
		}
		same := a.Cmp(b) == 0
		if same != (a.Normalize() == b.Normalize()) || same != a.Equal(b) ||
			same != (string(AppendNumericKey(nil, a)) == string(AppendNumericKey(nil, b))) || same && a.Hash64() != b.Hash64() {
			t.Fatalf("%s and %s: equal %v", a, b, same)
		}
		coef, from, to, p := r.Int64()>>r.IntN(63), r.IntN(19), r.IntN(19), 1+r.IntN(18)
		x, okx := Rescale64(coef, from, to, p)
		y, oky := Rescale128(Int128From(coef), from, to, p)
		if okx != oky || okx && Int128From(x) != y {
			t.Fatalf("rescale %d from %d to %d (%d digits): %d %v, %v %v", coef, from, to, p, x, okx, y, oky)
		}
	}
}

// TestCivilAgainstTime compares every 97th day of 8000 years with package time,
// and zones at random instants.
func TestCivilAgainstTime(t *testing.T) {
	for days := -1_400_000; days < 1_400_000; days += 97 {
		y, m, d := CivilFromDays(days)
		want := time.Unix(int64(days)*secondsPerDay, 0).UTC()
		if y != want.Year() || m != int(want.Month()) || d != want.Day() || DaysFromCivil(y, m, d) != days {
			t.Fatalf("day %d: %d-%d-%d, want %v", days, y, m, d, want)
		}
		wy, ww := want.ISOWeek()
		if gy, gw := isoWeek(days); gy != wy || gw != ww {
			t.Fatalf("%v: ISO week %d-%d, want %d-%d", want, gy, gw, wy, ww)
		}
	}
}

func TestClockWords(t *testing.T) {
	loc, _ := LoadLocation("america/new_york")
	env := Env{Location: loc, Now: time.Date(2024, 3, 10, 3, 30, 0, 5000, time.UTC)} // 22:30 the day before
	for s, want := range map[string]string{
		"now": "2024-03-09 22:30:00.000005-05", "today": "2024-03-09 00:00:00-05",
		"tomorrow": "2024-03-10 00:00:00-05", "yesterday 04:05": "2024-03-08 04:05:00-05",
	} {
		us, err := ParseTimestampTZ(s, env)
		if got := string(AppendTimestampTZ(nil, us, loc)); err != nil || got != want {
			t.Errorf("%s = %s (%v), want %s", s, got, err, want)
		}
	}
	if _, err := ParseDate("today", DefaultEnv); err == nil {
		t.Error("today without a clock must fail")
	}
}

var fuzzTypes = []types.Kind{types.Bool, types.Int4, types.Int8, types.Float4, types.Float8, types.Numeric, types.Date, types.Time,
	types.Timestamp, types.TimestampTZ, types.Interval, types.UUID, types.Bytea, types.JSONB, types.OID}

// FuzzParse: no text and no binary message makes a parser panic, and what a
// parser takes prints as a text that reads back as an equal value.
func FuzzParse(f *testing.F) {
	for _, inputs := range parseInputs {
		for _, s := range inputs {
			f.Add(s)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, k := range fuzzTypes {
			for _, typ := range []types.Type{types.Of(k), types.ArrayOf(types.Of(k))} {
				if v, err := ParseBinary(typ, []byte(s), DefaultEnv); err == nil {
					AppendText(nil, v, DefaultEnv)
				}
				v, err := ParseText(typ, s, DefaultEnv)
				if err != nil {
					continue
				}
				printed := string(AppendText(nil, v, DefaultEnv))
				back, err := ParseText(typ, printed, DefaultEnv)
				if err != nil || !Equal(v, back) {
					t.Fatalf("%s %q prints as %q, which reads back as %s (%v)", typ, s, printed, Display(back), err)
				}
				again, err := ParseBinary(typ, AppendBinary(nil, v), DefaultEnv)
				if err != nil || !Equal(v, again) || string(AppendKey(nil, v)) != string(AppendKey(nil, again)) {
					t.Fatalf("%s %q: the binary form reads back as %s (%v)", typ, s, Display(again), err)
				}
			}
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	buf := make([]byte, 0, 128)
	cases := map[string]func(){
		"numeric64": func() { buf = AppendNumeric64(buf[:0], 1234567890, 2) },
		"date":      func() { buf = AppendDate(buf[:0], 19_000) },
		"timestamp": func() { buf = AppendTimestamp(buf[:0], 1_700_000_000_123_456) },
		"float8":    func() { buf = AppendFloat8(buf[:0], 12345.678, 1) },
		"int128":    func() { buf = AppendFixed128(buf[:0], Pow10Int128[37], 4) },
	}
	for name, f := range cases {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}

func BenchmarkNumeric(b *testing.B) {
	x, y := NumericFromFixed64(123456789, 2), NumericFromFixed64(-98765, 4)
	ops := map[string]func() (Numeric, error){
		"add": func() (Numeric, error) { return x.Add(y) }, "mul": func() (Numeric, error) { return x.Mul(y) }, "div": func() (Numeric, error) { return x.Div(y) },
	}
	for name, f := range ops {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if n, err := f(); err != nil || n.Kind != Finite {
					b.Fatal(math.NaN())
				}
			}
		})
	}
}
