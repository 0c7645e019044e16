package function

import (
	"fmt"
	"strings"
	"time"

	"github.com/flintsql/flint/sql/value"
)

// moment is what date formats print of a timestamp or an interval.
type moment struct {
	year, month, day           int64
	hour, minute, second, usec int64
	days                       int32 // since 1970-01-01
	offset                     int
	zone                       string
	interval                   bool
}

func momentOf(us int64) moment {
	d, t := value.DateFromTimestamp(us), value.TimeFromTimestamp(us)
	y, m, day := value.CivilFromDays(int(d))
	return moment{year: int64(y), month: int64(m), day: int64(day), hour: t / 3_600_000_000, minute: t / 60_000_000 % 60,
		second: t / 1_000_000 % 60, usec: t % 1_000_000, days: d}
}

func momentOfInterval(v interval) moment {
	us := v.Micros
	return moment{year: int64(v.Months / 12), month: int64(v.Months % 12), day: int64(v.Days), hour: us / 3_600_000_000,
		minute: us / 60_000_000 % 60, second: us / 1_000_000 % 60, usec: us % 1_000_000, interval: true}
}

func (m moment) extract(u value.Unit) int64 {
	if m.interval {
		return 0
	}
	return value.ExtractDate(u, m.days)
}

func (m moment) hour12() int64 {
	h := m.hour % 12
	if h == 0 {
		return 12
	}
	return h
}

// displayYear has no sign: BC is written by its own field.
func (m moment) displayYear() int64 {
	if m.year <= 0 && !m.interval {
		return 1 - m.year
	}
	return m.year
}

// number returns a numeric field with its width without FM; ok is false for
// other fields.
func (m moment) number(field string) (n int64, width int, ok bool) {
	y := m.displayYear()
	iy := func() int64 { return m.extract(value.ISOYear) }
	switch field {
	case "YYYY":
		return y, 4, true
	case "YYY":
		return y % 1000, 3, true
	case "YY":
		return y % 100, 2, true
	case "Y":
		return y % 10, 1, true
	case "IYYY":
		return iy(), 4, true
	case "IYY":
		return iy() % 1000, 3, true
	case "IY":
		return iy() % 100, 2, true
	case "I":
		return iy() % 10, 1, true
	case "MM":
		return m.month, 2, true
	case "DDD":
		return m.extract(value.DayOfYear), 3, true
	case "IDDD":
		return (m.extract(value.Week)-1)*7 + m.extract(value.ISODayOfWeek), 3, true
	case "DD":
		return m.day, 2, true
	case "D":
		return m.extract(value.DayOfWeek) + 1, 1, true
	case "ID":
		return m.extract(value.ISODayOfWeek), 1, true
	case "J":
		return m.extract(value.Julian), 1, true
	case "Q":
		return (m.month-1)/3 + 1, 1, true
	case "WW":
		return (m.extract(value.DayOfYear)-1)/7 + 1, 2, true
	case "W":
		return (m.day-1)/7 + 1, 1, true
	case "IW":
		return m.extract(value.Week), 2, true
	case "CC":
		return (y + 99) / 100, 2, true
	}
	return m.clock(field)
}

func (m moment) clock(field string) (n int64, width int, ok bool) {
	switch field {
	case "HH24":
		return m.hour, 2, true
	case "HH12", "HH":
		return m.hour12(), 2, true
	case "MI":
		return m.minute, 2, true
	case "SS":
		return m.second, 2, true
	case "SSSS", "SSSSS":
		return m.hour*3600 + m.minute*60 + m.second, 1, true
	case "MS", "FF3":
		return m.usec / 1000, 3, true
	case "US", "FF6":
		return m.usec, 6, true
	case "FF1":
		return m.usec / 100_000, 1, true
	case "FF2":
		return m.usec / 10_000, 2, true
	case "FF4":
		return m.usec / 100, 4, true
	case "FF5":
		return m.usec / 10, 5, true
	}
	return 0, 0, false
}

