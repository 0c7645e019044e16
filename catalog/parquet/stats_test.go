package parquet

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/flintsql/flint/sql/value"
)

func TestPrintStats(t *testing.T) {
	dir := os.Getenv("FLINT_TPCH")
	if dir == "" {
		t.Skip()
	}
	c := open(t, dir)
	ctx := context.Background()
	names, _ := c.Tables(ctx, "public")
	for _, n := range names {
		start := time.Now()
		tab, err := c.Table(ctx, "public", n)
		if err != nil {
			t.Fatal(err)
		}
		d1 := time.Since(start)
		st, err := tab.Stats(ctx, all(tab))
		t.Log(n, st.Rows, d1, time.Since(start), err)
		for i, f := range tab.Schema() {
			s := st.Columns[i]
			lo, hi := "", ""
			if s.Min != nil {
				lo, hi = value.Display(*s.Min), value.Display(*s.Max)
			}
			t.Logf("   %-16s %-14s d=%.0f w=%.1f null=%.2f uniq=%v [%s .. %s]", f.Name, f.Type.Format(), s.Distinct, s.Width, s.NullFrac, s.Unique, lo, hi)
		}
	}
}
