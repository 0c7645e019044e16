package dbgen

import (
	"fmt"
	"math"
	"strconv"
)

// MaxScaleFactor is the largest scale factor that is supported. From 30,000
// on dbgen changes to 64-bit key streams that it cannot skip ahead
// consistently, so its own parallel and serial runs disagree there.
const MaxScaleFactor = 29999

// Scale is a validated scale factor. It keeps thousandths, because dbgen
// truncates fractional factors to three digits. The zero Scale is not valid.
type Scale struct{ milli int64 }

// NewScale checks a scale factor: it must lie between 0.001 and MaxScaleFactor.
// Below 1 the factor is cut to thousandths as dbgen does; above 1 dbgen knows
// whole numbers only, and fractions (rounded to thousandths) extend its rule.
func NewScale(factor float64) (Scale, error) {
	if math.IsNaN(factor) || factor < 0.001 || factor > MaxScaleFactor {
		return Scale{}, fmt.Errorf("scale factor %v is not between 0.001 and %d", factor, MaxScaleFactor)
	}
	if factor < 1 {
		return Scale{milli: int64(1000 * factor)}, nil
	}
	return Scale{milli: int64(math.Round(1000 * factor))}, nil
}

// ScaleOfThousandths is NewScale for a whole number of thousandths.
func ScaleOfThousandths(n int64) (Scale, error) {
	if n < 1 || n > 1000*MaxScaleFactor {
		return NewScale(float64(n) / 1000)
	}
	return Scale{milli: n}, nil
}

// Thousandths returns the scale factor times 1,000.
func (s Scale) Thousandths() int64 { return s.milli }

// Factor returns the scale factor as a number.
func (s Scale) Factor() float64 { return float64(s.milli) / 1000 }

// String returns the shortest decimal form, such as 0.01 or 100.
func (s Scale) String() string { return strconv.FormatFloat(s.Factor(), 'f', -1, 64) }

// of returns the number of rows of a table with the given row count at scale 1.
func (s Scale) of(base int64) int64 { return max(1, s.milli*base/1000) }

// clerks returns the number of clerks: 1,000 a scale factor, and never fewer.
func (s Scale) clerks() int64 { return max(clerkBase, s.milli*clerkBase/1000) }

// Row counts at scale factor 1.
const (
	supplierBase = 10_000
	customerBase = 150_000
	partBase     = 200_000
	orderBase    = 1_500_000
	clerkBase    = 1_000
)
