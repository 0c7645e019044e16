package value

import (
	"math"
	"strconv"
	"strings"
)

// date takes a date with separators: PostgreSQL's DecodeDate.
func (d *dateDecoder) date(s string) dateErr {
	parts, ok := splitDate(s)
	if !ok {
		return dateBadFormat
	}
	seen, got := d.seen, dateMask(0)
	textMonth := false
	for i, p := range parts {
		if !isAlpha(p[0]) {
			continue
		}
		w, known := lookupDateWord(p)
		if w.kind == wordIgnore && known {
			parts[i] = ""
			continue
		}
		if w.kind != wordMonth || seen&maskMonth != 0 {
			return dateBadFormat
		}
		d.c.Month, textMonth = w.val, true
		seen |= maskMonth
		got |= maskMonth
		parts[i] = ""
	}
	saved := d.textMonth
	d.textMonth = textMonth
	for _, p := range parts {
		if p == "" {
			continue
		}
		if e := d.number(p, seen); e != dateOK {
			return e
		}
		if seen&d.got != 0 {
			return dateBadFormat
		}
		seen |= d.got
		got |= d.got
	}
	d.textMonth = saved
	if seen&^(maskDayOfYear|maskZone) != maskDate {
		return dateBadFormat
	}
	d.got = got
	return dateOK
}

// splitDate splits at every byte that is neither digit nor letter, and between
// digits and letters loses one byte, as PostgreSQL does.
func splitDate(s string) ([]string, bool) {
	var parts []string
	for s != "" && len(parts) < maxDateFields {
		for s != "" && !isDigit(s[0]) && !isAlpha(s[0]) {
			s = s[1:]
		}
		if s == "" {
			return nil, false
		}
		same := isAlpha
		if isDigit(s[0]) {
			same = isDigit
		}
		i := 0
		for i < len(s) && same(s[i]) {
			i++
		}
		parts = append(parts, s[:i])
		s = s[min(i+1, len(s)):]
	}
	return parts, true
}

// number takes one number for the next field that the date lacks: PostgreSQL's
// DecodeNumber.
func (d *dateDecoder) number(s string, seen dateMask) dateErr {
	val, rest, e := atoi(s)
	if e != dateOK {
		return e
	}
	if len(rest) == len(s) {
		return dateBadFormat
	}
	if rest != "" {
		if rest[0] != '.' {
			return dateBadFormat
		}
		if len(s)-len(rest) > 2 {
			return d.runTogether(s, seen|maskDate)
		}
		if d.c.Microsec, e = fractionMicros(rest); e != dateOK {
			return e
		}
	}
	if len(s) == 3 && seen&maskDate == maskYear && val >= 1 && val <= 366 {
		d.got = maskDayOfYear | maskMonth | maskDay
		d.yearDay = val
		return dateOK
	}
	switch seen & maskDate {
	case 0:
		d.setYearOr(s, val, maskMonth)
	case maskYear:
		d.set(maskMonth, val)
	case maskMonth:
		if d.textMonth {
			d.setYearOr(s, val, maskDay)
		} else {
			d.set(maskDay, val)
		}
	case maskYear | maskMonth:
		if d.textMonth && len(s) >= 3 && d.twoDigits { // the year was the day
			d.set(maskDay, d.c.Year)
			d.c.Year, d.twoDigits = val, false
			return dateOK
		}
		d.set(maskDay, val)
	case maskDay:
		d.set(maskMonth, val)
	case maskMonth | maskDay:
		d.set(maskYear, val)
		d.twoDigits = len(s) <= 2
	case maskDate:
		return d.runTogether(s, seen)
	default:
		return dateBadFormat
	}
	return dateOK
}

func (d *dateDecoder) set(field dateMask, val int) {
	d.got = field
	switch field {
	case maskYear:
		d.c.Year = val
	case maskMonth:
		d.c.Month = val
	default:
		d.c.Day = val
	}
}

// setYearOr takes three digits or more for a year.
func (d *dateDecoder) setYearOr(s string, val int, other dateMask) {
	if len(s) >= 3 {
		d.set(maskYear, val)
		d.twoDigits = false
		return
	}
	d.set(other, val)
}

