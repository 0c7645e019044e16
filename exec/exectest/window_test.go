package exectest

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

func window(t testing.TB, name string, args ...expr.Expr) physical.WindowCall {
	ts := make([]types.Type, len(args))
	for i, a := range args {
		ts[i] = a.Type()
	}
	f, _, err := function.ResolveWindow(name, ts)
	if err != nil {
		t.Fatal(err)
	}
	return physical.WindowCall{Func: f, ArgTypes: ts, Args: args, Result: f.ResultType(ts)}
}

var frames = func() (out []logical.Frame) {
	off := func(n int64) expr.Expr { return lit(value.Int8(n)) }
	bounds := []logical.Bound{{Kind: logical.UnboundedPreceding}, {Kind: logical.Preceding, Offset: off(2)}, {Kind: logical.CurrentRow},
		{Kind: logical.Following, Offset: off(1)}, {Kind: logical.UnboundedFollowing}}
	for mode := logical.Range; mode <= logical.Groups; mode++ {
		for i, s := range bounds[:4] {
			for _, e := range bounds[max(1, i):] {
				out = append(out, logical.Frame{Mode: mode, Start: s, End: e})
			}
		}
	}
	return out
}()

func TestWindow(t *testing.T) {
	rng := rand.New(rand.NewSource(7))
	fields := Fields(tInt4, tInt8, tInt4, tText) // partition, order, value, text
	for fi, frame := range frames {
		rows := Random(rng, fields, 40, 8, 0.15)
		desc := fi%2 == 0
		key := physical.SortKey{Column: 1, Desc: desc, NullsFirst: fi%3 == 0}
		sum := physical.WindowCall{Agg: agg(t, "sum", tInt4), ArgTypes: []types.Type{tInt4}, Args: []expr.Expr{in(2, tInt4)}, Result: tInt8, Frame: frame}
		count := physical.WindowCall{Agg: agg(t, "count"), Result: tInt8, Frame: frame, Filter: call(t, ">", in(2, tInt4), lit(value.Int4(3)))}
		joined := physical.WindowCall{Agg: agg(t, "string_agg", tText, tText), ArgTypes: []types.Type{tText, tText},
			Args: []expr.Expr{in(3, tText), lit(value.Text(","))}, Result: tText, Frame: frame}
		first, last := window(t, "first_value", in(3, tText)), window(t, "last_value", in(2, tInt4))
		first.Frame, last.Frame = frame, frame
		calls := []physical.WindowCall{window(t, "row_number"), window(t, "rank"), window(t, "dense_rank"), sum, count, joined, first, last,
			window(t, "lag", in(3, tText))}
		keys := []physical.SortKey{{Column: 0}, key}
		want := naiveWindow(sortedRows(rows, keys), frame, desc)
		ok := t.Run(fmt.Sprint(frame.Mode, frame.Start.Kind, frame.End.Kind), func(t *testing.T) {
			windowCalls(t, fields, rows, key, calls, want, []int{0, 1, 2, 3, 4, 5, 6, 7, 8}, 0)
			// Calls that need the whole partition would keep the others from going on block by block.
			some := [][]int{{0, 1, 2, 8}, {3, 4}, {6, 7, 1}, {3, 4, 0}, {0, 6, 8}, {3, 5}}[fi%6]
			windowCalls(t, fields, rows, key, calls, want, some, 1+fi%4)
		})
		if !ok {
			t.FailNow()
		}
	}
}

// windowCalls runs some of the calls; the rows wanted have the results of all.
func windowCalls(t *testing.T, fields []types.Field, rows []Row, key physical.SortKey, all []physical.WindowCall, want []Row, which []int, spill int) {
	t.Helper()
	out := append([]types.Field(nil), fields...)
	var calls []physical.WindowCall
	for _, i := range which {
		calls = append(calls, all[i])
		out = append(out, types.Field{Name: "w", Type: all[i].Result})
	}
	some := make([]Row, len(want))
	for k, r := range want {
		some[k] = append(Row(nil), r[:len(fields)]...)
		for _, i := range which {
			some[k] = append(some[k], r[len(fields)+i])
		}
	}
	Run(t, func(x ...physical.Node) physical.Node {
		return &physical.Window{Base: physical.Base{ID: 1, Out: out}, Input: x[0], Partition: []int{0}, Order: []physical.SortKey{key}, Calls: calls}
	}, []Input{{fields, rows}}, some, Options{Ordered: true, Spill: spill})
}

