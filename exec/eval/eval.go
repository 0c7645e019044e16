// Package eval compiles expressions into column programs: kernels orchestrated
// over batches, with common subexpressions computed once, selections narrowed
// where SQL does not evaluate, and dictionaries evaluated once.
package eval

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
)

// Program computes expressions over batches. It is used by one goroutine, and
// its results are valid until its next Eval.
type Program struct {
	roots []node
	st    state
	root  scope
	out   []*vector.Vector
}

// state is what one evaluation of a program shares.
type state struct {
	c   *function.Context
	b   *vector.Batch
	n   int    // physical rows
	gen uint64 // names scopes: every entry into one gets a new number
	all []int32
}

// scope is a set of rows under evaluation: all rows (nil) or those of sel.
// Scopes nest: what was computed in an enclosing one holds in the inner ones.
type scope struct {
	sel    []int32
	parent *scope
	gen    uint64
}

// node computes one expression. The result holds at the scope's rows and may
// have any encoding; it is valid until the node is evaluated in a scope that
// the present one does not enclose.
type node interface {
	eval(st *state, x *scope) (*vector.Vector, error)
}

// enter makes x a fresh scope within parent.
func (st *state) enter(x *scope, parent *scope, sel []int32) *scope {
	st.gen++
	x.sel, x.parent, x.gen = sel, parent, st.gen
	return x
}

// rows returns the scope's rows as a list.
func (st *state) rows(x *scope) []int32 {
	if x.sel != nil {
		return x.sel
	}
	st.all = vector.Identity(st.all, st.n)
	return st.all
}

// count returns the number of the scope's rows.
func (st *state) count(x *scope) int {
	if x.sel != nil {
		return len(x.sel)
	}
	return st.n
}

// Compile prepares expressions over batches whose columns have the types of in.
// All column references must be Inputs.
func Compile(exprs []expr.Expr, in []types.Type, c *function.Context) (*Program, error) {
	folded := make([]expr.Expr, len(exprs))
	for i, e := range exprs {
		folded[i] = Fold(e, c)
	}
	return compileAll(folded, in, c)
}

func compileAll(exprs []expr.Expr, in []types.Type, c *function.Context) (*Program, error) {
	k := newCompiler(in, c, true)
	p := &Program{out: make([]*vector.Vector, len(exprs)), st: state{c: c}}
	for _, e := range exprs {
		n, err := k.compile(e)
		if err != nil {
			return nil, err
		}
		p.roots = append(p.roots, n)
	}
	return p, nil
}

// Eval computes the expressions for the rows that b selects. Result vectors
// have b.Rows rows in any encoding and hold only at the selected positions; they
// may be columns of b. Buffers are reused by the next Eval, so a batch made of
// them is not Owned.
func (p *Program) Eval(b *vector.Batch) ([]*vector.Vector, error) {
	p.st.b, p.st.n = b, b.Rows
	x := p.st.enter(&p.root, nil, b.Sel)
	for i, r := range p.roots {
		v, err := r.eval(&p.st, x)
		if err != nil {
			return nil, err
		}
		p.out[i] = v
	}
	return p.out, nil
}

// memoNode computes its node once for a scope and all within.
type memoNode struct {
	node
	at  *scope
	gen uint64
	out *vector.Vector
}

func (m *memoNode) eval(st *state, x *scope) (*vector.Vector, error) {
	for s := x; s != nil; s = s.parent {
		if s == m.at && s.gen == m.gen {
			return m.out, nil
		}
	}
	m.at = nil
	v, err := m.node.eval(st, x)
	if err == nil {
		m.at, m.gen, m.out = x, x.gen, v
	}
	return v, err
}

// inputNode is a column of the batch.
type inputNode struct{ index int }

func (n *inputNode) eval(st *state, _ *scope) (*vector.Vector, error) {
	return st.b.Cols[n.index], nil
}

// constNode is a literal.
type constNode struct{ v *vector.Vector }

func (n *constNode) eval(st *state, _ *scope) (*vector.Vector, error) {
	n.v.Len = st.n
	return n.v, nil
}
