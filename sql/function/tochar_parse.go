package function

import (
	"strings"
)

// dateToken is one element of a date format: a field with its modifiers, or
// literal text.
type dateToken struct {
	field   string // as in dateFields; "" for literal text
	raw     string // the field as written, which tells the case of names
	literal string
	fill    bool // FM
	ordinal string
}

// dateFields are the fields of date formats, those that start others after
// them.
var dateFields = []string{
	"Y,YYY", "IYYY", "IYY", "IY", "IDDD", "ID", "IW", "I", "YYYY", "YYY", "YY", "Y", "MONTH", "MON", "MM", "MI", "MS",
	"DAY", "DY", "DDD", "DD", "D", "J", "Q", "WW", "W", "CC", "HH24", "HH12", "HH", "SSSSS", "SSSS", "SS", "US",
	"FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "A.M.", "P.M.", "AM", "PM", "B.C.", "A.D.", "BC", "AD", "TZH", "TZM", "TZ", "OF", "RM",
}

// parseDateFormat splits a format of to_char, to_date or to_timestamp.
func parseDateFormat(f string) []dateToken {
	var out []dateToken
	fill := false
	for f != "" {
		up := strings.ToUpper(f[:min(len(f), 6)])
		if strings.HasPrefix(up, "FM") {
			fill, f = true, f[2:]
			continue
		}
		if strings.HasPrefix(up, "FX") || strings.HasPrefix(up, "TM") {
			f = f[2:]
			continue
		}
		if name := fieldAt(up); name != "" {
			t := dateToken{field: name, raw: f[:len(name)], fill: fill}
			f = f[len(name):]
			if len(f) >= 2 && (f[:2] == "TH" || f[:2] == "th") {
				t.ordinal, f = f[:2], f[2:]
			}
			out, fill = append(out, t), false
			continue
		}
		lit, n := literalAt(f)
		out = append(out, dateToken{literal: lit})
		f = f[n:]
	}
	return out
}

func fieldAt(up string) string {
	for _, name := range dateFields {
		if strings.HasPrefix(up, name) {
			return name
		}
	}
	return ""
}

// literalAt returns the text that a format's start stands for, and its length.
func literalAt(f string) (string, int) {
	switch {
	case f[0] == '\\' && len(f) > 1:
		return f[1:2], 2
	case f[0] != '"':
		return f[:1], 1
	}
	var b strings.Builder
	for i := 1; i < len(f); i++ {
		switch {
		case f[i] == '\\' && i+1 < len(f):
			i++
			b.WriteByte(f[i])
		case f[i] == '"':
			return b.String(), i + 1
		default:
			b.WriteByte(f[i])
		}
	}
	return b.String(), len(f)
}

var monthNames = [...]string{"", "January", "February", "March", "April", "May", "June", "July", "August", "September",
	"October", "November", "December"}

var dayNames = [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}

var romanMonths = [...]string{"", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"}

// inCase writes a name in the case of the field as written: MON, Mon or mon.
func inCase(name, raw string) string {
	switch {
	case raw[0] >= 'a':
		return strings.ToLower(name)
	case len(raw) > 1 && raw[1] >= 'A' && raw[1] <= 'Z':
		return strings.ToUpper(name)
	}
	return name
}

func ordinalSuffix(digits, how string) string {
	s := "th"
	n := len(digits)
	if n > 0 && !(n > 1 && digits[n-2] == '1') {
		switch digits[n-1] {
		case '1':
			s = "st"
		case '2':
			s = "nd"
		case '3':
			s = "rd"
		}
	}
	if how == "TH" {
		return strings.ToUpper(s)
	}
	return s
}
