package expr

import (
	"fmt"
	"strconv"

	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Key returns a string that is equal exactly for equal trees: unlike String it
// tells columns by ID, constants by type and casts by the digits or length they leave. Rules compare by it all the time.
func Key(e Expr) string {
	var buf [128]byte
	return string(appendKey(buf[:0], e))
}

func appendKey(b []byte, e Expr) []byte {
	switch x := e.(type) {
	case *Column:
		return strconv.AppendInt(append(b, '#'), int64(x.ID), 10)
	case *Input:
		return strconv.AppendInt(append(b, '@'), int64(x.Index), 10)
	case *Literal:
		b = append(append(b, x.Value.Type.String()...), ':')
		return append(b, value.Display(x.Value)...)
	case *Param:
		return strconv.AppendInt(append(b, '$'), int64(x.N), 10)
	case *Call:
		b = appendTypes(append(b, x.Func.Name...), x.Func.Args)
	case *Logic:
		b = strconv.AppendInt(append(b, "logic"...), int64(x.Op), 10)
	case *Test:
		b = strconv.AppendInt(append(b, "test"...), int64(x.Kind), 10)
	case *Distinct:
		b = strconv.AppendBool(append(b, "distinct"...), x.Negated)
	case *Cast:
		b = append(append(b, "cast"...), x.To.Format()...)
		b = strconv.AppendBool(b, x.Explicit)
	case *In:
		b = strconv.AppendBool(append(b, "in"...), x.Negated)
	case *AnyAll:
		b = append(append(b, "any"...), x.Op.Name...)
		b = strconv.AppendBool(b, x.All)
	default:
		b = fmt.Appendf(b, "%T", e)
	}
	b = append(b, '(')
	for _, c := range e.Children() {
		b = append(appendKey(b, c), ',')
	}
	return append(b, ')')
}

func appendTypes(b []byte, ts []types.Type) []byte {
	b = append(b, '[')
	for i, t := range ts {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, t.String()...)
	}
	return append(b, ']')
}
