package cost

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// Feedback knows the rows that other queries measured (LEO: Stillger et al.,
// "LEO – DB2's LEarning Optimizer", VLDB 2001).
type Feedback interface {
	// Knows reports whether anything was measured of a table.
	Knows(table uint64) bool
	// Rows returns the rows that were measured of a subplan.
	Rows(d [16]byte) (float64, bool)
}

// CorrectFrom is by how many times an estimate must be off before it is
// corrected: smaller errors change no plan for the better, and plans must not waver.
const CorrectFrom = 2

// digester corrects estimates by feedback.
type digester struct {
	source Feedback
	names  *namer
	known  map[uint64]bool       // tables of which something was measured
	usable map[logical.Node]bool // subplans of such tables only
	fixed  map[logical.Node]bool
}

// WithFeedback makes the model correct its estimates by what was measured.
func (m *Model) WithFeedback(f Feedback) *Model {
	m.feedback = &digester{source: f, names: newNamer(), known: map[uint64]bool{}, usable: map[logical.Node]bool{}, fixed: map[logical.Node]bool{}}
	return m
}

// Learnt reports that a node's estimate comes from feedback.
func (m *Model) Learnt(n logical.Node) bool { return m.feedback != nil && m.feedback.fixed[n] }

// Named returns the digest of a subplan and the tables in it; false where it has none.
func (m *Model) Named(n logical.Node) (Digest, []uint64, bool) {
	k := newNamer()
	if m.feedback != nil {
		k = m.feedback.names
	}
	s := k.shape(n)
	if s.bad || len(s.tables) == 0 {
		return Digest{}, nil, false
	}
	return s.digest(), s.tables, true
}

// OffBy is by how many times two numbers of rows differ; less than one row counts as one.
func OffBy(a, b float64) float64 {
	a, b = max(1, a), max(1, b)
	return max(a/b, b/a)
}

// correct gives a node's properties the measured number of rows.
func (m *Model) correct(n logical.Node, p *Props) *Props {
	switch x := n.(type) {
	case *logical.Scan, *logical.Filter, *logical.Join:
	case *logical.Aggregate:
		if len(x.Groups) == 0 {
			return p
		}
	default:
		return p
	}
	if !m.feedback.covers(n) {
		return p
	}
	out, ok := m.feedback.correct(m.feedback.names.shape(n), p)
	if ok {
		m.feedback.fixed[n] = true
	}
	return out
}

func (d *digester) correct(s *shape, p *Props) (*Props, bool) {
	if s.bad || len(s.tables) == 0 {
		return p, false
	}
	rows, ok := d.source.Rows(s.digest())
	if !ok || OffBy(rows, p.Rows) < CorrectFrom {
		return p, false
	}
	return scaled(p, rows), true
}

// covers reports whether something was measured of every table under n: only then can
// n itself have been measured. It is asked of every node, so that digests are made of few.
func (d *digester) covers(n logical.Node) bool {
	yes, ok := d.usable[n]
	if ok {
		return yes
	}
	kids := n.Children()
	yes = len(kids) > 0
	if x, isScan := n.(*logical.Scan); isScan {
		v := d.names.version(x)
		known, asked := d.known[v.digest]
		if v.ok && !asked {
			known = d.source.Knows(v.digest)
			d.known[v.digest] = known
		}
		yes = v.ok && known
	}
	for _, k := range kids {
		yes = yes && d.covers(k)
	}
	d.usable[n] = yes
	return yes
}

// Covers reports whether something was measured of every table under some of the nodes.
func (m *Model) Covers(nodes []logical.Node) bool {
	if m.feedback == nil {
		return false
	}
	for _, n := range nodes {
		if m.feedback.covers(n) {
			return true
		}
	}
	return false
}

// Operator is a join of another kind among inner ones, as a search for their order knows it.
type Operator struct {
	Kind      logical.JoinKind
	Right     logical.Node
	On        []expr.Expr
	NullAware bool
	Mark      logical.Column
}

// CorrectJoined corrects the estimate of relations joined under conditions,
// with operators applied to them, whatever the order.
func (m *Model) CorrectJoined(p *Props, rels []logical.Node, on []expr.Expr, ops []Operator) (*Props, bool) {
	if m.feedback == nil {
		return p, false
	}
	k, s := m.feedback.names, &shape{}
	for _, r := range rels {
		if !m.feedback.covers(r) {
			return p, false
		}
		s.merge(k.shape(r))
	}
	for _, o := range ops {
		k.op(s, o.Kind, o.Right, o.On, o.NullAware, o.Mark)
	}
	k.conditions(s, on)
	return m.feedback.correct(s, p)
}
