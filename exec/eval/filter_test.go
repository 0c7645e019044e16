package eval

import (
	"math/rand"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// rel is a random table for filter tests: small domains, NULLs, dictionaries.
type rel struct {
	types []types.Type
	r     *rand.Rand
}

func (t *rel) input(i int) expr.Expr { return &expr.Input{Index: i, Name: "c", Typ: t.types[i]} }

func (t *rel) scalar(ty types.Type) value.Value {
	v := value.Value{Type: ty, I: int64(t.r.Intn(10)) - 3, Null: t.r.Intn(8) == 0}
	switch ty.Kind {
	case types.Text:
		v.S = []string{"", "a", "ab", "b%", "abc"}[t.r.Intn(5)]
	case types.Bool:
		v.I = int64(t.r.Intn(2))
	case types.Float8:
		v.F = float64(t.r.Intn(5))
	}
	return v
}

func (t *rel) batch(rows int) *vector.Batch {
	b := &vector.Batch{Rows: rows}
	for _, ty := range t.types {
		bl := vector.NewBuilder(ty, rows)
		for range rows {
			bl.Append(t.scalar(ty))
		}
		v := bl.Finish()
		if t.r.Intn(3) == 0 {
			v.Valid = nil // values beneath NULLs become values
		}
		if ty.Kind == types.Text && t.r.Intn(2) == 0 {
			codes := make([]int32, rows)
			for i := range codes {
				codes[i] = int32(t.r.Intn(4))
			}
			d := vector.NewDict(codes, vector.FromStrings(ty, []string{"ab", "", "abc", "b%"}))
			d.Valid = v.Valid
			v = d
		}
		if t.r.Intn(12) == 0 {
			v = vector.FromValue(t.scalar(ty), rows)
		}
		b.Cols = append(b.Cols, v)
	}
	if t.r.Intn(2) == 0 {
		b.Sel = []int32{}
		for i := 0; i < rows; i++ {
			if t.r.Intn(3) > 0 {
				b.Sel = append(b.Sel, int32(i))
			}
		}
	}
	return b
}

func call(name string, args ...expr.Expr) expr.Expr {
	ts := argTypes(args)
	f, want, err := function.Resolve(name, ts)
	if err != nil {
		panic(err)
	}
	for i, w := range want {
		if w != ts[i] {
			args[i] = &expr.Cast{Arg: args[i], To: w}
		}
	}
	return &expr.Call{Func: f, Args: args, Typ: f.ResultType(want)}
}

func lit(v value.Value) expr.Expr { return &expr.Literal{Value: v} }

// condition draws a random boolean expression.
func (t *rel) condition(depth int) expr.Expr {
	i := t.r.Intn(len(t.types))
	c, ty := t.input(i), t.types[i]
	switch k := t.r.Intn(10); {
	case depth > 0 && k < 3:
		l := &expr.Logic{Op: expr.LogicOp(t.r.Intn(2))}
		for range 2 + t.r.Intn(2) {
			l.Args = append(l.Args, t.condition(depth-1))
		}
		return l
	case depth > 0 && k == 3:
		return &expr.Not{Arg: t.condition(depth - 1)}
	case depth > 0 && k == 4:
		return &expr.Case{Whens: []expr.When{{Cond: t.condition(depth - 1), Result: t.condition(depth - 1)}},
			Else: t.condition(depth - 1), Typ: boolType}
	case k == 5:
		return &expr.Test{Kind: expr.TestKind(t.r.Intn(2)), Arg: c}
	case k == 6:
		in := &expr.In{Arg: c, Negated: t.r.Intn(2) == 0}
		for range 1 + t.r.Intn(4) {
			in.List = append(in.List, lit(t.scalar(ty)))
		}
		return in
	case k == 7:
		return &expr.Distinct{Negated: t.r.Intn(2) == 0, L: c, R: &expr.Coalesce{Args: []expr.Expr{c, lit(t.scalar(ty))}, Typ: ty}}
	case ty.Kind == types.Text && k == 8:
		return call("~~", c, lit(value.Text([]string{"a%", "%b", "_", "ab", "%"}[t.r.Intn(5)])))
	case ty.Kind == types.Int4 && k == 8:
		return call("=", call("/", lit(value.Int4(6)), call("abs", c)), lit(value.Int4(2))) // division by zero
	}
	op := []string{"=", "<>", "<", "<=", ">", ">="}[t.r.Intn(6)]
	other := lit(t.scalar(ty))
	for j := range t.types {
		if j != i && t.types[j] == ty && t.r.Intn(3) == 0 {
			other = t.input(j)
		}
	}
	return call(op, c, other)
}

// TestFilter proves that filters, whatever shape their conditions and batches
// have, select what evaluating row by row says, and raise no other errors.
func TestFilter(t *testing.T) {
	r := rand.New(rand.NewSource(7))
	rl := &rel{r: r, types: []types.Type{types.Of(types.Int4), types.Of(types.Int4), types.Of(types.Int2), types.Of(types.Int8),
		types.NumericOf(15, 2), types.Of(types.Date), types.Of(types.Text), types.Of(types.Text), boolType, types.Of(types.Float8)}}
	failed, passed := 0, 0
	for range 3000 {
		var cond []expr.Expr
		for range 1 + r.Intn(3) {
			cond = append(cond, rl.condition(2))
		}
		f, err := CompileFilter(cond, rl.types, testContext)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Compile([]expr.Expr{expr.AndOf(cond)}, rl.types, testContext)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			b := rl.batch(1 + r.Intn(40))
			want, rowErr := rowByRow(p, b)
			sel, all, err := f.Select(b)
			if err != nil || rowErr != nil {
				if rowErr == nil { // the other way round is fine: NULL ends a conjunction early here
					t.Fatalf("%s: error %v, row by row %v", expr.AndOf(cond), err, rowErr)
				}
				failed++
				continue
			}
			passed++
			if all {
				sel = b.Sel
				if sel == nil {
					sel = vector.Identity(nil, b.Rows)
				}
			}
			if len(sel) != len(want) {
				t.Fatalf("%s: selected %v, want %v", expr.AndOf(cond), sel, want)
			}
			for i := range want {
				if sel[i] != want[i] {
					t.Fatalf("%s: selected %v, want %v", expr.AndOf(cond), sel, want)
				}
			}
		}
	}
	t.Logf("%d batches, %d with errors", passed, failed)
}

// rowByRow evaluates a batch one row at a time.
func rowByRow(p *Program, b *vector.Batch) (sel []int32, err error) {
	rows := b.Sel
	if rows == nil {
		rows = vector.Identity(nil, b.Rows)
	}
	for _, i := range rows {
		one := &vector.Batch{Rows: 1}
		for _, c := range b.Cols {
			bl := vector.NewBuilder(c.Type, 1)
			bl.Append(c.Get(int(i)))
			one.Cols = append(one.Cols, bl.Finish())
		}
		out, err := p.Eval(one)
		if err != nil {
			return nil, err
		}
		if v := out[0].Get(0); !v.Null && v.I == 1 {
			sel = append(sel, i)
		}
	}
	return sel, nil
}
