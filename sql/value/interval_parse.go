package value

import (
	"math"
	"strconv"
	"strings"
)

// ParseInterval reads an interval in any of PostgreSQL's input forms.
func ParseInterval(s string) (Interval, error) {
	var d intervalDecoder
	e := dateBadFormat
	if fields, ok := scanDateTime(s); ok {
		e = d.decode(fields)
	}
	if e == dateBadFormat {
		d = intervalDecoder{}
		e = d.decodeISO(s)
	}
	if e == dateOverflow {
		e = dateIntervalOverflow
	}
	if e != dateOK {
		return Interval{}, errDate(e, "interval", s)
	}
	months := d.years*12 + d.months
	if int64(int32(months)) != months {
		return Interval{}, ErrIntervalOutOfRange()
	}
	return Interval{int32(months), int32(d.days), d.micros}, nil
}

// intervalDecoder adds up an interval's parts. years, months and days stay
// within 32 bits.
type intervalDecoder struct {
	years, months, days int64
	micros              int64
	seen                uint32 // bits of Unit
}

// decode reads the fields from the last to the first, as units follow their
// values: PostgreSQL's DecodeInterval.
func (d *intervalDecoder) decode(fields []dateField) dateErr {
	unit, ago := NoUnit, false
	for i := len(fields) - 1; i >= 0; i-- {
		f := fields[i]
		var e dateErr
		switch f.kind {
		case fieldString, fieldSpecial:
			if f.text == "ago" {
				ago, unit = true, NoUnit
				continue
			}
			u, ok := ParseUnit(f.text)
			if !ok || u > Microsecond || u == Quarter {
				return dateBadFormat
			}
			unit = u
			continue
		case fieldTime:
			e = d.clock(f.text, false)
			unit = Day
		default:
			if f.kind == fieldZone && strings.IndexByte(f.text, ':') >= 0 {
				e = d.clock(f.text[1:], f.text[0] == '-')
				unit = Day
				break
			}
			if unit == NoUnit {
				unit = Second
			}
			unit, e = d.value(f.text, unit)
		}
		if e != dateOK {
			return e
		}
	}
	if d.seen == 0 {
		return dateBadFormat
	}
	if ago {
		return d.negate()
	}
	return dateOK
}

func (d *intervalDecoder) negate() dateErr {
	if d.micros == math.MinInt64 || d.days == math.MinInt32 || d.months == math.MinInt32 || d.years == math.MinInt32 {
		return dateOverflow
	}
	d.years, d.months, d.days, d.micros = -d.years, -d.months, -d.days, -d.micros
	return dateOK
}

// mark notes that a unit has been given; twice is an error.
func (d *intervalDecoder) mark(units ...Unit) dateErr {
	for _, u := range units {
		if d.seen&(1<<u) != 0 {
			return dateBadFormat
		}
	}
	for _, u := range units {
		d.seen |= 1 << u
	}
	return dateOK
}

// clock adds hh:mm[:ss[.fff]] with any number of hours, or mm:ss.fff.
func (d *intervalDecoder) clock(s string, negative bool) dateErr {
	head, rest, _ := strings.Cut(s, ":")
	hour, err := strconv.ParseInt(head, 10, 64)
	if err != nil {
		if head != "" && strings.Trim(head, "0123456789") == "" {
			return dateOverflow
		}
		return dateBadFormat
	}
	c := Civil{}
	if e := decodeClock("0:"+rest, &c); e != dateOK {
		return e
	}
	if strings.IndexByte(rest, ':') < 0 && strings.IndexByte(rest, '.') >= 0 { // mm:ss.fff
		if e := decodeClock(s, &c); e != dateOK {
			return e
		}
		hour = 0
	}
	c.Hour = 0
	us := MulInt64(hour, MicrosPerHour).AddInt64(c.timeOfDay())
	if negative {
		us = us.Neg()
	}
	if e := d.addMicros(us); e != dateOK {
		return e
	}
	return d.mark(Hour, Minute, Second, Millisecond, Microsecond)
}

