package value

import "time"

// Microseconds and days in the units of time.
const (
	MicrosPerSecond = int64(1_000_000)
	MicrosPerMinute = 60 * MicrosPerSecond
	MicrosPerHour   = 60 * MicrosPerMinute
	MicrosPerDay    = 24 * MicrosPerHour
	secondsPerDay   = 86_400
	julianEpoch     = 2_440_588 // Julian day of 1970-01-01
)

// The ranges of finite dates and timestamps. Dates are PostgreSQL's; timestamps
// end in 294247 instead of 294276, as they count from 1970 instead of 2000.
const (
	minDate      = int64(-julianEpoch)
	maxDate      = int64(2_147_483_493 - julianEpoch)
	minTimestamp = minDate * MicrosPerDay
	maxTimestamp = TimestampInfinity - 1
)

// Civil is a timestamp's fields. Year is astronomical: 0 is 1 BC.
type Civil struct {
	Year                                       int
	Month, Day, Hour, Minute, Second, Microsec int
}

// DaysFromCivil returns the days since 1970-01-01 of a proleptic Gregorian
// date. Month and day must be within the calendar.
func DaysFromCivil(year, month, day int) int {
	// Years begin in March, so that the leap day is the last.
	if month <= 2 {
		year--
		month += 12
	}
	era := floorDiv(year, 400)
	yoe := year - era*400
	doy := (153*(month-3)+2)/5 + day - 1
	return era*146_097 + yoe*365 + yoe/4 - yoe/100 + doy - 719_468
}

// CivilFromDays is the inverse of DaysFromCivil.
func CivilFromDays(days int) (year, month, day int) {
	z := days + 719_468
	era := floorDiv(z, 146_097)
	doe := uint32(z - era*146_097)
	yoe := (doe - doe/1460 + doe/36_524 - doe/146_096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = int(doy-(153*mp+2)/5) + 1
	month = int(mp) + 3
	year = int(yoe) + era*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// splitDay splits a timestamp into its day and the time of day.
func splitDay(us int64) (days, timeOfDay int64) {
	days = us / MicrosPerDay
	timeOfDay = us - days*MicrosPerDay
	if timeOfDay < 0 {
		timeOfDay += MicrosPerDay
		days--
	}
	return days, timeOfDay
}

// CivilFromTimestamp returns the fields of a finite timestamp.
func CivilFromTimestamp(us int64) Civil {
	days, t := splitDay(us)
	var c Civil
	c.Year, c.Month, c.Day = CivilFromDays(int(days))
	c.setTime(t)
	return c
}

func (c *Civil) setTime(t int64) {
	c.Hour = int(t / MicrosPerHour)
	c.Minute = int(t / MicrosPerMinute % 60)
	c.Second = int(t / MicrosPerSecond % 60)
	c.Microsec = int(t % MicrosPerSecond)
}

// timeOfDay returns the microseconds since midnight.
func (c Civil) timeOfDay() int64 {
	return int64(c.Hour)*MicrosPerHour + int64(c.Minute)*MicrosPerMinute +
		int64(c.Second)*MicrosPerSecond + int64(c.Microsec)
}

// Timestamp is the inverse of CivilFromTimestamp; ok is false outside the range
// of timestamps.
func (c Civil) Timestamp() (us int64, ok bool) {
	return timestampFromDays(int64(DaysFromCivil(c.Year, c.Month, c.Day)), c.timeOfDay())
}

func timestampFromDays(days, timeOfDay int64) (int64, bool) {
	w := MulInt64(days, MicrosPerDay).AddInt64(timeOfDay)
	if !w.IsInt64() {
		return 0, false
	}
	us := w.Int64()
	return us, us >= minTimestamp && us <= maxTimestamp
}

func isLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// daysInMonth returns the length of month 1 … 12.
func daysInMonth(year, month int) int {
	switch month {
	case 2:
		if isLeap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// ZoneOffset returns the seconds east of UTC in loc at an instant.
func ZoneOffset(us int64, loc *time.Location) int {
	if loc == nil || loc == time.UTC {
		return 0
	}
	_, off := time.Unix(floorDiv64(us, MicrosPerSecond), 0).In(loc).Zone()
	return off
}

func floorDiv64(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// LocalFromUTC returns the wall clock in loc at an instant: timestamptz AT TIME
// ZONE, and the cast to timestamp. Infinities stay.
func LocalFromUTC(us int64, loc *time.Location) int64 {
	if us == TimestampInfinity || us == TimestampNegInfinity {
		return us
	}
	return us + int64(ZoneOffset(us, loc))*MicrosPerSecond
}

// UTCFromLocal returns the instant of a wall clock in loc. As in PostgreSQL, a
// time that a clock change skips takes the offset before the change, and one
// that occurs twice means the second. Infinities stay.
func UTCFromLocal(us int64, loc *time.Location) int64 {
	if loc == nil || loc == time.UTC || us == TimestampInfinity || us == TimestampNegInfinity {
		return us
	}
	before := int64(ZoneOffset(us-MicrosPerDay, loc)) * MicrosPerSecond
	after := int64(ZoneOffset(us+MicrosPerDay, loc)) * MicrosPerSecond
	if before == after {
		return us - before
	}
	isBefore := int64(ZoneOffset(us-before, loc))*MicrosPerSecond == before
	isAfter := int64(ZoneOffset(us-after, loc))*MicrosPerSecond == after
	if isBefore == isAfter {
		isBefore = before < after
	}
	if isBefore {
		return us - before
	}
	return us - after
}