// name returns a field that is written as a word.
func (m moment) name(t dateToken) string {
	padded := func(s string, n int) string {
		if t.fill {
			return s
		}
		return fmt.Sprintf("%-*s", n, s)
	}
	month, day := "", ""
	if m.month >= 1 && m.month <= 12 {
		month = monthNames[m.month]
	}
	if !m.interval {
		day = dayNames[m.extract(value.DayOfWeek)]
	}
	switch t.field {
	case "MONTH":
		return padded(inCase(month, t.raw), 9)
	case "MON":
		return inCase(month[:min(3, len(month))], t.raw)
	case "DAY":
		return padded(inCase(day, t.raw), 9)
	case "DY":
		return inCase(day[:min(3, len(day))], t.raw)
	case "RM":
		if m.month < 1 {
			return ""
		}
		return padded(inCase(romanMonths[m.month], t.raw), 4)
	case "AM", "PM":
		return inCase([]string{"AM", "PM"}[b2u(m.hour%24 >= 12)], t.raw)
	case "A.M.", "P.M.":
		return inCaseDotted([]string{"A.M.", "P.M."}[b2u(m.hour%24 >= 12)], t.raw)
	case "AD", "BC":
		return inCase([]string{"AD", "BC"}[b2u(m.year <= 0)], t.raw)
	case "A.D.", "B.C.":
		return inCaseDotted([]string{"A.D.", "B.C."}[b2u(m.year <= 0)], t.raw)
	case "Y,YYY":
		y := m.displayYear()
		return fmt.Sprintf("%d,%03d", y/1000, y%1000)
	case "TZ":
		return inCase(m.zone, t.raw)
	case "TZH":
		return fmt.Sprintf("%+03d", m.offset/3600)
	case "TZM":
		return fmt.Sprintf("%02d", max(m.offset, -m.offset)/60%60)
	case "OF":
		if rest := max(m.offset, -m.offset) / 60 % 60; rest != 0 {
			return fmt.Sprintf("%+03d:%02d", m.offset/3600, rest)
		}
		return fmt.Sprintf("%+03d", m.offset/3600)
	}
	return ""
}

func inCaseDotted(name, raw string) string {
	if raw[0] >= 'a' {
		return strings.ToLower(name)
	}
	return name
}

// format prints the moment.
func (m moment) format(tokens []dateToken) string {
	var b strings.Builder
	for _, t := range tokens {
		if t.field == "" {
			b.WriteString(t.literal)
			continue
		}
		n, width, ok := m.number(t.field)
		if !ok {
			b.WriteString(m.name(t))
			continue
		}
		if t.fill {
			width = 1
		}
		if n < 0 {
			width++
		}
		s := fmt.Sprintf("%0*d", width, n)
		b.WriteString(s)
		if t.ordinal != "" {
			b.WriteString(ordinalSuffix(s, t.ordinal))
		}
	}
	return b.String()
}

func toCharTime(us int64, format string) (string, error) {
	if us == value.TimestampInfinity || us == value.TimestampNegInfinity || format == "" {
		return "", errNull
	}
	return momentOf(us).format(parseDateFormat(format)), nil
}

func toCharTimeTZ(c *Context, us int64, format string) (string, error) {
	if us == value.TimestampInfinity || us == value.TimestampNegInfinity || format == "" {
		return "", errNull
	}
	m := momentOf(value.LocalFromUTC(us, c.location()))
	loc := c.location()
	if loc == nil {
		loc = time.UTC
	}
	m.zone, m.offset = time.UnixMicro(us).In(loc).Zone()
	return m.format(parseDateFormat(format)), nil
}

func toCharInterval(v interval, format string) (string, error) {
	if format == "" {
		return "", errNull
	}
	return momentOfInterval(v).format(parseDateFormat(format)), nil
}
