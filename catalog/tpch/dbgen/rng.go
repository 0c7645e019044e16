package dbgen

import "math/bits"

// The streams are Lehmer generators: seed = seed × 16807 mod 2³¹−1.
const (
	multiplier = 16807
	modulus    = 1<<31 - 1
)

// exactRange bounds the ranges for which integer scaling equals dbgen's
// floating-point scaling. seed×range is never a multiple of the (prime)
// modulus, so the fraction dbgen truncates is at least 2⁻³¹ away from a whole
// number, while its two roundings move it by less than range × 2⁻⁵².
const exactRange = 1 << 19

// stream is one column's random stream: its first seed and the number of
// draws dbgen sets aside for each unit.
type stream struct {
	seed  uint64
	draws int64
}

// mulmod returns a×b mod 2³¹−1 for operands in [1, 2³¹−1).
func mulmod(a, b uint64) uint64 {
	x := a * b
	t := x&modulus + x>>31
	return (t + t>>31) & modulus
}

// power returns base^n mod 2³¹−1.
func power(base uint64, n int64) uint64 {
	r := uint64(1)
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			r = mulmod(r, base)
		}
		base = mulmod(base, base)
	}
	return r
}

// at returns the seed before the first draw of the given unit.
func (s stream) at(unit int64) uint64 {
	return mulmod(s.seed, power(multiplier, unit*s.draws))
}

// step returns the factor that leads from one unit to the next.
func (s stream) step() uint64 { return power(multiplier, s.draws) }

// fillSeeds sets dst[i] = first × stepⁱ. Four lanes hide the latency of the
// multiplication chain.
func fillSeeds(dst []uint32, first, step uint64) {
	s0 := first
	s1 := mulmod(s0, step)
	s2 := mulmod(s1, step)
	s3 := mulmod(s2, step)
	step4 := power(step, 4)
	for ; len(dst) >= 4; dst = dst[4:] {
		dst[0], dst[1], dst[2], dst[3] = uint32(s0), uint32(s1), uint32(s2), uint32(s3)
		s0, s1, s2, s3 = mulmod(s0, step4), mulmod(s1, step4), mulmod(s2, step4), mulmod(s3, step4)
	}
	for i, s := range [3]uint64{s0, s1, s2} {
		if i < len(dst) {
			dst[i] = uint32(s)
		}
	}
}

// uniform maps a seed onto [0, span) for span < exactRange: the exact
// quotient of seed × span by 2³¹−1, without a division.
func uniform(seed uint32, span uint64) uint64 {
	x := uint64(seed) * span
	return (x + x>>31 + 1) >> 31
}

// fractions leads from a seed to a later one of the same stream without
// reducing it: of gives (seed × multiplier mod 2³¹−1) / (2³¹−1) as a 64-bit
// binary fraction. 1/(2³¹−1) = 2⁻³¹ + 2⁻⁶² + 2⁻⁹³ + …, so the fraction is
// x×(2³³+4) + x/2²⁹ modulo 2⁶⁴, less than 6 units too small.
type fractions struct{ multiplier, scaled uint64 }

// newFractions prepares for the seed n draws later.
func newFractions(n int64) fractions {
	m := power(multiplier, n)
	return fractions{m, m * (1<<33 + 4)}
}

// of returns the fraction for a seed.
func (f *fractions) of(seed uint64) uint64 { return seed*f.scaled + seed*f.multiplier>>29 }

// scaleFraction maps a fraction onto [0, span), with the same result as
// uniform: the error of the fraction is far below the distance of at least
// 2⁻³¹ to the next whole number.
func scaleFraction(fraction, span uint64) uint64 {
	hi, _ := bits.Mul64(fraction, span)
	return hi
}

// scaleFractionWide is scaleFraction for spans from exactRange on; ok is false
// where dbgen's rounding could make a difference, and uniformWide decides.
func scaleFractionWide(fraction, span uint64) (v uint64, ok bool) {
	hi, lo := bits.Mul64(fraction, span)
	margin := span << 13
	return hi, lo+margin >= 2*margin
}

// uniformWide maps a seed onto [0, span) as dbgen does, in floating point.
func uniformWide(seed uint32, span float64) int64 {
	return int64(float64(seed) / modulus * span)
}

// scaleInto sets dst[i] = (low + uniform in [0, span)) × unit.
func scaleInto[T int32 | int64](dst []T, seeds []uint32, low T, span int64, unit T) {
	dst = dst[:len(seeds)]
	if span < exactRange {
		for i, s := range seeds {
			dst[i] = (low + T(uniform(s, uint64(span)))) * unit
		}
		return
	}
	wide := float64(span)
	for i, s := range seeds {
		dst[i] = (low + T(uniformWide(s, wide))) * unit
	}
}
