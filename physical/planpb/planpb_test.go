package planpb

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"testing"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// declared lists the types of a package that have a method of this name, or
// embed a type of it.
func declared(t *testing.T, dir, method, embedded string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	pkgs, err := parser.ParseDir( //nolint:staticcheck // build tags do not matter here
		token.NewFileSet(), dir, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pkgs {
		ast.Inspect(p, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Name.Name == method && n.Recv != nil {
					if star, ok := n.Recv.List[0].Type.(*ast.StarExpr); ok {
						out[star.X.(*ast.Ident).Name] = true
					}
				}
			case *ast.TypeSpec:
				s, ok := n.Type.(*ast.StructType)
				for i := 0; ok && i < len(s.Fields.List); i++ {
					f := s.Fields.List[i]
					if id, is := f.Type.(*ast.Ident); is && len(f.Names) == 0 && id.Name == embedded {
						out[n.Name.Name] = true
					}
				}
			}
			return true
		})
	}
	return out
}

// TestEveryKindHasACodec fails when an operator or expression is added without one.
func TestEveryKindHasACodec(t *testing.T) {
	have := map[string]bool{}
	for _, n := range sampleNodes() {
		have[reflect.TypeOf(n).Elem().Name()] = true
	}
	nodes := declared(t, "..", "", "Base")
	if len(nodes) < 14 || len(nodes) != len(newRegistry().nodes) {
		t.Errorf("%d operators and %d codecs", len(nodes), len(newRegistry().nodes))
	}
	for name := range nodes {
		if !have[name] {
			t.Errorf("operator %s has no sample here", name)
		}
	}
	have = map[string]bool{}
	for _, e := range sampleExprs() {
		have[reflect.TypeOf(e).Elem().Name()] = true
	}
	exprs := declared(t, "../../sql/expr", "isExpr", "")
	if len(exprs) < 15 || len(exprs) != len(newRegistry().exprs) {
		t.Errorf("%d expressions and %d codecs", len(exprs), len(newRegistry().exprs))
	}
	for name := range exprs {
		if !have[name] {
			t.Errorf("expression %s has no sample here", name)
		}
	}
}

// TestEveryFieldIsCarried holds each type's number of fields: who adds one must carry it too.
// Plan.Logical and Plan.Adaptive stay with the driver.
func TestEveryFieldIsCarried(t *testing.T) {
	for _, c := range []struct {
		x    any
		want int
	}{
		{physical.Plan{}, 7 /* two of them stay with the driver */}, {physical.Stage{}, 7}, {physical.TaskSpec{}, 3}, {physical.Cut{}, 4}, {physical.Edge{}, 12}, {physical.Partitioning{}, 4},
		{physical.Base{}, 3}, {physical.Scan{}, 10}, {physical.KeyFilter{}, 3}, {physical.Values{}, 2}, {physical.ExchangeSource{}, 3}, {physical.Filter{}, 3},
		{physical.Project{}, 3}, {physical.AggCall{}, 7}, {physical.HashAggregate{}, 6}, {physical.Sort{}, 3}, {physical.TopN{}, 5},
		{physical.Limit{}, 6}, {physical.WindowCall{}, 7}, {physical.Window{}, 7}, {physical.TableFunc{}, 6}, {physical.Union{}, 2}, {physical.Fetch{}, 8},
		{physical.HashJoin{}, 11}, {physical.NestedLoopJoin{}, 8}, {physical.SortKey{}, 3}, {physical.OrderExpr{}, 3},
		{catalog.Split{}, 5}, {function.Context{}, 9}, {value.Value{}, 9}, {types.Type{}, 4}, {types.Field{}, 3},
		{logical.Frame{}, 3}, {logical.Bound{}, 2}, {expr.Call{}, 3}, {expr.Literal{}, 1}, {expr.Cast{}, 3}, {expr.In{}, 3}, {expr.AnyAll{}, 4}, {expr.Input{}, 3},
	} {
		if got := reflect.TypeOf(c.x).NumField(); got != c.want {
			t.Errorf("%T has %d fields; the codec knows of %d", c.x, got, c.want)
		}
	}
}

func sampleExprs() []expr.Expr {
	i8, text := types.Of(types.Int8), types.Of(types.Text)
	in := &expr.Input{Index: 3, Name: "x", Typ: i8}
	one := &expr.Literal{Value: value.Int8(1)}
	yes := &expr.Literal{Value: value.Bool(true)}
	plus, _ := function.Find("+", []types.Type{i8, i8})
	eq, _ := function.Find("=", []types.Type{i8, i8})
	return []expr.Expr{
		&expr.Column{ID: 7, Name: "c", Typ: text}, in, one, &expr.Param{N: 2, Typ: text},
		&expr.Call{Func: plus, Args: []expr.Expr{in, one}, Typ: i8},
		&expr.Logic{Op: expr.Or, Args: []expr.Expr{yes, &expr.Not{Arg: yes}}}, &expr.Not{Arg: yes},
		&expr.Test{Kind: expr.IsNotFalse, Arg: yes}, &expr.Distinct{Negated: true, L: in, R: one},
		&expr.Case{Whens: []expr.When{{Cond: yes, Result: in}, {Cond: yes, Result: one}}, Else: one, Typ: i8},
		&expr.Coalesce{Args: []expr.Expr{in, one}, Typ: i8},
		&expr.Cast{Arg: in, To: types.NumericOf(10, 2), Explicit: true},
		&expr.In{Arg: in, List: []expr.Expr{one, in}, Negated: true},
		&expr.ArrayExpr{Elems: []expr.Expr{one}, Typ: types.ArrayOf(i8)},
		&expr.AnyAll{Op: eq, All: true, Arg: in, Array: &expr.ArrayExpr{Elems: []expr.Expr{one}, Typ: types.ArrayOf(i8)}},
	}
}

