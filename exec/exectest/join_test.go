package exectest

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// tri is SQL's three-valued logic.
type tri int

const (
	no tri = iota
	unknown
	yes
)

func equal(a, b value.Value, nullSafe bool) tri {
	switch {
	case nullSafe && (a.Null || b.Null):
		if a.Null == b.Null {
			return yes
		}
		return no
	case a.Null || b.Null:
		return unknown
	case value.Compare(a, b) == 0:
		return yes
	}
	return no
}

// naiveJoin is the definition of every kind: on gives the truth of a pair.
func naiveJoin(kind logical.JoinKind, l, r []Row, lt, rt []types.Type, nullAware bool, on func(a, b Row) tri) (out []Row, tooMany bool) {
	hit := make([]bool, len(r))
	join := func(a, b Row) { out = append(out, append(append(Row(nil), a...), b...)) }
	nulls := func(ts []types.Type) (x Row) {
		for _, t := range ts {
			x = append(x, value.NullOf(t))
		}
		return x
	}
	for _, a := range l {
		best, n := no, 0
		for j, b := range r {
			m := on(a, b)
			best = max(best, m)
			if m != yes {
				continue
			}
			n++
			hit[j] = true
			switch kind {
			case logical.Inner, logical.Left, logical.Right, logical.Full, logical.Single:
				join(a, b)
			}
		}
		switch {
		case kind == logical.Single && n > 1:
			return nil, true
		case n == 0 && (kind == logical.Left || kind == logical.Full || kind == logical.Single):
			join(a, nulls(rt))
		case kind == logical.Semi && n > 0, kind == logical.Anti && n == 0 && (!nullAware || best == no):
			out = append(out, a)
		case kind == logical.Mark:
			m := value.Bool(n > 0)
			if nullAware && best == unknown {
				m = value.NullOf(tBool)
			}
			join(a, Row{m})
		}
	}
	for j, b := range r {
		if !hit[j] && (kind == logical.Right || kind == logical.Full) {
			join(nulls(lt), b)
		}
		if hit[j] && kind == logical.RightSemi || !hit[j] && kind == logical.RightAnti {
			out = append(out, b)
		}
	}
	return out, false
}

func joinFields(kind logical.JoinKind, lt, rt []types.Type) []types.Field {
	switch kind {
	case logical.Semi, logical.Anti:
		return Fields(lt...)
	case logical.RightSemi, logical.RightAnti:
		return Fields(rt...)
	case logical.Mark:
		return Fields(append(append([]types.Type(nil), lt...), tBool)...)
	}
	return Fields(append(append([]types.Type(nil), lt...), rt...)...)
}

func TestHashJoin(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	keyTypes := [][]types.Type{{tInt8}, {tInt4}, {tText}, {tInt8, tInt8}, {tInt4, tText}, {tFloat}, {tNum}, {types.NumericOf(30, 2)}, {types.Of(types.Char), tBool}}
	for _, kt := range keyTypes {
		for kind := logical.Inner; kind <= logical.RightAnti; kind++ {
			for mode := 0; mode < 12; mode++ {
				distinct, nulls := []int{200, 5, 30}[mode%3], []float64{0.15, 0}[mode/3%2]
				residual := mode%4 == 1
				nullSafe := mode%5 == 2
				nullAware := (kind == logical.Anti || kind == logical.Mark) && mode%2 == 0
				lt, rt := append(append([]types.Type(nil), kt...), tInt4), append(append([]types.Type(nil), kt...), tInt4)
				n := []int{60, 12, 0, 40}[mode%4]
				l := Random(rng, Fields(lt...), 40, distinct, nulls)
				r := Random(rng, Fields(rt...), n, distinct, nulls)
				spread(kt, mode, l, r)
				testJoin(t, rng, kind, kt, lt, rt, l, r, residual, nullSafe && !nullAware, nullAware)
			}
		}
	}
}