// naiveWindow computes the calls of TestWindow row by row, by definition.
func naiveWindow(rows []Row, f logical.Frame, desc bool) (out []Row) {
	same := func(a, b Row, c int) bool { return equal(a[c], b[c], true) == yes }
	for i, r := range rows {
		from, to := i, i+1
		for from > 0 && same(rows[from-1], r, 0) {
			from--
		}
		for to < len(rows) && same(rows[to], r, 0) {
			to++
		}
		group := map[int]int{} // row → number of its peer group
		g := 0
		for j := from; j < to; j++ {
			if j > from && !same(rows[j], rows[j-1], 1) {
				g++
			}
			group[j] = g
		}
		rank := int64(1)
		for j := from; group[j] != group[i]; j++ {
			rank++
		}
		lag := value.NullOf(tText)
		if i > from {
			lag = rows[i-1][3]
		}
		sum, count, joined, first, last := value.NullOf(tInt8), int64(0), value.NullOf(tText), value.NullOf(tText), value.NullOf(tInt4)
		empty := true
		for j := from; j < to; j++ {
			if !inFrame(rows, f, desc, i, j, group) {
				continue
			}
			if empty {
				first, empty = rows[j][3], false
			}
			last = rows[j][2]
			if v := rows[j][2]; !v.Null {
				sum = value.Int8(sum.I + v.I)
				if v.I > 3 {
					count++
				}
			}
			if v := rows[j][3]; !v.Null {
				if joined.Null {
					joined = v
				} else {
					joined.S += "," + v.S
				}
			}
		}
		out = append(out, append(append(Row(nil), r...), value.Int8(int64(i-from+1)), value.Int8(rank), value.Int8(int64(group[i]+1)), sum,
			value.Int8(count), joined, first, last, lag))
	}
	return out
}

func inFrame(rows []Row, f logical.Frame, desc bool, i, j int, group map[int]int) bool {
	// Distance of j from i in the frame's unit, positive after i.
	d := int64(j - i)
	peers := group[i] == group[j]
	switch f.Mode {
	case logical.Groups:
		d = int64(group[j] - group[i])
	case logical.Range:
		a, b := rows[i][1], rows[j][1]
		d = b.I - a.I
		if desc {
			d = -d
		}
		if a.Null || b.Null {
			if d = 1 << 40; j < i {
				d = -d
			}
		}
		if peers {
			d = 0
		}
	}
	ok := func(b logical.Bound, start bool) bool {
		k := int64(0)
		if b.Offset != nil {
			k = b.Offset.(*expr.Literal).Value.I
		}
		switch b.Kind {
		case logical.UnboundedPreceding, logical.UnboundedFollowing:
			return true
		case logical.Preceding:
			k = -k
		case logical.CurrentRow:
			k = 0
		}
		if f.Mode == logical.Range && b.Kind != logical.CurrentRow && rows[i][1].Null { // a NULL's frame bound with an offset is its peers'
			k = 0
		}
		if start {
			return d >= k
		}
		return d <= k
	}
	return ok(f.Start, true) && ok(f.End, false)
}

func TestTableFunc(t *testing.T) {
	fields := Fields(tInt4)
	rows := []Row{{value.Int4(3)}, {value.Int4(0)}, {value.NullOf(tInt4)}, {value.Int4(2)}}
	f, _, err := function.ResolveTable("generate_series", []types.Type{tInt4, tInt4})
	if err != nil {
		t.Fatal(err)
	}
	for _, outer := range []bool{false, true} {
		var want []Row
		for _, r := range rows {
			n := int64(0)
			for ; !r[0].Null && n < r[0].I; n++ {
				want = append(want, Row{r[0], value.Int4(int32(n + 1)), value.Int8(n + 1)})
			}
			if n == 0 && outer {
				want = append(want, Row{r[0], value.NullOf(tInt4), value.NullOf(tInt8)})
			}
		}
		Run(t, func(x ...physical.Node) physical.Node {
			return &physical.TableFunc{Base: physical.Base{ID: 1, Out: Fields(tInt4, tInt4, tInt8)}, Input: x[0], Func: f,
				Args: []expr.Expr{lit(value.Int4(1)), in(0, tInt4)}, WithOrdinality: true, Outer: outer}
		}, []Input{{fields, rows}}, want, Options{Ordered: true})
	}
	Run(t, func(x ...physical.Node) physical.Node {
		s := &physical.TableFunc{Base: physical.Base{ID: 1, Out: Fields(tInt4, tInt4)}, Input: x[0], Func: f,
			Args: []expr.Expr{lit(value.Int4(1)), lit(value.Int4(2_000_000_000))}}
		return &physical.Limit{Base: physical.Base{ID: 2, Out: s.Out}, Input: s, Count: 3}
	}, []Input{{fields, rows}}, []Row{{value.Int4(3), value.Int4(1)}, {value.Int4(3), value.Int4(2)}, {value.Int4(3), value.Int4(3)}}, Options{Ordered: true})
}
