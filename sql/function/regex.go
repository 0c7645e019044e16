package function

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// compileRegex compiles a PostgreSQL advanced regular expression. flags are the
// embedded-option letters that the functions take; g is the caller's matter.
func compileRegex(pattern, flags string) (*regexp.Regexp, error) {
	opts := map[byte]bool{'s': true} // . matches a newline, ^ and $ only the ends
	literal := false
	if s, ok := strings.CutPrefix(pattern, "***="); ok {
		pattern, literal = s, true
	}
	pattern = strings.TrimPrefix(pattern, "***:")
	if strings.HasPrefix(pattern, "(?") {
		if end := strings.IndexByte(pattern, ')'); end > 2 && strings.Trim(pattern[2:end], "bceimnpqstwx") == "" {
			flags, pattern = flags+pattern[2:end], pattern[end+1:]
		}
	}
	expanded := false
	for i := 0; i < len(flags); i++ {
		switch flags[i] {
		case 'i':
			opts['i'] = true
		case 'c':
			opts['i'] = false
		case 'n', 'm':
			opts['s'], opts['m'] = false, true
		case 's':
			opts['s'], opts['m'] = true, false
		case 'p':
			opts['s'] = false
		case 'w':
			opts['m'] = true
		case 'x':
			expanded = true
		case 't':
			expanded = false
		case 'q':
			literal = true
		case 'g', 'e', 'b':
		default:
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid regular expression option: %q", flags[i:i+1])
		}
	}
	goPattern := regexp.QuoteMeta(pattern)
	if !literal {
		var err error
		if goPattern, err = translateARE(pattern, expanded); err != nil {
			return nil, err
		}
	}
	prefix := "(?"
	for _, c := range []byte("ims") {
		if opts[c] {
			prefix += string(c)
		}
	}
	re, err := regexp.Compile(prefix + ")" + goPattern)
	if err != nil {
		return nil, errRegex(err)
	}
	return re, nil
}

func errRegex(err error) error {
	msg := err.Error()
	what := "quantifier operand invalid"
	switch {
	case strings.Contains(msg, "missing closing )"), strings.Contains(msg, "unexpected )"):
		what = "parentheses () not balanced"
	case strings.Contains(msg, "missing closing ]"):
		what = "brackets [] not balanced"
	case strings.Contains(msg, "invalid escape"), strings.Contains(msg, "trailing backslash"):
		what = `invalid escape \ sequence`
	case strings.Contains(msg, "repeat count"):
		what = "invalid repetition count(s)"
	case strings.Contains(msg, "character class range"):
		what = "invalid character range"
	}
	return sqlerr.New(sqlerr.InvalidRegex, "invalid regular expression: %s", what)
}

// areEscapes maps the escapes that Go spells otherwise.
var areEscapes = map[byte]string{'m': `\b`, 'M': `\b`, 'y': `\b`, 'Y': `\B`, 'Z': `\z`, 'e': `\x1b`, 'B': `\\`}

