package value

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// dateErr says why a text is no date; PostgreSQL's DTERR codes.
type dateErr uint8

const (
	dateOK dateErr = iota
	dateBadFormat
	dateOverflow
	dateMonthDayOverflow
	dateZoneOverflow
	dateIntervalOverflow
	dateNoZone
)

// The fields that have been seen.
type dateMask uint32

const (
	maskYear dateMask = 1 << iota
	maskMonth
	maskDay
	maskTime
	maskZone
	maskDSTZone
	maskDSTModifier
	maskDayOfYear
	maskAMPM
	maskEra
	maskWeekday

	maskDate = maskYear | maskMonth | maskDay
)

// dateDecoder turns scanned fields into a date and time. It is PostgreSQL's
// DecodeDateTime, and DecodeTimeOnly with timeOnly, for DateStyle MDY.
type dateDecoder struct {
	c         Civil
	yearDay   int
	seen      dateMask
	got       dateMask // what the last field gave
	label     int      // a label that waits for its field
	textMonth bool
	julian    bool
	twoDigits bool // the year has at most two
	bc        bool
	meridiem  int
	offset    int // seconds east of UTC
	zone      *time.Location
	special   int // reservedEpoch and above
	timeOnly  bool
	badZone   string
	env       Env
}

func (d *dateDecoder) decode(fields []dateField) dateErr {
	d.special = -1
	for i, f := range fields {
		d.got = 0
		var e dateErr
		switch f.kind {
		case fieldDate:
			e = d.dateField(f.text)
		case fieldTime:
			e = d.timeField(f.text)
		case fieldZone:
			d.offset, e = decodeZoneOffset(f.text)
			d.got = maskZone
		case fieldNumber:
			e = d.numberField(f.text, i, fields)
		default:
			e = d.word(f.text)
		}
		if e != dateOK {
			return e
		}
		if d.got&d.seen != 0 {
			return dateBadFormat
		}
		d.seen |= d.got
	}
	if d.label != 0 {
		return dateBadFormat
	}
	if d.special >= 0 {
		return dateOK
	}
	return d.finish()
}

// finish checks the fields against the calendar and resolves the zone.
func (d *dateDecoder) finish() dateErr {
	if e := d.validate(); e != dateOK {
		return e
	}
	if d.meridiem != 0 && d.c.Hour > 12 {
		return dateOverflow
	}
	if d.meridiem == am && d.c.Hour == 12 {
		d.c.Hour = 0
	} else if d.meridiem == pm && d.c.Hour != 12 {
		d.c.Hour += 12
	}
	if d.timeOnly {
		if d.seen&maskTime == 0 {
			return dateBadFormat
		}
		if timeOverflows(d.c) {
			return dateOverflow
		}
		return dateOK
	}
	if d.seen&maskDate != maskDate {
		return dateBadFormat
	}
	if d.seen&maskDSTModifier != 0 && (d.zone != nil || d.seen&maskZone == 0) {
		return dateBadFormat
	}
	return dateOK
}

func (d *dateDecoder) validate() dateErr {
	if d.seen&maskYear != 0 && !d.julian {
		switch {
		case d.bc:
			if d.c.Year <= 0 {
				return dateOverflow
			}
			d.c.Year = 1 - d.c.Year
		case d.twoDigits:
			if d.c.Year < 70 {
				d.c.Year += 2000
			} else if d.c.Year < 100 {
				d.c.Year += 1900
			}
		case d.c.Year <= 0:
			return dateOverflow
		}
	}
	if d.seen&maskDayOfYear != 0 {
		d.c.Year, d.c.Month, d.c.Day = CivilFromDays(DaysFromCivil(d.c.Year, 1, 1) + d.yearDay - 1)
	}
	if d.seen&maskMonth != 0 && (d.c.Month < 1 || d.c.Month > 12) {
		return dateMonthDayOverflow
	}
	if d.seen&maskDay != 0 && (d.c.Day < 1 || d.c.Day > 31) {
		return dateMonthDayOverflow
	}
	if d.seen&maskDate == maskDate && d.c.Day > daysInMonth(d.c.Year, d.c.Month) {
		return dateOverflow
	}
	return dateOK
}

// dateField takes a date, a zone name, or a run-together time with an offset.
func (d *dateDecoder) dateField(s string) dateErr {
	if d.label == labelJulian {
		digits := s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
		if e := d.julianDay(digits); e != dateOK {
			return e
		}
		var e dateErr
		d.offset, e = decodeZoneOffset(s[len(digits):])
		d.got = maskDate | maskTime | maskZone
		return e
	}
	if d.label == 0 && d.seen&(maskMonth|maskDay) != maskMonth|maskDay && !(d.timeOnly && !isDigit(s[0])) {
		return d.date(s)
	}
	if !isDigit(s[0]) && d.label == 0 {
		return d.namedZone(s)
	}
	if d.label != 0 && d.label != labelTime || d.seen&maskTime != 0 {
		return dateBadFormat
	}
	d.label = 0
	dash := strings.IndexByte(s, '-')
	if dash < 0 {
		return dateBadFormat
	}
	var e dateErr
	if d.offset, e = decodeZoneOffset(s[dash:]); e != dateOK {
		return e
	}
	e = d.runTogether(s[:dash], d.seen)
	d.got |= maskZone
	return e
}

func (d *dateDecoder) namedZone(s string) dateErr {
	loc, ok := LoadLocation(s)
	if !ok {
		d.badZone = s
		return dateNoZone
	}
	d.zone = loc
	d.got = maskZone
	return dateOK
}

