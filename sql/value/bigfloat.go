package value

import (
	"math"
	"math/big"
)

// floatBits is the working precision of transcendental functions: 38 digits, as
// many again for cancellation near 1, and a wide margin.
const floatBits = 512

func newFloat() *big.Float { return new(big.Float).SetPrec(floatBits) }

func (a Numeric) bigFloat() *big.Float {
	f := newFloat().SetInt(a.Coef.Big())
	return f.Quo(f, newFloat().SetInt(bigPow10(int(a.Scale))))
}

// roundFloat rounds to a scale, halves away from zero.
func roundFloat(f *big.Float, scale int) (Numeric, error) {
	f = newFloat().Mul(f, newFloat().SetInt(bigPow10(scale)))
	half := newFloat().SetFloat64(math.Copysign(0.5, float64(f.Sign())))
	n, _ := f.Add(f, half).Int(nil)
	return finiteBig(n, scale)
}

// lnFloat returns ln(x), x > 0: x = m·2^e, ln m = 2·artanh((m-1)/(m+1)).
func lnFloat(x *big.Float) *big.Float {
	m := newFloat()
	e := x.MantExp(m)
	if m.Cmp(big.NewFloat(math.Sqrt2/2)) < 0 { // keep m near 1
		m.SetMantExp(m, 1)
		e--
	}
	r := artanh2(m)
	if e != 0 {
		two := artanh2(newFloat().SetInt64(2))
		r.Add(r, two.Mul(two, newFloat().SetInt64(int64(e))))
	}
	return r
}

// artanh2 returns ln m for m within (1/3, 3).
func artanh2(m *big.Float) *big.Float {
	one := newFloat().SetInt64(1)
	z := newFloat().Quo(newFloat().Sub(m, one), newFloat().Add(m, one))
	square := newFloat().Mul(z, z)
	sum, power := newFloat().Set(z), newFloat().Set(z)
	for k := int64(3); power.Sign() != 0; k += 2 {
		power.Mul(power, square)
		term := newFloat().Quo(power, newFloat().SetInt64(k))
		if negligible(term, sum) {
			break
		}
		sum.Add(sum, term)
	}
	return sum.Mul(sum, newFloat().SetInt64(2))
}

func negligible(term, sum *big.Float) bool {
	return term.Sign() == 0 || term.MantExp(nil) < sum.MantExp(nil)-floatBits
}

// expFloat returns e^x for |x| below about 10^5: x = k·ln2 + r, and the series
// of e^(r/256) squared eight times.
func expFloat(x *big.Float) *big.Float {
	approx, _ := x.Float64()
	k := int(math.Round(approx / math.Ln2))
	ln2 := artanh2(newFloat().SetInt64(2))
	r := newFloat().Sub(x, ln2.Mul(ln2, newFloat().SetInt64(int64(k))))
	r.SetMantExp(r, -8)
	sum, term := newFloat().SetInt64(1), newFloat().SetInt64(1)
	for n := int64(1); ; n++ {
		term.Mul(term, r)
		term.Quo(term, newFloat().SetInt64(n))
		if negligible(term, sum) {
			break
		}
		sum.Add(sum, term)
	}
	for range 8 {
		sum.Mul(sum, sum)
	}
	return sum.SetMantExp(sum, k)
}
