package exectest

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/value"
)

// TestGroupBuildTexts groups by texts of a join's build side, in one phase and in two, with grouping sets and without,
// where groups are expected to be many (then partial ones are by build rows) and few (then by texts): build rows of the
// same texts, NULLs in them, probe rows without a match, keys that come twice, builds and groups that go to disk. The
// answer is that of a nested loop and of groups by value.
func TestGroupBuildTexts(t *testing.T) {
	rng := rand.New(rand.NewSource(11))
	texts := func(p string, n int) value.Value {
		if rng.Intn(6) == 0 {
			return value.NullOf(tText)
		}
		return value.Text(fmt.Sprint(p, rng.Intn(n)))
	}
	for round, kind := range []physical.JoinKind{logical.Inner, logical.Left, logical.Inner, logical.Left} {
		lf, rf := Fields(tInt4, tInt4, tInt4), Fields(tInt4, tText, tText, tText)
		var l, r []Row
		for i := range 60 {
			row := Row{value.Int4(int32(i)), texts("a", 3), texts("b", 4), texts("", 2)}
			if round < 2 { // no NULLs
				row = Row{value.Int4(int32(i)), value.Text(fmt.Sprint("a", i%5)), value.Text("b"), value.Text(fmt.Sprint(i % 7))}
			}
			if r = append(r, row); i%20 == 0 && round%2 == 1 {
				r = append(r, row)
			}
		}
		for range 250 {
			l = append(l, Row{value.Int4(int32(rng.Intn(70))), value.Int4(int32(rng.Intn(3))), value.Int4(int32(rng.Intn(100)))})
		}
		out := append(Fields(tInt4, tInt4, tInt4), rf...)
		joined := func(x []physical.Node) physical.Node {
			return &physical.HashJoin{Base: physical.Base{ID: 3, Out: out}, Kind: kind, L: x[0], R: x[1],
				LKeys: []expr.Expr{in(0, tInt4)}, RKeys: []expr.Expr{in(0, tInt4)}, NullSafe: []bool{false}}
		}
		groups := []expr.Expr{in(4, tText), in(1, tInt4), in(5, tText), in(6, tText)}
		calls := []physical.AggCall{aggCall(t, "count"), aggCall(t, "sum", in(2, tInt4)), aggCall(t, "max", in(5, tText))}
		for _, sets := range [][][]int{nil, {{0, 1, 2, 3}, {0, 1}, {0, 2}, {}}} {
			want := groupedJoin(t, l, r, kind, sets)
			for _, expected := range []float64{0, 1000} {
				for _, two := range []bool{false, true} {
					for _, spilled := range []int{0, 25}[:1+round/2] {
						build := func(x ...physical.Node) physical.Node {
							n := plan(joined(x), groups, calls, sets, two)
							if two {
								n.Children()[0].Info().Rows = expected
							}
							return n
						}
						Run(t, build, []Input{{lf, l}, {rf, r}}, want, Options{Spill: spilled})
					}
				}
			}
		}
	}
}

// groupedJoin is the answer by definition.
func groupedJoin(t *testing.T, l, r []Row, kind physical.JoinKind, sets [][]int) (out []Row) {
	t.Helper()
	type group struct {
		key        Row
		count, sum int64
		most       value.Value
	}
	all := [][]int{{0, 1, 2, 3}}
	if sets != nil {
		all = sets
	}
	found, order := map[string]*group{}, []*group{}
	add := func(a, b Row) {
		for s, set := range all {
			key := Row{value.NullOf(tText), value.NullOf(tInt4), value.NullOf(tText), value.NullOf(tText)}
			for _, c := range set {
				key[c] = Row{b[1], a[1], b[2], b[3]}[c]
			}
			if sets != nil {
				key = append(key, value.Int8(int64(s)))
			}
			g := found[Format(key)]
			if g == nil {
				g = &group{key: key, most: value.NullOf(tText)}
				found[Format(key)], order = g, append(order, g)
			}
			g.count++
			g.sum += a[2].I
			if x := b[2]; !x.Null && (g.most.Null || x.S > g.most.S) {
				g.most = x
			}
		}
	}
	none := Row{value.NullOf(tInt4), value.NullOf(tText), value.NullOf(tText), value.NullOf(tText)}
	for _, a := range l {
		matched := false
		for _, b := range r {
			if a[0].I == b[0].I {
				add(a, b)
				matched = true
			}
		}
		if !matched && kind == logical.Left {
			add(a, none)
		}
	}
	for _, g := range order {
		row := append(append(Row{}, g.key[:4]...), value.Int8(g.count), value.Int8(g.sum), g.most)
		out = append(out, append(row, g.key[4:]...))
	}
	return out
}
