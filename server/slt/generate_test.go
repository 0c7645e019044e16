package slt

import (
	"context"
	"flag"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
)

var postgres = flag.String("postgres", "", "URL of a PostgreSQL 15 database named tpch; TestGenerate takes the expected results from it")
var only = flag.String("file", "*", "which .slt files to run or generate, a glob without the ending")

// TestGenerate rewrites the expected results of testdata/slt with PostgreSQL's,
// over the same tables.
func TestGenerate(t *testing.T) {
	if *postgres == "" {
		t.Skip("no -postgres")
	}
	ctx := context.Background()
	load := connectPostgres(t)
	flint := Start(t, Options{}).Connect(t, "tpch")
	tables := []string{"region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"}
	if err := LoadTables(ctx, flint.PgConn(), load.PgConn(), "tiny", tables); err != nil {
		t.Fatal(err)
	}
	for _, f := range files(t) {
		if err := Generate(ctx, connectPostgres(t), f); err != nil {
			t.Error(err)
		}
	}
}

func connectPostgres(t *testing.T) *pgx.Conn {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, *postgres)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(ctx) })
	return c
}

func files(t *testing.T) []string {
	fs, err := filepath.Glob(Root("testdata", "slt", *only+".slt"))
	if err != nil || len(fs) == 0 {
		t.Fatalf("no .slt files: %v", err)
	}
	return fs
}
