package value

import (
	"strings"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// listElemType returns the element type of arrays and the two vector types.
func listElemType(t types.Type) types.Type {
	switch t.Kind {
	case types.Int2Vector:
		return types.Of(types.Int2)
	case types.OIDVector:
		return types.Of(types.OID)
	}
	return t.ElemType()
}

// appendArray prints {a,"b c",NULL}.
func appendArray(dst []byte, v Value, env Env) []byte {
	dst = append(dst, '{')
	for i, e := range v.List {
		if i > 0 {
			dst = append(dst, ',')
		}
		if e.Null {
			dst = append(dst, "NULL"...)
			continue
		}
		start := len(dst)
		dst = AppendText(dst, e, env)
		if needsQuote(dst[start:]) {
			text := string(dst[start:])
			dst = appendQuotedElem(dst[:start], text)
		}
	}
	return append(dst, '}')
}

func needsQuote(s []byte) bool {
	if len(s) == 0 || len(s) == 4 && strings.EqualFold(string(s), "null") {
		return true
	}
	for _, c := range s {
		switch c {
		case '"', '\\', '{', '}', ',', ' ', '\t', '\n', '\v', '\f', '\r':
			return true
		}
	}
	return false
}

func appendQuotedElem(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

func errArray(s, detail string) error {
	return sqlerr.New(sqlerr.InvalidText, "malformed array literal: \"%s\"", s).WithDetail("%s", detail)
}

// arrayElem is one element of an array literal.
type arrayElem struct {
	text string
	null bool
}

// splitArray reads the text form of a one-dimensional array.
func splitArray(s string) ([]arrayElem, error) {
	t := trimSpace(s)
	if t == "" || t[0] != '{' {
		return nil, errArray(s, "Array value must start with \"{\" or dimension information.")
	}
	if t[len(t)-1] != '}' || len(t) < 2 {
		return nil, errArray(s, "Unexpected end of input.")
	}
	body := t[1 : len(t)-1]
	if trimSpace(body) == "" {
		return nil, nil
	}
	var out []arrayElem
	for {
		e, rest, err := nextArrayElem(body, s)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
		if rest == "" {
			return out, nil
		}
		body = rest[1:] // past the comma
	}
}

// nextArrayElem reads up to a comma or the end.
func nextArrayElem(body, whole string) (e arrayElem, rest string, err error) {
	body = strings.TrimLeft(body, " \t\n\v\f\r")
	if body != "" && body[0] == '"' {
		return quotedArrayElem(body, whole)
	}
	var b strings.Builder
	keep, escaped := 0, false // keep: length up to the last byte that is not blank
	i := 0
loop:
	for ; i < len(body); i++ {
		switch c := body[i]; c {
		case ',':
			break loop
		case '"':
			return e, "", errArray(whole, "Unexpected array element.")
		case '{', '}':
			return e, "", errArray(whole, "Unexpected \""+string(c)+"\" character.")
		case '\\':
			i++
			if i == len(body) {
				return e, "", errArray(whole, "Unexpected end of input.")
			}
			b.WriteByte(body[i])
			keep, escaped = b.Len(), true
		default:
			b.WriteByte(c)
			if !isSpace(c) {
				keep = b.Len()
			}
		}
	}
	e.text = b.String()[:keep]
	if e.text == "" {
		return e, "", errArray(whole, "Unexpected \""+orBrace(body[i:])+"\" character.")
	}
	e.null = !escaped && strings.EqualFold(e.text, "null")
	return e, body[i:], nil
}

// orBrace returns the delimiter that followed an empty element.
func orBrace(rest string) string {
	if rest == "" {
		return "}"
	}
	return rest[:1]
}

func quotedArrayElem(body, whole string) (e arrayElem, rest string, err error) {
	var b strings.Builder
	for i := 1; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++
			if i < len(body) {
				b.WriteByte(body[i])
			}
		case '"':
			rest = strings.TrimLeft(body[i+1:], " \t\n\v\f\r")
			if rest != "" && rest[0] != ',' {
				return e, "", errArray(whole, "Unexpected array element.")
			}
			return arrayElem{text: b.String()}, rest, nil
		default:
			b.WriteByte(body[i])
		}
	}
	return e, "", errArray(whole, "Unexpected end of input.")
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
