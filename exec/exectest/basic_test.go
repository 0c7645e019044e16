package exectest

import (
	"math/rand"
	"sort"
	"testing"

	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

var (
	tInt4  = types.Of(types.Int4)
	tInt8  = types.Of(types.Int8)
	tText  = types.Of(types.Text)
	tFloat = types.Of(types.Float8)
	tBool  = types.Of(types.Bool)
	tNum   = types.Of(types.Numeric)
)

func in(i int, t types.Type) expr.Expr { return &expr.Input{Index: i, Typ: t, Name: "c"} }

func call(t testing.TB, name string, args ...expr.Expr) expr.Expr {
	ts := make([]types.Type, len(args))
	for i, a := range args {
		ts[i] = a.Type()
	}
	f, _, err := function.Resolve(name, ts)
	if err != nil {
		t.Fatal(err)
	}
	return &expr.Call{Func: f, Args: args, Typ: f.ResultType(ts)}
}

func lit(v value.Value) expr.Expr { return &expr.Literal{Value: v} }

func base(ts ...types.Type) physical.Base { return physical.Base{ID: 1, Out: Fields(ts...)} }

func TestFilterProjectLimit(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	fields := Fields(tInt4, tText)
	rows := Random(rng, fields, 100, 10, 0.2)
	var want []Row
	for _, r := range rows {
		if !r[0].Null && r[0].I > 4 {
			want = append(want, Row{r[1], value.Int4(int32(r[0].I) + 1)})
		}
	}
	build := func(x ...physical.Node) physical.Node {
		f := &physical.Filter{Base: physical.Base{ID: 2, Out: fields}, Input: x[0], Preds: []expr.Expr{call(t, ">", in(0, tInt4), lit(value.Int4(4)))}}
		p := &physical.Project{Base: physical.Base{ID: 3, Out: Fields(tText, tInt4)}, Input: f,
			Exprs: []expr.Expr{in(1, tText), call(t, "+", in(0, tInt4), lit(value.Int4(1)))}}
		return &physical.Limit{Base: physical.Base{ID: 4, Out: p.Out}, Input: p, Offset: 3, Count: 20}
	}
	Run(t, build, []Input{{fields, rows}}, want[3:23], Options{Ordered: true})
}

func sortedRows(rows []Row, keys []physical.SortKey) []Row {
	out := append([]Row(nil), rows...)
	sort.SliceStable(out, func(i, j int) bool {
		for _, k := range keys {
			a, b := out[i][k.Column], out[j][k.Column]
			if a.Null || b.Null {
				if a.Null != b.Null {
					return a.Null == k.NullsFirst
				}
				continue
			}
			if c := value.Compare(a, b); c != 0 {
				return c < 0 != k.Desc
			}
		}
		return false
	})
	return out
}

func TestSortTopN(t *testing.T) {
	rng := rand.New(rand.NewSource(2))
	kinds := []types.Type{tInt4, tInt8, tText, tFloat, tNum, types.NumericOf(30, 2), types.NumericOf(9, 2), types.Of(types.Interval),
		tBool, types.Of(types.Float4), types.Of(types.Int2), types.Of(types.Date), types.Of(types.Char)}
	for _, k := range kinds {
		fields := Fields(k, tText, tInt8)
		rows := Random(rng, fields, 300, 40, 0.1)
		for i := range rows {
			rows[i][2] = value.Int8(int64(i))
		}
		for _, keys := range [][]physical.SortKey{
			{{Column: 0}}, {{Column: 0, Desc: true, NullsFirst: true}}, {{Column: 1, Desc: true}, {Column: 0, NullsFirst: true}},
		} {
			want := sortedRows(rows, keys)
			for _, spill := range []int{0, 20} {
				Run(t, func(x ...physical.Node) physical.Node {
					return &physical.Sort{Base: physical.Base{ID: 1, Out: fields}, Input: x[0], Keys: keys}
				}, []Input{{fields, rows}}, want, Options{Ordered: true, Spill: spill})
			}
			for _, spill := range []int{0, 16} {
				Run(t, func(x ...physical.Node) physical.Node {
					return &physical.TopN{Base: physical.Base{ID: 1, Out: fields}, Input: x[0], Keys: keys, Count: 10, Offset: 5}
				}, []Input{{fields, rows}}, want[5:15], Options{Ordered: true, Spill: spill})
			}
			end := 15
			for end < len(want) && equal(want[end][keys[0].Column], want[14][keys[0].Column], true) == yes {
				end++
			}
			Run(t, func(x ...physical.Node) physical.Node {
				s := &physical.Sort{Base: physical.Base{ID: 1, Out: fields}, Input: x[0], Keys: keys}
				return &physical.Limit{Base: physical.Base{ID: 2, Out: fields}, Input: s, Count: 10, Offset: 5, WithTies: true, Ties: keys[:1]}
			}, []Input{{fields, rows}}, want[5:end], Options{Ordered: true})
		}
	}
}

func TestUnion(t *testing.T) {
	fields := Fields(tInt4)
	a := Random(rand.New(rand.NewSource(1)), fields, 20, 5, 0.1)
	b := Random(rand.New(rand.NewSource(2)), fields, 30, 5, 0.1)
	Run(t, func(x ...physical.Node) physical.Node {
		return &physical.Union{Base: base(tInt4), Inputs: x}
	}, []Input{{fields, a}, {fields, b}}, append(append([]Row(nil), a...), b...), Options{Ordered: true})
}
