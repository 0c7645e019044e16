package tpch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/tpch/dbgen"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// scan reads all splits of a table in order and returns its rows as text.
func scan(t testing.TB, c *Connector, schema, name string, columns []int, sr catalog.ScanRequest, rr catalog.ReadRequest) []string {
	t.Helper()
	ctx := context.Background()
	tab, err := c.Table(ctx, schema, name)
	if err != nil {
		t.Fatal(err)
	}
	sr.Columns = columns
	plan, err := tab.Scan(ctx, sr)
	if err != nil {
		t.Fatal(err)
	}
	root := memory.NewRoot("test", 0)
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
			if root.Used() == 0 && len(columns) > 0 {
				t.Fatal("nothing is charged")
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

// everyColumn lists the positions of a table's columns.
func everyColumn(t *dbgen.Table) []int {
	columns := make([]int, len(t.Columns))
	for i := range columns {
		columns[i] = i
	}
	return columns
}

// TestScanShapes checks that splits, batch sizes and column subsets do not
// change the rows.
func TestScanShapes(t *testing.T) {
	c := New(nil)
	for _, table := range dbgen.Tables() {
		columns := everyColumn(table)
		want := scan(t, c, "sf0_1", table.Name, columns, catalog.ScanRequest{Limit: 1000}, catalog.ReadRequest{Limit: 1000})
		if rows, _ := table.Rows(mustScale(t, "sf0_1")); len(want) < 1000 && int64(len(want)) != rows {
			t.Errorf("%s: Limit 1000 gives %d rows", table.Name, len(want))
		}
		for _, size := range []int{1, 2, 3, 7, 8, 1000} {
			got := scan(t, c, "sf0_1", table.Name, columns, catalog.ScanRequest{Limit: 1000}, catalog.ReadRequest{Limit: 1000, BatchSize: size})
			n := min(len(got), len(want), 1000)
			if !slices.Equal(got[:n], want[:n]) || len(want) >= 1000 && len(got) < 1000 {
				t.Errorf("%s: rows change with batches of %d", table.Name, size)
			}
		}
		all := catalog.ReadRequest{Limit: -1}
		one := scan(t, c, "sf0_1", table.Name, columns[:1], catalog.ScanRequest{Limit: -1}, all)
		many := scan(t, c, "sf0_1", table.Name, columns[:1], catalog.ScanRequest{Limit: -1, Slots: 8}, all)
		none := scan(t, c, "sf0_1", table.Name, nil, catalog.ScanRequest{Limit: -1, Slots: 3}, all)
		if !slices.Equal(one, many) || len(none) != len(one) {
			t.Errorf("%s: rows change with the number of splits: %d, %d, %d", table.Name, len(one), len(many), len(none))
		}
	}
}

func mustScale(t *testing.T, schema string) dbgen.Scale {
	t.Helper()
	s, err := scaleOf(schema)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// keyIn is the predicate low ≤ column ≤ high on one integer output column.
type keyIn struct {
	column    int
	low, high int64
	hide      bool // give no ranges
	sel       []int32
}

func (p *keyIn) Columns() []int { return []int{p.column} }

func (p *keyIn) Ranges() []catalog.Range {
	if p.hide {
		return nil
	}
	low, high := value.Int8(p.low), value.Int8(p.high)
	return []catalog.Range{{Column: p.column, Min: &low, Max: &high}}
}

func (p *keyIn) Select(b *vector.Batch) ([]int32, bool, error) {
	p.sel = p.sel[:0]
	for i := range b.Rows {
		if x := b.Cols[p.column].Get(i).I; x >= p.low && x <= p.high {
			p.sel = append(p.sel, int32(i))
		}
	}
	return p.sel, len(p.sel) == b.Rows, nil
}

// TestPredicate checks that a predicate gives the same rows however it is
// used: by the caller, by the reader, by the reader with ranges, by Scan.
func TestPredicate(t *testing.T) {
	c := New(nil)
	for _, table := range dbgen.Tables() {
		columns := everyColumn(table)
		slices.Reverse(columns)
		last := len(columns) - 1 // the key
		all := scan(t, c, "tiny", table.Name, columns, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1})
		keys := scan(t, c, "tiny", table.Name, []int{0}, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1})
		for _, bounds := range [][2]int64{{-5, 0}, {0, 1}, {1, 7}, {7, 34}, {500, 1501}, {59999, 1 << 62}, {-1 << 63, 1<<63 - 1}, {9, 8}} {
			var want []string
			for i, row := range all {
				var key int64
				if _, err := fmt.Sscanf(keys[i], "|%d", &key); err != nil {
					t.Fatal(err)
				}
				if key >= bounds[0] && key <= bounds[1] {
					want = append(want, row)
				}
			}
			low, high := value.Int8(bounds[0]), value.Int8(bounds[1])
			ranges := []catalog.Range{{Column: 0, Min: &low, Max: &high}}
			for i, got := range [][]string{
				scan(t, c, "tiny", table.Name, columns, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1, Predicate: &keyIn{column: last, low: bounds[0], high: bounds[1], hide: true}}),
				scan(t, c, "tiny", table.Name, columns, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1, BatchSize: 100, Predicate: &keyIn{column: last, low: bounds[0], high: bounds[1]}}),
				scan(t, c, "tiny", table.Name, columns, catalog.ScanRequest{Limit: -1, Ranges: ranges}, catalog.ReadRequest{Limit: -1}),
			} {
				if !slices.Equal(got, want) {
					t.Errorf("%s %v, way %d: %d rows, want %d", table.Name, bounds, i, len(got), len(want))
				}
			}
		}
	}
}

