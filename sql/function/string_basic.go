package function

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/flintsql/flint/sql/sqlerr"
)

// maxLength is the most bytes that one text value may have, as in PostgreSQL.
const maxLength = 1<<30 - 1

func errTooLong() error {
	return sqlerr.New(sqlerr.ProgramLimitExceeded, "requested length too large")
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func charLength(s string) int32 { return int32(utf8.RuneCountInString(s)) }

func byteLength(s string) int32 { return int32(len(s)) }

// runeOffset returns the byte offset of the n-th character, or len(s).
func runeOffset(s string, n int) int {
	if n >= len(s) {
		return len(s)
	}
	if isASCII(s) {
		return n
	}
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// substring returns the characters from position from (1-based) up to end
// (exclusive).
func substring(s string, from, end int64) string {
	from, end = max(from, 1), max(end, 1)
	if end <= from || from > int64(len(s)) {
		return ""
	}
	a := runeOffset(s, int(from-1))
	return s[a : a+runeOffset(s[a:], int(min(end-from, int64(len(s)))))]
}

func substrFrom(s string, from int32) string { return substring(s, int64(from), int64(len(s))+1) }

func substrFor(s string, from, n int32) (string, error) {
	if n < 0 {
		return "", sqlerr.New(sqlerr.SubstringError, "negative substring length not allowed")
	}
	return substring(s, int64(from), int64(from)+int64(n)), nil
}

func byteSubstr(s string, from, n int32) (string, error) {
	if n < 0 {
		return "", sqlerr.New(sqlerr.SubstringError, "negative substring length not allowed")
	}
	a, b := max(int64(from), 1), max(int64(from)+int64(n), 1)
	a, b = min(a, int64(len(s))+1), min(b, int64(len(s))+1)
	return s[a-1 : max(a, b)-1], nil
}

func leftPart(s string, n int32) string {
	k := int64(n)
	if n < 0 {
		k += int64(charLength(s))
	}
	return substring(s, 1, k+1)
}

func rightPart(s string, n int32) string {
	l := int64(charLength(s))
	if n < 0 {
		return substring(s, 1-int64(n), l+1)
	}
	return substring(s, l-int64(n)+1, l+1)
}

func position(s, sub string) int32 {
	i := strings.Index(s, sub)
	if i < 0 {
		return 0
	}
	return charLength(s[:i]) + 1
}

// pad extends or cuts s to n characters with fill.
func pad(s string, n int32, fill string, left bool) (string, error) {
	l := int(charLength(s))
	want := max(int(n), 0)
	if want > maxLength/4 {
		return "", errTooLong()
	}
	if l >= want {
		return s[:runeOffset(s, want)], nil
	}
	if fill == "" {
		return s, nil
	}
	missing, width := want-l, int(charLength(fill))
	p := strings.Repeat(fill, missing/width) + fill[:runeOffset(fill, missing%width)]
	if left {
		return p + s, nil
	}
	return s + p, nil
}

func lpad(s string, n int32, fill string) (string, error) { return pad(s, n, fill, true) }
func rpad(s string, n int32, fill string) (string, error) { return pad(s, n, fill, false) }

func repeat(s string, n int32) (string, error) {
	if n <= 0 {
		return "", nil
	}
	if int64(len(s))*int64(n) > maxLength {
		return "", errTooLong()
	}
	return strings.Repeat(s, int(n)), nil
}

func replaceAll(s, from, to string) (string, error) {
	if from == "" {
		return s, nil
	}
	if n := strings.Count(s, from); int64(len(s))+int64(n)*int64(len(to)-len(from)) > maxLength {
		return "", errTooLong()
	}
	return strings.ReplaceAll(s, from, to), nil
}

func reverse(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

func splitPart(s, sep string, n int32) (string, error) {
	if n == 0 {
		return "", sqlerr.New(sqlerr.InvalidParameterValue, "field position must not be zero")
	}
	parts := []string{s}
	if s == "" {
		return "", nil
	}
	if sep != "" {
		parts = strings.Split(s, sep)
	}
	i := int(n) - 1
	if n < 0 {
		i = len(parts) + int(n)
	}
	if i < 0 || i >= len(parts) {
		return "", nil
	}
	return parts[i], nil
}

func initcap(s string) string {
	inWord := false
	return strings.Map(func(r rune) rune {
		was := inWord
		inWord = unicode.IsLetter(r) || unicode.IsDigit(r)
		if was {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}

func translate(s, from, to string) string {
	m := map[rune]rune{}
	t := []rune(to)
	for i, r := range []rune(from) {
		if _, ok := m[r]; ok {
			continue
		}
		m[r] = -1
		if i < len(t) {
			m[r] = t[i]
		}
	}
	return strings.Map(func(r rune) rune {
		if x, ok := m[r]; ok {
			return x
		}
		return r
	}, s)
}

func ascii(s string) int32 {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func chr(n int32) (string, error) {
	switch {
	case n == 0:
		return "", sqlerr.New(sqlerr.ProgramLimitExceeded, "null character not permitted")
	case n < 0:
		return "", sqlerr.New(sqlerr.InvalidParameterValue, "character number must be positive")
	case n > 0x10ffff:
		return "", sqlerr.New(sqlerr.ProgramLimitExceeded, "requested character too large for encoding: %d", n)
	case n >= 0xd800 && n < 0xe000:
		return "", sqlerr.New(sqlerr.ProgramLimitExceeded, "requested character not valid for encoding: %d", n)
	}
	return string(n), nil
}

func overlay(s, r string, from, n int64) (string, error) {
	if from <= 0 {
		return "", sqlerr.New(sqlerr.SubstringError, "negative substring length not allowed")
	}
	return substring(s, 1, from) + r + substring(s, from+n, int64(len(s))+1), nil
}

func trimLeft(s, set string) string  { return strings.TrimLeft(s, set) }
func trimRight(s, set string) string { return strings.TrimRight(s, set) }
func trimBoth(s, set string) string  { return strings.Trim(s, set) }

// stringFuncs lists the functions on text.
func stringFuncs() []*Func {
	t1, t2, t3, ti := sig(tText), sig(tText, tText), sig(tText, tText, tText), sig(tText, tInt4)
	length := ok1(charLength)
	blanks := func(f func(s, set string) string) Kernel { return ok1(func(s string) string { return f(s, " ") }) }
	bcLength := ok1(func(s string) int32 { return charLength(strings.TrimRight(s, " ")) })
	fs := []*Func{
		{Name: "lower", Args: t1, Result: tText, Kernel: ok1(strings.ToLower)},
		{Name: "upper", Args: t1, Result: tText, Kernel: ok1(strings.ToUpper)},
		{Name: "initcap", Args: t1, Result: tText, Kernel: ok1(initcap)},
		{Name: "length", Args: t1, Result: tInt4, Kernel: length},
		{Name: "length", Args: sig(tChar), Result: tInt4, Kernel: bcLength},
		{Name: "length", Args: sig(tBytea), Result: tInt4, Kernel: ok1(byteLength)},
		{Name: "char_length", Args: t1, Result: tInt4, Kernel: length},
		{Name: "char_length", Args: sig(tChar), Result: tInt4, Kernel: bcLength},
		{Name: "character_length", Args: t1, Result: tInt4, Kernel: length},
		{Name: "character_length", Args: sig(tChar), Result: tInt4, Kernel: bcLength},
		{Name: "octet_length", Args: t1, Result: tInt4, Kernel: ok1(byteLength)},
		{Name: "octet_length", Args: sig(tChar), Result: tInt4, Kernel: ok1(byteLength)},
		{Name: "octet_length", Args: sig(tBytea), Result: tInt4, Kernel: ok1(byteLength)},
		{Name: "bit_length", Args: t1, Result: tInt4, Kernel: ok1(func(s string) int32 { return int32(len(s)) * 8 })},
		{Name: "position", Args: t2, Result: tInt4, Kernel: ok2(position)},
		{Name: "strpos", Args: t2, Result: tInt4, Kernel: ok2(position)},
		{Name: "replace", Args: t3, Result: tText, Fallible: true, Kernel: fn3(replaceAll)},
		{Name: "left", Args: ti, Result: tText, Kernel: ok2(leftPart)},
		{Name: "right", Args: ti, Result: tText, Kernel: ok2(rightPart)},
		{Name: "lpad", Args: sig(tText, tInt4, tText), Result: tText, Fallible: true, Kernel: fn3(lpad)},
		{Name: "rpad", Args: sig(tText, tInt4, tText), Result: tText, Fallible: true, Kernel: fn3(rpad)},
		{Name: "lpad", Args: ti, Result: tText, Fallible: true,
			Kernel: fn2(func(s string, n int32) (string, error) { return lpad(s, n, " ") })},
		{Name: "rpad", Args: ti, Result: tText, Fallible: true,
			Kernel: fn2(func(s string, n int32) (string, error) { return rpad(s, n, " ") })},
		{Name: "repeat", Args: ti, Result: tText, Fallible: true, Kernel: fn2(repeat)},
		{Name: "reverse", Args: t1, Result: tText, Kernel: ok1(reverse)},
		{Name: "split_part", Args: sig(tText, tText, tInt4), Result: tText, Fallible: true, Kernel: fn3(splitPart)},
		{Name: "translate", Args: t3, Result: tText,
			Kernel: fn3(func(s, from, to string) (string, error) { return translate(s, from, to), nil })},
		{Name: "ascii", Args: t1, Result: tInt4, Kernel: ok1(ascii)},
		{Name: "chr", Args: sig(tInt4), Result: tText, Fallible: true, Kernel: fn1(chr)},
		{Name: "overlay", Args: sig(tText, tText, tInt4), Result: tText, Fallible: true,
			Kernel: fn3(func(s, r string, from int32) (string, error) {
				return overlay(s, r, int64(from), int64(charLength(r)))
			})},
		{Name: "overlay", Args: sig(tText, tText, tInt4, tInt4), Result: tText, Fallible: true, Kernel: overlayFor},
	}
	for _, name := range []string{"substring", "substr"} {
		fs = append(fs,
			&Func{Name: name, Args: ti, Result: tText, Kernel: ok2(substrFrom)},
			&Func{Name: name, Args: sig(tText, tInt4, tInt4), Result: tText, Fallible: true, Kernel: fn3(substrFor)},
			&Func{Name: name, Args: sig(tBytea, tInt4, tInt4), Result: tBytea, Fallible: true, Kernel: fn3(byteSubstr)})
	}
	for name, f := range map[string]func(s, set string) string{"ltrim": trimLeft, "rtrim": trimRight, "btrim": trimBoth} {
		fs = append(fs,
			&Func{Name: name, Args: t1, Result: tText, Kernel: blanks(f)},
			&Func{Name: name, Args: t2, Result: tText, Kernel: ok2(f)})
	}
	return fs
}
