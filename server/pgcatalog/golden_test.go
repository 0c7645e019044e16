package pgcatalog_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flintsql/flint/server/slt"
)

var update = flag.Bool("update", false, "write the answers in testdata anew")

// golden compares with a file, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	gl, wl := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := 0; i < max(len(gl), len(wl)); i++ {
		g, w := "(end)", "(end)"
		if i < len(gl) {
			g = gl[i]
		}
		if i < len(wl) {
			w = wl[i]
		}
		if g != w {
			t.Fatalf("%s, line %d:\n got %s\nwant %s", path, i+1, g, w)
		}
	}
}

// TestQueries runs testdata/queries.sql, clients' queries about tables that
// have something to show. The answers were read through once; those of psql and
// the JDBC driver were compared with PostgreSQL's on the same tables.
func TestQueries(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "queries.sql"))
	if err != nil {
		t.Fatal(err)
	}
	s := slt.Start(t, slt.Options{})
	conn := s.Connect(t, "tpch").PgConn()
	var out strings.Builder
	for _, part := range strings.Split("\n"+string(text), "\n-- ")[1:] {
		name, sql, _ := strings.Cut(part, "\n")
		fmt.Fprintf(&out, "-- %s\n", name)
		res, err := conn.Exec(context.Background(), sql).ReadAll()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, r := range res {
			for _, f := range r.FieldDescriptions {
				fmt.Fprintf(&out, "%s:%d|", f.Name, f.DataTypeOID)
			}
			out.WriteByte('\n')
			for _, row := range r.Rows {
				for _, v := range row {
					if v == nil {
						out.WriteByte('~')
					}
					fmt.Fprintf(&out, "%s|", v)
				}
				out.WriteByte('\n')
			}
		}
		out.WriteByte('\n')
	}
	golden(t, "queries.txt", out.String())
}

// psqlCommands are psql's, as a user types them.
var psqlCommands = []string{`\l`, `\dn`, `\dt`, `\d`, `\dv`, `\di`, `\ds`, `\dm`, `\du`, `\df`, `\dT`, `\db`, `\dp nation`,
	`\d lineitem`, `\d+ nation`, `\d sf1.region`, `\d pg_namespace`, `\d pg_tables`, `\dt *.nation`, `\dt+ sf1.*`, `\d nope`, `\dL`, `\dO`,
	`\df lower`, `\dT int4`, `\dd`, `\dx`, `\sf lower`, `\dconfig work_mem`, `\dt nope`}

// TestPsql types commands into psql 15.
func TestPsql(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is absent")
	}
	if v, err := exec.Command(psql, "--version").Output(); err != nil || !strings.Contains(string(v), ") 15.") {
		t.Skipf("psql is not of version 15: %s", v)
	}
	s := slt.Start(t, slt.Options{})
	host, port, _ := strings.Cut(s.Addr, ":")
	var out strings.Builder
	for _, c := range psqlCommands {
		cmd := exec.Command(psql, "-X", "-h", host, "-p", port, "-U", "flint", "-d", "tpch", "-c", c)
		cmd.Env = append(os.Environ(), "PGCLIENTENCODING=UTF8", "LC_ALL=C")
		text, _ := cmd.CombinedOutput() // an error is part of what the user sees
		fmt.Fprintf(&out, "== %s\n%s", c, text)
	}
	golden(t, "psql.txt", out.String())
}
