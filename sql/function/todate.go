package function

import (
	"strings"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/value"
)

// dateScan is the state of to_date and to_timestamp.
type dateScan struct {
	s                                      string
	year, month, day, doy                  int64
	hour, minute, second, usec             int64
	pm, hasPM, bc, hasYear, hasDOY, twelve bool
	zone                                   int64
}

func errInvalidDate(s, field, input string) error {
	return sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid value \"%s\" for \"%s\"", s, field).
		WithDetail("Value must be an integer.")
}

func (d *dateScan) skipBlanks() { d.s = strings.TrimLeft(d.s, " \t\n") }

// digits reads up to n digits; n = 0 means all.
func (d *dateScan) digits(field string, n int) (v int64, read int, err error) {
	d.skipBlanks()
	i, neg := 0, false
	if strings.HasPrefix(d.s, "-") || strings.HasPrefix(d.s, "+") {
		neg = d.s[0] == '-'
		d.s = d.s[1:]
	}
	for i < len(d.s) && (n == 0 || i < n) && i < 18 && d.s[i] >= '0' && d.s[i] <= '9' {
		v = v*10 + int64(d.s[i]-'0')
		i++
	}
	if i == 0 {
		return 0, 0, errInvalidDate(d.s[:min(len(d.s), max(n, 1))], field, d.s)
	}
	d.s = d.s[i:]
	if neg {
		v = -v
	}
	return v, i, nil
}

// word reads one of several names and returns its index.
func (d *dateScan) word(field string, names []string, short int) (int, error) {
	d.skipBlanks()
	low := strings.ToLower(d.s)
	for i, n := range names {
		if n == "" {
			continue
		}
		n = strings.ToLower(n)
		if strings.HasPrefix(low, n) {
			d.s = d.s[len(n):]
			return i, nil
		}
		if short > 0 && strings.HasPrefix(low, n[:min(short, len(n))]) {
			d.s = d.s[min(short, len(n)):]
			return i, nil
		}
	}
	return 0, sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid value \"%s\" for \"%s\"", d.s, field).
		WithDetail("The given value did not match any of the allowed values for this field.")
}

// scanDate reads s by a format.
func scanDate(s, format string) (*dateScan, error) {
	d := &dateScan{s: s, month: 1, day: 1}
	tokens := parseDateFormat(format)
	for i, t := range tokens {
		if d.s == "" {
			break
		}
		if t.field == "" {
			d.separator(t.literal)
			continue
		}
		follows := i+1 < len(tokens) && tokens[i+1].field != "" // fixed width where another field follows at once
		if err := d.field(t, follows); err != nil {
			return nil, err
		}
		if t.ordinal != "" && len(d.s) >= 2 {
			d.s = d.s[2:]
		}
	}
	return d, nil
}

func (d *dateScan) separator(lit string) {
	if strings.TrimSpace(lit) == "" {
		d.skipBlanks()
		return
	}
	d.skipBlanks()
	c := d.s[:min(1, len(d.s))]
	if c != "" && (c == lit[:1] || strings.ContainsAny(c, "-/.,:;'_")) {
		d.s = d.s[min(len(lit), len(d.s)):]
	}
}

