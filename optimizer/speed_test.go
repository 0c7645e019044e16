package optimizer

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/function"
)

// BenchmarkOptimize optimizes TPC-H's queries at scale factor 100, and a constant.
func BenchmarkOptimize(b *testing.B) {
	files, _ := filepath.Glob(filepath.Join(sharedDir(b), "tpch", "queries", "*.sql"))
	c := readTables(b, tpch, 100)
	run := func(name, sql string) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				r := bindSQL(b, c, sql)
				b.StartTimer()
				if _, _, err := Optimize(context.Background(), r.Plan, Options{IDs: r.IDs, Model: cost.NewModel(context.Background()),
					Context: &function.Context{Location: time.UTC}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("one", "SELECT 1")
	for _, f := range files {
		sql, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		run(strings.TrimSuffix(filepath.Base(f), ".sql"), string(sql))
	}
}
