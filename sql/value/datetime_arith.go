package value

import (
	"time"

	"github.com/flintsql/flint/sql/sqlerr"
)

// ErrTimestampOutOfRange returns 22008 "timestamp out of range".
func ErrTimestampOutOfRange() error {
	return sqlerr.New(sqlerr.DatetimeOverflow, "timestamp out of range")
}

// ErrDateOutOfRange returns 22008 "date out of range".
func ErrDateOutOfRange() error {
	return sqlerr.New(sqlerr.DatetimeOverflow, "date out of range")
}

func isInfinite(us int64) bool { return us == TimestampInfinity || us == TimestampNegInfinity }

// AddDays returns a date n days later; infinite dates stay.
func AddDays(days int32, n int64) (int32, error) {
	if days == DateInfinity || days == DateNegInfinity {
		return days, nil
	}
	r := int64(days) + n
	if n > 1<<33 || n < -1<<33 || r < minDate || r > maxDate {
		return 0, ErrDateOutOfRange()
	}
	return int32(r), nil
}

// SubDates returns a-b in days; infinite dates are an error.
func SubDates(a, b int32) (int32, error) {
	if a == DateInfinity || a == DateNegInfinity || b == DateInfinity || b == DateNegInfinity {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "cannot subtract infinite dates")
	}
	return int32(int64(a) - int64(b)), nil
}

// TimestampFromDate returns midnight of a date.
func TimestampFromDate(days int32) (int64, error) {
	switch days {
	case DateInfinity:
		return TimestampInfinity, nil
	case DateNegInfinity:
		return TimestampNegInfinity, nil
	}
	us, ok := timestampFromDays(int64(days), 0)
	if !ok {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "date out of range for timestamp")
	}
	return us, nil
}

// DateFromTimestamp returns the day of a timestamp.
func DateFromTimestamp(us int64) int32 {
	switch us {
	case TimestampInfinity:
		return DateInfinity
	case TimestampNegInfinity:
		return DateNegInfinity
	}
	days, _ := splitDay(us)
	return int32(days)
}

// TimeFromTimestamp returns the time of day of a finite timestamp.
func TimeFromTimestamp(us int64) int64 {
	_, t := splitDay(us)
	return t
}

// AddInterval returns a timestamp later by months (clamped to the month's last
// day), then days, then time.
func AddInterval(us int64, v Interval) (int64, error) {
	if isInfinite(us) {
		return us, nil
	}
	days, t := splitDay(us)
	if v.Months != 0 {
		days = addMonths(days, int64(v.Months))
	}
	days += int64(v.Days)
	r, ok := timestampFromDays(days, t)
	if !ok {
		return 0, ErrTimestampOutOfRange()
	}
	return addMicros(r, v.Micros)
}

func addMonths(days, months int64) int64 {
	y, m, d := CivilFromDays(int(days))
	n := int64(y)*12 + int64(m) - 1 + months
	y = int(floorDiv64(n, 12))
	m = int(n-int64(y)*12) + 1
	return int64(DaysFromCivil(y, m, min(d, daysInMonth(y, m))))
}

func addMicros(us, n int64) (int64, error) {
	r := us + n
	if (us^r)&(n^r) < 0 || r < minTimestamp || r > maxTimestamp {
		return 0, ErrTimestampOutOfRange()
	}
	return r, nil
}

// AddIntervalTZ is AddInterval on the wall clock of loc for months and days, and
// on the instant for the time.
func AddIntervalTZ(us int64, v Interval, loc *time.Location) (int64, error) {
	if isInfinite(us) {
		return us, nil
	}
	if v.Months != 0 || v.Days != 0 {
		local, err := AddInterval(LocalFromUTC(us, loc), Interval{Months: v.Months})
		if err != nil {
			return 0, err
		}
		if v.Days != 0 {
			// The month step fixes the instant first, as a clock change may lie
			// on that day.
			if v.Months != 0 {
				local = LocalFromUTC(UTCFromLocal(local, loc), loc)
			}
			if local, err = AddInterval(local, Interval{Days: v.Days}); err != nil {
				return 0, err
			}
		}
		us = UTCFromLocal(local, loc)
	}
	return addMicros(us, v.Micros)
}

// SubInterval returns a timestamp earlier by v.
func SubInterval(us int64, v Interval) (int64, error) {
	n, err := v.Neg()
	if err != nil {
		return 0, err
	}
	return AddInterval(us, n)
}

// SubIntervalTZ returns an instant earlier by v, in loc.
func SubIntervalTZ(us int64, v Interval, loc *time.Location) (int64, error) {
	n, err := v.Neg()
	if err != nil {
		return 0, err
	}
	return AddIntervalTZ(us, n, loc)
}

// SubTimestamps returns a-b in days and time.
func SubTimestamps(a, b int64) (Interval, error) {
	if isInfinite(a) || isInfinite(b) {
		return Interval{}, sqlerr.New(sqlerr.DatetimeOverflow, "cannot subtract infinite timestamps")
	}
	d := a - b
	if (a^b)&(a^d) < 0 {
		return Interval{}, ErrIntervalOutOfRange()
	}
	return Interval{Micros: d}.JustifyHours()
}

// AddTime returns a time of day moved by the time part of v, modulo 24 hours.
func AddTime(us int64, v Interval) int64 {
	_, t := splitDay(us + v.Micros%MicrosPerDay)
	return t
}

// Age returns a-b in years, months, days and time. For instants, pass their wall
// clocks.
func Age(a, b int64) (Interval, error) {
	if isInfinite(a) || isInfinite(b) {
		return Interval{}, ErrTimestampOutOfRange()
	}
	negative := a < b
	x, y := CivilFromTimestamp(a), CivilFromTimestamp(b)
	if negative {
		x, y = y, x
	}
	// The month to borrow days from is the earlier timestamp's.
	borrow := daysInMonth(y.Year, y.Month)
	months := (x.Year-y.Year)*12 + x.Month - y.Month
	days := x.Day - y.Day
	us := x.timeOfDay() - y.timeOfDay()
	if us < 0 {
		us += MicrosPerDay
		days--
	}
	for days < 0 {
		days += borrow
		months--
	}
	r := Interval{int32(months), int32(days), us}
	if negative {
		return r.Neg()
	}
	return r, nil
}
