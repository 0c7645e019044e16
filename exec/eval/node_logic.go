package eval

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/types"
)

var boolType = types.Of(types.Bool)

// truth reads a boolean vector row by row: 0, 1, or 2 for NULL.
type truth struct {
	vals  []uint8
	valid []byte
	mask  int
}

func truthOf(v *vector.Vector) truth {
	t := truth{vector.Values[uint8](v), v.Valid, -1}
	if v.Enc == vector.Const {
		t.mask = 0
	}
	return t
}

func (t truth) at(i int32) uint8 {
	k := int(i) & t.mask
	if !vector.IsValid(t.valid, k) {
		return 2
	}
	return t.vals[k]
}

// logicNode is AND or OR. A row drops out of the scope as soon as it is decided.
type logicNode struct {
	decides uint8 // the value that decides: 0 for AND, 1 for OR
	args    []node
	reg     register
	inner   scope
	rest    []int32
}

func (l *logicNode) eval(st *state, x *scope) (*vector.Vector, error) {
	out := l.reg.begin(boolType, st.n)
	vals, valid := vector.Values[uint8](out), l.reg.allValid(st.n)
	rest := append(l.rest[:0], st.rows(x)...)
	for _, i := range rest {
		vals[i] = l.decides ^ 1
	}
	nulls := false
	for k, a := range l.args {
		y := x
		if k > 0 {
			y = st.enter(&l.inner, x, rest)
		}
		if len(rest) == 0 {
			break
		}
		v, err := a.eval(st, y)
		if err != nil {
			return nil, err
		}
		rest, nulls = l.decide(truthOf(v), vals, valid, rest, nulls)
	}
	l.rest = rest
	if nulls {
		out.Valid = valid
	}
	return out, nil
}

// decide drops the rows that t decides, and marks those where it is NULL.
func (l *logicNode) decide(t truth, vals []uint8, valid []byte, rest []int32, nulls bool) ([]int32, bool) {
	k := 0
	if t.valid == nil && t.mask == -1 && !nulls {
		for _, i := range rest {
			b := t.vals[i] & 1
			vals[i] = b
			rest[k] = i
			k += int(b ^ l.decides)
		}
		return rest[:k], nulls
	}
	for _, i := range rest {
		switch b := t.at(i); b {
		case l.decides:
			vals[i] = b
			valid[i>>3] |= 1 << (i & 7)
			continue
		case 2:
			valid[i>>3] &^= 1 << (i & 7)
			nulls = true
		}
		rest[k] = i
		k++
	}
	return rest[:k], nulls
}

// notNode is NOT.
type notNode struct {
	arg node
	reg register
}

func (n *notNode) eval(st *state, x *scope) (*vector.Vector, error) {
	v, err := n.arg.eval(st, x)
	if err != nil {
		return nil, err
	}
	rows := st.n
	if v.Enc == vector.Const {
		rows = 1
	}
	out := n.reg.begin(boolType, rows)
	out.Valid = v.Valid
	for i, b := range vector.Values[uint8](v)[:rows] {
		out.Data[i] = b ^ 1
	}
	out.Enc, out.Len = v.Enc, st.n
	return out, nil
}

// testNode is IS [NOT] NULL, TRUE or FALSE.
type testNode struct {
	kind expr.TestKind
	arg  node
	reg  register
}

func (n *testNode) eval(st *state, x *scope) (*vector.Vector, error) {
	v, err := n.arg.eval(st, x)
	if err != nil {
		return nil, err
	}
	out := n.reg.begin(boolType, st.n)
	if n.kind == expr.IsNull || n.kind == expr.IsNotNull {
		want := uint8(0)
		if n.kind == expr.IsNull {
			want = 1
		}
		for _, i := range st.rows(x) {
			b := want ^ 1
			if v.IsNull(int(i)) {
				b = want
			}
			out.Data[i] = b
		}
		return out, nil
	}
	t := truthOf(v)
	want, not := uint8(1), uint8(0)
	switch n.kind {
	case expr.IsFalse:
		want = 0
	case expr.IsNotTrue:
		not = 1
	case expr.IsNotFalse:
		want, not = 0, 1
	}
	for _, i := range st.rows(x) {
		out.Data[i] = not
		if t.at(i) == want {
			out.Data[i] = not ^ 1
		}
	}
	return out, nil
}

// distinctNode is IS [NOT] DISTINCT FROM: equal holds where both are not NULL.
type distinctNode struct {
	negated     bool
	l, r, equal node
	reg         register
}

func (n *distinctNode) eval(st *state, x *scope) (*vector.Vector, error) {
	l, err := n.l.eval(st, x)
	if err != nil {
		return nil, err
	}
	r, err := n.r.eval(st, x)
	if err != nil {
		return nil, err
	}
	eq, err := n.equal.eval(st, x)
	if err != nil {
		return nil, err
	}
	t, out := truthOf(eq), n.reg.begin(boolType, st.n)
	for _, i := range st.rows(x) {
		same := t.at(i) == 1 || l.IsNull(int(i)) && r.IsNull(int(i))
		out.Data[i] = 0
		if same == n.negated {
			out.Data[i] = 1
		}
	}
	return out, nil
}
