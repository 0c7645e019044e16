package eval

import (
	"fmt"
	"strings"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

func TestRanges(t *testing.T) {
	ts := []types.Type{types.Of(types.Date), types.Of(types.Int4), types.Of(types.Varchar), money, types.Of(types.Float8)}
	in := func(i int) expr.Expr { return &expr.Input{Index: i, Name: "c", Typ: ts[i]} }
	midnight := value.Value{Type: types.Of(types.Timestamp), I: 10471 * microsPerDay}
	for _, c := range []struct {
		e    expr.Expr
		want string
	}{
		{call("<=", in(0), lit(midnight)), "0 [..'1998-09-02']"},
		{call("<", in(0), lit(midnight)), "0 [..'1998-09-01']"},
		{call(">", lit(value.Int8(7)), in(1)), "1 [..6]"},
		{call("=", in(1), lit(value.Int4(7))), "1 [7..7]"},
		{call("<>", in(1), lit(value.Int4(7))), ""},
		{call("~~", in(2), lit(value.Text("ab%"))), "2 ['ab'..'ac']"},
		{call("~~", in(2), lit(value.Text("ab"))), "2 ['ab'..'ab']"},
		{call("~~", in(2), lit(value.Text("%ab"))), ""},
		{call(">=", in(3), number(150, 3, 2)), "3 [1.50..]"},
		{call("<", in(4), lit(value.Float8(1))), ""}, // NaN is outside statistics
		{&expr.In{Arg: in(1), List: []expr.Expr{lit(value.Int4(5)), lit(value.Int4(2))}}, "1 [2..5] in 2"},
		{&expr.Test{Kind: expr.IsNull, Arg: in(1)}, "1 [..] in 0 nulls"},
		{&expr.Logic{Op: expr.And, Args: []expr.Expr{call(">", in(1), lit(value.Int4(1))), call("<", in(1), lit(value.Int4(9)))}},
			"1 [2..]; 1 [..8]"},
	} {
		p, err := CompilePredicate([]expr.Expr{c.e}, ts, testContext)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range p.Ranges() {
			s := fmt.Sprintf("%d [", r.Column)
			if r.Min != nil {
				s += value.Display(*r.Min)
			}
			s += ".."
			if r.Max != nil {
				s += value.Display(*r.Max)
			}
			s += "]"
			if r.In != nil {
				s += fmt.Sprintf(" in %d", len(r.In))
			}
			if r.Nulls {
				s += " nulls"
			}
			got = append(got, s)
		}
		if g := strings.Join(got, "; "); g != c.want {
			t.Errorf("%s: %s, want %s", c.e, g, c.want)
		}
		if len(p.Columns()) != 1 {
			t.Errorf("%s: columns %v", c.e, p.Columns())
		}
	}
}

func TestFold(t *testing.T) {
	x := &expr.Input{Index: 0, Name: "x", Typ: types.Of(types.Int4)}
	one, zero := lit(value.Int4(1)), lit(value.Int4(0))
	for _, c := range []struct{ e, want string }{
		{call("+", x, call("+", one, one)).String(), "x + (1 + 1)"},
		{Fold(call("+", x, call("+", one, one)), testContext).String(), "x + 2"},
		{Fold(call("/", one, zero), testContext).String(), "1 / 0"},
		{Fold(call("random"), testContext).String(), "random()"},
		{Fold(call("now"), testContext).String(), "now()"},
		{Fold(&expr.Case{Whens: []expr.When{{Cond: lit(value.Bool(true)), Result: one}}, Else: zero, Typ: one.Type()}, testContext).String(), "1"},
	} {
		if c.e != c.want {
			t.Errorf("%s, want %s", c.e, c.want)
		}
	}
}

// TestGuard proves that a filter which learns never tries a conjunct that may
// raise an error before the one that guards it, while it does bring an expensive
// unselective one behind a selective one.
func TestGuard(t *testing.T) {
	ts := []types.Type{types.Of(types.Int4), types.Of(types.Text)}
	in := func(i int) expr.Expr { return &expr.Input{Index: i, Name: "c", Typ: ts[i]} }
	guard := call("<>", in(0), lit(value.Int4(0)))
	division := call("<", call("/", lit(value.Int4(10)), in(0)), lit(value.Int4(100)))
	f, err := CompileFilter([]expr.Expr{call("~~", in(1), lit(value.Text("%a%b%"))), guard, division}, ts, testContext)
	if err != nil {
		t.Fatal(err)
	}
	const rows = 1000
	b := &vector.Batch{Rows: rows, Cols: []*vector.Vector{vector.New(ts[0], rows), nil}}
	s := make([]string, rows)
	for i := range s {
		s[i] = strings.Repeat("x", 100) + "a" + strings.Repeat("y", 100) + "b"
	}
	b.Cols[1] = vector.FromStrings(ts[1], s)
	vector.Values[int32](b.Cols[0])[5] = 3
	for range 10 * reorderEvery {
		sel, _, err := f.Select(b)
		if err != nil || len(sel) != 1 || sel[0] != 5 {
			t.Fatalf("%v, %v", sel, err)
		}
	}
	if _, ok := f.conjuncts[0].s.(*rangeSelector); !ok {
		t.Errorf("first is %T", f.conjuncts[0].s)
	}
	if !f.conjuncts[2].fixed {
		t.Error("the division moved")
	}
}

// TestShared proves that a common subexpression whose value is needed in
// disjoint branches is right in each, and that ANY/ALL follow three-valued logic.
func TestShared(t *testing.T) {
	ts := []types.Type{types.Of(types.Int4), types.Of(types.Text), types.ArrayOf(types.Of(types.Int4))}
	in := func(i int) expr.Expr { return &expr.Input{Index: i, Name: "c", Typ: ts[i]} }
	f := call("||", call("lower", in(1)), call("to_hex", in(0)))
	pick := &expr.Case{Whens: []expr.When{
		{Cond: call("<", in(0), lit(value.Int4(2))), Result: call("||", f, lit(value.Text("!")))},
		{Cond: call("<", call("/", lit(value.Int4(9)), in(0)), lit(value.Int4(4))), Result: f},
	}, Else: call("upper", f), Typ: types.Of(types.Text)}
	eq := call("=", in(0), in(0)).(*expr.Call)
	anyOf := &expr.AnyAll{Op: eq.Func, Arg: in(0), Array: in(2)}
	allOf := &expr.AnyAll{Op: eq.Func, All: true, Arg: in(0), Array: in(2)}
	p, err := Compile([]expr.Expr{pick, f, anyOf, allOf}, ts, testContext)
	if err != nil {
		t.Fatal(err)
	}
	lists := vector.NewBuilder(ts[2], 4)
	for _, s := range []string{"{0,NULL}", "{NULL}", "{}", "{3,3}"} {
		v, err := value.ParseText(ts[2], s, value.DefaultEnv)
		if err != nil {
			t.Fatal(err)
		}
		lists.Append(v)
	}
	b := &vector.Batch{Rows: 4, Cols: []*vector.Vector{
		vector.FromSlice(ts[0], []int32{0, 1, 2, 3}), vector.FromStrings(ts[1], []string{"A", "B", "C", "D"}), lists.Finish()}}
	out, err := p.Eval(b)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"a0!", "b1!", "C2", "d3"}, {"a0", "b1", "c2", "d3"}, {"true", `\N`, "false", "true"}, {`\N`, `\N`, "true", "true"}}
	for k, v := range out {
		for i := range want[k] {
			if got := text(t, v.Get(i)); got != want[k][i] {
				t.Errorf("expression %d row %d: %s, want %s", k, i, got, want[k][i])
			}
		}
	}
	_, err = CompileFilter([]expr.Expr{&expr.Param{N: 1, Typ: boolType}}, ts, testContext)
	if sqlerr.Code(err) != sqlerr.UndefinedParameter {
		t.Error(err)
	}
}

