package exec

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// codeMarks are the columns of build sides that joins give out as dictionaries with the rows' numbers as codes, by the
// join: texts that an aggregation of the same task groups by, which so looks at each build row's text once. (Late
// materialization as in Abadi et al., "Materialization Strategies in a Column-Oriented DBMS", ICDE 2007.)
type codeMarks map[physical.OpID][]bool

// markCodes finds the columns by which an aggregation groups.
func (b *builder) markCodes(n *physical.HashAggregate) {
	for _, g := range n.Groups {
		if c, ok := g.(*expr.Input); ok && isCoded(c.Typ) && !n.Phase.ReadsStates() {
			b.markColumn(n.Input, c.Index)
		}
	}
}

// markColumn follows an output column of n to the join whose build side has it.
func (b *builder) markColumn(n physical.Node, c int) {
	for {
		switch x := n.(type) {
		case *physical.Filter:
			n = x.Input
		case *physical.Project:
			in, ok := x.Exprs[c].(*expr.Input)
			if !ok {
				return
			}
			n, c = x.Input, in.Index
		case *physical.HashJoin:
			if x.Emit != nil {
				c = x.Emit[c]
			}
			left := len(inputTypes(x.L))
			if x.Kind == logical.RightSemi || x.Kind == logical.RightAnti {
				return
			}
			if c >= left {
				b.mark(x, c-left)
				return
			}
			n = x.L
		default:
			return
		}
	}
}

func (b *builder) mark(n *physical.HashJoin, c int) {
	right := len(inputTypes(n.R))
	if c >= right { // the column that says whether there was a match
		return
	}
	if b.codes == nil {
		b.codes = codeMarks{}
	}
	if b.codes[n.ID] == nil {
		b.codes[n.ID] = make([]bool, right)
	}
	b.codes[n.ID][c] = true
}

// codedMost is what the columns may take that are given out as codes: who keeps such a column counts its dictionary.
const codedMost = 16 << 20

// codedColumns are the dictionaries of the marked columns of a side; nil for the others, and where all
// together take more than limit.
func codedColumns(cols []*vector.Vector, marks []bool, limit int64) []*vector.Vector {
	if marks == nil {
		return nil
	}
	out, size := make([]*vector.Vector, len(cols)), int64(0)
	for c, v := range cols {
		if !marks[c] || v == nil || v.Enc != vector.Flat || v.Len == 0 || v.Type.Storage() != types.StoreBytes {
			continue
		}
		d := *v
		d.Valid = nil
		out[c], size = &d, size+d.Size()
	}
	if size > limit {
		return nil
	}
	return out
}

// coded returns the rows r of column c of the build side as codes, false if that column is not given out so. r is
// good until the next batch, as is the result.
func (j *joinOp) coded(c int, r []int32) (*vector.Vector, bool) {
	s := j.side
	if s.dicts == nil || s.dicts[c] == nil {
		return nil, false
	}
	v := s.table.cols[c]
	nulls := hasNegative(r)
	out := &vector.Vector{Type: v.Type, Enc: vector.Dict, Len: len(r), Codes: r, Dictionary: s.dicts[c]}
	if v.Valid == nil && !nulls {
		return out, true
	}
	out.Valid = vector.AllValid(len(r))
	if nulls {
		out.Codes = make([]int32, len(r))
	}
	for i, x := range r {
		if x < 0 || v.IsNull(int(x)) {
			out.Valid[i>>3] &^= 1 << (i & 7)
		}
		if nulls {
			out.Codes[i] = max(x, 0)
		}
	}
	return out, true
}

func hasNegative(r []int32) bool {
	any := int32(0)
	for _, x := range r {
		any |= x
	}
	return any < 0
}
