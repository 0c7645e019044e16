package function

import (
	"strings"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// parseIdent is parse_ident: the parts of a qualified name, folded to lower case
// unless quoted. strict refuses text behind the name.
func parseIdent(s string, strict bool) (value.Value, error) {
	bad := sqlerr.New(sqlerr.InvalidParameterValue, "string is not a valid identifier: \"%s\"", s)
	v := value.Value{Type: types.ArrayOf(tText)}
	rest := strings.TrimLeft(s, " \t\n\r")
	for {
		part, tail, ok := identPart(rest)
		if !ok && len(v.List) > 0 {
			return v, bad.WithDetail("No valid identifier after \".\".")
		}
		if !ok {
			return v, bad
		}
		v.List = append(v.List, value.Text(part))
		rest = strings.TrimLeft(tail, " \t\n\r")
		if rest == "" || rest[0] != '.' {
			if rest != "" && strict {
				return v, bad
			}
			return v, nil
		}
		rest = strings.TrimLeft(rest[1:], " \t\n\r")
	}
}

// identPart cuts one identifier off.
func identPart(s string) (part, rest string, ok bool) {
	if strings.HasPrefix(s, `"`) {
		for i := 1; i < len(s); i++ {
			switch {
			case s[i] != '"':
			case i+1 < len(s) && s[i+1] == '"':
				i++
			default:
				return strings.ReplaceAll(s[1:i], `""`, `"`), s[i+1:], i > 1
			}
		}
		return "", "", false
	}
	n := 0
	for n < len(s) {
		c := s[n]
		start := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
		if !start && (n == 0 || c != '$' && (c < '0' || c > '9')) {
			break
		}
		n++
	}
	return strings.ToLower(s[:n]), s[n:], n > 0
}

// identifierFuncs lists the functions that read names.
func identifierFuncs() []*Func {
	texts := types.ArrayOf(tText)
	return []*Func{
		{Name: "parse_ident", Args: sig(tText), Result: texts, Fallible: true,
			Kernel: scalars(func(_ *Context, a []value.Value) (value.Value, error) { return parseIdent(a[0].S, true) })},
		{Name: "parse_ident", Args: sig(tText, tBool), Result: texts, Fallible: true,
			Kernel: scalars(func(_ *Context, a []value.Value) (value.Value, error) { return parseIdent(a[0].S, a[1].I != 0) })},
	}
}
