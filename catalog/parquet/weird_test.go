package parquet

import (
	"context"
	"os"
	"testing"

	"github.com/flintsql/flint/catalog"
)

func TestPrintDir(t *testing.T) {
	dir := os.Getenv("FLINT_WEIRD")
	if dir == "" {
		t.Skip()
	}
	c := open(t, dir)
	ctx := context.Background()
	names, _ := c.Tables(ctx, "public")
	var first []string
	for _, n := range names {
		tab, err := c.Table(ctx, "public", n)
		if err != nil {
			t.Error(err)
			continue
		}
		rows := scan(t, c, tab, all(tab), catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1})
		small := scan(t, c, tab, all(tab), catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1, BatchSize: 7})
		compareRows(t, n, small, rows)
		if first == nil {
			for i, f := range tab.Schema() {
				t.Log(f.Name, f.Type.Format(), f.Nullable)
				for _, k := range []int{0, 1, 2, 3, 99} {
					one := scan(t, c, tab, []int{i}, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1})
					t.Log("     ", one[min(k, len(one)-1)])
				}
			}
			first = rows
		} else {
			compareRows(t, n, rows, first)
		}
	}
}
