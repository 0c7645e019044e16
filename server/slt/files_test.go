package slt

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/parquet"
	"github.com/flintsql/flint/catalog/parquet/write"
	"github.com/flintsql/flint/exec/memory"
)

// TestBadFiles reads files that are foreign, empty, cut off or damaged, and paths
// that lead nowhere or outside: a clear error each time, and the connection goes on.
func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	if err := write.TPCH(t.Context(), 0.01, dir, write.Options{Tables: []string{"nation"}}); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(filepath.Join(dir, "nation.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	damaged := append([]byte(nil), good...)
	for i := 4; i < len(good)/2; i++ {
		damaged[i] ^= 0x5a
	}
	files := map[string][]byte{
		"foreign.parquet": []byte("id,name\n1,one\n"),
		"empty.parquet":   nil,
		"cut.parquet":     good[:len(good)/2],
		"tail.parquet":    append(append([]byte(nil), good[:len(good)-12]...), 0xff, 0xff, 0xff, 0x7f, 'P', 'A', 'R', '1'),
		"damaged.parquet": damaged,
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	lake, err := parquet.New(dir, memory.NewRoot("footers", 0))
	if err != nil {
		t.Fatal(err)
	}
	defer lake.Close()
	conn := Start(t, Options{Catalogs: map[string]catalog.Connector{"lake": lake}}).Connect(t, "lake")
	for _, c := range []struct{ sql, code string }{
		{"SELECT * FROM foreign_", "42P01"},
		{`SELECT * FROM "foreign"`, "XX001"},
		{"SELECT * FROM empty", "XX001"},
		{"SELECT count(*) FROM cut", "XX001"},
		{"SELECT * FROM tail", "XX001"},
		{"SELECT * FROM damaged", "XX001"},
		{"SELECT * FROM read_parquet('damaged.parquet')", "XX001"},
		{"SELECT * FROM read_parquet('none*.parquet')", "58P01"},
		{"SELECT * FROM read_parquet('../*.parquet')", "42501"},
		{"SELECT * FROM read_parquet('/etc/passwd')", "42501"},
		{"SELECT n_nome FROM nation", "42703"},
	} {
		_, err := conn.PgConn().Exec(t.Context(), c.sql).ReadAll()
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != c.code {
			t.Errorf("%s: %v, want SQLSTATE %s", c.sql, err, c.code)
		}
		if rows, err := conn.PgConn().Exec(t.Context(), "SELECT 1").ReadAll(); err != nil || string(rows[0].Rows[0][0]) != "1" {
			t.Fatalf("after %s: %v", c.sql, err)
		}
	}
}