// translateARE rewrites a pattern into Go's syntax. Back references and look
// around have no counterpart and are refused.
func translateARE(p string, expanded bool) (string, error) {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		c := p[i]
		switch {
		case c == '\\' && i+1 < len(p):
			i++
			e := p[i]
			switch s, ok := areEscapes[e]; {
			case e >= '1' && e <= '9':
				return "", sqlerr.New(sqlerr.FeatureNotSupported, "back references in regular expressions are not supported")
			case ok:
				b.WriteString(s)
			case e == 'w':
				b.WriteString(`[\p{L}\p{M}\p{Nd}_]`)
			case e == 'W':
				b.WriteString(`[^\p{L}\p{M}\p{Nd}_]`)
			case e == 'u' && i+4 < len(p):
				b.WriteString(`\x{` + p[i+1:i+5] + "}")
				i += 4
			default:
				b.WriteString(`\` + string(rune(e)))
				if e >= utf8.RuneSelf {
					return p, nil
				}
			}
		case c == '[':
			n := copyBracket(&b, p[i:])
			i += n - 1
		case strings.HasPrefix(p[i:], "(?=") || strings.HasPrefix(p[i:], "(?!") || strings.HasPrefix(p[i:], "(?<"):
			return "", sqlerr.New(sqlerr.FeatureNotSupported, "lookaround constraints in regular expressions are not supported")
		case expanded && strings.IndexByte(" \t\n\r\f\v", c) >= 0:
		case expanded && c == '#':
			for i+1 < len(p) && p[i+1] != '\n' {
				i++
			}
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

// copyBracket copies a bracket expression and returns its length.
func copyBracket(b *strings.Builder, p string) int {
	switch {
	case strings.HasPrefix(p, "[[:<:]]"), strings.HasPrefix(p, "[[:>:]]"):
		b.WriteString(`\b`)
		return 7
	}
	i := 1
	b.WriteByte('[')
	if i < len(p) && p[i] == '^' {
		b.WriteByte('^')
		i++
	}
	for first := true; i < len(p) && (p[i] != ']' || first); i++ {
		switch {
		case p[i] == ']':
			b.WriteString(`\]`)
		case strings.HasPrefix(p[i:], "[:"):
			if end := strings.Index(p[i:], ":]"); end > 0 {
				b.WriteString(characterClass(p[i+2 : i+end]))
				i += end + 1
			}
		case p[i] == '[':
			b.WriteString(`\[`)
		case p[i] == '\\' && i+1 < len(p):
			b.WriteString(p[i : i+2])
			i++
		default:
			b.WriteByte(p[i])
		}
		first = false
	}
	if i < len(p) {
		b.WriteByte(']')
		i++
	}
	return i
}

// characterClass spells a POSIX class in Go, whose own are ASCII only.
func characterClass(name string) string {
	switch name {
	case "alpha":
		return `\p{L}\p{M}`
	case "alnum":
		return `\p{L}\p{M}\p{Nd}`
	case "upper":
		return `\p{Lu}`
	case "lower":
		return `\p{Ll}`
	case "space":
		return `\s\v\p{Z}`
	}
	return "[:" + name + ":]"
}

// similarToEscape turns a SIMILAR TO pattern into a regular expression.
func similarToEscape(p, escape string) (string, error) {
	if utf8.RuneCountInString(escape) > 1 {
		return "", sqlerr.New(sqlerr.InvalidEscape, "invalid escape string").
			WithHint("Escape string must be empty or one character.")
	}
	var b strings.Builder
	b.WriteString("^(?:")
	e, _ := utf8.DecodeRuneInString(escape)
	bracket, after := false, false
	for _, r := range p {
		switch {
		case after:
			b.WriteString(`\` + string(r))
			after = false
		case escape != "" && r == e:
			after = true
		case bracket:
			if r == '\\' {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
			bracket = r != ']'
		case r == '[':
			b.WriteRune(r)
			bracket = true
		case r == '%':
			b.WriteString(".*")
		case r == '_':
			b.WriteByte('.')
		case r == '(':
			b.WriteString("(?:")
		case strings.ContainsRune(`\.^$`, r):
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteString(")$")
	return b.String(), nil
}

// regexCache compiles each pattern once within a kernel call.
type regexCache map[[2]string]*regexp.Regexp

func (m regexCache) get(pattern, flags string) (*regexp.Regexp, error) {
	key := [2]string{pattern, flags}
	if re, ok := m[key]; ok {
		return re, nil
	}
	re, err := compileRegex(strings.Clone(pattern), strings.Clone(flags))
	if err != nil {
		return nil, err
	}
	m[[2]string{strings.Clone(pattern), strings.Clone(flags)}] = re
	return re, nil
}

// regexRows makes a kernel of a function over (text, pattern, rest …), compiling
// patterns once; flags is the index of the flags argument or -1.
func regexRows(flags int, f func(re *regexp.Regexp, fl string, args []value.Value) (value.Value, error)) Kernel {
	return func(c *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
		cache := regexCache{}
		return scalars(func(_ *Context, a []value.Value) (value.Value, error) {
			fl := ""
			if flags >= 0 && flags < len(a) {
				fl = a[flags].S
			}
			re, err := cache.get(a[1].S, fl)
			if err != nil {
				return value.Value{}, err
			}
			return f(re, fl, a)
		})(c, out, args, sel, n)
	}
}

func textArray(s []string) value.Value {
	v := value.Value{Type: types.ArrayOf(tText)}
	for _, x := range s {
		v.List = append(v.List, value.Text(x))
	}
	return v
}
