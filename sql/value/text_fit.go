package value

import (
	"strings"
	"unicode/utf8"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// FitText applies the length of varchar(n) or character(n): blanks pad a
// character(n); text that is too long is cut in an explicit cast, else only if
// the excess is blank (22001).
func FitText(s string, t types.Type, explicit bool) (string, error) {
	n := int(t.Precision)
	if n == 0 {
		return s, nil
	}
	if len(s) <= n && t.Kind == types.Varchar {
		return s, nil
	}
	count := utf8.RuneCountInString(s)
	if count <= n {
		if t.Kind == types.Char {
			s += strings.Repeat(" ", n-count)
		}
		return s, nil
	}
	end := 0
	for range n {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	if !explicit && trimBlanks(s[end:]) != "" {
		return "", sqlerr.New(sqlerr.StringTooLong, "value too long for type %s", t.Format())
	}
	return s[:end], nil
}

// truncateBytes cuts s to at most n bytes, at a character's border.
func truncateBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
