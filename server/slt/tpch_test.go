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

// TestTPCHShuffled proves the answers again with all joins over hash exchanges.
func TestTPCHShuffled(t *testing.T) {
	answers := Shared(t, "tpch", "answers", "sf0.1")
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	s := Start(t, Options{Slots: 3})
	runTPCH(t, s, "tpch", "sf0_1", answers, "SET broadcast_threshold TO 0", "SET spool_threshold TO 1")
}

func runTPCH(t *testing.T, s *Server, database, schema, answers string, settings ...string) {
	conn := s.Connect(t, database)
	ctx := context.Background()
	for _, set := range append(settings, "SET search_path TO "+schema) {
		if _, err := conn.Exec(ctx, set); err != nil {
			t.Fatal(err)
		}
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
	if len(rows) == 0 && header == nil {
		header = want.Header // pgx tells the columns of rows only
	}
	if err := want.Compare(header, rows); err != nil {
		t.Error(err)
	}
}
