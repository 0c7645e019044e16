package value

import "github.com/flintsql/flint/sql/sqlerr"

// errDate makes PostgreSQL's error of a text that is no date, time or interval.
func errDate(e dateErr, typeName, s string) error {
	switch e {
	case dateOverflow:
		return sqlerr.New(sqlerr.DatetimeOverflow, "date/time field value out of range: \"%s\"", s)
	case dateMonthDayOverflow:
		return sqlerr.New(sqlerr.DatetimeOverflow, "date/time field value out of range: \"%s\"", s).
			WithHint("Perhaps you need a different \"datestyle\" setting.")
	case dateZoneOverflow:
		return sqlerr.New("22009", "time zone displacement out of range: \"%s\"", s)
	case dateIntervalOverflow:
		return sqlerr.New("22015", "interval field value out of range: \"%s\"", s)
	}
	return sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid input syntax for type %s: \"%s\"", typeName, s)
}

func decodeDateTime(s, typeName string, timeOnly bool, env Env) (dateDecoder, error) {
	d := dateDecoder{env: env, timeOnly: timeOnly}
	fields, ok := scanDateTime(s)
	e := dateBadFormat
	if ok {
		e = d.decode(fields)
	}
	switch e {
	case dateOK:
		return d, nil
	case dateNoZone:
		return d, sqlerr.New(sqlerr.InvalidParameterValue, "time zone \"%s\" not recognized", d.badZone)
	}
	return d, errDate(e, typeName, s)
}

// ParseDate reads a date as PostgreSQL does with DateStyle ISO, MDY. A time and
// a zone are accepted and ignored.
func ParseDate(s string, env Env) (int32, error) {
	if days, ok := parseISODate(s); ok {
		return int32(days), nil
	}
	d, err := decodeDateTime(s, "date", false, env)
	if err != nil {
		return 0, err
	}
	switch d.special {
	case reservedEpoch:
		return 0, nil
	case reservedInfinity:
		return DateInfinity, nil
	case reservedNegInfinity:
		return DateNegInfinity, nil
	}
	days := int64(DaysFromCivil(d.c.Year, d.c.Month, d.c.Day))
	if days < minDate || days > maxDate {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "date out of range: \"%s\"", s)
	}
	return int32(days), nil
}

// parseISODate is the fast path of YYYY-MM-DD.
func parseISODate(s string) (days int, ok bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	n := 0
	for i := 0; i < 10; i++ {
		if i == 4 || i == 7 {
			continue
		}
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int(c)
	}
	y, m, d := n/10_000, n/100%100, n%100
	if y == 0 || m < 1 || m > 12 || d < 1 || d > daysInMonth(y, m) {
		return 0, false
	}
	return DaysFromCivil(y, m, d), true
}

// ParseTimestamp reads a timestamp; a zone is accepted and ignored.
func ParseTimestamp(s string, env Env) (int64, error) {
	d, err := decodeDateTime(s, "timestamp", false, env)
	if err != nil {
		return 0, err
	}
	return d.timestamp(s)
}

func (d *dateDecoder) timestamp(s string) (int64, error) {
	switch d.special {
	case reservedEpoch:
		return 0, nil
	case reservedInfinity:
		return TimestampInfinity, nil
	case reservedNegInfinity:
		return TimestampNegInfinity, nil
	}
	us, ok := d.c.Timestamp()
	if !ok {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "timestamp out of range: \"%s\"", s)
	}
	return us, nil
}

// ParseTimestampTZ reads an instant; without a zone it is a wall clock of
// env.Location.
func ParseTimestampTZ(s string, env Env) (int64, error) {
	d, err := decodeDateTime(s, "timestamp with time zone", false, env)
	if err != nil {
		return 0, err
	}
	local, err := d.timestamp(s)
	if err != nil || d.special >= 0 {
		return local, err
	}
	us := local - int64(d.offset)*MicrosPerSecond
	if d.zone != nil {
		us = UTCFromLocal(local, d.zone)
	} else if d.seen&maskZone == 0 {
		us = UTCFromLocal(local, env.Location)
	}
	if us < minTimestamp || us > maxTimestamp {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "timestamp out of range: \"%s\"", s)
	}
	return us, nil
}

// ParseTime reads a time of day; a date and a zone are accepted and ignored.
func ParseTime(s string, env Env) (int64, error) {
	d, err := decodeDateTime(s, "time", true, env)
	if err != nil {
		return 0, err
	}
	return d.c.timeOfDay(), nil
}
