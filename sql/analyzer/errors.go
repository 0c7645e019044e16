package analyzer

import (
	"strings"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// pos is the position of a node in the client's text; 0 within a view.
func (b *binder) pos(n ast.Node) int {
	if n == nil || b.views > 0 || n.OriginTextPosition() == 0 { // TiDB gave it no offset
		return 0
	}
	return b.q.Position(n)
}

// start is where an expression begins: its leftmost position.
func (b *binder) start(n ast.Node) int {
	if n == nil || b.views > 0 {
		return 0
	}
	v := &leftmost{b: b}
	n.Accept(v)
	return v.pos
}

type leftmost struct {
	b   *binder
	pos int
}

// Enter looks at every node outside of subqueries.
func (v *leftmost) Enter(n ast.Node) (ast.Node, bool) {
	if p := v.b.pos(n); p > 0 && (v.pos == 0 || p < v.pos) {
		v.pos = p
	}
	_, query := n.(*ast.SubqueryExpr)
	return n, query
}

// Leave does nothing.
func (v *leftmost) Leave(n ast.Node) (ast.Node, bool) { return n, true }

// errorFrom is errorAt with the expression's start as position.
func (b *binder) errorFrom(n ast.Node, code, format string, args ...any) *sqlerr.Error {
	return sqlerr.New(code, format, args...).At(b.start(n))
}

func (b *binder) errorAt(n ast.Node, code, format string, args ...any) *sqlerr.Error {
	return sqlerr.New(code, format, args...).At(b.pos(n))
}

func (b *binder) unsupported(n ast.Node, what string) error {
	return b.errorAt(n, sqlerr.FeatureNotSupported, "%s is not supported", what)
}

// clauseText is how Postgres names a clause in "… are not allowed in X".
var clauseText = map[clause]string{
	inWhere: "WHERE", inGroupBy: "GROUP BY", inJoinOn: "JOIN conditions", inFunction: "functions in FROM",
	inLimit: "LIMIT", inValues: "VALUES", inFilter: "FILTER", inWindow: "window definitions",
	inHaving: "HAVING", inFrame: "window ROWS",
}

func typeList(ts []types.Type) string {
	s := make([]string, len(ts))
	for i, t := range ts {
		s[i] = t.String()
	}
	return strings.Join(s, ", ")
}

func (b *binder) noFunction(n ast.Node, name string, args []types.Type) error {
	return b.errorAt(n, sqlerr.UndefinedFunction, "function %s(%s) does not exist", name, typeList(args)).
		WithHint("No function matches the given name and argument types. You might need to add explicit type casts.")
}

func (b *binder) ambiguousFunction(n ast.Node, name string, args []types.Type) error {
	return b.errorAt(n, sqlerr.AmbiguousFunction, "function %s(%s) is not unique", name, typeList(args)).
		WithHint("Could not choose a best candidate function. You might need to add explicit type casts.")
}

func (b *binder) noOperator(n ast.Node, op string, args []types.Type) error {
	text := op + " " + args[0].String()
	if len(args) == 2 {
		text = args[0].String() + " " + op + " " + args[1].String()
	}
	return b.errorAt(n, sqlerr.UndefinedFunction, "operator does not exist: %s", text).
		WithHint("No operator matches the given name and argument types. You might need to add explicit type casts.")
}

func (b *binder) ambiguousOperator(n ast.Node, op string, args []types.Type) error {
	text := op + " " + args[0].String()
	if len(args) == 2 {
		text = args[0].String() + " " + op + " " + args[1].String()
	}
	return b.errorAt(n, sqlerr.AmbiguousFunction, "operator is not unique: %s", text).
		WithHint("Could not choose a best candidate operator. You might need to add explicit type casts.")
}
