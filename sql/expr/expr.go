// Package expr holds bound, typed, immutable expressions. Names, overloads and
// implicit casts are resolved; what remains is a tree to optimize and evaluate.
package expr

import (
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// ColumnID names a column within one query: unique across the plan, so no rule
// ever renumbers.
type ColumnID int32

// Expr is a node of an expression tree.
type Expr interface {
	Type() types.Type
	Children() []Expr
	// WithChildren returns the same node over other children, of the same number and types.
	WithChildren([]Expr) Expr
	String() string // SQL-like, for EXPLAIN
	isExpr()
}

// Column refers to a column of the plan by its ID (logical plans).
type Column struct {
	ID   ColumnID
	Name string
	Typ  types.Type
}

// Input refers to a column of the operator's input batch by position (physical
// plans).
type Input struct {
	Index int
	Name  string
	Typ   types.Type
}

// Literal is a constant.
type Literal struct{ Value value.Value }

// Param is $N (1-based) of a prepared statement; it is replaced by a Literal
// before execution.
type Param struct {
	N   int
	Typ types.Type
}

// Call applies a function or operator. Type is the result type for these
// arguments.
type Call struct {
	Func *function.Func
	Args []Expr
	Typ  types.Type
}

// LogicOp is AND or OR.
type LogicOp uint8

// The n-ary logic operators.
const (
	And LogicOp = iota
	Or
)

// Logic is an n-ary AND or OR with three-valued logic. Later arguments are
// evaluated only for rows the earlier ones left undecided.
type Logic struct {
	Op   LogicOp
	Args []Expr
}

// Not negates a boolean (NULL stays NULL).
type Not struct{ Arg Expr }

// TestKind is what IS tests.
type TestKind uint8

// The IS tests. IsTrue etc. never return NULL.
const (
	IsNull TestKind = iota
	IsNotNull
	IsTrue
	IsNotTrue
	IsFalse
	IsNotFalse
)

// Test is x IS [NOT] NULL / TRUE / FALSE (UNKNOWN is NULL).
type Test struct {
	Kind TestKind
	Arg  Expr
}

// Distinct is a IS [NOT] DISTINCT FROM b. The operands have one type.
type Distinct struct {
	Negated bool // IS NOT DISTINCT FROM
	L, R    Expr
}

// When is one branch of a Case.
type When struct{ Cond, Result Expr }

// Case is the searched CASE; simple CASE, COALESCE and NULLIF are written in its
// terms only where no operand would be evaluated twice. Branches are evaluated
// only for rows that reach them. Else is never nil (a NULL literal instead).
type Case struct {
	Whens []When
	Else  Expr
	Typ   types.Type
}

// Coalesce returns its first argument that is not NULL; later ones are evaluated
// only where needed. All have type Typ.
type Coalesce struct {
	Args []Expr
	Typ  types.Type
}

// Cast converts to a type. Implicit and explicit casts differ only for
// varchar(n)/char(n), where an explicit one truncates.
type Cast struct {
	Arg      Expr
	To       types.Type
	Explicit bool
}

// In is Arg [NOT] IN (List): literals or expressions of the same type as Arg.
type In struct {
	Arg     Expr
	List    []Expr
	Negated bool
}

// ArrayExpr is ARRAY[...].
type ArrayExpr struct {
	Elems []Expr
	Typ   types.Type
}

// AnyAll is Arg op ANY/ALL (array). Op is a comparison or pattern operator over (Arg, element).
type AnyAll struct {
	Op    *function.Func
	All   bool
	Arg   Expr
	Array Expr
}
