package value

// fieldKind is what the scanner makes of a part of a date or interval text.
type fieldKind uint8

const (
	fieldNumber  fieldKind = iota // digits, maybe with a fraction
	fieldString                   // letters: month, day, zone, unit, special word
	fieldTime                     // hh:mm…
	fieldDate                     // digits and separators, or a zone name
	fieldZone                     // signed number
	fieldSpecial                  // signed word
)

type dateField struct {
	kind fieldKind
	text string // lower case
}

// The scanner's limits, as in PostgreSQL.
const (
	maxDateFields = 25
	maxDateLength = 128 + maxDateFields
)

// scanDateTime splits the text of a date, time or interval into fields; ok is
// false for characters that no form has. It is PostgreSQL's ParseDateTime.
func scanDateTime(s string) (fields []dateField, ok bool) {
	sc := dateScanner{s: s, fields: make([]dateField, 0, 6)}
	for sc.i < len(s) {
		c := s[sc.i]
		if isSpace(c) {
			sc.i++
			continue
		}
		sc.text = sc.text[:0]
		var kind fieldKind
		switch {
		case isDigit(c):
			kind = sc.number()
		case c == '.':
			sc.take()
			sc.takeWhile(isDigit)
			kind = fieldNumber
		case isAlpha(c):
			kind = sc.word()
		case c == '+' || c == '-':
			if kind, ok = sc.signed(); !ok {
				return nil, false
			}
		case isPunct(c):
			sc.i++
			continue
		default:
			return nil, false
		}
		sc.size += len(sc.text) + 1
		if len(sc.fields) >= maxDateFields || sc.size > maxDateLength {
			return nil, false
		}
		sc.fields = append(sc.fields, dateField{kind, string(sc.text)})
	}
	return sc.fields, true
}

type dateScanner struct {
	s      string
	i      int
	text   []byte
	size   int
	fields []dateField
}

func (sc *dateScanner) peek() byte {
	if sc.i < len(sc.s) {
		return sc.s[sc.i]
	}
	return 0
}

func (sc *dateScanner) take() {
	sc.text = append(sc.text, lower(sc.s[sc.i]))
	sc.i++
}

func (sc *dateScanner) takeWhile(f func(byte) bool) {
	for sc.i < len(sc.s) && f(sc.s[sc.i]) {
		sc.take()
	}
}

// number scans what begins with a digit: a time, a date or a number.
func (sc *dateScanner) number() fieldKind {
	sc.takeWhile(isDigit)
	delim := sc.peek()
	switch delim {
	case ':':
		sc.takeWhile(func(c byte) bool { return isDigit(c) || c == ':' || c == '.' })
		return fieldTime
	case '-', '/', '.':
	default:
		return fieldNumber
	}
	sc.take()
	if !isDigit(sc.peek()) { // an embedded month name, as in 01-Feb-2003
		sc.takeWhile(func(c byte) bool { return isDigit(c) || isAlpha(c) || c == delim })
		return fieldDate
	}
	sc.takeWhile(isDigit)
	if sc.peek() == delim {
		sc.takeWhile(func(c byte) bool { return isDigit(c) || c == delim })
		return fieldDate
	}
	if delim == '.' {
		return fieldNumber
	}
	return fieldDate
}

// word scans what begins with a letter; separators make it a date or a zone
// such as America/New_York or GMT-4.
func (sc *dateScanner) word() fieldKind {
	sc.takeWhile(isAlpha)
	c := sc.peek()
	compound := c == '-' || c == '/' || c == '.'
	if c == '+' || isDigit(c) {
		_, known := lookupDateWord(string(sc.text))
		compound = !known
	}
	if !compound {
		return fieldString
	}
	sc.takeWhile(func(c byte) bool {
		switch c {
		case '+', '-', '/', '_', '.', ':':
			return true
		}
		return isDigit(c) || isAlpha(c)
	})
	return fieldDate
}

func (sc *dateScanner) signed() (kind fieldKind, ok bool) {
	sc.take()
	for isSpace(sc.peek()) {
		sc.i++
	}
	switch c := sc.peek(); {
	case isDigit(c):
		sc.takeWhile(func(c byte) bool { return isDigit(c) || c == ':' || c == '.' || c == '-' })
		return fieldZone, true
	case isAlpha(c):
		sc.takeWhile(isAlpha)
		return fieldSpecial, true
	}
	return 0, false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isPunct(c byte) bool { return c > ' ' && c < 0x7f }

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}
