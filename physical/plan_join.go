package physical

import (
	"slices"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// joinKeys is a join condition taken apart.
type joinKeys struct {
	l, r     []expr.Expr
	nullSafe []bool
	residual []expr.Expr
}

// join chooses between hash join and nested loops, and how the build side R
// reaches the tasks of the probe side L.
func (p *planner) join(n *logical.Join, need expr.ColumnSet) (*fragment, error) {
	inner := with(need, n.On...)
	l, err := p.build(n.L, inner)
	if err != nil {
		return nil, err
	}
	r, err := p.build(n.R, inner)
	if err != nil {
		return nil, err
	}
	k := splitCondition(n, l, r)
	n = withoutNulls(n, k)
	if hashable(n, k) {
		if buildOuterSide(n, l, r) {
			s, k, l, r := swapped(n, k, l, r)
			return p.hashJoin(s, n, k, l, r, need), nil
		}
		return p.hashJoin(n, n, k, l, r, need), nil
	}
	return p.nestedLoop(n, l, r, need), nil
}

// splitCondition finds the equalities between the two sides.
func splitCondition(n *logical.Join, l, r *fragment) joinKeys {
	var k joinKeys
	lset, rset := columnSet(l.cols), columnSet(r.cols)
	for _, c := range n.On {
		a, b, nullSafe, ok := equality(c)
		ca, cb := expr.ColumnSet{}, expr.ColumnSet{}
		if ok {
			ca, cb = expr.Columns(a), expr.Columns(b)
			if len(ca) > 0 && len(cb) > 0 && rset.Contains(ca) && lset.Contains(cb) {
				a, b, ca, cb = b, a, cb, ca
			}
		}
		if ok && len(ca) > 0 && len(cb) > 0 && lset.Contains(ca) && rset.Contains(cb) && a.Type().Storage() == b.Type().Storage() {
			k.l, k.r, k.nullSafe = append(k.l, a), append(k.r, b), append(k.nullSafe, nullSafe)
		} else {
			k.residual = append(k.residual, c)
		}
	}
	return k
}

func columnSet(cols []logical.Column) expr.ColumnSet {
	s := expr.ColumnSet{}
	for _, c := range cols {
		s.Add(c.ID)
	}
	return s
}

func equality(e expr.Expr) (a, b expr.Expr, nullSafe, ok bool) {
	switch e := e.(type) {
	case *expr.Call:
		if e.Func.Name == "=" && len(e.Args) == 2 {
			return e.Args[0], e.Args[1], false, true
		}
	case *expr.Distinct:
		if e.Negated {
			return e.L, e.R, true, true
		}
	}
	return nil, nil, false, false
}

// hashable decides whether a hash join gives the join's exact semantics. IN's
// three-valued logic is known to it for one nullable key without residuals.
func hashable(n *logical.Join, k joinKeys) bool {
	if len(k.l) == 0 {
		return false
	}
	if n.Kind != logical.Mark && !n.NullAware {
		return true
	}
	nullable := 0
	for i := range k.l {
		if !k.nullSafe[i] && (nullableExpr(k.l[i], n.L) || nullableExpr(k.r[i], n.R)) {
			nullable++
		}
	}
	return nullable == 0 && len(k.residual) == 0 || nullable == 1 && len(k.residual) == 0
}

func nullableExpr(e expr.Expr, n logical.Node) bool {
	c, ok := e.(*expr.Column)
	if !ok {
		return true
	}
	for _, s := range n.Schema() {
		if s.ID == c.ID {
			return s.Field.Nullable
		}
	}
	return true
}

// hashJoin joins as n says; as is the logical plan's join, by which it is estimated.
func (p *planner) hashJoin(n, as *logical.Join, k joinKeys, l, r *fragment, need expr.ColumnSet) *fragment {
	nullAware := false
	if n.Kind == logical.Mark || n.NullAware {
		nullAware = nullKeyFirst(n, &k)
	}
	l, r, shared := p.bringTogether(n, k, l, r, nullAware)
	node := &HashJoin{Kind: n.Kind, L: l.root, R: r.root, LKeys: bindAll(k.l, l.positions()), RKeys: bindAll(k.r, r.positions()),
		NullSafe: k.nullSafe, NullAware: nullAware, SharedBuild: shared}
	cols, both := joinColumns(n, l, r)
	node.Residual = bindAll(k.residual, both)
	cols, node.Emit = emit(cols, need)
	node.Base = p.base(cols, p.est.Rows(as))
	p.sendFilters(node, l, r)
	out := l.on(node, cols)
	out.bytes = p.est.Bytes(as)
	out.hash = joinHash(n, k, l, r)
	return out
}

// keepsBuild reports kinds that emit build rows by whether they had a match, once
// all of the probe side was seen.
func keepsBuild(k JoinKind) bool {
	return k == logical.Right || k == logical.Full || k == logical.RightSemi || k == logical.RightAnti
}

// buildOuterSide decides whether a semi or anti join builds its outer side: when
// the inner one is much larger, its rows need only be streamed past.
func buildOuterSide(n *logical.Join, l, r *fragment) bool {
	semi := n.Kind == logical.Semi || n.Kind == logical.Anti && !n.NullAware
	return semi && r.rows() > smallRows && r.rows() > 2*l.rows()
}

func swapped(n *logical.Join, k joinKeys, l, r *fragment) (*logical.Join, joinKeys, *fragment, *fragment) {
	x := *n
	x.Kind = map[logical.JoinKind]logical.JoinKind{logical.Semi: logical.RightSemi, logical.Anti: logical.RightAnti}[n.Kind]
	x.L, x.R = n.R, n.L
	k.l, k.r = k.r, k.l
	return &x, k, r, l
}

// nullKeyFirst moves the one nullable plain key to the front and reports
// whether there is one.
func nullKeyFirst(n *logical.Join, k *joinKeys) bool {
	for i := range k.l {
		if !k.nullSafe[i] && (nullableExpr(k.l[i], n.L) || nullableExpr(k.r[i], n.R)) {
			k.l[0], k.l[i] = k.l[i], k.l[0]
			k.r[0], k.r[i] = k.r[i], k.r[0]
			k.nullSafe[0], k.nullSafe[i] = k.nullSafe[i], k.nullSafe[0]
			return true
		}
	}
	return false
}

// bringTogether moves the build side to the probe's tasks: in place, by
// broadcast, or by repartitioning both sides on the keys.
func (p *planner) bringTogether(n *logical.Join, k joinKeys, l, r *fragment, nullAware bool) (*fragment, *fragment, bool) {
	buildOuter := keepsBuild(n.Kind)
	switch {
	case colocates(n, nullAware) && p.colocate(k, l, r):
		return l, r, false
	case l.single() && (r.single() || buildOuter || r.rows() <= smallRows || !p.large(l)):
		return l, p.oneTask(r, l.st), false
	}
	if colocates(n, nullAware) {
		if x, y, ok := p.toRanges(n.Kind, k, l, r); ok {
			return x, y, false
		}
	}
	switch {
	case !buildOuter && (nullAware || p.broadcastable(r)), buildOuter && p.o.InProcess && p.large(l):
		return l, p.into(unordered(r), Partitioning{Kind: Broadcast, N: 1}, l.st), true
	case buildOuter && !p.large(l) && !p.large(r):
		l = p.gatherUnordered(l)
		return l, p.oneTask(r, l.st), false
	}
	l, lk := p.keyColumns(l, k.l) // from here on, keys are columns
	r, rk := p.keyColumns(r, k.r)
	if order := l.alignedWith(lk); order != nil {
		if l.st.tasks == r.st.tasks && slices.Equal(order, r.alignedWith(rk)) {
			p.merge(r.st, l.st)
			return l, r, false
		}
		return l, p.hashInto(unordered(r), inOrder(rk, order), l.st), false
	}
	if order := r.alignedWith(rk); order != nil {
		return p.hashInto(unordered(l), inOrder(lk, order), r.st), r, false
	}
	if len(k.residual) == 0 {
		switch n.Kind { // of one side nothing but its keys matters, each of them once
		case logical.RightSemi, logical.RightAnti:
			l = p.distinctKeys(l, lk, n.L)
		case logical.Semi, logical.Anti:
			r = p.distinctKeys(r, rk, n.R)
		}
	}
	st := p.newStage(p.o.Slots)
	return p.hashInto(unordered(l), lk, st), p.hashInto(unordered(r), rk, st), false
}

// distinctKeys drops rows with the same keys as others of their task before they are moved, where that leaves few; of is
// the fragment's logical plan.
func (p *planner) distinctKeys(f *fragment, keys []expr.ColumnID, of logical.Node) *fragment {
	if p.o.Processes <= 1 || !p.large(f) {
		return f
	}
	n := &logical.Aggregate{Input: of}
	for _, id := range keys {
		at := slices.IndexFunc(f.cols, func(c logical.Column) bool { return c.ID == id })
		n.Groups = append(n.Groups, logical.Item{Col: f.cols[at], Expr: f.cols[at].Ref()})
	}
	rows := p.est.Rows(n) * float64(f.st.tasks)
	if rows > partialReduction*f.rows() {
		return f
	}
	return p.partial(n, f, nil, rows)
}

// alignedWith says by which of the keys, in which order, a fragment is partitioned;
// nil if it is partitioned otherwise.
func (f *fragment) alignedWith(keys []expr.ColumnID) []int {
	if f.single() {
		return nil
	}
	var order []int
	for _, eq := range f.hash {
		at := -1
		for i, k := range keys {
			if slices.Contains(eq, k) {
				at = i
				break
			}
		}
		if at < 0 {
			return nil
		}
		order = append(order, at)
	}
	return order
}

func inOrder(keys []expr.ColumnID, order []int) []expr.ColumnID {
	out := make([]expr.ColumnID, len(order))
	for i, o := range order {
		out[i] = keys[o]
	}
	return out
}

// withoutNulls drops IN's NULL semantics from an anti join in which no NULL can be.
func withoutNulls(n *logical.Join, k joinKeys) *logical.Join {
	if !n.NullAware || len(k.l) == 0 || len(k.residual) > 0 || nullKeyFirst(n, &k) {
		return n
	}
	x := *n
	x.NullAware = false
	return &x
}

func unordered(f *fragment) *fragment { f.ordering = nil; return f }

func (p *planner) large(f *fragment) bool { return f.rows() > smallRows }

// broadcastable: within one process a build is shared by reference, so only
// memory speaks against it. A threshold of 0 forbids broadcasts wherever there is another way.
func (p *planner) broadcastable(r *fragment) bool {
	if p.o.BroadcastBytes <= 0 {
		return false
	}
	return p.o.Processes <= 1 || r.bytes <= p.o.BroadcastBytes || r.rows() <= smallRows
}

// oneTask brings a fragment into a stage that has one task.
func (p *planner) oneTask(r *fragment, st *stage) *fragment {
	if r.st.mergeable() && r.single() && r.reuse == nil {
		p.merge(r.st, st)
		r.st = st
		return r
	}
	return p.into(unordered(r), Partitioning{Kind: Gather, N: 1}, st)
}

// mergeable reports whether a stage can become part of another one: nothing
// else reads it.
func (s *stage) mergeable() bool { return len(s.outputs) == 0 }

// merge makes from's scans and inputs part of stage to.
func (p *planner) merge(from, to *stage) {
	if from == to {
		return
	}
	for _, e := range from.inputs {
		e.to = to
		to.inputs = append(to.inputs, e)
	}
	to.scans = append(to.scans, from.scans...)
	from.inputs, from.scans = nil, nil
	p.stages = without(p.stages, from)
}

// keyColumns makes sure that keys are columns of the fragment: it computes the others
// beneath, and replaces them in ks.
func (p *planner) keyColumns(f *fragment, ks []expr.Expr) (*fragment, []expr.ColumnID) {
	ids := make([]expr.ColumnID, len(ks))
	cols := append([]logical.Column(nil), f.cols...)
	var es []expr.Expr
	for i, k := range ks {
		if c, ok := k.(*expr.Column); ok {
			ids[i] = c.ID
			continue
		}
		c := p.computed(k.String(), k.Type())
		ks[i] = c.Ref()
		ids[i] = c.ID
		cols = append(cols, c)
		es = append(es, bind(k, f.positions()))
	}
	if es == nil {
		return f, ids
	}
	return p.extend(f, cols, es), ids
}

// joinColumns returns the join's output columns and the positions of both
// sides' columns for residuals.
func joinColumns(n *logical.Join, l, r *fragment) ([]logical.Column, map[expr.ColumnID]int) {
	both := append(append([]logical.Column(nil), l.cols...), r.cols...)
	switch n.Kind {
	case logical.Semi, logical.Anti:
		return append([]logical.Column(nil), l.cols...), positions(both)
	case logical.RightSemi, logical.RightAnti:
		return append([]logical.Column(nil), r.cols...), positions(both)
	case logical.Mark:
		return append(append([]logical.Column(nil), l.cols...), n.MarkCol), positions(both)
	}
	cols := append([]logical.Column(nil), both...)
	for i := range cols {
		left := i < len(l.cols)
		if left && (n.Kind == logical.Right || n.Kind == logical.Full) ||
			!left && (n.Kind == logical.Left || n.Kind == logical.Full || n.Kind == logical.Single) {
			cols[i].Field.Nullable = true
		}
	}
	return cols, positions(both)
}

// emit drops the columns nobody needs.
func emit(cols []logical.Column, need expr.ColumnSet) ([]logical.Column, []int) {
	out, idx := []logical.Column{}, []int{}
	for i, c := range cols {
		if c.ID != 0 && need.Has(c.ID) {
			out, idx = append(out, c), append(idx, i)
		}
	}
	if len(out) == len(cols) {
		return cols, nil
	}
	return out, idx
}

// joinHash is the partitioning of a join's output: L's, where equal columns of
// R are as good; R's where its rows are kept whether they have a match or not.
func joinHash(n *logical.Join, k joinKeys, l, r *fragment) [][]expr.ColumnID {
	switch n.Kind {
	case logical.Right, logical.RightSemi, logical.RightAnti:
		return r.hash
	case logical.Full:
		return nil
	}
	if l.hash == nil {
		return nil
	}
	out := make([][]expr.ColumnID, len(l.hash))
	for i, eq := range l.hash {
		out[i] = append([]expr.ColumnID(nil), eq...)
		if n.Kind != logical.Inner {
			continue
		}
		for j := range k.l {
			a, ok := k.l[j].(*expr.Column)
			b, ok2 := k.r[j].(*expr.Column)
			if ok && ok2 && anyIn(eq, expr.ColumnSet{a.ID: {}}) {
				out[i] = append(out[i], b.ID)
			}
		}
	}
	return out
}

// nestedLoop compares all pairs; R is broadcast, or both sides come to one task
// where unmatched R rows must be known.
func (p *planner) nestedLoop(n *logical.Join, l, r *fragment, need expr.ColumnSet) *fragment {
	shared := false
	switch {
	case l.single():
		r = p.oneTask(r, l.st)
	case n.Kind == logical.Right || n.Kind == logical.Full:
		l = p.gatherUnordered(l)
		r = p.oneTask(r, l.st)
	default:
		r, shared = p.into(unordered(r), Partitioning{Kind: Broadcast, N: 1}, l.st), true
	}
	node := &NestedLoopJoin{Kind: n.Kind, L: l.root, R: r.root, SharedBuild: shared, NullAware: n.NullAware}
	cols, both := joinColumns(n, l, r)
	node.On = bindAll(n.On, both)
	cols, node.Emit = emit(cols, need)
	node.Base = p.base(cols, p.est.Rows(n))
	out := l.on(node, cols)
	out.bytes = p.est.Bytes(n)
	out.hash = joinHash(n, joinKeys{}, l, r)
	return out
}
