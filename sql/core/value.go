package core

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/format"
)

// Decimal is a numeric constant with a point, as text: no digit is lost.
type Decimal string

// Value is a constant of the core. V is nil (NULL), bool, int64, Decimal or
// string (a string constant of unknown type, as Postgres has it).
type Value struct {
	ast.TexprNode
	V any
}

var errNoLiteral = errors.New("the core has no such literal")

// installDriver sets TiDB's hooks for constants. They are variables of TiDB's
// package, so it happens once, before the first parser is made.
var installDriver = sync.OnceFunc(func() {
	ast.NewValueExpr = func(v any, _, _ string) ast.ValueExpr {
		if made, ok := v.(*Value); ok {
			return made
		}
		return newValue(v)
	}
	ast.NewParamMarkerExpr = func(int) ast.ParamMarkerExpr { return &marker{} }
	ast.NewDecimal = func(s string) (any, error) { return Decimal(s), nil }
	ast.NewHexLiteral = func(string) (any, error) { return nil, errNoLiteral }
	ast.NewBitLiteral = func(string) (any, error) { return nil, errNoLiteral }
})

func newValue(v any) *Value {
	n := &Value{}
	n.SetValue(v)
	return n
}

// SetValue stores a constant as the parser makes it.
func (n *Value) SetValue(v any) {
	switch x := v.(type) {
	case nil, bool, int64, Decimal, string:
		n.V = x
	case int:
		n.V = int64(x)
	case uint64:
		n.V = Decimal(strconv.FormatUint(x, 10))
	default:
		n.V = fmt.Sprint(x)
	}
}

// GetValue returns V.
func (n *Value) GetValue() any { return n.V }

// GetString returns a string constant's text, "" for any other constant.
func (n *Value) GetString() string {
	s, _ := n.V.(string)
	return s
}

// GetDatumString is GetString, under the name that ast.ValueExpr asks for.
func (n *Value) GetDatumString() string { return n.GetString() }

// GetProjectionOffset is unused; ast.ValueExpr asks for it.
func (n *Value) GetProjectionOffset() int { return -1 }

// SetProjectionOffset does nothing; ast.ValueExpr asks for it.
func (n *Value) SetProjectionOffset(int) {}

// Restore writes the constant as core text.
func (n *Value) Restore(ctx *format.RestoreCtx) error {
	switch v := n.V.(type) {
	case nil:
		ctx.WriteKeyWord("NULL")
	case bool:
		if v {
			ctx.WriteKeyWord("TRUE")
		} else {
			ctx.WriteKeyWord("FALSE")
		}
	case string:
		ctx.WriteString(v)
	default:
		ctx.WritePlain(fmt.Sprint(v))
	}
	return nil
}

// Format writes the constant for a person to read.
func (n *Value) Format(w io.Writer) { _, _ = fmt.Fprint(w, n.V) }

// Accept visits the node, which has no children.
func (n *Value) Accept(v ast.Visitor) (ast.Node, bool) {
	node, _ := v.Enter(n)
	return v.Leave(node)
}

// marker stands for ?, which the core text never holds; the parser wants the type.
type marker struct{ Value }

// SetOrder does nothing; ast.ParamMarkerExpr asks for it.
func (*marker) SetOrder(int) {}
