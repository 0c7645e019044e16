package optimizer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// inlineReuse puts a shared subplan that is read once, or that is cheaper to
// compute than to keep, in its reader's place.
//
//	WITH x AS (SELECT a FROM t) SELECT * FROM x → SELECT a FROM t
type inlineReuse struct{ *env }

func (inlineReuse) Name() string { return "inline_reuse" }
func (inlineReuse) Order() Order { return WholeTree }

func (r inlineReuse) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	refs := map[int]int{}
	seen := map[int]bool{}
	var count func(logical.Node)
	count = func(n logical.Node) {
		if x, ok := n.(*logical.Reuse); ok {
			refs[x.ID]++
			if seen[x.ID] {
				return
			}
			seen[x.ID] = true
		}
		var buf [2]logical.Node
		for _, c := range logical.AppendChildren(buf[:0], n) {
			count(c)
		}
	}
	count(n)
	changed := false
	done := map[logical.Node]logical.Node{} // inputs that stay shared
	var walk func(logical.Node) logical.Node
	walk = func(n logical.Node) logical.Node {
		x, ok := n.(*logical.Reuse)
		if !ok {
			return mapChildren(n, walk)
		}
		if refs[x.ID] > 1 && !trivial(x.Input) {
			in, ok := done[x.Input]
			if !ok {
				in = walk(x.Input)
				done[x.Input] = in
			}
			if in == x.Input {
				return n
			}
			return n.WithChildren([]logical.Node{in})
		}
		changed = true
		in := x.Input
		if refs[x.ID] > 1 {
			in, _ = logical.CloneFresh(in, r.ids)
		}
		in = walk(in)
		items := make([]logical.Item, len(x.Cols))
		for i, c := range in.Schema() {
			items[i] = logical.Item{Col: x.Cols[i], Expr: c.Ref()}
		}
		return &logical.Project{Input: in, Items: items}
	}
	out := walk(n)
	return out, changed, nil
}

// mapChildren replaces the children of n; n itself stays if none changed.
func mapChildren(n logical.Node, f func(logical.Node) logical.Node) logical.Node {
	var buf [2]logical.Node
	var fresh []logical.Node
	for i, k := range logical.AppendChildren(buf[:0], n) {
		out := f(k)
		if out != k && fresh == nil {
			fresh = slices.Clone(n.Children())
		}
		if fresh != nil {
			fresh[i] = out
		}
	}
	if fresh == nil {
		return n
	}
	return n.WithChildren(fresh)
}

// trivial reports a subplan that is not worth keeping: values, or columns of a table.
func trivial(n logical.Node) bool {
	switch x := n.(type) {
	case *logical.Scan:
		return x.Limit < 0 && !volatileNode(n)
	case *logical.Values:
		return len(x.Rows) <= 1 && !volatileNode(n)
	case *logical.Project, *logical.Filter:
		return !volatileNode(n) && trivial(n.Children()[0])
	}
	return false
}

func volatileNode(n logical.Node) bool {
	for _, e := range n.Exprs() {
		if expr.Volatile(e) {
			return true
		}
	}
	return false
}

// shareSubplans computes equal subplans once.
//
//	SELECT … FROM (SELECT sum(x) FROM t JOIN s … GROUP BY k) a, (SELECT avg(x) FROM t JOIN s …) b
//	→ t JOIN s is computed once and read twice
type shareSubplans struct{ *env }

func (shareSubplans) Name() string { return "share_subplans" }
func (shareSubplans) Order() Order { return WholeTree }

// sharedRows is how many rows of tables a subplan must read to be worth sharing.
const sharedRows = 100_000

func (r shareSubplans) Apply(_ context.Context, n logical.Node, m *cost.Model) (logical.Node, bool, error) {
	s := &sharer{env: r.env, model: m, print: map[logical.Node]fingerprint{}, count: map[string]int{}, first: map[string]*logical.Reuse{},
		inputs: map[logical.Node]logical.Node{}, done: map[logical.Node]bool{}, shape: map[logical.Node]uint64{}, alike: map[uint64]int{}, read: map[logical.Node]float64{}}
	s.shapeOf(n)
	s.survey(n)
	s.lastID = maxReuse(n)
	out := s.node(n)
	return out, out != n, nil
}

// fingerprint is equal for subplans that compute the same but for column IDs;
// ok is false for what can't be shared.
type fingerprint struct {
	text string
	cols []expr.ColumnID // all columns, in the order of their definition
	ok   bool
}

// sharer finds and shares equal subplans of one plan.
type sharer struct {
	*env
	model  *cost.Model
	print  map[logical.Node]fingerprint
	count  map[string]int
	first  map[string]*logical.Reuse
	inputs map[logical.Node]logical.Node // of Reuse nodes: nil until seen, then what they became
	done   map[logical.Node]bool
	shape  map[logical.Node]uint64  // equal for equal subplans, and for few others
	alike  map[uint64]int           // how many subplans have a shape
	read   map[logical.Node]float64 // rows of tables that a subplan reads
	lastID int
}

// survey counts the fingerprints of all subplans worth sharing.
func (s *sharer) survey(n logical.Node) {
	if s.worth(n) {
		if f := s.of(n); f.ok {
			s.count[f.text]++
			if s.count[f.text] > 1 {
				return // its parts are shared with it
			}
		}
	}
	if r, ok := n.(*logical.Reuse); ok {
		if s.inputs[r.Input] != nil {
			return
		}
		s.inputs[r.Input] = r.Input
	}
	for _, c := range n.Children() {
		s.survey(c)
	}
}