// spread makes integer keys sparse, so that they are hashed and not addressed directly.
func spread(kt []types.Type, mode int, sides ...[]Row) {
	if kt[0] != tInt8 || mode%2 == 0 {
		return
	}
	for _, rows := range sides {
		for _, r := range rows {
			r[0].I *= 1 << 40
		}
	}
}

func testJoin(t *testing.T, rng *rand.Rand, kind logical.JoinKind, kt, lt, rt []types.Type, l, r []Row, residual, nullSafe, nullAware bool) {
	t.Helper()
	last := len(kt)
	on := func(a, b Row) tri {
		m := yes
		for i := range kt {
			e := equal(a[i], b[i], nullSafe)
			if e == unknown && !(nullAware && i == 0) {
				e = no
			}
			m = min(m, e)
		}
		if residual && (a[last].Null || b[last].Null || a[last].I >= b[last].I) {
			m = no
		}
		return m
	}
	want, tooMany := naiveJoin(kind, l, r, lt, rt, nullAware, on)
	out := joinFields(kind, lt, rt)
	var emit []int
	fields := out
	if rng.Intn(2) == 0 {
		fields = nil
		for c := range out {
			if rng.Intn(2) == 0 || c == 0 {
				emit, fields = append(emit, c), append(fields, out[c])
			}
		}
		var picked []Row
		for _, w := range want {
			var p Row
			for _, c := range emit {
				p = append(p, w[c])
			}
			picked = append(picked, p)
		}
		want = picked
	}
	opt := Options{}
	if tooMany {
		opt.Error = "21000"
	}
	build := func(x ...physical.Node) physical.Node {
		j := &physical.HashJoin{Base: physical.Base{ID: 1, Out: fields}, Kind: kind, L: x[0], R: x[1], NullAware: nullAware, Emit: emit}
		for i, k := range kt {
			j.LKeys, j.RKeys = append(j.LKeys, in(i, k)), append(j.RKeys, in(i, k))
			j.NullSafe = append(j.NullSafe, nullSafe)
		}
		if residual {
			j.Residual = []expr.Expr{call(t, "<", in(last, tInt4), in(len(lt)+last, tInt4))}
		}
		return j
	}
	ok := t.Run(fmt.Sprintf("%v %v residual=%v nullSafe=%v nullAware=%v n=%d", kind, kt[0], residual, nullSafe, nullAware, len(r)), func(t *testing.T) {
		inputs := []Input{{Fields(lt...), l}, {Fields(rt...), r}}
		Run(t, build, inputs, want, opt)
		if opt.Spill = 1 + rng.Intn(20); rng.Intn(8) == 0 {
			Run(t, build, inputs, want, opt)
		}
	})
	if !ok {
		t.FailNow()
	}
}

func TestNestedLoopJoin(t *testing.T) {
	rng := rand.New(rand.NewSource(4))
	ts := []types.Type{tInt4, tText}
	for kind := logical.Inner; kind <= logical.RightAnti; kind++ {
		for mode := 0; mode < 4; mode++ {
			l := Random(rng, Fields(ts...), 20, 10, 0.2)
			r := Random(rng, Fields(ts...), []int{15, 0, 5, 30}[mode], 10, 0.2*float64(mode%2))
			aware := kind == logical.Mark || kind == logical.Anti && mode%2 == 0
			want, tooMany := naiveJoin(kind, l, r, ts, ts, aware, func(a, b Row) tri {
				if a[0].Null || b[0].Null {
					return unknown
				}
				if a[0].I < b[0].I {
					return yes
				}
				return no
			})
			opt := Options{}
			if tooMany {
				opt.Error = "21000"
			}
			for _, opt.Spill = range []int{0, 1, 7} {
				Run(t, func(x ...physical.Node) physical.Node {
					return &physical.NestedLoopJoin{Base: physical.Base{ID: 1, Out: joinFields(kind, ts, ts)}, Kind: kind, L: x[0], R: x[1],
						On: []expr.Expr{call(t, "<", in(0, tInt4), in(2, tInt4))}, NullAware: aware && kind == logical.Anti}
				}, []Input{{Fields(ts...), l}, {Fields(ts...), r}}, want, opt)
			}
		}
	}
}
