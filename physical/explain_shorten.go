package physical

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// shorten leaves the last items of a line's lists out until it fits: of a column list
// in brackets, else of what Project, an aggregation or a window compute.
//
//	Scan t [a, b, c, d, e] → Scan t [a, b, +3]
func shorten(text string, room int) string {
	if utf8.RuneCountInString(text) <= room {
		return text
	}
	if from := strings.Index(text, " ["); from >= 0 && !strings.Contains(text, " sets [") {
		if n := strings.IndexByte(text[from:], ']'); n > 0 {
			return fit(text[:from+2], text[from+2:from+n], text[from+n:], room, 0)
		}
	}
	for _, op := range []string{"Project ", "Aggregate ", "Window "} {
		if from := strings.Index(text, op); from >= 0 {
			from += len(op)
			list, rest := text[from:], ""
			for _, end := range []string{" by ", " partition by "} {
				if i := strings.LastIndex(list, end); i >= 0 && op != "Project " {
					list, rest = list[:i], list[i:]
					break
				}
			}
			return fit(text[:from], list, rest, room, 1)
		}
	}
	return text
}

// fit keeps as many items of a list between two texts as there is room for, at least least.
func fit(before, list, after string, room, least int) string {
	items := splitList(list)
	for n := len(items) - 1; n >= least; n-- {
		rest := fmt.Sprintf("+%d", len(items)-n)
		s := before + strings.Join(append(items[:n:n], rest), ", ") + after
		if n == least || utf8.RuneCountInString(s) <= room {
			return s
		}
	}
	return before + list + after
}

// splitList cuts at the commas that stand in no parentheses or quotes.
func splitList(s string) []string {
	var out []string
	depth, from, quoted := 0, 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == ',' && depth == 0 && strings.HasPrefix(s[i:], ", "):
			out = append(out, s[from:i])
			from = i + 2
		}
	}
	return append(out, s[from:])
}