func sampleValues() []expr.Expr {
	vs := []value.Value{
		value.NullOf(types.Of(types.Text)), value.Text("it's"), value.Float8(-0.5), value.Bool(false),
		{Type: types.NumericOf(30, 4), D: value.Int128{Lo: 5, Hi: -1}},
		{Type: types.Of(types.Numeric), N: value.Numeric{Coef: value.Int128From(-15), Scale: 1}},
		{Type: types.Of(types.Numeric), N: value.NumericOfKind(value.NaN)},
		{Type: types.Of(types.Interval), V: value.Interval{Months: -1, Days: 2, Micros: -3}},
		{Type: types.Of(types.Date), I: -719162}, {Type: types.Of(types.Timestamp), I: value.TimestampNegInfinity},
		{Type: types.ArrayOf(types.Of(types.Int4)), List: []value.Value{value.Int4(1), value.NullOf(types.Of(types.Int4))}},
	}
	var out []expr.Expr
	for _, v := range vs {
		out = append(out, &expr.Literal{Value: v})
	}
	return out
}

func sampleNodes() []physical.Node {
	es := sampleExprs()
	base := func(id int) physical.Base {
		return physical.Base{ID: physical.OpID(id), Rows: 1.5, Out: []types.Field{{Name: "a", Type: types.NumericOf(12, 2), Nullable: true}, {Name: "b"}}}
	}
	keys := []physical.SortKey{{Column: 0, Desc: true}, {Column: 1, NullsFirst: true}}
	values := &physical.Values{Base: base(0), Data: [][]expr.Expr{sampleValues(), es}}
	agg := function.Aggregates("sum")[0]
	call := physical.AggCall{Func: agg, ArgTypes: agg.Args, Args: es[1:2], Distinct: true, Filter: es[5],
		OrderBy: []physical.OrderExpr{{Expr: es[2], Desc: true, NullsFirst: true}}, Result: types.Of(types.Numeric)}
	bound := logical.Bound{Kind: logical.Preceding, Offset: es[2]}
	window := physical.WindowCall{Func: function.Windows("lag")[0], ArgTypes: []types.Type{types.Of(types.Int8)}, Args: es[1:2], Filter: es[6],
		Frame: logical.Frame{Mode: logical.Rows, Start: bound, End: logical.Bound{Kind: logical.CurrentRow}}, Result: types.Of(types.Int8)}
	over := physical.WindowCall{Agg: agg, ArgTypes: agg.Args, Args: es[1:2], Result: types.Of(types.Numeric)}
	return []physical.Node{
		values,
		&physical.Scan{Base: base(1), Catalog: "c", Schema: "s", Table: "t", Columns: []int{2, 0}, Filters: es[5:7], Limit: -1, Pruned: "1/2", Emit: []int{1}, KeyFilters: []physical.KeyFilter{{Edge: 3, Column: 1, Field: types.Field{Name: "k", Type: types.Of(types.Int4)}}}},
		&physical.ExchangeSource{Base: base(2), Edge: 4, Merge: keys},
		&physical.Filter{Base: base(3), Input: values, Preds: es},
		&physical.Project{Base: base(4), Input: values, Exprs: es[8:10]},
		&physical.HashAggregate{Base: base(5), Input: values, Phase: physical.Partial, Groups: es[:3], Calls: []physical.AggCall{call}, Sets: [][]int{{0, 2}, {}, nil}},
		&physical.Sort{Base: base(6), Input: values, Keys: keys},
		&physical.TopN{Base: base(7), Input: values, Keys: keys, Count: 10, Offset: 3},
		&physical.Limit{Base: base(8), Input: values, Count: -1, Offset: 3, WithTies: true, Ties: keys},
		&physical.Window{Base: base(9), Input: values, Partition: []int{1}, Order: keys, Calls: []physical.WindowCall{window, over}, Sorted: true, More: keys},
		&physical.TableFunc{Base: base(10), Input: values, Func: function.Tables("generate_series")[0], Args: es[2:4], WithOrdinality: true, Outer: true},
		&physical.Fetch{Base: base(14), Input: values, Catalog: "c", Schema: "s", Table: "t", Locator: 1, Columns: []int{4},
			Whole: catalog.Split{Payload: []byte("all"), Rows: 7, Version: "v"}},
		&physical.Union{Base: base(11), Inputs: []physical.Node{values, values}},
		&physical.HashJoin{Base: base(12), Kind: logical.Inner + 2, L: values, R: values, LKeys: es[1:2], RKeys: es[2:3], NullSafe: []bool{true},
			Residual: es[5:6], NullAware: true, SharedBuild: true, Emit: []int{}},
		&physical.NestedLoopJoin{Base: base(13), Kind: logical.Inner + 1, L: values, R: values, On: es[5:6], NullAware: true, SharedBuild: true, Emit: []int{0}},
	}
}

