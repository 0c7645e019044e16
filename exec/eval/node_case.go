package eval

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// caseNode is the searched CASE. A branch sees only the rows that reach it.
type caseNode struct {
	typ         types.Type
	conds       []node
	results     []node // one more than conds: ELSE
	m           merger
	inner       scope
	taken, rest []int32
}

func (c *caseNode) eval(st *state, x *scope) (*vector.Vector, error) {
	c.m.begin(c.typ, st.n)
	rest := append(c.rest[:0], st.rows(x)...)
	defer func() { c.rest = rest[:0] }()
	nulls := false
	for k, cond := range c.conds {
		if len(rest) == 0 {
			break
		}
		y := st.enter(&c.inner, x, rest)
		v, err := cond.eval(st, y)
		if err != nil {
			return nil, err
		}
		c.taken, rest = split(truthOf(v), c.taken, rest)
		if nulls, err = c.branch(st, x, c.results[k], c.taken, nulls); err != nil {
			return nil, err
		}
	}
	nulls, err := c.branch(st, x, c.results[len(c.conds)], rest, nulls)
	if err != nil {
		return nil, err
	}
	return c.m.finish(nulls)
}

func (c *caseNode) branch(st *state, x *scope, n node, rows []int32, nulls bool) (bool, error) {
	if len(rows) == 0 {
		return nulls, nil
	}
	v, err := n.eval(st, st.enter(&c.inner, x, rows))
	if err != nil {
		return nulls, err
	}
	c.m.add(v, rows)
	return nulls || v.Valid != nil, nil
}

// split divides rows into those where t is true and the others, in place and
// without a branch on the data.
func split(t truth, taken, rows []int32) (yes, no []int32) {
	yes = room(taken, len(rows))[:len(rows)]
	y, k := 0, 0
	if t.valid == nil && t.mask == -1 {
		vals := t.vals
		for _, i := range rows {
			b := int(vals[i] & 1)
			yes[y], rows[k] = i, i
			y += b
			k += 1 - b
		}
		return yes[:y], rows[:k]
	}
	for _, i := range rows {
		b := toInt(t.at(i) == 1)
		yes[y], rows[k] = i, i
		y += b
		k += 1 - b
	}
	return yes[:y], rows[:k]
}

// coalesceNode is COALESCE. An argument sees only the rows where those before
// it are NULL.
type coalesceNode struct {
	typ         types.Type
	args        []node
	m           merger
	inner       scope
	taken, rest []int32
}

func (c *coalesceNode) eval(st *state, x *scope) (*vector.Vector, error) {
	v, err := c.args[0].eval(st, x)
	if err != nil || v.Valid == nil {
		return v, err
	}
	c.m.begin(c.typ, st.n)
	rest := append(c.rest[:0], st.rows(x)...)
	defer func() { c.rest = rest[:0] }()
	for k := 0; ; k++ {
		c.taken = c.taken[:0]
		left := 0
		for _, i := range rest {
			if v.IsNull(int(i)) {
				rest[left] = i
				left++
			} else {
				c.taken = append(c.taken, i)
			}
		}
		rest = rest[:left]
		c.m.add(v, c.taken)
		if k == len(c.args)-1 || left == 0 {
			break
		}
		if v, err = c.args[k+1].eval(st, st.enter(&c.inner, x, rest)); err != nil {
			return nil, err
		}
	}
	c.m.null(rest)
	return c.m.finish(len(rest) > 0)
}