func (d *dateScan) field(t dateToken, fixedWidth bool) (err error) {
	read := func(to *int64, n int) error {
		if !fixedWidth && n > 2 {
			n = 0
		}
		v, _, err := d.digits(t.field, n)
		*to = v
		return err
	}
	var i int
	switch t.field {
	case "YYYY", "IYYY", "YYY", "YY", "Y", "Y,YYY":
		return d.readYear(t.field, fixedWidth)
	case "MM":
		err = read(&d.month, 2)
	case "DD":
		err = read(&d.day, 2)
	case "DDD":
		d.hasDOY = true
		err = read(&d.doy, 3)
	case "MONTH", "MON":
		short := 3
		i, err = d.word(t.raw, monthNames[:], short)
		d.month = int64(i)
	case "DAY", "DY":
		_, err = d.word(t.raw, dayNames[:], 3)
	case "HH24":
		err = read(&d.hour, 2)
	case "HH12", "HH":
		d.twelve = true
		err = read(&d.hour, 2)
	case "MI":
		err = read(&d.minute, 2)
	case "SS":
		err = read(&d.second, 2)
	case "SSSS", "SSSSS":
		var n int64
		err = read(&n, 5)
		d.hour, d.minute, d.second = n/3600, n/60%60, n%60
	case "MS", "US", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6":
		err = d.fraction(t.field)
	case "AM", "PM", "A.M.", "P.M.":
		i, err = d.word(t.raw, []string{"am", "pm", "a.m.", "p.m."}, 0)
		d.pm, d.hasPM = i%2 == 1, true
	case "AD", "BC", "A.D.", "B.C.":
		i, err = d.word(t.raw, []string{"ad", "bc", "a.d.", "b.c."}, 0)
		d.bc = i%2 == 1
	case "TZH":
		var h int64
		err = read(&h, 2)
		d.zone += h * 3600
	case "TZM":
		var m int64
		err = read(&m, 2)
		d.zone += m * 60
	default:
		return sqlerr.New(sqlerr.FeatureNotSupported, "formatting field \"%s\" is only supported in to_char", t.raw)
	}
	return err
}

func (d *dateScan) readYear(field string, fixedWidth bool) error {
	n := len(field)
	if field == "Y,YYY" {
		d.s = strings.Replace(d.s, ",", "", 1)
		n = 4
	}
	if !fixedWidth && n >= 4 {
		n = 0
	}
	y, read, err := d.digits(field, n)
	if err != nil {
		return err
	}
	if field != "YYYY" && field != "IYYY" || read < 3 && read == 2 { // the year nearest to 2020
		switch {
		case read <= 2 && y < 70:
			y += 2000
		case read <= 2:
			y += 1900
		}
	}
	d.year, d.hasYear = y, true
	return nil
}

func (d *dateScan) fraction(field string) error {
	n := map[string]int{"MS": 3, "US": 6}[field]
	if n == 0 {
		n = int(field[2] - '0')
	}
	v, read, err := d.digits(field, n)
	for ; read < 6; read++ {
		v *= 10
	}
	d.usec = v
	return err
}

// timestamp returns the wall clock that was read.
func (d *dateScan) timestamp(s string) (int64, error) {
	out := func() error {
		return sqlerr.New(sqlerr.DatetimeOverflow, "date/time field value out of range: \"%s\"", s)
	}
	if d.twelve {
		if d.hour < 1 || d.hour > 12 {
			return 0, sqlerr.New(sqlerr.InvalidDatetimeFormat, "hour \"%d\" is invalid for the 12-hour clock", d.hour).
				WithHint("Use the 24-hour clock, or give an hour between 1 and 12.")
		}
		if d.hasPM {
			d.hour %= 12
		}
	}
	if d.hasPM && d.pm && d.hour < 12 {
		d.hour += 12
	}
	if !d.hasYear {
		d.year = 0 // 1 BC, as PostgreSQL
	}
	y := d.year
	if d.bc {
		y = 1 - y
	}
	if d.hasDOY {
		d.month, d.day = 1, 1
	}
	if d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31 || d.hour > 23 || d.minute > 59 || d.second > 59 || y < -4713 || y > 294276 {
		return 0, out()
	}
	days := int64(value.DaysFromCivil(int(y), int(d.month), int(d.day)))
	if _, m, _ := value.CivilFromDays(int(days)); int64(m) != d.month {
		return 0, out()
	}
	if d.hasDOY {
		days += d.doy - 1
	}
	return ((days*24+d.hour)*60+d.minute)*60_000_000 + d.second*1_000_000 + d.usec, nil
}

func toDate(s, format string) (int32, error) {
	d, err := scanDate(s, format)
	if err != nil {
		return 0, err
	}
	us, err := d.timestamp(s)
	return value.DateFromTimestamp(us), err
}

func toTimestamp(c *Context, s, format string) (int64, error) {
	d, err := scanDate(s, format)
	if err != nil {
		return 0, err
	}
	us, err := d.timestamp(s)
	if err != nil {
		return 0, err
	}
	return value.UTCFromLocal(us, c.location()), nil
}
