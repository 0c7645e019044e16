package logical

import (
	"fmt"
	"strings"

	"github.com/flintsql/flint/sql/expr"
)

// Filter keeps the rows for which every conjunct is true.
type Filter struct {
	Input Node
	Preds []expr.Expr
}

// Item is a computed column.
type Item struct {
	Col  Column
	Expr expr.Expr
}

// Project computes its items; a plain pass-through keeps the column's ID
// (Item.Col.ID == the referred column's ID).
type Project struct {
	Input Node
	Items []Item
}

// SortKey orders by an expression. PostgreSQL's default: NULLs last ascending,
// first descending.
type SortKey struct {
	Expr       expr.Expr
	Desc       bool
	NullsFirst bool
}

// Sort orders its input totally.
type Sort struct {
	Input Node
	Keys  []SortKey
}

// Limit passes Count rows (-1 = all) after skipping Offset. WithTies passes the
// peers of the last row too, by Keys (its input is then sorted by them).
// CountExpr/OffsetExpr are set while the bounds are parameters; after parameters are bound,
// they are nil.
type Limit struct {
	Input                 Node
	Count, Offset         int64
	CountExpr, OffsetExpr expr.Expr
	WithTies              bool
	Keys                  []SortKey
}

// TopN is Limit over Sort without ties: the Count rows after Offset in the order of Keys.
type TopN struct {
	Input         Node
	Keys          []SortKey
	Count, Offset int64
}

func (*Filter) isNode()  {}
func (*Project) isNode() {}
func (*Sort) isNode()    {}
func (*Limit) isNode()   {}
func (*TopN) isNode()    {}

func (n *Filter) Schema() []Column { return n.Input.Schema() }
func (n *Sort) Schema() []Column   { return n.Input.Schema() }
func (n *Limit) Schema() []Column  { return n.Input.Schema() }
func (n *TopN) Schema() []Column   { return n.Input.Schema() }

// Schema of a Project are its items' columns.
func (n *Project) Schema() []Column {
	out := make([]Column, len(n.Items))
	for i, it := range n.Items {
		out[i] = it.Col
	}
	return out
}

func (n *Filter) Children() []Node  { return []Node{n.Input} }
func (n *Project) Children() []Node { return []Node{n.Input} }
func (n *Sort) Children() []Node    { return []Node{n.Input} }
func (n *Limit) Children() []Node   { return []Node{n.Input} }
func (n *TopN) Children() []Node    { return []Node{n.Input} }

func (n *Filter) WithChildren(c []Node) Node  { x := *n; x.Input = c[0]; return &x }
func (n *Project) WithChildren(c []Node) Node { x := *n; x.Input = c[0]; return &x }
func (n *Sort) WithChildren(c []Node) Node    { x := *n; x.Input = c[0]; return &x }
func (n *Limit) WithChildren(c []Node) Node   { x := *n; x.Input = c[0]; return &x }
func (n *TopN) WithChildren(c []Node) Node    { x := *n; x.Input = c[0]; return &x }

func (n *Filter) Exprs() []expr.Expr  { return n.Preds }
func (n *Project) Exprs() []expr.Expr { return itemExprs(n.Items) }
func (n *Sort) Exprs() []expr.Expr    { return keyExprs(n.Keys) }
func (n *TopN) Exprs() []expr.Expr    { return keyExprs(n.Keys) }

// Exprs of a Limit are its keys, then its parameterized bounds.
func (n *Limit) Exprs() []expr.Expr {
	out := keyExprs(n.Keys)
	for _, e := range []expr.Expr{n.CountExpr, n.OffsetExpr} {
		if e != nil {
			out = append(out, e)
		}
	}
	return out
}

func (n *Filter) WithExprs(e []expr.Expr) Node { x := *n; x.Preds = e; return &x }
func (n *Project) WithExprs(e []expr.Expr) Node {
	x := *n
	x.Items = withItemExprs(n.Items, e)
	return &x
}
func (n *Sort) WithExprs(e []expr.Expr) Node { x := *n; x.Keys = withKeyExprs(n.Keys, e); return &x }
func (n *TopN) WithExprs(e []expr.Expr) Node { x := *n; x.Keys = withKeyExprs(n.Keys, e); return &x }

// WithExprs of a Limit takes what Exprs gives.
func (n *Limit) WithExprs(e []expr.Expr) Node {
	x := *n
	x.Keys, e = withKeyExprs(n.Keys, e[:len(n.Keys)]), e[len(n.Keys):]
	if n.CountExpr != nil {
		x.CountExpr, e = e[0], e[1:]
	}
	if n.OffsetExpr != nil {
		x.OffsetExpr = e[0]
	}
	return &x
}

func itemExprs(items []Item) []expr.Expr {
	out := make([]expr.Expr, len(items))
	for i, it := range items {
		out[i] = it.Expr
	}
	return out
}

func withItemExprs(items []Item, e []expr.Expr) []Item {
	out := make([]Item, len(items))
	for i, it := range items {
		out[i] = Item{it.Col, e[i]}
	}
	return out
}

func keyExprs(keys []SortKey) []expr.Expr {
	out := make([]expr.Expr, len(keys))
	for i, k := range keys {
		out[i] = k.Expr
	}
	return out
}

func withKeyExprs(keys []SortKey, e []expr.Expr) []SortKey {
	out := make([]SortKey, len(keys))
	for i, k := range keys {
		k.Expr = e[i]
		out[i] = k
	}
	return out
}

func (n *Filter) String() string { return "Filter " + expr.FormatAnd(n.Preds) }

func (n *Project) String() string {
	s := make([]string, len(n.Items))
	for i, it := range n.Items {
		s[i] = it.Expr.String()
		if s[i] != it.Col.Field.Name {
			s[i] += " AS " + it.Col.Field.Name
		}
	}
	return "Project " + strings.Join(s, ", ")
}

// FormatKeys prints sort keys as ORDER BY would.
func FormatKeys(keys []SortKey) string {
	s := make([]string, len(keys))
	for i, k := range keys {
		s[i] = k.Expr.String()
		if k.Desc {
			s[i] += " DESC"
		}
		if k.NullsFirst != k.Desc {
			s[i] += map[bool]string{true: " NULLS FIRST", false: " NULLS LAST"}[k.NullsFirst]
		}
	}
	return strings.Join(s, ", ")
}

func (n *Sort) String() string { return "Sort " + FormatKeys(n.Keys) }

func (n *Limit) String() string {
	s := "Limit"
	switch {
	case n.CountExpr != nil:
		s += " " + n.CountExpr.String()
	case n.Count >= 0:
		s += fmt.Sprintf(" %d", n.Count)
	}
	switch {
	case n.OffsetExpr != nil:
		s += " offset " + n.OffsetExpr.String()
	case n.Offset > 0:
		s += fmt.Sprintf(" offset %d", n.Offset)
	}
	if n.WithTies {
		s += " with ties"
	}
	return s
}

func (n *TopN) String() string {
	s := fmt.Sprintf("TopN %d by %s", n.Count, FormatKeys(n.Keys))
	if n.Offset > 0 {
		s += fmt.Sprintf(" offset %d", n.Offset)
	}
	return s
}
