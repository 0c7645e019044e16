package slt

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestPlans freezes EXPLAIN of the 22 TPC-H queries at SF 100, whose statistics
// the tpch connector gives without making a row.
func TestPlans(t *testing.T) {
	s := Start(t, Options{Slots: 4})
	conn := s.Connect(t, "tpch")
	ctx := context.Background()
	if _, err := conn.Exec(ctx, "SET search_path TO sf100"); err != nil {
		t.Fatal(err)
	}
	for q := 1; q <= 22; q++ {
		name := fmt.Sprintf("q%02d", q)
		t.Run(name, func(t *testing.T) {
			sql, err := os.ReadFile(Root("testdata", "tpch", "queries", name+".sql"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := Rows(ctx, conn, Simple, "EXPLAIN "+string(sql))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, Root("testdata", "plans", name+".txt"), strings.Join(got, "\n")+"\n")
		})
	}
}

// golden compares with a frozen file, or rewrites it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; rewrite with make golden and read the diff\ngot:\n%s", filepath.Base(path), got)
	}
}
