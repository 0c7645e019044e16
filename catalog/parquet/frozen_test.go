package parquet

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/flintsql/flint/catalog"
)

var update = flag.Bool("update", false, "write testdata/duckdb.txt anew")

// TestFrozen reads files with all of DuckDB's types, as DuckDB 2.0 writes them in
// both versions of the format, against rows that were checked by eye.
func TestFrozen(t *testing.T) {
	const golden = "testdata/duckdb.txt"
	ctx := context.Background()
	c := open(t, "testdata")
	for _, name := range []string{"duckdb_v1_snappy", "duckdb_v2_zstd"} {
		tab, err := c.Table(ctx, "public", name)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for i, f := range tab.Schema() {
			rows := scan(t, c, tab, []int{i}, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1, BatchSize: 5})
			null := ""
			if f.Nullable {
				null = " null"
			}
			out = append(out, f.Name+" "+f.Type.Format()+null+" "+strings.Join(rows, " "))
		}
		if *update {
			if err := os.WriteFile(golden, []byte(strings.Join(out, "\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		compareRows(t, name, out, strings.Split(strings.TrimSpace(string(want)), "\n"))
		whole := scan(t, c, tab, all(tab), catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1})
		if len(whole) != 12 {
			t.Errorf("%s has %d rows", name, len(whole))
		}
	}
}
