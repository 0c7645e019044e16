package core

import (
	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/opcode"
)

// Join is a join, whatever its encoding. Kind is "inner", "left", "right",
// "full", "semi" or "anti". At most one of On, Using and Natural is set; none
// for CROSS JOIN, a comma, and NATURAL joins.
type Join struct {
	Kind    string
	On      ast.ExprNode
	Natural bool
	Using   []*Value // column names, each with its own position
	Alias   string   // of JOIN USING (…) AS alias
}

// JoinOf reads a join node. A node without a Right side is no join: FROM's root
// is such a node when there is one item only.
func JoinOf(n *ast.Join) Join {
	j := Join{Kind: "inner"}
	switch n.Tp {
	case ast.LeftJoin:
		j.Kind = "left"
	case ast.RightJoin:
		j.Kind = "right"
	}
	if n.On == nil {
		return j
	}
	j.On = n.On.Expr
	name, args, ok := Call(j.On)
	if !ok || len(args) == 0 {
		return j
	}
	switch name {
	case JoinFull, JoinSemi, JoinAnti:
		j.Kind, j.On = name[len(Prefix):], args[0]
	case JoinNatural:
		j.Kind, j.On, j.Natural = Text(args[0]), nil, true
	case JoinUsing:
		j.Kind, j.On, j.Alias = Text(args[0]), nil, Text(args[1])
		for _, a := range args[2:] {
			if v, isValue := a.(*Value); isValue {
				j.Using = append(j.Using, v)
			}
		}
	}
	return j
}

// From is an item of FROM, whatever its encoding. Exactly one of Table, Query
// and Calls is set.
type From struct {
	Table      *ast.TableName
	Query      ast.ResultSetNode // *ast.SelectStmt or *ast.SetOprStmt
	Calls      []ast.ExprNode    // a function, or those of ROWS FROM; Lateral is implied
	Lateral    bool              // of Query
	Ordinality bool              // of Calls
	Alias      string            // "" only for a table without one
	Columns    []string          // the alias' column list
	Types      []string          // of a function's column definition list (a int, b text); else nil
}

// FromOf reads a table source.
func FromOf(t *ast.TableSource) From {
	f := From{Alias: t.AsName.O}
	if n, ok := t.Source.(*ast.TableName); ok {
		f.Table = n
		return f
	}
	f.Query = t.Source
	if len(t.ColumnNames) == 0 {
		return f
	}
	for _, c := range t.ColumnNames[1:] {
		f.Columns = append(f.Columns, c.O)
	}
	kind := t.ColumnNames[0].O
	f.Lateral = kind == FromLateral
	if kind == FromSubquery || kind == FromLateral {
		return f
	}
	f.Ordinality = kind == FromFunctionOrd || kind == FromRowsFromOrd
	s, ok := t.Source.(*ast.SelectStmt)
	if !ok {
		return f
	}
	f.Query = nil
	for _, field := range s.Fields.Fields {
		if v, isType := field.Expr.(*Value); isType && kind == FromFunction {
			f.Types = append(f.Types, v.GetString())
			continue
		}
		f.Calls = append(f.Calls, Unparen(field.Expr))
	}
	return f
}

// SetOperand is a query of a chain of set operations. Op is "" for the first
// one, else "union", "except" or "intersect": what stands before it.
type SetOperand struct {
	Op    string
	All   bool
	Query ast.ResultSetNode // *ast.SelectStmt or *ast.SetOprStmt
}

// SetOperands gives the operands of a chain, which binds from left to right.
func SetOperands(n *ast.SetOprStmt) []SetOperand {
	out := make([]SetOperand, len(n.SelectList.Selects))
	for i, s := range n.SelectList.Selects {
		var before *ast.SetOprType
		switch x := s.(type) {
		case *ast.SelectStmt:
			before, out[i].Query = x.AfterSetOperator, x
		case *ast.SetOprSelectList:
			before = x.AfterSetOperator
			if isSingle(x) {
				out[i].Query = x.Selects[0].(*ast.SelectStmt)
				break
			}
			out[i].Query = &ast.SetOprStmt{
				SelectList: &ast.SetOprSelectList{Selects: x.Selects}, With: x.With, OrderBy: x.OrderBy,
			}
		}
		if i > 0 && before != nil {
			out[i].Op, out[i].All = setOp(*before)
		}
	}
	return out
}

func setOp(t ast.SetOprType) (string, bool) {
	switch t {
	case ast.UnionAll:
		return "union", true
	case ast.Except:
		return "except", false
	case ast.ExceptAll:
		return "except", true
	case ast.Intersect:
		return "intersect", false
	case ast.IntersectAll:
		return "intersect", true
	}
	return "union", false
}

// The native operators of the core, for a switch over BinaryOperationExpr.Op.
const (
	And = opcode.LogicAnd
	Or  = opcode.LogicOr
	Add = opcode.Plus
	Sub = opcode.Minus
	Mul = opcode.Mul
	EQ  = opcode.EQ
	NE  = opcode.NE
	LT  = opcode.LT
	LE  = opcode.LE
	GT  = opcode.GT
	GE  = opcode.GE
	// NullSafeEQ is Spark's <=>.
	NullSafeEQ = opcode.NullEQ
)
