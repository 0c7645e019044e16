package server

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/parquet"
	"github.com/flintsql/flint/catalog/tpch"
	"github.com/flintsql/flint/cluster/local"
	"github.com/flintsql/flint/exec/memory"
)

// BenchmarkPlan takes TPC-H's queries from text to stages, without running them: over generated tables, or over the Parquet
// files of the folder in FLINT_PLAN_DATA.
func BenchmarkPlan(b *testing.B) {
	shared := os.Getenv("FLINT_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "shared")
	}
	files, _ := filepath.Glob(filepath.Join(shared, "tpch", "queries", "*.sql"))
	if len(files) < 22 {
		b.Skipf("%d queries found (set FLINT_SHARED)", len(files))
	}
	acct := memory.NewRoot("flint", 1<<30)
	byName, path := map[string]catalog.Connector{"tpch": tpch.New(acct)}, "sf1"
	if dir := os.Getenv("FLINT_PLAN_DATA"); dir != "" {
		c, err := parquet.New(dir, acct)
		if err != nil {
			b.Fatal(err)
		}
		byName["tpch"], path = c, "public"
	}
	cats := NewCatalogs(byName)
	cl := local.New(local.Options{Slots: 2, Account: acct, Connector: cats.Connector})
	defer cl.Close()
	s, err := NewEngine(Config{Catalogs: cats, Runner: cl}).Connect(context.Background(), "bench", "tpch", map[string]string{"search_path": path})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for _, f := range files {
		sql, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(strings.TrimSuffix(filepath.Base(f), ".sql"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, err := s.Prepare(context.Background(), Text{SQL: string(sql)}, nil)
				if err == nil {
					_, err = s.plan(context.Background(), p, nil)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
