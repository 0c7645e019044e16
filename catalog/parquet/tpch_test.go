package parquet

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/parquet/write"
	"github.com/flintsql/flint/catalog/tpch"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// shared returns the folder of shared test material, or skips the test.
func shared(t testing.TB, below string) string {
	t.Helper()
	dir := os.Getenv("FLINT_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	dir = filepath.Join(dir, below)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the shared material is absent: %v", err)
	}
	return dir
}

func open(t testing.TB, dir string) *Connector {
	t.Helper()
	c, err := New(dir, memory.NewRoot("test", 0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	c.UseCache(NewCache(memory.NewRoot("cache", 0), 200<<10)) // some pages come from it, some do not
	return c
}

// scan reads all rows of a table through any connector as text.
func scan(t testing.TB, c catalog.Connector, tab catalog.Table, columns []int, sr catalog.ScanRequest, rr catalog.ReadRequest) []string {
	t.Helper()
	ctx := context.Background()
	sr.Columns = columns
	plan, err := tab.Scan(ctx, sr)
	if err != nil {
		t.Fatal(err)
	}
	root := memory.NewRoot("scan", 0)
	rr.Columns, rr.Account = columns, root
	var rows []string
	for _, split := range plan.Splits {
		r, err := c.Open(ctx, split, rr)
		if err != nil {
			t.Fatal(err)
		}
		for {
			b, err := r.Next(ctx)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if b.Count() == 0 || rr.BatchSize > 0 && b.Rows > rr.BatchSize {
				t.Fatalf("a batch has %d rows, %d selected", b.Rows, b.Count())
			}
			rows = append(rows, render(b)...)
		}
		for range 2 {
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if root.Used() != 0 {
		t.Fatalf("%d bytes are still charged", root.Used())
	}
	return rows
}

// render returns the selected rows of a batch as text.
func render(b *vector.Batch) []string {
	b = b.Compact()
	rows := make([]string, b.Rows)
	for _, c := range b.Cols {
		for i := range rows {
			rows[i] += "|" + value.Display(c.Get(i))
		}
	}
	return rows
}

func all(tab catalog.Table) []int {
	out := make([]int, len(tab.Schema()))
	for i := range out {
		out[i] = i
	}
	return out
}

// TestTPCH checks that the shared files (one page a chunk, written by DuckDB) and our own
// files have exactly the rows of the tpch connector.
func TestTPCH(t *testing.T) {
	ctx := context.Background()
	own := t.TempDir()
	if err := write.TPCH(ctx, 0.01, own, write.Options{}); err != nil {
		t.Fatal(err)
	}
	want := tpch.New(nil)
	for d, dir := range []string{own, shared(t, "tpch/data/sf0.01")} {
		c := open(t, dir)
		names, err := c.Tables(ctx, "public")
		if err != nil || len(names) != 8 {
			t.Fatal(names, err)
		}
		for _, name := range names {
			a, err := want.Table(ctx, "tiny", name)
			if err != nil {
				t.Fatal(err)
			}
			b, err := c.Table(ctx, "public", name)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range b.Schema() {
				w := a.Schema()[i]
				if f.Name != w.Name || f.Nullable || f.Type != w.Type && f.Type.Kind != types.Text && f.Type.Kind != types.Int8 {
					t.Errorf("%s: field %v, want %v", name, f, w)
				}
			}
			req := catalog.ReadRequest{Limit: -1, BatchSize: []int{0, 1000}[d]}
			rows := scan(t, want, a, all(a), catalog.ScanRequest{Limit: -1}, req)
			got := scan(t, c, b, all(b), catalog.ScanRequest{Limit: -1}, req)
			compareRows(t, dir+"/"+name, got, rows)
		}
	}
}

func compareRows(t *testing.T, what string, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
		return
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%s: row %d is\n%s, want\n%s", what, i, got[i], want[i])
			return
		}
	}
}
