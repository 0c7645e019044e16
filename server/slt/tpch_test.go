package slt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestTPCH proves the 22 queries' answers over the wire, with the simple and the
// extended protocol, on the tpch connector. FLINT_TPCH=full adds SF 1.
func TestTPCH(t *testing.T) {
	answers := Shared(t, "tpch", "answers")
	s := Start(t, Options{})
	for _, sf := range []struct{ schema, dir string }{{"tiny", "sf0.01"}, {"sf0_1", "sf0.1"}, {"sf1", "sf1"}} {
		if sf.schema == "sf1" && os.Getenv("FLINT_TPCH") != "full" || sf.schema == "sf0_1" && testing.Short() {
			continue
		}
		t.Run(sf.dir, func(t *testing.T) {
			runTPCH(t, s, "tpch", sf.schema, filepath.Join(answers, sf.dir))
		})
	}
}

func runTPCH(t *testing.T, s *Server, database, schema, answers string) {
	conn := s.Connect(t, database)
	ctx := context.Background()
	if _, err := conn.Exec(ctx, "SET search_path TO "+schema); err != nil {
		t.Fatal(err)
	}
	for q := 1; q <= 22; q++ {
		name := fmt.Sprintf("q%02d", q)
		sql, err := os.ReadFile(Root("testdata", "tpch", "queries", name+".sql"))
		if err != nil {
			t.Fatal(err)
		}
		want, err := ReadAnswer(filepath.Join(answers, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name+"/simple", func(t *testing.T) {
			res, err := conn.PgConn().Exec(ctx, string(sql)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			check(t, want, res[len(res)-1])
		})
		t.Run(name+"/extended", func(t *testing.T) {
			res := conn.PgConn().ExecParams(ctx, string(sql), nil, nil, nil, nil).Read()
			if res.Err != nil {
				t.Fatal(res.Err)
			}
			check(t, want, res)
		})
	}
}

func check(t *testing.T, want *Answer, res *pgconn.Result) {
	t.Helper()
	var header []string
	for _, f := range res.FieldDescriptions {
		header = append(header, f.Name)
	}
	var rows [][]string
	for _, r := range res.Rows {
		row := make([]string, len(r))
		for i, v := range r {
			if row[i] = string(v); v == nil {
				row[i] = "NULL"
			}
		}
		rows = append(rows, row)
	}
	if err := want.Compare(header, rows); err != nil {
		t.Error(err)
	}
}
