package value

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/flintsql/flint/sql/sqlerr"
)

func errJSON() error {
	return sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type json")
}

// checkJSON reports text that is not one JSON value.
func checkJSON(s string) error {
	if !json.Valid([]byte(s)) {
		return errJSON()
	}
	return nil
}

// NormalizeJSONB returns JSON text as jsonb prints it: keys by length and then
// by bytes, the last of equal keys, numbers as numeric, one blank after colons
// and commas.
func NormalizeJSONB(s string) (string, error) {
	if err := checkJSON(s); err != nil {
		return "", err
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var x any
	if err := d.Decode(&x); err != nil {
		return "", errJSON()
	}
	out, err := appendJSON(nil, x)
	return string(out), err
}

func appendJSON(dst []byte, x any) ([]byte, error) {
	switch x := x.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		if x {
			return append(dst, "true"...), nil
		}
		return append(dst, "false"...), nil
	case string:
		return AppendJSONString(dst, x), nil
	case json.Number:
		n, err := ParseNumeric(string(x))
		return AppendNumeric(dst, n), err
	case []any:
		return appendJSONList(dst, x)
	case map[string]any:
		return appendJSONObject(dst, x)
	}
	return dst, errJSON()
}

func appendJSONList(dst []byte, list []any) ([]byte, error) {
	dst = append(dst, '[')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		var err error
		if dst, err = appendJSON(dst, e); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func appendJSONObject(dst []byte, m map[string]any) ([]byte, error) {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return bytes.Compare([]byte(a), []byte(b))
	})
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(AppendJSONString(dst, k), ": "...)
		var err error
		if dst, err = appendJSON(dst, m[k]); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// AppendJSONString appends s quoted and escaped as PostgreSQL's escape_json does.
func AppendJSONString(dst []byte, s string) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			if c < ' ' {
				dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
			} else {
				dst = append(dst, c)
			}
		}
	}
	return append(dst, '"')
}
