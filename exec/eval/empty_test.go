package eval

import (
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
)

// TestEmpty evaluates every signature over a batch without rows, and over one
// whose selection is empty: no error may arise, constant ones included.
func TestEmpty(t *testing.T) {
	for name, g := range groups(t) {
		p, err := Compile([]expr.Expr{g.e, &expr.Coalesce{Args: []expr.Expr{g.e, g.e}, Typ: g.e.Type()}}, g.types, testContext)
		if err != nil {
			t.Fatal(err)
		}
		for _, rows := range []int{0, 3} {
			b := &vector.Batch{Rows: rows, Sel: []int32{}}
			for _, ty := range g.types {
				b.Cols = append(b.Cols, vector.New(ty, rows))
			}
			if _, err := p.Eval(b); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, c := range g.cases[:1] { // a constant that may raise an error
			e, err := c.bind(true)
			if err != nil {
				t.Fatal(err)
			}
			p, err := Compile([]expr.Expr{e}, nil, testContext)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Eval(&vector.Batch{Sel: []int32{}, Rows: 2}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
