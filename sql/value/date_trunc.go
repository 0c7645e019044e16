package value

import "time"

// TruncTimestamp truncates a timestamp to a unit up to Microsecond. Infinities
// stay.
func TruncTimestamp(u Unit, us int64) (int64, error) {
	if isInfinite(us) {
		return us, nil
	}
	if size := unitMicros(u); size != 0 {
		return us - floorMod(us, size), nil
	}
	days, _ := splitDay(us)
	r, ok := timestampFromDays(truncDays(u, days), 0)
	if !ok {
		return 0, ErrTimestampOutOfRange()
	}
	return r, nil
}

// TruncTimestampTZ truncates an instant on the wall clock of loc.
func TruncTimestampTZ(u Unit, us int64, loc *time.Location) (int64, error) {
	if isInfinite(us) {
		return us, nil
	}
	off := int64(ZoneOffset(us, loc)) * MicrosPerSecond
	r, err := TruncTimestamp(u, us+off)
	if err != nil {
		return 0, err
	}
	if u > Day { // within the day, the offset is kept, even over a clock change
		return r - off, nil
	}
	return UTCFromLocal(r, loc), nil
}

// TruncInterval truncates an interval to a unit other than Week.
func TruncInterval(u Unit, v Interval) Interval {
	if m := unitMonths(u); m != 0 {
		return Interval{Months: v.Months / m * m}
	}
	if u == Day {
		v.Micros = 0
	} else if size := unitMicros(u); size != 0 {
		v.Micros -= v.Micros % size
	}
	return v
}

// unitMonths returns the length of the units from the month on, else 0.
func unitMonths(u Unit) int32 {
	switch u {
	case Millennium:
		return 12_000
	case Century:
		return 1200
	case Decade:
		return 120
	case Year:
		return 12
	case Quarter:
		return 3
	case Month:
		return 1
	}
	return 0
}

// unitMicros returns the length of the units up to the day, else 0.
func unitMicros(u Unit) int64 {
	switch u {
	case Microsecond:
		return 1
	case Millisecond:
		return 1000
	case Second:
		return MicrosPerSecond
	case Minute:
		return MicrosPerMinute
	case Hour:
		return MicrosPerHour
	case Day:
		return MicrosPerDay
	}
	return 0
}

func floorMod(a, b int64) int64 {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}

// truncDays truncates a day to a unit of at least a week.
func truncDays(u Unit, days int64) int64 {
	if u == Week {
		return days - floorMod(days+3, 7) // 1970-01-01 was a Thursday
	}
	y, m, _ := CivilFromDays(int(days))
	switch u {
	case Millennium:
		y, m = centuryOf(y, 1000)*1000-999, 1
		y = beforeChrist(y, 1000)
	case Century:
		y, m = centuryOf(y, 100)*100-99, 1
		y = beforeChrist(y, 100)
	case Decade:
		y, m = decadeOf(y)*10, 1
	case Year:
		m = 1
	case Quarter:
		m -= (m - 1) % 3
	}
	return int64(DaysFromCivil(y, m, 1))
}

// centuryOf returns the number of a period of n years: the first began with
// year 1, the one before it is -1.
func centuryOf(year, n int) int {
	if year > 0 {
		return (year + n - 1) / n
	}
	return -((n - 1 - (year - 1)) / n)
}

// beforeChrist corrects the start of a negative period, as there is no period 0.
func beforeChrist(start, n int) int {
	if start <= 0 {
		return start + n
	}
	return start
}

func decadeOf(year int) int {
	if year >= 0 {
		return year / 10
	}
	return -((8 - (year - 1)) / 10)
}
