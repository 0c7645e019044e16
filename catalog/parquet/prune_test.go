package parquet

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/parquet/write"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
	"github.com/parquet-go/parquet-go"
)

// between is the predicate low ≤ column ≤ high on one integer output column.
type between struct {
	column    int
	low, high int64
	hide      bool // give no ranges
	calls     int
	rows      int // rows that were looked at
	sel       []int32
}

func (p *between) Columns() []int { return []int{p.column} }

func (p *between) Ranges() []catalog.Range {
	if p.hide {
		return nil
	}
	low, high := value.Int8(p.low), value.Int8(p.high)
	return []catalog.Range{{Column: p.column, Min: &low, Max: &high}}
}

func (p *between) Select(b *vector.Batch) ([]int32, bool, error) {
	p.calls++
	p.rows += b.Rows
	p.sel = p.sel[:0]
	for i := range b.Rows {
		if v := b.Cols[p.column].Get(i); !v.Null && v.I >= p.low && v.I <= p.high {
			p.sel = append(p.sel, int32(i))
		}
	}
	return p.sel, false, nil
}

// TestPredicates checks that pruning by statistics, pages and late
// materialization never changes the rows, in files of our own and of DuckDB.
func TestPredicates(t *testing.T) {
	ctx := context.Background()
	own := t.TempDir()
	if err := write.TPCH(ctx, 0.05, own, write.Options{Tables: []string{"lineitem"}}); err != nil {
		t.Fatal(err)
	}
	dirs := []string{own}
	if dir := filepath.Join("..", "..", "..", "shared", "tpch/data/sf0.01"); os.Getenv("FLINT_SHARED") == "" {
		if _, err := os.Stat(dir); err == nil {
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range dirs {
		c := open(t, dir)
		tab, err := c.Table(ctx, "public", "lineitem")
		if err != nil {
			t.Fatal(err)
		}
		columns := []int{0, 5, 10, 14, 15}
		for _, low := range []int64{-5, 1, 30000, 59990, 299990, 1e9} {
			for _, width := range []int64{0, 3, 20000} {
				for _, size := range []int{0, 1000} {
					p := &between{low: low, high: low + width}
					got := scan(t, c, tab, columns, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1, BatchSize: size, Predicate: p})
					q := &between{low: low, high: low + width, hide: true}
					want := scan(t, c, tab, columns, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1, BatchSize: size, Predicate: q})
					compareRows(t, dir, got, want)
					if dir == own && width <= 3 && p.rows > 3*8192 {
						t.Errorf("a point query looks at %d rows", p.rows)
					}
				}
			}
		}
	}
}

// TestScanPrunes checks what Scan leaves out.
func TestScanPrunes(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	if err := write.TPCH(ctx, 0.05, dir, write.Options{Tables: []string{"lineitem"}}); err != nil {
		t.Fatal(err)
	}
	c := open(t, dir)
	tab, err := c.Table(ctx, "public", "lineitem")
	if err != nil {
		t.Fatal(err)
	}
	low := value.Int8(1)
	high := value.Int4(10)
	plan, err := tab.Scan(ctx, catalog.ScanRequest{Columns: []int{0}, Limit: -1, Ranges: []catalog.Range{{Column: 0, Min: &low, Max: &high}}})
	if err != nil || plan.Pruned != "row groups 1/3" || len(plan.Splits) != 1 {
		t.Fatalf("%d splits, %q, %v", len(plan.Splits), plan.Pruned, err)
	}
	plan, err = tab.Scan(ctx, catalog.ScanRequest{Columns: []int{0}, Limit: 10})
	if err != nil || len(plan.Splits) != 1 {
		t.Fatalf("a limit needs %d splits, %v", len(plan.Splits), err)
	}
	plan, err = tab.Scan(ctx, catalog.ScanRequest{Columns: []int{0}, Limit: -1, Slots: 4})
	if err != nil || len(plan.Splits) != 3 || plan.Pruned != "" {
		t.Fatalf("%d splits, %q, %v", len(plan.Splits), plan.Pruned, err)
	}
}

// TestBloom checks that a Bloom filter excludes row groups that statistics do not.
func TestBloom(t *testing.T) {
	dir := t.TempDir()
	writeSample(t, filepath.Join(dir, "t.parquet"), 2000, 0, &parquet.Snappy, 1, nil)
	c := open(t, dir)
	tab, err := c.Table(context.Background(), "public", "t")
	if err != nil {
		t.Fatal(err)
	}
	column := slices.IndexFunc(tab.Schema(), func(f types.Field) bool { return f.Name == "int64" })
	for v, found := range map[int64]int{mix(310): 1, 123456789012345: 0} {
		p := &between{low: v, high: v}
		got := scan(t, c, tab, []int{column}, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1, Predicate: p})
		if len(got) != found || found == 0 && p.rows > 0 {
			t.Errorf("%d: %d rows, %d looked at", v, len(got), p.rows)
		}
	}
}

