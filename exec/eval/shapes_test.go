package eval

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// group is all cases of one signature, which become the rows of one batch.
type group struct {
	e     expr.Expr
	types []types.Type
	cases []functionCase
	want  []value.Value // results over literals; the errors are in codes
	codes []string
}

// groups gathers the cases by signature and evaluates each alone.
func groups(t *testing.T) map[string]*group {
	gs := map[string]*group{}
	for _, c := range readCases(t) {
		key, usable := c.name, len(c.args) > 0
		for _, a := range c.args {
			key += " " + a.Type.Format()
			usable = usable && a.Type.Kind != types.Unknown
		}
		e, err := c.bind(false)
		if err != nil || !usable {
			continue
		}
		g := gs[key]
		if g == nil {
			g = &group{e: e}
			for _, a := range c.args {
				g.types = append(g.types, a.Type)
			}
			gs[key] = g
		}
		lit, _ := c.bind(true)
		v, err := Constant(lit, testContext)
		g.cases = append(g.cases, c)
		g.want = append(g.want, v)
		g.codes = append(g.codes, sqlerr.Code(err))
	}
	return gs
}

// column builds argument k of the rows in one of the encodings.
func (g *group) column(k int, order []int, dict bool, r *rand.Rand) *vector.Vector {
	b := vector.NewBuilder(g.types[k], len(order))
	if !dict {
		for _, i := range order {
			b.Append(g.cases[i].args[k])
		}
		return b.Finish()
	}
	codes := make([]int32, len(order))
	perm := r.Perm(len(g.cases))
	at := map[int]int32{}
	for _, i := range perm {
		if v := g.cases[i].args[k]; !v.Null {
			at[i] = int32(b.Len())
			b.Append(v)
		}
	}
	v := vector.NewDict(codes, b.Finish())
	for row, i := range order {
		if g.cases[i].args[k].Null {
			v.SetNull(row)
		} else {
			codes[row] = at[i]
		}
	}
	return v
}

// TestShapes proves for every function that batches of any shape (flat,
// dictionary, selections, narrowed by CASE) give what single rows give, and that
// rows outside the selection, here those that raise errors, are not touched.
func TestShapes(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	n := 0
	for name, g := range groups(t) {
		for shape := 0; shape < 8; shape++ {
			g.check(t, fmt.Sprintf("%s shape %d", name, shape), shape, r)
			n++
		}
	}
	t.Logf("%d signatures × shapes", n)
}

func (g *group) check(t *testing.T, name string, shape int, r *rand.Rand) {
	order := r.Perm(len(g.cases))
	order = append(order, r.Perm(len(g.cases))...)
	b := &vector.Batch{Rows: len(order)}
	for k := range g.types {
		b.Cols = append(b.Cols, g.column(k, order, shape&1 != 0, r))
	}
	for row, i := range order {
		if g.codes[i] == "" && (shape&2 == 0 || r.Intn(4) == 0) {
			b.Sel = append(b.Sel, int32(row))
		}
	}
	if b.Sel == nil {
		b.Sel = []int32{}
	}
	in := g.types
	e := g.e
	if shape&4 != 0 { // reached only through a CASE that guards the errors
		in = append(append([]types.Type(nil), in...), boolType)
		guard := vector.New(boolType, b.Rows)
		for _, i := range b.Sel {
			guard.Data[i] = 1
		}
		b.Cols, b.Sel = append(b.Cols, guard), nil
		e = &expr.Case{Whens: []expr.When{{Cond: &expr.Input{Index: len(in) - 1, Typ: boolType}, Result: e}},
			Else: &expr.Literal{Value: value.NullOf(e.Type())}, Typ: e.Type()}
	}
	p, err := Compile([]expr.Expr{e}, in, testContext)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for round := 0; round < 3; round++ { // registers and dictionary tables are reused
		out, err := p.Eval(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		for row, i := range order {
			reached := contains(b, row)
			if shape&4 != 0 {
				reached = b.Cols[len(b.Cols)-1].Data[row] == 1
			}
			if !reached {
				continue
			}
			if got, want := text(t, out[0].Get(row)), text(t, g.want[i]); got != want {
				t.Errorf("%s: %s\n  got %s want %s", name, g.cases[i].line, got, want)
				return
			}
		}
	}
	if e.Type().Kind == types.Bool {
		g.checkFilter(t, name, e, in, b, order)
	}
}

// checkFilter proves that a filter selects just the rows where e is true.
func (g *group) checkFilter(t *testing.T, name string, e expr.Expr, in []types.Type, b *vector.Batch, order []int) {
	f, err := CompileFilter([]expr.Expr{e}, in, testContext)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	sel, all, err := f.Select(b)
	if err != nil {
		t.Errorf("%s: filter: %v", name, err)
		return
	}
	pass := map[int]bool{}
	if all {
		for row := 0; row < b.Rows; row++ {
			pass[row] = contains(b, row)
		}
	}
	for _, row := range sel {
		pass[int(row)] = true
	}
	guard := len(in) > len(g.types)
	for row, i := range order {
		want := contains(b, row) && g.codes[i] == "" && !g.want[i].Null && g.want[i].I == 1
		if guard {
			want = want && b.Cols[len(in)-1].Data[row] == 1
		}
		if pass[row] != want {
			t.Errorf("%s: filter: %s: %v, want %v", name, g.cases[i].line, pass[row], want)
			return
		}
	}
}

func contains(b *vector.Batch, row int) bool {
	if b.Sel == nil {
		return true
	}
	for _, i := range b.Sel {
		if int(i) == row {
			return true
		}
	}
	return false
}

// TestErrors proves that a selected row that raises an error raises it in a
// batch too.
func TestErrors(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	n := 0
	for name, g := range groups(t) {
		for i, code := range g.codes {
			if code == "" || n > 20000 {
				continue
			}
			order := r.Perm(len(g.cases))
			b := &vector.Batch{Rows: len(order)}
			for k := range g.types {
				b.Cols = append(b.Cols, g.column(k, order, i&1 != 0, r))
			}
			for row, j := range order {
				if j == i {
					b.Sel = []int32{int32(row)}
				}
			}
			p, err := Compile([]expr.Expr{g.e}, g.types, testContext)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = p.Eval(b); sqlerr.Code(err) != code {
				t.Errorf("%s: %s: %v, want %s", name, g.cases[i].line, err, code)
			}
			n++
		}
	}
	t.Logf("%d errors", n)
}
