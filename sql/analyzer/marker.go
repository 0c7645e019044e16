package analyzer

import (
	"strconv"
	"strings"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// marker binds a call of the core's own forms.
func (b *binder) marker(x *ast.FuncCallExpr, name string, args []ast.ExprNode, k *block) (expr.Expr, error) {
	switch name {
	case core.Cast, core.TryCast:
		return b.castForm(x, name == core.TryCast, args, k)
	case core.Param:
		return b.param(x, args)
	case core.Array:
		return b.arrayForm(args, k, x)
	case core.ArrayOf:
		return b.arrayOf(x, args[0], k)
	case core.Row:
		return nil, b.unsupported(x, "a row value")
	case core.Elem:
		return b.elem(x, args, k)
	case core.Field:
		return b.field(x, args, k)
	case core.Slice:
		return b.slice(x, args, k)
	case core.Star, core.Bits, core.Overlaps, core.IsNormalized:
		return nil, b.unsupported(x, "this expression")
	case core.Like, core.ILike, core.SimilarTo, core.RLike:
		return b.like(x, name, args, k)
	case core.Div:
		return b.callNamed("div", args, x, k)
	case core.BetweenSymmetric:
		return b.between([3]ast.ExprNode{args[0], args[1], args[2]}, true, x, k)
	case core.IsDistinctFrom:
		return b.distinctFrom(args[0], args[1], false, x, k)
	case core.IsUnknown:
		e, err := b.boolean(args[0], k, "IS UNKNOWN")
		if err != nil {
			return nil, err
		}
		return &expr.Test{Kind: expr.IsNull, Arg: e}, nil
	case core.Collate:
		return b.collate(x, args, k)
	case core.Grouping:
		return b.grouping(x, args, k)
	case core.CountStar, core.AggDistinct, core.AggOrderBy, core.WithinGroup, core.Filter, core.IgnoreNulls:
		return b.wrappedCall(x, k, nil)
	case core.Default:
		return nil, b.errorAt(x, sqlerr.Syntax, "DEFAULT is not allowed in this context")
	}
	if op, quantifier, ok := core.Quantified(name); ok {
		return b.quantified(x, op, quantifier == "all", args, k)
	}
	if op, ok := core.Operator(name); ok {
		return b.operatorMarker(x, op, args, k)
	}
	return nil, b.errorAt(x, sqlerr.Internal, "unknown form %q", name)
}

// operatorMarker binds an operator that the core writes as a call; || may have
// many operands, which associate to the left.
func (b *binder) operatorMarker(x *ast.FuncCallExpr, op string, args []ast.ExprNode, k *block) (expr.Expr, error) {
	if op == "!=" {
		op = "<>"
	}
	if len(args) == 1 {
		e, err := b.expr(args[0], k)
		if err != nil {
			return nil, err
		}
		return b.prefix(op, e, x)
	}
	if len(args) == 2 {
		return b.infix(op, args[0], args[1], x, k)
	}
	es, err := b.exprs(args, k)
	if err != nil {
		return nil, err
	}
	left := es[0]
	for _, e := range es[1:] {
		if left, err = b.operator(op, []expr.Expr{left, e}, x); err != nil {
			return nil, err
		}
	}
	return left, nil
}

func (b *binder) param(x ast.Node, args []ast.ExprNode) (expr.Expr, error) {
	v, ok := core.Unparen(args[0]).(*core.Value)
	n, isInt := int64(0), false
	if ok {
		n, isInt = v.V.(int64)
		if s, text := v.V.(string); text {
			i, err := strconv.ParseInt(s, 10, 32)
			n, isInt = i, err == nil
		}
	}
	if !isInt || n < 1 || n > 65535 {
		return nil, b.errorAt(x, sqlerr.UndefinedParameter, "there is no parameter $%d", n)
	}
	for len(b.params) < int(n) {
		b.params = append(b.params, types.Type{})
	}
	t := b.params[n-1]
	if t.Kind == types.Unknown {
		b.open = append(b.open, int(n))
	}
	return &expr.Param{N: int(n), Typ: t}, nil
}

var likeOperators = map[string]string{core.Like: "~~", core.ILike: "~~*", core.SimilarTo: "~", core.RLike: "~"}

// like binds the pattern matches as Postgres does: an escape rewrites the pattern.
func (b *binder) like(x ast.Node, name string, args []ast.ExprNode, k *block) (expr.Expr, error) {
	es, err := b.exprs(args, k)
	if err != nil {
		return nil, err
	}
	pattern := es[1]
	switch {
	case name == core.SimilarTo:
		pattern, err = b.callFunc("similar_to_escape", es[1:], x)
	case len(es) == 3:
		pattern, err = b.callFunc("like_escape", es[1:], x)
	}
	if err != nil {
		return nil, err
	}
	return b.operator(likeOperators[name], []expr.Expr{es[0], pattern}, x)
}

// collations that compare bytes, as Flint does; the others would sort otherwise.
var collations = map[string]bool{`"C"`: true, `"POSIX"`: true, "default": true, `"default"`: true, "c": true, "ucs_basic": true}

func (b *binder) collate(x ast.Node, args []ast.ExprNode, k *block) (expr.Expr, error) {
	e, err := b.expr(args[0], k)
	if err != nil {
		return nil, err
	}
	if e.Type().Kind == types.Unknown {
		if e, err = b.coerce(e, types.Of(types.Text), x); err != nil {
			return nil, err
		}
	}
	if !e.Type().IsString() && e.Type().Kind != types.Array {
		return nil, b.errorAt(x, sqlerr.DatatypeMismatch, "collations are not supported by type %s", e.Type())
	}
	name := core.Text(args[1])
	if !collations[name] {
		return nil, b.errorAt(x, sqlerr.UndefinedObject, "collation \"%s\" for encoding \"UTF8\" does not exist", unquote(name))
	}
	return e, nil
}

func unquote(s string) string {
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// castForm binds x::type.
func (b *binder) castForm(x ast.Node, try bool, args []ast.ExprNode, k *block) (expr.Expr, error) {
	t, err := b.typeNamed(core.Text(args[1]), args[1])
	if err != nil {
		return nil, err
	}
	if items, ok := core.IsCall(args[0], core.Array); ok && t.Kind == types.Array {
		return b.arrayCast(items, t, x, k)
	}
	e, ok := floatConstant(args[0], t)
	if !ok {
		if e, err = b.expr(intervalConstant(args[0], core.Text(args[1])), k); err != nil {
			return nil, err
		}
	}
	if try {
		return b.tryCast(e, t, x)
	}
	if e, err = b.explicitCast(e, t, x, args[0]); err != nil {
		return nil, err
	}
	return b.toPrecision(e, core.Text(args[1]), x)
}

// toPrecision rounds what was cast to timestamp(3) and its like; the type itself
// does not keep the precision.
func (b *binder) toPrecision(e expr.Expr, typ string, at ast.Node) (expr.Expr, error) {
	switch e.Type().Kind {
	case types.Time, types.Timestamp, types.TimestampTZ, types.Interval:
	default:
		return e, nil
	}
	_, rest, _ := strings.Cut(typ, "(")
	digits, _, ok := strings.Cut(rest, ")")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil {
		return e, nil
	}
	t := e.Type()
	return b.callFunc(t.InternalName(), []expr.Expr{e, &expr.Literal{Value: value.Int4(int32(n))}}, at)
}

// floatConstant reads a number with an exponent that is cast to a float from its
// text: it may be larger than any numeric. The core writes such a number as '1e300'::numeric.
func floatConstant(n ast.ExprNode, t types.Type) (expr.Expr, bool) {
	args, ok := core.IsCall(core.Unparen(n), core.Cast)
	if !ok || !t.IsFloat() || len(args) != 2 || core.Text(args[1]) != "numeric" {
		return nil, false
	}
	v, ok := args[0].(*core.Value)
	if !ok {
		return nil, false
	}
	s, _ := v.V.(string)
	_, err := strconv.ParseFloat(s, 64)
	return &expr.Literal{Value: value.Value{Type: types.Of(types.Unknown), S: s}}, err == nil && isNumber(strings.TrimPrefix(s, "-")[:1])
}

// arrayCast binds ARRAY[…]::t[]: the cast is pushed to the elements.
func (b *binder) arrayCast(items []ast.ExprNode, t types.Type, x ast.Node, k *block) (expr.Expr, error) {
	out := &expr.ArrayExpr{Typ: t, Elems: make([]expr.Expr, len(items))}
	for i, it := range items {
		e, err := b.expr(it, k)
		if err != nil {
			return nil, err
		}
		if out.Elems[i], err = b.explicitCast(e, t.ElemType(), x, it); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (b *binder) typeNamed(name string, n ast.Node) (types.Type, error) {
	t, ok := parseType(name)
	if ok {
		return t, nil
	}
	if mods, numeric := strings.CutPrefix(name, "numeric("); numeric {
		if err := b.numericModifiers(mods, n); err != nil {
			return t, err
		}
	}
	return t, b.errorAt(n, sqlerr.UndefinedObject, "type \"%s\" does not exist", unquote(name))
}

// numericModifiers checks the rest of numeric(precision, scale).
func (b *binder) numericModifiers(mods string, at ast.Node) error {
	p, s, _ := strings.Cut(strings.TrimSuffix(mods, ")"), ",")
	if n, err := strconv.Atoi(strings.TrimSpace(p)); err == nil && (n < 1 || n > 1000) {
		return b.errorAt(at, sqlerr.InvalidParameterValue, "NUMERIC precision %d must be between 1 and 1000", n)
	}
	if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && (n < -1000 || n > 1000) {
		return b.errorAt(at, sqlerr.InvalidParameterValue, "NUMERIC scale %d must be between -1000 and 1000", n)
	}
	return nil
}

// literal binds a constant of the core.
func (b *binder) literal(n *core.Value) (expr.Expr, error) {
	switch v := n.V.(type) {
	case nil:
		return nullOf(types.Of(types.Unknown)), nil
	case bool:
		return &expr.Literal{Value: value.Bool(v)}, nil
	case int64:
		return &expr.Literal{Value: intValue(v)}, nil
	case core.Decimal:
		d, err := numericValue(string(v))
		if err != nil {
			return nil, sqlerr.From(err).At(b.pos(n))
		}
		return &expr.Literal{Value: d}, nil
	case string:
		l := &expr.Literal{Value: value.Value{Type: types.Of(types.Unknown), S: v}}
		if b.views == 0 {
			b.consts[l] = n
		}
		return l, nil
	}
	return nil, b.errorAt(n, sqlerr.Internal, "unknown constant %T", n.V)
}