// runTogether takes YYYYMMDD, hhmmss or hhmm: PostgreSQL's DecodeNumberField.
func (d *dateDecoder) runTogether(s string, seen dateMask) dateErr {
	if dot := strings.IndexByte(s, '.'); dot >= 0 {
		f, _ := strconv.ParseFloat("0"+s[dot:], 64)
		d.c.Microsec = int(math.RoundToEven(f * 1e6))
		s = s[:dot]
	} else if seen&maskDate != maskDate && len(s) >= 6 {
		n := len(s)
		var e dateErr
		d.c.Day, _, _ = atoi(s[n-2:])
		d.c.Month, _, _ = atoi(s[n-4 : n-2])
		if d.c.Year, _, e = atoi(s[:n-4]); e != dateOK {
			return e
		}
		d.twoDigits = d.twoDigits || n == 6
		d.got = maskDate
		return dateOK
	}
	if seen&maskTime != 0 || len(s) != 6 && len(s) != 4 {
		return dateBadFormat
	}
	d.got = maskTime
	d.c.Second = 0
	if len(s) == 6 {
		d.c.Second, _, _ = atoi(s[4:])
	}
	d.c.Hour, _, _ = atoi(s[:2])
	d.c.Minute, _, _ = atoi(s[2:4])
	return dateOK
}

// fractionMicros reads ".digits" as microseconds, rounded.
func fractionMicros(s string) (int, dateErr) {
	if strings.Trim(s[1:], "0123456789") != "" {
		return 0, dateBadFormat
	}
	f, err := strconv.ParseFloat("0"+s, 64)
	if err != nil {
		return 0, dateBadFormat
	}
	return int(math.RoundToEven(f * 1e6)), dateOK
}

// decodeClock reads hh:mm[:ss[.fff]], and mm:ss.fff.
func decodeClock(s string, c *Civil) dateErr {
	var e dateErr
	var rest string
	if c.Hour, rest, e = atoi(s); e != dateOK {
		return e
	}
	if rest == "" || rest[0] != ':' {
		return dateBadFormat
	}
	if c.Minute, rest, e = atoi(rest[1:]); e != dateOK {
		return e
	}
	c.Second, c.Microsec = 0, 0
	switch {
	case rest == "":
	case rest[0] == '.':
		if c.Microsec, e = fractionMicros(rest); e != dateOK {
			return e
		}
		c.Hour, c.Minute, c.Second = 0, c.Hour, c.Minute
	case rest[0] == ':':
		if c.Second, rest, e = atoi(rest[1:]); e != dateOK {
			return e
		}
		if rest != "" {
			if rest[0] != '.' {
				return dateBadFormat
			}
			if c.Microsec, e = fractionMicros(rest); e != dateOK {
				return e
			}
		}
	default:
		return dateBadFormat
	}
	if c.Minute > 59 || c.Second > 60 {
		return dateOverflow
	}
	return dateOK
}

// decodeZoneOffset reads ±hh[[:]mm[:ss]] as seconds east of UTC.
func decodeZoneOffset(s string) (seconds int, e dateErr) {
	if s == "" || s[0] != '+' && s[0] != '-' {
		return 0, dateBadFormat
	}
	h, rest, e := atoi(s[1:])
	if e != dateOK {
		return 0, dateZoneOverflow
	}
	m, sec := 0, 0
	if strings.HasPrefix(rest, ":") {
		if m, rest, e = atoi(rest[1:]); e != dateOK {
			return 0, dateZoneOverflow
		}
		if strings.HasPrefix(rest, ":") {
			if sec, rest, e = atoi(rest[1:]); e != dateOK {
				return 0, dateZoneOverflow
			}
		}
	} else if rest == "" && len(s) > 3 {
		h, m = h/100, h%100
	}
	if h > 15 || m >= 60 || sec >= 60 {
		return 0, dateZoneOverflow
	}
	if rest != "" {
		return 0, dateBadFormat
	}
	seconds = h*3600 + m*60 + sec
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, dateOK
}
