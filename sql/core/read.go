package core

import (
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/opcode"
)

func upper(s string) string { return strings.ToUpper(s) }

// Unparen strips parentheses. They never carry meaning in the core, but the
// position of a native operator is that of the parentheses around it.
func Unparen(e ast.ExprNode) ast.ExprNode {
	for {
		p, ok := e.(*ast.ParenthesesExpr)
		if !ok {
			return e
		}
		e = p.Expr
	}
}

// Call reads a marker call: its name and arguments. It is false for an
// ordinary function and for anything else.
func Call(e ast.ExprNode) (name string, args []ast.ExprNode, ok bool) {
	f, ok := Unparen(e).(*ast.FuncCallExpr)
	if !ok || !strings.HasPrefix(f.FnName.O, Prefix) {
		return "", nil, false
	}
	return f.FnName.O, f.Args, true
}

// IsCall tells whether e is a call of the marker, and gives its arguments.
func IsCall(e ast.ExprNode, marker string) ([]ast.ExprNode, bool) {
	name, args, ok := Call(e)
	if !ok || name != marker {
		return nil, false
	}
	return args, true
}

// Text reads a string constant, such as a marker's "s" argument; "" for
// anything else.
func Text(e ast.ExprNode) string {
	if v, ok := Unparen(e).(*Value); ok {
		return v.GetString()
	}
	return ""
}

// Operands gives the terms of a chain of AND, or of OR, from left to right. Such
// a chain is left-deep and may have many thousand terms; Operands does not recurse.
func Operands(e ast.ExprNode, op opcode.Op) []ast.ExprNode {
	var terms []ast.ExprNode
	for {
		b, ok := Unparen(e).(*ast.BinaryOperationExpr)
		if !ok || b.Op != op {
			break
		}
		terms = append(terms, b.R)
		e = b.L
	}
	terms = append(terms, e)
	for i, j := 0, len(terms)-1; i < j; i, j = i+1, j-1 {
		terms[i], terms[j] = terms[j], terms[i]
	}
	return terms
}

// SortKey is a key of ORDER BY. Nulls is "first", "last" or "" (not written).
type SortKey struct {
	Expr  ast.ExprNode
	Desc  bool
	Nulls string
}

// SortKeyOf reads a sort key: Asc or Desc, inside NullsFirst or NullsLast.
func SortKeyOf(e ast.ExprNode) SortKey {
	var k SortKey
	name, args, _ := Call(e)
	if (name == NullsFirst || name == NullsLast) && len(args) == 1 {
		k.Nulls = "first"
		if name == NullsLast {
			k.Nulls = "last"
		}
		name, args, _ = Call(args[0])
	}
	if (name == Asc || name == Desc) && len(args) == 1 {
		k.Desc, k.Expr = name == Desc, args[0]
		return k
	}
	k.Expr = e
	return k
}

// LimitClause is LIMIT n OFFSET offset; a nil expression was not written.
type LimitClause struct {
	Count, Offset ast.ExprNode
	WithTies      bool
}

// SplitLimit takes an ORDER BY apart: the sort keys, and the limit that rides
// as its last item (nil without one). The clause may be nil.
func SplitLimit(o *ast.OrderByClause) ([]SortKey, *LimitClause) {
	if o == nil {
		return nil, nil
	}
	items := o.Items
	var limit *LimitClause
	if args, ok := IsCall(items[len(items)-1].Expr, Limit); ok && len(args) == 3 {
		limit = &LimitClause{Count: given(args[0]), Offset: given(args[1]), WithTies: Text(args[2]) == "ties"}
		items = items[:len(items)-1]
	}
	keys := make([]SortKey, len(items))
	for i, it := range items {
		keys[i] = SortKeyOf(it.Expr)
	}
	return keys, limit
}

// given is nil for Omitted.
func given(e ast.ExprNode) ast.ExprNode {
	if _, omitted := IsCall(e, Omitted); omitted {
		return nil
	}
	return e
}

// FrameClause is a window frame. Mode is "rows", "range" or "groups". Start and
// End are "unbounded preceding", "preceding", "current row", "following" or
// "unbounded following"; an Offset is nil but for "preceding" and "following".
// Exclude is "", "current row", "group", "ties" or "no others".
type FrameClause struct {
	Mode, Start, End       string
	StartOffset, EndOffset ast.ExprNode
	Exclude                string
}

// SplitFrame takes a PARTITION BY apart: the expressions, and the frame that
// rides as its last item (nil without one). The clause may be nil.
func SplitFrame(p *ast.PartitionByClause) ([]ast.ExprNode, *FrameClause) {
	if p == nil {
		return nil, nil
	}
	exprs := make([]ast.ExprNode, len(p.Items))
	for i, it := range p.Items {
		exprs[i] = it.Expr
	}
	args, ok := IsCall(exprs[len(exprs)-1], Frame)
	if !ok || len(args) != 6 {
		return exprs, nil
	}
	return exprs[:len(exprs)-1], &FrameClause{
		Mode: Text(args[0]), Start: Text(args[1]), StartOffset: given(args[2]),
		End: Text(args[3]), EndOffset: given(args[4]), Exclude: Text(args[5]),
	}
}
