package parquet

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/parquet-go/parquet-go"
)

// TestRows reads every row with its locator and then some of them again, of
// several files, in all encodings, nested ones too, with and without an offset index.
func TestRows(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	for _, key := range []string{"a", "b"} {
		if err := os.MkdirAll(filepath.Join(dir, "t", "p="+key), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	some := func(i int) bool { return mix(i)%3 == 0 }
	writeSample(t, filepath.Join(dir, "t/p=a/1.parquet"), 1100, 1, &parquet.Snappy, 1, nil)
	writeSample(t, filepath.Join(dir, "t/p=a/2.parquet"), 700, 2, &parquet.Zstd, 2, some)
	writeSample(t, filepath.Join(dir, "t/p=b/1.parquet"), 300, 3, &parquet.Uncompressed, 2, some)
	var nested []nestedRow
	for i := range 2000 {
		r, _ := makeNested(i)
		nested = append(nested, r)
	}
	put(t, dir, "n.parquet", nested)
	c := open(t, dir)
	dirs := map[*Connector][]string{c: {"t", "n"}}
	if lake := os.Getenv("FLINT_SHARED"); lake != "" {
		dirs[open(t, shared(t, "tpch/data/sf0.01"))] = []string{"lineitem"} // DuckDB writes no index
	}
	for c, names := range dirs {
		for _, name := range names {
			tab, err := c.Table(ctx, "public", name)
			if err != nil {
				t.Fatal(err)
			}
			checkRows(t, c, tab)
		}
	}
}

// checkRows compares rows that are read by locators with those of a scan.
func checkRows(t *testing.T, c *Connector, tab catalog.Table) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	columns := append(all(tab), catalog.Locator)
	rows := scan(t, c, tab, append([]int{catalog.Locator}, all(tab)...), catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1, BatchSize: 130})
	byLocator := map[int64]string{}
	var locators []int64
	for _, r := range rows {
		var x int64
		head, rest, _ := strings.Cut(r[1:], "|")
		if _, err := fmt.Sscan(head, &x); err != nil {
			t.Fatal(err)
		}
		byLocator[x] = "|" + rest + "|" + head
		locators = append(locators, x)
	}
	slices.Sort(locators)
	if len(byLocator) != len(rows) {
		t.Fatalf("%d locators of %d rows", len(byLocator), len(rows))
	}
	for _, n := range []int{0, 1, 2, 10, 100, len(rows) / 2, len(rows)} {
		asked := slices.Clone(locators)
		if n < 10 || rng.IntN(2) == 0 {
			rng.Shuffle(len(asked), func(i, k int) { asked[i], asked[k] = asked[k], asked[i] })
			asked = asked[:n]
			slices.Sort(asked)
		} else { // neighbours
			from := rng.IntN(len(asked) - n + 1)
			asked = asked[from : from+n]
		}
		var want []string
		for _, x := range asked {
			want = append(want, byLocator[x])
		}
		got, err := readRows(t, c, tab, columns, asked, 50)
		if err != nil {
			t.Fatal(err)
		}
		compareRows(t, fmt.Sprintf("%d rows", n), got, want)
	}
}

func readRows(t *testing.T, c *Connector, tab catalog.Table, columns []int, asked []int64, size int) (rows []string, err error) {
	t.Helper()
	whole, ok, err := tab.(catalog.Locatable).Whole()
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	root := memory.NewRoot("rows", 0)
	r, err := c.Open(context.Background(), whole, catalog.ReadRequest{Columns: columns, Rows: asked, Limit: -1, Account: root, BatchSize: size})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil || root.Used() != 0 {
			t.Errorf("%v, %d bytes are still charged", err, root.Used())
		}
	}()
	for {
		b, err := r.Next(context.Background())
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, render(b)...)
	}
}

// TestRowsChanged: rows of files that changed since they were planned with are an error, and
// others are read as before.
func TestRowsChanged(t *testing.T) {
	dir := t.TempDir()
	type row struct {
		A int64 `parquet:"a"`
	}
	put(t, dir, "t/1.parquet", []row{{1}, {2}})
	put(t, dir, "t/2.parquet", []row{{3}})
	put(t, dir, "t/3.parquet", []row{{4}})
	c := open(t, dir)
	tab, err := c.Table(context.Background(), "public", "t")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "t/2.parquet")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(dir, "t/3.parquet"), time.Now(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for file, want := range []string{"|2", "", ""} {
		got, err := readRows(t, c, tab, []int{0}, []int64{locatorOf(file, int64(1-min(file, 1)))}, 0)
		if want != "" && (err != nil || len(got) != 1 || got[0] != want) || want == "" && sqlerr.Code(err) != sqlerr.IOError {
			t.Errorf("file %d: %v, %v", file, got, err)
		}
	}
}
