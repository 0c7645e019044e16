package parquet

import (
	"context"
	"math"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/parquet/write"
	"github.com/flintsql/flint/catalog/tpch/dbgen"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
)

// TestStats compares statistics that were taken from files with those that
// follow from TPC-H's specification.
func TestStats(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	if err := write.TPCH(ctx, 0.1, dir, write.Options{}); err != nil {
		t.Fatal(err)
	}
	scale, err := dbgen.NewScale(0.1)
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, dir)
	for _, table := range dbgen.Tables() {
		tab, err := c.Table(ctx, "public", table.Name)
		if err != nil {
			t.Fatal(err)
		}
		st, err := tab.Stats(ctx, all(tab))
		if err != nil {
			t.Fatal(err)
		}
		if rows, exact := table.Rows(scale); exact && st.Rows != float64(rows) || !st.Exact {
			t.Errorf("%s has %v rows, not %d", table.Name, st.Rows, rows)
		}
		for i := range table.Columns {
			want, got := table.Stats(scale, i), st.Columns[i]
			name := table.Columns[i].Name
			if got.Unique && !want.Unique {
				t.Errorf("%s is taken for a key", name)
			}
			if !got.Unique && want.Unique && table.Columns[i].Kind == dbgen.Int64 {
				t.Errorf("%s is not seen to be a key", name)
			}
			if got.Min == nil || got.Max == nil || got.NullFrac != 0 {
				t.Errorf("%s: %+v", name, got)
			}
			// p_retailprice runs through its values in a pattern that no sample shows.
			if want.Distinct > 0 && name != "p_retailprice" && table.Columns[i].Kind != dbgen.Text && math.Abs(math.Log(got.Distinct/want.Distinct)) > math.Log(1.6) {
				t.Errorf("%s: %v distinct values, should be %v", name, got.Distinct, want.Distinct)
			}
			if want.Width > 4 && math.Abs(got.Width-want.Width) > 0.2*want.Width+4 {
				t.Errorf("%s: width %v, should be %v", name, got.Width, want.Width)
			}
		}
	}
}

// TestSharedDictionary checks that equal dictionaries of row groups, splits and readers are
// one vector, and that large integers come flat.
func TestSharedDictionary(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	if err := write.TPCH(ctx, 0.1, dir, write.Options{Tables: []string{"lineitem"}}); err != nil {
		t.Fatal(err)
	}
	c := open(t, dir)
	tab, err := c.Table(ctx, "public", "lineitem")
	if err != nil {
		t.Fatal(err)
	}
	columns := []int{14, 4} // l_shipmode, l_quantity
	plan, err := tab.Scan(ctx, catalog.ScanRequest{Columns: columns, Limit: -1, Slots: 8})
	if err != nil || len(plan.Splits) < 3 {
		t.Fatal(len(plan.Splits), err)
	}
	seen := map[*vector.Vector]bool{}
	for _, s := range plan.Splits {
		r, err := c.Open(ctx, s, catalog.ReadRequest{Columns: columns, Account: memory.NewRoot("r", 0), Limit: -1})
		if err != nil {
			t.Fatal(err)
		}
		b, err := r.Next(ctx)
		if err != nil || b.Cols[0].Enc != vector.Dict || b.Cols[1].Enc != vector.Flat {
			t.Fatal(b, err)
		}
		seen[b.Cols[0].Dictionary] = true
		_ = r.Close()
	}
	if len(seen) != 1 {
		t.Errorf("%d dictionaries", len(seen))
	}
}
