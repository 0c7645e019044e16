package eval

import (
	"slices"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// compileIn makes a set lookup of IN over literals, and a chain of = otherwise.
func (k *compiler) compileIn(x *expr.In) (node, error) {
	t := x.Arg.Type()
	var vals []value.Value
	for _, e := range x.List {
		if l, ok := e.(*expr.Literal); ok {
			vals = append(vals, l.Value)
		}
	}
	if len(vals) < len(x.List) || len(x.List) == 0 {
		return k.compileInList(x)
	}
	args, err := k.flat(x.Arg)
	if err != nil {
		return nil, err
	}
	return &inNode{arg: args[0], set: newSet(t, vals), negated: x.Negated}, nil
}

// compileInList writes a IN (b, c) as a = b OR a = c.
func (k *compiler) compileInList(x *expr.In) (node, error) {
	or := &logicNode{decides: 1}
	for _, e := range x.List {
		args, err := k.flat(x.Arg, e)
		if err != nil {
			return nil, err
		}
		t := x.Arg.Type()
		or.args = append(or.args, newCall(function.CompareKernel(function.Eq), boolType, args, []types.Type{t, t}))
	}
	if x.Negated {
		return &notNode{arg: or}, nil
	}
	return or, nil
}

// set is the literal list of an IN.
type set struct {
	storage types.Storage
	null    bool    // the list holds a NULL
	ints    []int64 // sorted, for integer storages
	bits    []uint64
	low     int64 // value of bit 0
	strs    map[string]struct{}
	others  []value.Value
	char    bool
}

// maxBits is the widest range of integers that gets a bitmap.
const maxBits = 1 << 16

func newSet(t types.Type, vals []value.Value) *set {
	s := &set{storage: t.Storage(), strs: map[string]struct{}{}, char: t.Kind == types.Char}
	for _, v := range vals {
		switch {
		case v.Null:
			s.null = true
		case s.isInt():
			s.ints = append(s.ints, v.I)
		case s.storage == types.StoreBytes && s.char:
			s.strs[value.CharKey(v.S)] = struct{}{}
		case s.storage == types.StoreBytes:
			s.strs[v.S] = struct{}{}
		default:
			s.others = append(s.others, v)
		}
	}
	slices.Sort(s.ints)
	if n := len(s.ints); n > 0 && uint64(s.ints[n-1]-s.ints[0]) < maxBits {
		s.low = s.ints[0]
		s.bits = make([]uint64, uint64(s.ints[n-1]-s.low)/64+1)
		for _, v := range s.ints {
			s.bits[(v-s.low)>>6] |= 1 << ((v - s.low) & 63)
		}
	}
	return s
}

func (s *set) isInt() bool { return s.storage <= types.StoreInt64 }

// hasInt reports membership of an integer.
func (s *set) hasInt(v int64) uint8 {
	if s.bits != nil {
		d := uint64(v - s.low)
		if d>>6 >= uint64(len(s.bits)) {
			return 0
		}
		return uint8(s.bits[d>>6]>>(d&63)) & 1
	}
	_, ok := slices.BinarySearch(s.ints, v)
	return b2u(ok)
}

func (s *set) hasOther(v value.Value) uint8 {
	for _, o := range s.others {
		if value.Equal(v, o) {
			return 1
		}
	}
	return 0
}

func b2u(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// fill writes membership of the rows of a Flat or Const vector.
func (s *set) fill(out []uint8, v *vector.Vector, rows []int32) {
	m := -1
	if v.Enc == vector.Const {
		m = 0
	}
	switch s.storage {
	case types.StoreBool:
		fillInts[uint8](s, out, v, rows, m)
	case types.StoreInt16:
		fillInts[int16](s, out, v, rows, m)
	case types.StoreInt32:
		fillInts[int32](s, out, v, rows, m)
	case types.StoreInt64:
		fillInts[int64](s, out, v, rows, m)
	case types.StoreBytes:
		for _, i := range rows {
			b := v.Bytes(int(i))
			for s.char && len(b) > 0 && b[len(b)-1] == ' ' {
				b = b[:len(b)-1]
			}
			_, ok := s.strs[string(b)]
			out[i] = b2u(ok)
		}
	default:
		for _, i := range rows {
			out[i] = s.hasOther(v.Get(int(i)))
		}
	}
}

func fillInts[T uint8 | int16 | int32 | int64](s *set, out []uint8, v *vector.Vector, rows []int32, m int) {
	vals := vector.Values[T](v)
	for _, i := range rows {
		out[i] = s.hasInt(int64(vals[int(i)&m]))
	}
}

// inNode is IN over literals: TRUE if found, NULL if not found but the argument
// or an element is NULL.
type inNode struct {
	arg     node
	set     *set
	negated bool
	reg     register
}

func (n *inNode) eval(st *state, x *scope) (*vector.Vector, error) {
	v, err := n.arg.eval(st, x)
	if err != nil {
		return nil, err
	}
	rows := st.rows(x)
	out := n.reg.begin(boolType, st.n)
	n.set.fill(out.Data, v, rows)
	if n.set.null {
		out.Valid = n.reg.allValid(st.n)
		for _, i := range rows {
			if out.Data[i] == 0 || v.IsNull(int(i)) {
				out.Valid[i>>3] &^= 1 << (i & 7)
			}
		}
	} else if v.Enc == vector.Const && v.IsNull(0) {
		return vector.NullConst(boolType, st.n), nil
	} else if v.Enc != vector.Const {
		out.Valid = v.Valid
	}
	if n.negated {
		for _, i := range rows {
			out.Data[i] ^= 1
		}
	}
	return out, nil
}
