package slt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/parquet"
)

// tpcdsSome are the queries that every run of the tests asks: between them they
// have each shape of plan that the 99 have.
var tpcdsSome = []int{3, 5, 14, 16, 22, 38, 51, 67, 70, 86, 97}

// TestTPCDS proves the TPC-DS queries' answers over the wire on Parquet files.
// FLINT_TPCDS=full asks all 99, FLINT_TPCDS=shuffled all with joins over pipelined hash exchanges.
func TestTPCDS(t *testing.T) {
	dir := Shared(t, "tpcds")
	if testing.Short() {
		t.Skip("takes some seconds: run without -short")
	}
	queries := tpcdsSome
	mode := os.Getenv("FLINT_TPCDS")
	if mode != "" {
		queries = nil
		for q := 1; q <= 99; q++ {
			queries = append(queries, q)
		}
	}
	ds, err := parquet.New(filepath.Join(dir, "data"), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := Start(t, Options{Catalogs: map[string]catalog.Connector{"ds": ds}})
	conn := s.Connect(t, "ds")
	if mode == "shuffled" {
		for _, set := range []string{"SET broadcast_threshold TO 0", "SET spool_threshold TO 1"} {
			if _, err := conn.Exec(context.Background(), set); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, q := range queries {
		name := fmt.Sprintf("%02d", q)
		t.Run(name, func(t *testing.T) {
			sql, err := os.ReadFile(filepath.Join(dir, "queries", name+".sql"))
			if err != nil {
				t.Fatal(err)
			}
			want, err := ReadAnswer(filepath.Join(dir, "answers", name+".csv"))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			defer cancel()
			res, err := conn.PgConn().Exec(ctx, string(sql)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			TPCH{name, string(sql), want}.check(t, res[len(res)-1])
		})
	}
}