func samplePlan() (*physical.Plan, *function.Context) {
	p := &physical.Plan{Result: 1, Ops: 14, Fields: []types.Field{{Name: "r", Type: types.Of(types.Text)}}}
	for i, n := range sampleNodes() {
		p.Stages = append(p.Stages, &physical.Stage{ID: physical.StageID(i), Root: n, Inputs: []physical.EdgeID{0}, Outputs: []physical.EdgeID{1, 2},
			Deterministic: i%2 == 0, Local: i%3 == 0, Tasks: []physical.TaskSpec{{Partition: 0}, {Partition: 1, Splits: map[physical.OpID][]catalog.Split{
				1: {{Payload: []byte("x"), Hosts: []string{"h"}, Rows: 3, Bytes: -1, Version: "v"}}, 5: {}},
				Cuts: map[physical.OpID]physical.Cut{1: {Column: 2, Least: -1 << 63, Greatest: 7, Mixed: []int{0, 3}}, 5: {}}}}})
	}
	p.Edges = []*physical.Edge{{ID: 0, From: 1, To: 2, Partitioning: physical.Partitioning{Kind: physical.Range, Keys: []int{1, 0}, N: 3, Bounds: []int64{-5, 9}}, Mode: physical.Pipelined,
		CanPipeline: true, Why: "because", Ordering: []physical.SortKey{{Column: 1}}, Fields: p.Fields, Rows: 1, Bytes: 2, Keys: []int{1}},
		{ID: 1, From: 13, To: physical.Driver, Partitioning: physical.Partitioning{Kind: physical.Gather, N: 1}, Fields: p.Fields}}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		zone = time.FixedZone("x", 3600)
	}
	return p, &function.Context{Now: time.Unix(1700000000, 123456789).In(zone), Location: time.FixedZone("odd", -5400), User: "u", Database: "d",
		Schemas: []string{"a", "b"}, Settings: map[string]string{"k": "v", "a": ""}, Seed: 1 << 63}
}

// TestRoundTrip: what is decoded encodes to the same bytes and prints alike, and is
// deeply equal where no function is involved.
func TestRoundTrip(t *testing.T) {
	plan, ctx := samplePlan()
	a, err := Encode(plan, ctx)
	if err != nil {
		t.Fatal(err)
	}
	got, gotCtx, err := Decode(a)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Encode(got, gotCtx)
	if err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) {
		t.Error("the decoded plan encodes differently")
	}
	for i := range plan.Stages {
		if !reflect.DeepEqual(plan.Stages[i].Tasks, got.Stages[i].Tasks) && i > 0 {
			t.Errorf("tasks of stage %d: %+v, want %+v", i, got.Stages[i].Tasks, plan.Stages[i].Tasks)
		}
		if plan.Stages[i].Root.String() != got.Stages[i].Root.String() {
			t.Errorf("stage %d: %s, want %s", i, got.Stages[i].Root, plan.Stages[i].Root)
		}
	}
	if !reflect.DeepEqual(plan.Edges, got.Edges) || !reflect.DeepEqual(plan.Fields, got.Fields) {
		t.Errorf("edges: %+v, want %+v", got.Edges, plan.Edges)
	}
	if !gotCtx.Now.Equal(ctx.Now) || gotCtx.Now.Location().String() != ctx.Now.Location().String() ||
		gotCtx.Now.In(gotCtx.Location).String() != ctx.Now.In(ctx.Location).String() || !reflect.DeepEqual(gotCtx.Settings, ctx.Settings) {
		t.Errorf("context: %+v, want %+v", gotCtx, ctx)
	}
}

// TestCorruptPlans: truncated and altered plans fail, and never panic.
func TestCorruptPlans(t *testing.T) {
	plan, ctx := samplePlan()
	a, err := Encode(plan, ctx)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(a) {
		if _, _, err := Decode(a[:n]); err == nil {
			t.Fatalf("a plan of %d of %d bytes was read", n, len(a))
		}
		if n%3 == 0 {
			x := append([]byte(nil), a...)
			x[n] ^= byte(1 + n%255)
			Decode(x)
		}
	}
}

// TestFunctionsAreFound: every function of the registry can be named on the wire.
func TestFunctionsAreFound(t *testing.T) {
	for _, name := range function.ScalarNames() {
		for _, f := range function.Scalars(name) {
			w := &writer{}
			if w.scalar(f); w.err != nil {
				t.Error(w.err)
			}
		}
	}
}