// TestNames checks schemas, types and unknown names.
func TestNames(t *testing.T) {
	c, ctx := New(nil), context.Background()
	schemas, err := c.Schemas(ctx)
	if err != nil || !slices.IsSorted(schemas) || !slices.Contains(schemas, c.DefaultSchema()) {
		t.Errorf("schemas are %v, %v", schemas, err)
	}
	for schema, want := range map[string]string{"tiny": "0.01", "sf0_01": "0.01", "sf1": "1", "sf2_5": "2.5", "sf10": "10", "sf29999": "29999"} {
		if got := mustScale(t, schema).String(); got != want {
			t.Errorf("%s means %s, want %s", schema, got, want)
		}
	}
	for _, schema := range []string{"", "sf", "sf0", "sf_1", "sf1_", "sf30000", "sf-1", "sf1.5", "sf0_0001", "public", "sf+1", "SF1"} {
		if _, err := c.Table(ctx, schema, "nation"); !errors.Is(err, catalog.ErrNotFound) {
			t.Errorf("schema %q: %v", schema, err)
		}
		if _, err := c.Tables(ctx, schema); !errors.Is(err, catalog.ErrNotFound) {
			t.Errorf("schema %q: %v", schema, err)
		}
	}
	names, err := c.Tables(ctx, "sf100")
	if err != nil || !slices.IsSorted(names) || len(names) != 8 {
		t.Errorf("tables are %v, %v", names, err)
	}
	if _, err := c.Table(ctx, "sf1", "dual"); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("table dual: %v", err)
	}
	tab, _ := c.Table(ctx, "sf1", "orders")
	stats, err := tab.Stats(ctx, []int{0, 4})
	if err != nil || stats.Rows != 1_500_000 || !stats.Exact || stats.Columns[0].Max.I != 6_000_000 || !stats.Columns[0].Unique {
		t.Errorf("statistics of orders are %+v, %v", stats, err)
	}
	if got := value.Display(*stats.Columns[4].Max); got != "'1998-08-02'" || tab.Schema()[3].Type != types.NumericOf(15, 2) {
		t.Errorf("the last order is of %s", got)
	}
	for _, bad := range []string{"", "dual 10 0 1", "nation 10 0 26", "nation 0 0 25", "nation 10 -1 2"} {
		if _, err := c.Open(ctx, catalog.Split{Payload: []byte(bad)}, catalog.ReadRequest{Account: memory.NewRoot("", 0)}); err == nil {
			t.Errorf("split %q opens", bad)
		}
	}
}

