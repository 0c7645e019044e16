package value

import (
	"math"

	"github.com/flintsql/flint/sql/sqlerr"
)

// MakeDate is make_date: a negative year is before Christ, year 0 does not
// exist.
func MakeDate(year, month, day int32) (int32, error) {
	y := int(year)
	bad := func() error {
		return sqlerr.New(sqlerr.DatetimeOverflow, "date field value out of range: %d-%02d-%02d", y, month, day)
	}
	if y < 0 {
		y++
	} else if y == 0 {
		return 0, bad()
	}
	if month < 1 || month > 12 || day < 1 || int(day) > daysInMonth(y, int(month)) {
		return 0, bad()
	}
	days := int64(DaysFromCivil(y, int(month), int(day)))
	if days < minDate || days > maxDate {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "date out of range: %d-%02d-%02d", year, month, day)
	}
	return int32(days), nil
}

// MakeTime is make_time; 24:00:00 and a second of 60 are allowed as in
// PostgreSQL.
func MakeTime(hour, minute int32, second float64) (int64, error) {
	sec := math.RoundToEven(second * 1e6)
	total := int64(hour)*MicrosPerHour + int64(minute)*MicrosPerMinute
	ok := hour >= 0 && hour <= 24 && minute >= 0 && minute < 60 && sec >= 0 && sec <= 60e6
	if ok {
		total += int64(sec)
	}
	if !ok || total > MicrosPerDay {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "time field value out of range: %d:%02d:%02g", hour, minute, second)
	}
	return total, nil
}

// MakeTimestamp is make_timestamp, and the wall clock of make_timestamptz.
func MakeTimestamp(year, month, day, hour, minute int32, second float64) (int64, error) {
	date, err := MakeDate(year, month, day)
	if err != nil {
		return 0, err
	}
	t, err := MakeTime(hour, minute, second)
	if err != nil {
		return 0, err
	}
	us, ok := timestampFromDays(int64(date), t)
	if !ok {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "timestamp out of range: %d-%02d-%02d %d:%02d:%02g",
			year, month, day, hour, minute, second)
	}
	return us, nil
}

// MakeInterval is make_interval.
func MakeInterval(years, months, weeks, days, hours, minutes int32, seconds float64) (Interval, error) {
	m := int64(years)*12 + int64(months)
	d := int64(weeks)*7 + int64(days)
	sec := math.RoundToEven(seconds * 1e6)
	if int64(int32(m)) != m || int64(int32(d)) != d || !(math.Abs(sec) < 0x1p63) {
		return Interval{}, ErrIntervalOutOfRange()
	}
	us := Int128From(int64(hours)*MicrosPerHour + int64(minutes)*MicrosPerMinute).AddInt64(int64(sec))
	if !us.IsInt64() {
		return Interval{}, ErrIntervalOutOfRange()
	}
	return Interval{int32(m), int32(d), us.Int64()}, nil
}

// TimestampFromEpoch is to_timestamp(double precision): seconds since 1970.
func TimestampFromEpoch(seconds float64) (int64, error) {
	switch {
	case math.IsNaN(seconds):
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "timestamp cannot be NaN")
	case math.IsInf(seconds, 1):
		return TimestampInfinity, nil
	case math.IsInf(seconds, -1):
		return TimestampNegInfinity, nil
	}
	us := math.RoundToEven(seconds * 1e6)
	if !(us >= float64(minTimestamp) && us < float64(maxTimestamp)) {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "timestamp out of range: \"%g\"", seconds)
	}
	return int64(us), nil
}