// TestSharedWidths multiplies the same columns into 128 bits and, as rules do where bounds allow it, into 64.
func TestSharedWidths(t *testing.T) {
	price := types.NumericOf(15, 2)
	in := func(i int) expr.Expr { return &expr.Input{Index: i, Name: "p", Typ: price} }
	wide, ok := call("*", in(0), in(1)).(*expr.Call)
	if !ok || wide.Typ != types.NumericOf(30, 4) {
		t.Fatalf("a product of %s", wide.Typ)
	}
	narrow := *wide
	narrow.Typ = types.NumericOf(12, 4)
	one := lit(value.Int4(1))
	cast := func(digits, scale int) expr.Expr {
		return call("||", &expr.Cast{Arg: &expr.Cast{Arg: in(0), To: types.NumericOf(digits, scale)}, To: types.Of(types.Text)}, lit(value.Text("!")))
	}
	pick := func(e expr.Expr) expr.Expr {
		return &expr.Case{Whens: []expr.When{{Cond: call("=", one, one), Result: e}}, Else: e, Typ: e.Type()}
	}
	b := &vector.Batch{Rows: 2, Cols: []*vector.Vector{vector.FromSlice(price, []int64{150, -275}), vector.FromSlice(price, []int64{200, 300})}}
	if p, err := Compile([]expr.Expr{cast(15, 1), cast(15, 0)}, []types.Type{price, price}, testContext); err != nil {
		t.Fatal(err)
	} else if out, err := p.Eval(b); err != nil || text(t, out[0].Get(1)) != "-2.8!" || text(t, out[1].Get(1)) != "-3!" {
		t.Errorf("a cast to one digit and to none: %v, %v", out, err)
	}
	for _, es := range [][]expr.Expr{{wide, &narrow}, {&narrow, wide}, {pick(wide), pick(&narrow)}} {
		p, err := Compile(es, []types.Type{price, price}, testContext)
		if err != nil {
			t.Fatal(err)
		}
		out, err := p.Eval(b)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range out {
			if got := text(t, v.Get(0)) + " " + text(t, v.Get(1)); v.Type != es[k].Type() || got != "3.0000 -8.2500" {
				t.Errorf("%s of %s: %s of %s", es[k], es[k].Type(), got, v.Type)
			}
		}
	}
}
