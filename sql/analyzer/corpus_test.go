package analyzer_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/flintsql/flint/sql/analyzer"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// shared finds the folder of test material beside the repository.
func shared(t *testing.T) string {
	dir := os.Getenv("FLINT_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no test material: set FLINT_SHARED (%v)", err)
	}
	return dir
}

func TestBenchmarkQueriesBind(t *testing.T) {
	for _, bench := range []string{"tpch", "tpcds"} {
		files, _ := filepath.Glob(filepath.Join(shared(t), bench, "queries", "*.sql"))
		if len(files) < 22 {
			t.Skipf("%s: only %d queries found", bench, len(files))
		}
		s := session(t, bench)
		for _, f := range files {
			t.Run(bench+"/"+filepath.Base(f), func(t *testing.T) {
				sql, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				r, err := bind(s, string(sql))
				if err != nil {
					t.Fatal(err)
				}
				check(t, r)
			})
		}
	}
}

// check verifies what every plan must hold: each column reference is defined
// beneath it, or on the left of an Apply around it; IDs in one schema are
// unique; no type is unknown.
func check(t *testing.T, r *analyzer.Result) {
	t.Helper()
	checkNode(t, r.Plan, expr.ColumnSet{})
	cols := r.Plan.Schema()
	if len(cols) != len(r.Columns) {
		t.Fatalf("%d columns described, plan has %d", len(r.Columns), len(cols))
	}
	for i, c := range cols {
		if c.Field.Name != r.Columns[i].Name || c.Field.Type != r.Columns[i].Type {
			t.Errorf("column %d is %v, described as %v", i, c.Field, r.Columns[i])
		}
	}
}

func checkNode(t *testing.T, n logical.Node, outer expr.ColumnSet) {
	seen := expr.ColumnSet{}
	for _, c := range n.Schema() {
		if seen.Has(c.ID) {
			t.Errorf("column %d twice in the schema of %s", c.ID, n)
		}
		seen.Add(c.ID)
		if c.Field.Type.Kind == types.Unknown {
			t.Errorf("column %s of %s has no type", c.Field.Name, n)
		}
	}
	known := expr.ColumnSet{}
	for id := range outer {
		known.Add(id)
	}
	for _, k := range n.Children() {
		for id := range logical.Columns(k) {
			known.Add(id)
		}
	}
	if s, ok := n.(*logical.Scan); ok {
		known = logical.Columns(s)
	}
	for _, e := range n.Exprs() {
		expr.Walk(e, func(x expr.Expr) bool {
			if c, ok := x.(*expr.Column); ok && !known.Has(c.ID) {
				t.Errorf("%s: column %s (#%d) comes from nowhere", n, c.Name, c.ID)
			}
			if x.Type().Kind == types.Unknown {
				t.Errorf("%s: %s has no type", n, x)
			}
			return true
		})
	}
	checkChildren(t, n, outer)
}

func checkChildren(t *testing.T, n logical.Node, outer expr.ColumnSet) {
	if a, ok := n.(*logical.Apply); ok {
		checkNode(t, a.L, outer)
		inner := logical.Columns(a.L)
		for id := range outer {
			inner.Add(id)
		}
		checkNode(t, a.R, inner)
		return
	}
	for _, k := range n.Children() {
		checkNode(t, k, outer)
	}
}
