package logical

import (
	"slices"

	"github.com/flintsql/flint/sql/expr"
)

// JoinKind is the kind of a join; L is the left input, R the right one.
type JoinKind uint8

// The kinds. Semi and Anti output L's columns. Mark outputs L's columns and
// the boolean column Mark: true where some R row satisfies On, NULL where none
// does but for some R row On is NULL, else false. (NOT IN is NOT mark.)
// Single outputs L's columns and R's, NULL-extended as Left does, and fails with
// 21000 where more than one R row satisfies On: the scalar subquery.
// RightSemi and RightAnti output R's columns: Semi and Anti with the sides
// swapped, so that the outer side is built. Only physical plans have them.
// NullAware Anti (ANTI with NullAware set) keeps the L rows whose mark would be false:
// NOT IN with its NULL semantics.
const (
	Inner JoinKind = iota
	Left
	Right
	Full
	Semi
	Anti
	Mark
	Single
	RightSemi
	RightAnti
)

var joinNames = [...]string{"Inner", "Left", "Right", "Full", "Semi", "Anti", "Mark", "Single", "RightSemi", "RightAnti"}

func (k JoinKind) String() string { return joinNames[k] }

// Join combines two inputs. On are conjuncts; none means a cross join.
type Join struct {
	Kind      JoinKind
	L, R      Node
	On        []expr.Expr
	NullAware bool   // Anti only
	MarkCol   Column // Mark only
	schema    joinedSchema
}

// Apply is a dependent join: R may refer to columns of L (correlation), also
// deep inside. The analyzer makes it from subqueries and LATERAL; unnesting
// turns every Apply into Joins, so physical plans have none. Semantics per L row are those of Join.
type Apply struct {
	Kind    JoinKind // Inner, Left, Semi, Anti, Mark, Single
	L, R    Node
	On      []expr.Expr
	MarkCol Column
	schema  joinedSchema
}

func (*Join) isNode()  {}
func (*Apply) isNode() {}

// joinedSchema remembers what a join of two inputs yields: rules ask for it all
// the time. A copy of a join over other inputs has it computed anew.
type joinedSchema struct {
	kind JoinKind
	l, r Node
	cols []Column
}

// of returns the output columns of a join. Plans belong to one goroutine.
func (s *joinedSchema) of(k JoinKind, l, r Node, mark Column) []Column {
	switch k {
	case Semi, Anti:
		cols := l.Schema()
		return cols[:len(cols):len(cols)]
	case Mark:
		return append(slices.Clone(l.Schema()), mark)
	}
	if s.cols == nil || s.kind != k || s.l != l || s.r != r {
		*s = joinedSchema{k, l, r, joinSchema(k, l.Schema(), r.Schema())}
	}
	return s.cols
}

func joinSchema(k JoinKind, l, r []Column) []Column {
	out := make([]Column, 0, len(l)+len(r))
	out = append(append(out, l...), r...)
	if k == Right || k == Full {
		setNullable(out[:len(l)])
	}
	if k == Left || k == Full || k == Single {
		setNullable(out[len(l):])
	}
	return out
}

func setNullable(cols []Column) {
	for i := range cols {
		cols[i].Field.Nullable = true
	}
}

func (n *Join) Schema() []Column  { return n.schema.of(n.Kind, n.L, n.R, n.MarkCol) }
func (n *Apply) Schema() []Column { return n.schema.of(n.Kind, n.L, n.R, n.MarkCol) }

func (n *Join) Children() []Node  { return []Node{n.L, n.R} }
func (n *Apply) Children() []Node { return []Node{n.L, n.R} }

func (n *Join) WithChildren(c []Node) Node  { x := *n; x.L, x.R = c[0], c[1]; return &x }
func (n *Apply) WithChildren(c []Node) Node { x := *n; x.L, x.R = c[0], c[1]; return &x }

func (n *Join) Exprs() []expr.Expr  { return n.On }
func (n *Apply) Exprs() []expr.Expr { return n.On }

func (n *Join) WithExprs(e []expr.Expr) Node  { x := *n; x.On = e; return &x }
func (n *Apply) WithExprs(e []expr.Expr) Node { x := *n; x.On = e; return &x }

func (n *Join) String() string {
	s := n.Kind.String() + " Join"
	if len(n.On) == 0 {
		if n.Kind == Inner {
			return "Cross Join"
		}
		return s
	}
	if n.NullAware {
		s = "NullAware " + s
	}
	return s + " on " + expr.FormatAnd(n.On)
}

func (n *Apply) String() string {
	s := n.Kind.String() + " Apply"
	if len(n.On) > 0 {
		s += " on " + expr.FormatAnd(n.On)
	}
	return s
}