func (d *dateDecoder) timeField(s string) dateErr {
	if d.label != 0 && d.label != labelTime {
		return dateBadFormat
	}
	d.label = 0
	d.got = maskTime
	if e := decodeClock(s, &d.c); e != dateOK {
		return e
	}
	if timeOverflows(d.c) {
		return dateOverflow
	}
	return dateOK
}

func timeOverflows(c Civil) bool {
	return c.Hour < 0 || c.Hour > 24 || c.timeOfDay() > MicrosPerDay
}

func (d *dateDecoder) numberField(s string, i int, fields []dateField) dateErr {
	if d.label != 0 {
		return d.labelled(s)
	}
	dot := strings.IndexByte(s, '.')
	if d.timeOnly {
		switch {
		case dot > 2, dot < 0 && len(s) > 4:
			return d.runTogether(s, d.seen|maskDate)
		case dot >= 0:
			return dateBadFormat
		}
		return d.number(s, d.seen|maskDate)
	}
	switch {
	case dot >= 0 && d.seen&maskDate == 0:
		return d.date(s)
	case dot > 2:
		return d.runTogether(s, d.seen)
	case len(s) >= 6 && (d.seen&maskDate == 0 || d.seen&maskTime == 0):
		return d.runTogether(s, d.seen)
	}
	return d.number(s, d.seen)
}

// labelled takes a number after "julian" or "t".
func (d *dateDecoder) labelled(s string) dateErr {
	label := d.label
	d.label = 0
	whole, fraction, _ := strings.Cut(s, ".")
	switch label {
	case labelJulian:
		d.got = maskDate
		if e := d.julianDay(whole); e != dateOK {
			return e
		}
		if len(whole) < len(s) {
			f, _ := strconv.ParseFloat("0."+fraction, 64)
			d.c.setTime(min(int64(f*float64(MicrosPerDay)), MicrosPerDay-1))
			d.got |= maskTime
		}
		return dateOK
	case labelTime:
		e := d.runTogether(s, d.seen|maskDate)
		if e == dateOK && d.got != maskTime {
			return dateBadFormat
		}
		return e
	}
	return dateBadFormat
}

func (d *dateDecoder) julianDay(digits string) dateErr {
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil {
		return dateOverflow
	}
	d.c.Year, d.c.Month, d.c.Day = CivilFromDays(int(n) - julianEpoch)
	d.julian = true
	return dateOK
}

// word takes a month, a zone, a special word and so on.
func (d *dateDecoder) word(s string) dateErr {
	w := decodeWord(s)
	switch w.kind {
	case wordIgnore:
	case wordReserved:
		return d.reserved(w.val)
	case wordMonth:
		d.got = maskMonth
		// A number taken for the month was the day.
		if d.seen&(maskMonth|maskDay) == maskMonth && !d.textMonth && d.c.Month >= 1 && d.c.Month <= 31 {
			d.c.Day = d.c.Month
			d.got = maskDay
		}
		d.textMonth = true
		d.c.Month = w.val
	case wordDSTModifier:
		d.got = maskDSTModifier | maskDSTZone
		d.offset += w.val * 60
	case wordDSTZone:
		d.got = maskDSTZone | maskZone
		d.offset = w.val * 60
	case wordZone:
		d.got = maskZone
		d.offset = w.val * 60
	case wordAMPM:
		d.got = maskAMPM
		d.meridiem = w.val
	case wordEra:
		d.got = maskEra
		d.bc = w.val == bc
	case wordWeekday:
		d.got = maskWeekday
	case wordUnit, wordISOTime:
		if d.label != 0 || w.kind == wordISOTime && d.seen&maskDate != maskDate && !d.timeOnly {
			return dateBadFormat
		}
		d.label = w.val
	default:
		if e := d.namedZone(s); e != dateOK {
			return dateBadFormat
		}
	}
	return dateOK
}

func (d *dateDecoder) reserved(word int) dateErr {
	switch word {
	case reservedZulu:
		d.got = maskTime | maskZone
		d.c.Hour, d.c.Minute, d.c.Second, d.c.Microsec = 0, 0, 0, 0
		return dateOK
	case reservedEpoch, reservedInfinity, reservedNegInfinity:
		if d.timeOnly {
			return dateBadFormat
		}
		d.got = maskDate | maskTime | maskZone
		d.special = word
		return dateOK
	}
	if d.env.Now.IsZero() {
		return dateBadFormat
	}
	now := d.env.Now.In(d.env.location())
	if word == reservedNow {
		d.got = maskDate | maskTime | maskZone
		_, d.offset = now.Zone()
		d.c = Civil{now.Year(), int(now.Month()), now.Day(), now.Hour(), now.Minute(), now.Second(), now.Nanosecond() / 1000}
		return dateOK
	}
	if d.timeOnly {
		return dateBadFormat
	}
	d.got = maskDate
	days := DaysFromCivil(now.Year(), int(now.Month()), now.Day()) + word - reservedToday
	d.c.Year, d.c.Month, d.c.Day = CivilFromDays(days)
	return dateOK
}

// atoi reads leading digits (all of s if it has nothing else) into an int32.
func atoi(s string) (n int, rest string, e dateErr) {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		if n <= math.MaxInt32 {
			n = n*10 + int(s[i]-'0')
		}
		i++
	}
	if n > math.MaxInt32 {
		return 0, s[i:], dateOverflow
	}
	return n, s[i:], dateOK
}