// worth reports whether a subplan does enough to be computed only once, and whether there may be another like it.
func (s *sharer) worth(n logical.Node) bool {
	return s.alike[s.shapeOf(n)] > 1 && heavy(n) && (s.eager || s.readBy(n) >= sharedRows)
}

// readBy returns how many rows of tables a subplan reads.
func (s *sharer) readBy(n logical.Node) float64 {
	if rows, ok := s.read[n]; ok {
		return rows
	}
	rows := 0.0
	if scan, ok := n.(*logical.Scan); ok {
		plain := *scan
		plain.Filters = nil
		rows = s.model.Rows(&plain)
	}
	for _, c := range n.Children() {
		rows += s.readBy(c)
	}
	s.read[n] = rows
	return rows
}

// heavy reports whether a subplan is worth keeping: it joins or aggregates.
func heavy(n logical.Node) bool {
	switch n.(type) {
	case *logical.Join, *logical.Aggregate, *logical.Window:
		return true
	case *logical.Project, *logical.Filter:
		return heavy(n.Children()[0])
	}
	return false
}

func (s *sharer) of(n logical.Node) fingerprint {
	if f, ok := s.print[n]; ok {
		return f
	}
	f := printOf(n)
	s.print[n] = f
	return f
}

// printOf prints a subplan with its columns numbered by their first appearance.
func printOf(n logical.Node) fingerprint {
	f := fingerprint{ok: len(freeColumns(n)) == 0}
	num := map[expr.ColumnID]int{}
	number := func(id expr.ColumnID) int {
		k, ok := num[id]
		if !ok {
			k = len(num)
			num[id] = k
			f.cols = append(f.cols, id)
		}
		return k
	}
	var b strings.Builder
	var walk func(logical.Node)
	walk = func(n logical.Node) {
		if !f.ok {
			return
		}
		for _, c := range n.Children() {
			walk(c)
		}
		head, ok := describe(n)
		if !ok || volatileNode(n) {
			f.ok = false
			return
		}
		b.WriteString(head)
		ids := map[expr.ColumnID]expr.ColumnID{}
		es := n.Exprs()
		for _, c := range n.Schema() {
			fmt.Fprintf(&b, " %d:%v", number(c.ID), c.Field.Type)
		}
		for id := range expr.Columns(es...) {
			ids[id] = expr.ColumnID(number(id))
		}
		for _, e := range es {
			b.WriteString(" " + expr.Key(logical.Rename(e, ids)))
		}
		b.WriteByte('\n')
	}
	walk(n)
	f.text = b.String()
	return f
}

// describe prints what a node is beyond its schema and expressions; ok is false
// for nodes whose rows may differ from one evaluation to the next.
func describe(n logical.Node) (string, bool) {
	switch x := n.(type) {
	case *logical.Scan:
		return fmt.Sprintf("scan %s.%s.%s %v", x.Catalog, x.SchemaName, x.Name, x.Ordinals), x.Limit < 0
	case *logical.Filter:
		return "filter", true
	case *logical.Project:
		return "project", true
	case *logical.Join:
		return fmt.Sprintf("join %d %v", x.Kind, x.NullAware), true
	case *logical.Aggregate:
		s := fmt.Sprintf("aggregate %d %v %v", len(x.Groups), x.Sets, x.GroupingID.ID != 0)
		for _, a := range x.Aggs {
			s += fmt.Sprintf(" %s%v/%d/%v/%v", a.Func.Name, a.Distinct, len(a.Args), a.Filter != nil, len(a.OrderBy))
			for _, k := range a.OrderBy {
				s += fmt.Sprintf("%v%v", k.Desc, k.NullsFirst)
			}
		}
		return s, true
	case *logical.Values:
		return fmt.Sprintf("values %d", len(x.Rows)), true
	case *logical.Union:
		return fmt.Sprintf("union %d", len(x.Inputs)), true
	case *logical.Reuse:
		return fmt.Sprintf("reuse %d", x.ID), true
	}
	return "", false
}

// node shares the largest equal subplans.
func (s *sharer) node(n logical.Node) logical.Node {
	if s.worth(n) {
		if f := s.of(n); f.ok && s.count[f.text] > 1 {
			return s.share(n, f)
		}
	}
	if r, ok := n.(*logical.Reuse); ok {
		if !s.done[r.Input] {
			s.done[r.Input] = true
			s.inputs[r.Input] = s.node(r.Input)
		}
		if in := s.inputs[r.Input]; in != r.Input {
			return r.WithChildren([]logical.Node{in})
		}
		return r
	}
	return mapChildren(n, s.node)
}

func (s *sharer) share(n logical.Node, f fingerprint) logical.Node {
	r, ok := s.first[f.text]
	if !ok {
		in, _ := logical.CloneFresh(n, s.ids)
		s.lastID++
		r = &logical.Reuse{ID: s.lastID, Cols: n.Schema()}
		r.Input = mapChildren(in, s.node) // may hand out more IDs
		s.first[f.text] = r
		return r
	}
	return &logical.Reuse{ID: r.ID, Input: r.Input, Cols: n.Schema()}
}