// TestPoolAccount reads comments in parallel and checks what the pool is
// charged for, with enough memory and with too little.
func TestPoolAccount(t *testing.T) {
	root := memory.NewRoot("process", 0)
	c := New(root)
	var wg sync.WaitGroup
	for _, name := range []string{"nation", "region", "supplier", "supplier"} {
		wg.Go(func() {
			l, _ := c.layout(name)
			comment := []int{len(l.fields) - 1}
			scan(t, c, "tiny", name, comment, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1, BatchSize: 10})
		})
	}
	wg.Wait()
	if got := c.pool.text.Bytes(); got == 0 || root.Used() != got || got > 131*poolBlock {
		t.Errorf("the pool holds %d bytes, charged are %d", got, root.Used())
	}
	// With little memory only the places of sentences are kept, and the comments are the same.
	root = memory.NewRoot("process", 64<<20)
	small := New(root)
	for _, name := range []string{"supplier", "nation"} {
		l, _ := c.layout(name)
		last := []int{len(l.fields) - 1}
		want := scan(t, c, "tiny", name, last, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1})
		got := scan(t, small, "tiny", name, last, catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1})
		if !slices.Equal(got, want) {
			t.Errorf("%s: other comments with little memory", name)
		}
	}
	if n := small.pool.text.Bytes(); n != 0 || root.Used() != dbgen.SparsePoolBytes {
		t.Errorf("the small pool holds %d bytes of text, charged are %d", n, root.Used())
	}
	c = New(memory.NewRoot("process", 4*poolBlock))
	r, err := c.Open(context.Background(), catalog.Split{Payload: []byte("nation 10 0 25")}, catalog.ReadRequest{Columns: []int{3}, Account: memory.NewRoot("", 0), Limit: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Next(context.Background()); err == nil || c.pool.text.Bytes() > 4*poolBlock {
		t.Errorf("a pool of %d bytes passed the limit: %v", c.pool.text.Bytes(), err)
	}
}

// q6 is Q6's condition over (l_shipdate, l_discount, l_quantity).
type q6 struct{ sel []int32 }

func (*q6) Columns() []int { return []int{0, 1, 2} }

func (*q6) Ranges() []catalog.Range { return nil }

func (p *q6) Select(b *vector.Batch) ([]int32, bool, error) {
	dates, discounts, quantities := vector.Values[int32](b.Cols[0]), vector.Values[int64](b.Cols[1]), vector.Values[int64](b.Cols[2])
	if cap(p.sel) < b.Rows {
		p.sel = make([]int32, b.Rows)
	}
	sel, k := p.sel[:b.Rows], 0
	for i, date := range dates {
		sel[k] = int32(i)
		if uint32(date-8766) < 365 && uint64(discounts[i]-5) <= 2 && quantities[i] < 2400 {
			k++
		}
	}
	return sel[:k], false, nil
}

// BenchmarkScan reads Q1's and Q6's columns at scale factor 1 through the
// connector on one goroutine.
func BenchmarkScan(b *testing.B) {
	c := New(nil)
	ctx := context.Background()
	selective := &q6{}
	for name, columns := range map[string][]int{"q6 late": {10, 6, 4, 5}, "q1": {4, 5, 6, 7, 8, 9, 10}, "q6": {4, 5, 6, 10}, "all": {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}} {
		b.Run(name, func(b *testing.B) {
			tab, _ := c.Table(ctx, "sf1", "lineitem")
			plan, _ := tab.Scan(ctx, catalog.ScanRequest{Columns: columns, Limit: -1, Slots: 1})
			account := memory.NewRoot("bench", 0)
			rows := 0
			for range b.N {
				for _, split := range plan.Splits {
					req := catalog.ReadRequest{Columns: columns, Account: account, Limit: -1}
					if name == "q6 late" {
						req.Predicate = selective
					}
					r, err := c.Open(ctx, split, req)
					if err != nil {
						b.Fatal(err)
					}
					for batch, err := r.Next(ctx); err == nil; batch, err = r.Next(ctx) {
						rows += batch.Rows
					}
					r.Close()
				}
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}
