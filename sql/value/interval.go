package value

import (
	"math"

	"github.com/flintsql/flint/sql/sqlerr"
)

// ErrIntervalOutOfRange returns 22008 "interval out of range".
func ErrIntervalOutOfRange() error {
	return sqlerr.New(sqlerr.DatetimeOverflow, "interval out of range")
}

// Span returns the interval's length in microseconds by which PostgreSQL
// compares: months of 30 days, days of 24 hours.
func (v Interval) Span() Int128 {
	days := int64(v.Months)*30 + int64(v.Days)
	return MulInt64(days, MicrosPerDay).AddInt64(v.Micros)
}

// Cmp orders intervals by Span.
func (v Interval) Cmp(w Interval) int { return v.Span().Cmp(w.Span()) }

// Equal reports equality of Span: 1 mon = 30 days.
func (v Interval) Equal(w Interval) bool { return v == w || v.Span() == w.Span() }

// Hash64 returns a hash under which equal intervals have equal hashes.
func (v Interval) Hash64() uint64 { return v.Span().Hash64() }

// Neg returns -v.
func (v Interval) Neg() (Interval, error) {
	if v.Months == math.MinInt32 || v.Days == math.MinInt32 || v.Micros == math.MinInt64 {
		return Interval{}, ErrIntervalOutOfRange()
	}
	return Interval{-v.Months, -v.Days, -v.Micros}, nil
}

// Add returns v+w, part by part.
func (v Interval) Add(w Interval) (Interval, error) {
	months := int64(v.Months) + int64(w.Months)
	days := int64(v.Days) + int64(w.Days)
	us := v.Micros + w.Micros
	if int64(int32(months)) != months || int64(int32(days)) != days || (v.Micros^us)&(w.Micros^us) < 0 {
		return Interval{}, ErrIntervalOutOfRange()
	}
	return Interval{int32(months), int32(days), us}, nil
}

// Sub returns v-w, part by part.
func (v Interval) Sub(w Interval) (Interval, error) {
	months := int64(v.Months) - int64(w.Months)
	days := int64(v.Days) - int64(w.Days)
	us := v.Micros - w.Micros
	if int64(int32(months)) != months || int64(int32(days)) != days || (v.Micros^w.Micros)&(v.Micros^us) < 0 {
		return Interval{}, ErrIntervalOutOfRange()
	}
	return Interval{int32(months), int32(days), us}, nil
}

// Mul returns v×f; fractions of months and days cascade into the smaller parts.
func (v Interval) Mul(f float64) (Interval, error) {
	return cascade(float64(v.Months)*f, float64(v.Days)*f, float64(v.Micros)*f)
}

// Div returns v/f; fractions cascade as in Mul.
func (v Interval) Div(f float64) (Interval, error) {
	if f == 0 {
		return Interval{}, ErrDivisionByZero()
	}
	return cascade(float64(v.Months)/f, float64(v.Days)/f, float64(v.Micros)/f)
}

// roundMicros is PostgreSQL's TSROUND: seconds to whole microseconds.
func roundMicros(seconds float64) float64 { return math.RoundToEven(seconds*1e6) / 1e6 }

func cascade(months, days, micros float64) (Interval, error) {
	if !fitsInt32(months) || !fitsInt32(days) {
		return Interval{}, ErrIntervalOutOfRange()
	}
	wholeMonths, wholeDays := math.Trunc(months), math.Trunc(days)
	monthDays := roundMicros((months - wholeMonths) * 30)
	seconds := roundMicros((days - wholeDays + monthDays - math.Trunc(monthDays)) * secondsPerDay)
	d := int64(wholeDays)
	if math.Abs(seconds) >= secondsPerDay {
		whole := math.Trunc(seconds / secondsPerDay)
		d += int64(whole)
		seconds -= float64(whole * secondsPerDay)
	}
	d += int64(monthDays)
	us := math.RoundToEven(micros + float64(seconds*1e6))
	if !(us >= -0x1p63 && us < 0x1p63) || int64(int32(d)) != d {
		return Interval{}, ErrIntervalOutOfRange()
	}
	return Interval{int32(wholeMonths), int32(d), int64(us)}, nil
}

func fitsInt32(f float64) bool { return f >= math.MinInt32 && f <= math.MaxInt32 }

// JustifyHours turns whole days of the time part into days.
func (v Interval) JustifyHours() (Interval, error) {
	days := int64(v.Days) + v.Micros/MicrosPerDay
	us := v.Micros % MicrosPerDay
	days, us = sameSign(days, us)
	if int64(int32(days)) != days {
		return Interval{}, ErrIntervalOutOfRange()
	}
	return Interval{v.Months, int32(days), us}, nil
}

// sameSign moves one day so that days and micros do not differ in sign.
func sameSign(days, us int64) (int64, int64) {
	if days > 0 && us < 0 {
		return days - 1, us + MicrosPerDay
	}
	if days < 0 && us > 0 {
		return days + 1, us - MicrosPerDay
	}
	return days, us
}

// JustifyDays turns every 30 days into a month.
func (v Interval) JustifyDays() (Interval, error) {
	months := int64(v.Months) + int64(v.Days/30)
	days := int64(v.Days % 30)
	if months > 0 && days < 0 {
		months, days = months-1, days+30
	} else if months < 0 && days > 0 {
		months, days = months+1, days-30
	}
	if int64(int32(months)) != months {
		return Interval{}, ErrIntervalOutOfRange()
	}
	return Interval{int32(months), int32(days), v.Micros}, nil
}

// JustifyInterval does both and gives all parts the same sign.
func (v Interval) JustifyInterval() (Interval, error) {
	days := int64(v.Days) + v.Micros/MicrosPerDay
	us := v.Micros % MicrosPerDay
	months := int64(v.Months) + days/30
	days %= 30
	if months > 0 && (days < 0 || days == 0 && us < 0) {
		months, days = months-1, days+30
	} else if months < 0 && (days > 0 || days == 0 && us > 0) {
		months, days = months+1, days-30
	}
	days, us = sameSign(days, us)
	if int64(int32(months)) != months {
		return Interval{}, ErrIntervalOutOfRange()
	}
	return Interval{int32(months), int32(days), us}, nil
}