// TestFolders checks partition keys, schema evolution and read_parquet.
func TestFolders(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	type v1 struct {
		A int32 `parquet:"A"`
	}
	type v2 struct {
		A int64   `parquet:"A"`
		B *string `parquet:"b,optional"`
	}
	text := "x"
	put(t, dir, "ev/year=2020/day=2020-01-05/name=a%20b/f.parquet", []v1{{1}, {2}})
	put(t, dir, "ev/year=2021/day=2021-01-05/name=__HIVE_DEFAULT_PARTITION__/f.parquet", []v2{{3, &text}, {1 << 40, nil}})
	put(t, dir, "ev/year=2021/_tmp/g.parquet", []v1{{9}})
	put(t, dir, "Single.parquet", []v1{{7}})
	put(t, dir, ".hidden.parquet", []v1{{7}})
	c := open(t, dir)
	names, err := c.Tables(ctx, "public")
	if err != nil || !slices.Equal(names, []string{"ev", "single"}) {
		t.Fatal(names, err)
	}
	tab, err := c.Table(ctx, "public", "ev")
	if err != nil {
		t.Fatal(err)
	}
	var shape []string
	for _, f := range tab.Schema() {
		shape = append(shape, f.Name+" "+f.Type.Format())
	}
	if got := strings.Join(shape, ", "); got != "a bigint, b text, year bigint, day date, name text" {
		t.Fatal(got)
	}
	want := []string{"|1|NULL|2020|'2020-01-05'|'a b'", "|2|NULL|2020|'2020-01-05'|'a b'", "|3|'x'|2021|'2021-01-05'|NULL", "|1099511627776|NULL|2021|'2021-01-05'|NULL"}
	compareRows(t, "ev", scan(t, c, tab, all(tab), catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1}), want)
	year := value.Int8(2021)
	plan, err := tab.Scan(ctx, catalog.ScanRequest{Columns: all(tab), Limit: -1, Ranges: []catalog.Range{{Column: 2, Min: &year}}})
	if err != nil || plan.Pruned != "partitions 1/2" || len(plan.Splits) != 1 || plan.Splits[0].Rows != 2 {
		t.Fatal(plan.Pruned, err)
	}
	st, err := tab.Stats(ctx, []int{0, 2, 4})
	if err != nil || st.Rows != 4 || st.Columns[2].Distinct != 2 || st.Columns[4].NullFrac != 0.5 || st.Columns[0].Max.I != 1<<40 {
		t.Fatalf("%+v %v", st, err)
	}
	checkReadParquet(t, c, dir)
}

// checkReadParquet checks which files patterns name, and which they may not.
func checkReadParquet(t *testing.T, c *Connector, dir string) {
	t.Helper()
	ctx := context.Background()
	for pattern, rows := range map[string]int{
		"ev/**": 4, "ev/*/*/*/f.parquet": 4, "**/f.parquet": 4, "Single.parquet": 1, "./ev": 4, "*.parquet": 1, "ev/year=202[1-9]/**/*.parquet": 2,
	} {
		f, err := c.TableFunction(ctx, "read_parquet", []value.Value{value.Text(pattern)})
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		if got := scan(t, c, f, nil, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1}); len(got) != rows {
			t.Errorf("%s: %d rows", pattern, len(got))
		}
	}
	if err := os.Symlink("/etc", filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	for pattern, code := range map[string]string{
		"nothing.parquet": "58P01", "no/*": "58P01", "../x": "42501", "/etc/passwd": "42501", "a/../../b": "42501", "out/passwd": "42501", "out/*": "42501", "[": "22023",
	} {
		if _, err := c.TableFunction(ctx, "read_parquet", []value.Value{value.Text(pattern)}); sqlerr.Code(err) != code {
			t.Errorf("%s: %v, want %s", pattern, err, code)
		}
	}
	if _, err := c.TableFunction(ctx, "other", nil); err != catalog.ErrNotFound {
		t.Error(err)
	}
}

// put writes rows as a file below dir.
func put[T any](t testing.TB, dir, name string, rows []T) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := parquet.WriteFile(path, rows); err != nil {
		t.Fatal(err)
	}
}

// TestChanged checks that a split of a file that changed is refused, and that
// another process (a connector of its own) can open splits.
func TestChanged(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	type row struct{ A int64 }
	put(t, dir, "t.parquet", []row{{1}, {2}})
	c, other := open(t, dir), open(t, dir)
	tab, err := c.Table(ctx, "public", "t")
	if err != nil {
		t.Fatal(err)
	}
	compareRows(t, "other", scan(t, other, tab, []int{0}, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1}), []string{"|1", "|2"})
	plan, err := tab.Scan(ctx, catalog.ScanRequest{Columns: []int{0}, Limit: -1})
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "t.parquet", []row{{1}, {2}, {3}})
	for _, conn := range []*Connector{c, other} {
		if err := readSplit(conn, plan.Splits[0], []int{0}, 0); sqlerr.Code(err) != "58030" {
			t.Error(err)
		}
	}
	if err := os.Remove(filepath.Join(dir, "t.parquet")); err != nil {
		t.Fatal(err)
	}
	if err := readSplit(c, plan.Splits[0], []int{0}, 0); sqlerr.Code(err) != "58030" {
		t.Error(err)
	}
}
