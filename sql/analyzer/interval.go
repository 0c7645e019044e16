package analyzer

import (
	"strings"

	"github.com/flintsql/flint/sql/core"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// intervalConstant reads the text of INTERVAL 'text' fields so that it says
// itself what the fields say: '1' year is '1 year', '1:02' minute to second is '0:1:02'.
// The type's name is as core writes it; n is left alone for all others.
func intervalConstant(n ast.ExprNode, typ string) ast.ExprNode {
	fields, ok := strings.CutPrefix(typ, "interval ")
	v, isValue := core.Unparen(n).(*core.Value)
	if !ok || !isValue {
		return n
	}
	s, isText := v.V.(string)
	if !isText {
		return n
	}
	text := strings.TrimSpace(s)
	last := fields
	if i := strings.LastIndex(fields, " to "); i >= 0 {
		last = fields[i+len(" to "):]
	}
	last, _, _ = strings.Cut(last, "(")
	switch {
	case isNumber(text):
		text += " " + last
	case strings.HasPrefix(fields, "minute to second") && strings.Count(text, ":") == 1:
		text = intervalMinutes(text)
	default:
		return n
	}
	out := &core.Value{V: text}
	out.SetOriginTextPosition(v.OriginTextPosition())
	return out
}

func intervalMinutes(text string) string {
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		return "-0:" + rest
	}
	return "0:" + text
}

func isNumber(s string) bool {
	s = strings.TrimLeft(s, "+-")
	digits := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			digits++
		} else if r != '.' {
			return false
		}
	}
	return digits > 0
}
