package parquet

import (
	"context"
	"io"
	"os"
	"slices"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/sql/types"
)

// BenchmarkColumn reads single columns of a lineitem in the folder FLINT_TPCH
// by one goroutine.
func BenchmarkColumn(b *testing.B) {
	dir := os.Getenv("FLINT_TPCH")
	if dir == "" {
		b.Skip("FLINT_TPCH names no folder with a lineitem")
	}
	ctx := context.Background()
	c := open(b, dir)
	c.UseCache(nil)
	tab, err := c.Table(ctx, "public", "lineitem")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"l_orderkey", "l_extendedprice", "l_quantity", "l_shipdate", "l_shipmode", "l_comment"} {
		column := slices.IndexFunc(tab.Schema(), func(f types.Field) bool { return f.Name == name })
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if n := drain(b, c, tab, []int{column}, nil); n < 60175 {
					b.Fatal(n)
				}
			}
		})
	}
}

// drain reads a whole table and returns its rows.
func drain(tb testing.TB, c *Connector, tab catalog.Table, columns []int, p catalog.Predicate) int {
	tb.Helper()
	ctx := context.Background()
	plan, err := tab.Scan(ctx, catalog.ScanRequest{Columns: columns, Limit: -1, Slots: 2})
	if err != nil {
		tb.Fatal(err)
	}
	root := memory.NewRoot("scan", 0)
	rows := 0
	for _, split := range plan.Splits {
		r, err := c.Open(ctx, split, catalog.ReadRequest{Columns: columns, Account: root, Limit: -1, Predicate: p})
		if err != nil {
			tb.Fatal(err)
		}
		for {
			batch, err := r.Next(ctx)
			if err == io.EOF {
				break
			}
			if err != nil {
				tb.Fatal(err)
			}
			rows += batch.Count()
		}
		_ = r.Close()
	}
	return rows
}

// BenchmarkPoint reads all columns of the few rows that have a key.
func BenchmarkPoint(b *testing.B) {
	dir := os.Getenv("FLINT_TPCH")
	if dir == "" {
		b.Skip("FLINT_TPCH names no folder with a lineitem")
	}
	c := open(b, dir)
	tab, err := c.Table(context.Background(), "public", "lineitem")
	if err != nil {
		b.Fatal(err)
	}
	for name, p := range map[string]*between{"orderkey": {low: 3000000, high: 3000005}, "suppkey": {column: 2, low: 77, high: 77}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if n := drain(b, c, tab, all(tab), p); n == 0 {
					b.Fatal("no rows")
				}
			}
		})
	}
}
