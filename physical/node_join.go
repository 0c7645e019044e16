package physical

import (
	"strings"

	"github.com/flintsql/flint/sql/expr"
)

// HashJoin builds a hash table from R and probes it with L. Kinds as in the
// logical package. Rows match if all keys are equal (NULL never equals, unless NullSafe[i]: then
// NULL equals NULL) and every Residual is true (over L's columns, then R's).
//
// Output: L's columns then R's; Semi and Anti: L's; Mark: L's and the mark.
// NullAware (Anti, Mark): the first key follows IN's three-valued logic — a
// NULL key on either side makes a non-match NULL. For Mark that is the mark's value; for Anti such rows are dropped.
// The other keys (correlation) are plain.
//
// RightSemi and RightAnti output R's columns: the rows with (without) a match.
//
// SharedBuild says that R reads a broadcast edge: the tasks of one process
// build one table together and share it. Kinds that emit build rows after all probing (Right, Full, RightSemi,
// RightAnti) then share the marks too, and the stage's last task emits; the planner combines them only where all
// tasks run in one process for good.
type HashJoin struct {
	Base
	Kind         JoinKind
	L, R         Node
	LKeys, RKeys []expr.Expr // same types pairwise
	NullSafe     []bool
	Residual     []expr.Expr
	NullAware    bool
	SharedBuild  bool
	// Emit lists the output columns (positions in the output described above); nil = all.
	Emit []int
}

// NestedLoopJoin compares every row of L with every row of R, which is kept in
// memory. It serves joins without equality keys; kinds and output as HashJoin.
type NestedLoopJoin struct {
	Base
	Kind        JoinKind
	L, R        Node
	On          []expr.Expr
	NullAware   bool // Anti: rows with a NULL comparison are dropped too
	SharedBuild bool
	Emit        []int
}

func (n *HashJoin) Children() []Node       { return []Node{n.L, n.R} }
func (n *NestedLoopJoin) Children() []Node { return []Node{n.L, n.R} }

func (n *HashJoin) String() string {
	s := make([]string, len(n.LKeys))
	for i := range n.LKeys {
		op := " = "
		if i < len(n.NullSafe) && n.NullSafe[i] {
			op = " IS NOT DISTINCT FROM "
		}
		s[i] = n.LKeys[i].String() + op + n.RKeys[i].String()
	}
	out := n.Kind.String() + " HashJoin on " + strings.Join(s, " AND ")
	if n.NullAware {
		out = "NullAware " + out
	}
	if len(n.Residual) > 0 {
		out += " if " + expr.FormatAnd(n.Residual)
	}
	return out
}

func (n *NestedLoopJoin) String() string {
	s := n.Kind.String() + " NestedLoopJoin"
	if len(n.On) > 0 {
		s += " on " + expr.FormatAnd(n.On)
	}
	return s
}