func (d *intervalDecoder) addMicros(us Int128) dateErr {
	sum := us.AddInt64(d.micros)
	if !sum.IsInt64() {
		return dateOverflow
	}
	d.micros = sum.Int64()
	return dateOK
}

// value adds a number of a unit, or years-months, and returns the unit that the
// field before it has when none is given.
func (d *intervalDecoder) value(s string, unit Unit) (Unit, dateErr) {
	val, rest, e := signedInt(s)
	if e != dateOK {
		return unit, e
	}
	negative := s[0] == '-'
	frac := 0.0
	switch {
	case rest == "":
	case rest[0] == '-':
		months, tail, e := atoi(rest[1:])
		if e != dateOK || months >= 12 || val > math.MaxInt32 || val < math.MinInt32 {
			return unit, dateOverflow
		}
		if tail != "" {
			return unit, dateBadFormat
		}
		if negative {
			months = -months
		}
		unit, val = Month, val*12+int64(months)
	case rest[0] == '.':
		if strings.Trim(rest[1:], "0123456789") != "" {
			return unit, dateBadFormat
		}
		frac, _ = strconv.ParseFloat("0"+rest, 64)
		if negative {
			frac = -frac
		}
	default:
		return unit, dateBadFormat
	}
	if e := d.add(val, frac, unit); e != dateOK {
		return unit, e
	}
	if unit == Second && frac != 0 {
		return unit, d.mark(Second, Millisecond, Microsecond)
	}
	next := unit
	if unit == Hour {
		next = Day
	}
	return next, d.mark(unit)
}

// signedInt reads an optional sign and digits; none count as 0.
func signedInt(s string) (val int64, rest string, e dateErr) {
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	start := i
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	if i == start {
		return 0, s[i:], dateOK
	}
	val, err := strconv.ParseInt(s[:i], 10, 64)
	if err != nil {
		return 0, "", dateOverflow
	}
	return val, s[i:], dateOK
}

// add adds (val+frac) units; fractions go into the smaller parts.
func (d *intervalDecoder) add(val int64, frac float64, unit Unit) dateErr {
	if n := int64(unitMonths(unit) / 12); n != 0 {
		if e := addPart(&d.years, val, n); e != dateOK {
			return e
		}
		return addPart(&d.months, int64(math.RoundToEven(frac*float64(n)*12)), 1)
	}
	switch unit {
	case Month:
		if e := addPart(&d.months, val, 1); e != dateOK {
			return e
		}
		return d.addFracDays(frac * 30)
	case Week:
		if e := addPart(&d.days, val, 7); e != dateOK {
			return e
		}
		return d.addFracDays(frac * 7)
	case Day:
		if e := addPart(&d.days, val, 1); e != dateOK {
			return e
		}
		return d.addFracMicros(frac * float64(MicrosPerDay))
	}
	size := unitMicros(unit)
	if e := d.addMicros(MulInt64(val, size)); e != dateOK {
		return e
	}
	return d.addFracMicros(frac * float64(size))
}

// addPart adds val × n to a part that must stay within 32 bits.
func addPart(part *int64, val, n int64) dateErr {
	sum := MulInt64(val, n).AddInt64(*part)
	if !sum.IsInt64() || int64(int32(sum.Int64())) != sum.Int64() {
		return dateOverflow
	}
	*part = sum.Int64()
	return dateOK
}

func (d *intervalDecoder) addFracDays(days float64) dateErr {
	whole := math.Trunc(days)
	if e := addPart(&d.days, int64(whole), 1); e != dateOK {
		return e
	}
	return d.addFracMicros((days - whole) * float64(MicrosPerDay))
}

// addFracMicros adds microseconds rounded to nearest, halves toward zero.
func (d *intervalDecoder) addFracMicros(us float64) dateErr {
	whole := math.Trunc(us)
	if rest := us - whole; rest > 0.5 {
		whole++
	} else if rest < -0.5 {
		whole--
	}
	return d.addMicros(Int128From(int64(whole)))
}
