package value

import (
	"math"
	"strconv"
)

// decodeISO reads the forms of ISO 8601: P1Y2M3DT4H5M6S, P0001-02-03T04:05:06
// and P00010203T040506. It is PostgreSQL's DecodeISO8601Interval.
func (d *intervalDecoder) decodeISO(s string) dateErr {
	if len(s) < 2 || s[0] != 'P' {
		return dateBadFormat
	}
	s = s[1:]
	inDate, haveField := true, false
	for s != "" {
		if s[0] == 'T' {
			inDate, haveField = false, false
			s = s[1:]
			continue
		}
		val, frac, width, rest, e := isoNumber(s)
		if e != dateOK {
			return e
		}
		designator := byte(0)
		if rest != "" {
			designator = rest[0]
		}
		unit, alternative := isoUnit(designator, inDate)
		switch {
		case alternative && haveField || !alternative && unit == NoUnit:
			return dateBadFormat
		case alternative && width == 8 && inDate && designator != '-':
			e = d.addAll([]isoPart{{val / 10_000, 0, Year}, {val / 100 % 100, 0, Month}, {val % 100, frac, Day}})
			s = rest
		case alternative && width == 6 && !inDate && designator == 0:
			e = d.addAll([]isoPart{{val / 10_000, 0, Hour}, {val / 100 % 100, 0, Minute}, {val % 100, frac, Second}})
			s = rest
		case alternative:
			s, e = d.isoExtended(val, frac, rest, inDate)
		default:
			e = d.add(val, frac, unit)
			s = rest[1:]
			haveField = true
		}
		if e != dateOK {
			return e
		}
	}
	return dateOK
}

type isoPart struct {
	val  int64
	frac float64
	unit Unit
}

func (d *intervalDecoder) addAll(parts []isoPart) dateErr {
	for _, p := range parts {
		if e := d.add(p.val, p.frac, p.unit); e != dateOK {
			return e
		}
	}
	return dateOK
}

// isoUnit returns the unit of a designator; alternative reports the separators
// and ends of the form without designators.
func isoUnit(c byte, inDate bool) (u Unit, alternative bool) {
	if inDate {
		switch c {
		case 'Y':
			return Year, false
		case 'M':
			return Month, false
		case 'W':
			return Week, false
		case 'D':
			return Day, false
		}
		return NoUnit, c == 'T' || c == 0 || c == '-'
	}
	switch c {
	case 'H':
		return Hour, false
	case 'M':
		return Minute, false
	case 'S':
		return Second, false
	}
	return NoUnit, c == 0 || c == ':'
}

// isoExtended reads the rest of y-m-d up to T, or of h:m:s.
func (d *intervalDecoder) isoExtended(val int64, frac float64, rest string, inDate bool) (string, dateErr) {
	units, separator := []Unit{Hour, Minute, Second}, byte(':')
	if inDate {
		units, separator = []Unit{Year, Month, Day}, '-'
	}
	for i, u := range units {
		if i > 0 {
			var e dateErr
			if val, frac, _, rest, e = isoNumber(rest); e != dateOK {
				return "", e
			}
		}
		if e := d.add(val, frac, u); e != dateOK {
			return "", e
		}
		if rest == "" || inDate && rest[0] == 'T' {
			return rest, dateOK
		}
		if rest[0] != separator || i == 2 {
			return "", dateBadFormat
		}
		rest = rest[1:]
	}
	return rest, dateOK
}

// isoNumber reads a number; width counts the digits before its point.
func isoNumber(s string) (val int64, frac float64, width int, rest string, e dateErr) {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	start := i
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	width = i - start
	if i < len(s) && s[i] == '.' {
		i++
		for i < len(s) && isDigit(s[i]) {
			i++
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		for k := j; j < len(s) && isDigit(s[j]); j++ {
			i = max(k, j) + 1
		}
	}
	f, err := strconv.ParseFloat(s[:i], 64)
	if err != nil {
		return 0, 0, 0, "", dateBadFormat
	}
	if math.Abs(f) > 1e15 {
		return 0, 0, 0, "", dateOverflow
	}
	whole := math.Trunc(f)
	return int64(whole), f - whole, width, s[i:], dateOK
}
