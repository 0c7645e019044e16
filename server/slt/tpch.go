package slt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// TPCH is a query of TPC-H with its answer at one scale factor.
type TPCH struct {
	Name string // q01 … q22
	SQL  string
	Want *Answer
}

// Queries reads the 22 queries, and their answers from a folder of answers.
func Queries(t testing.TB, answers string) []TPCH {
	t.Helper()
	var out []TPCH
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
		out = append(out, TPCH{name, string(sql), want})
	}
	return out
}

// RunTPCH proves the 22 answers on a connection, with the simple and with the
// extended protocol, after the given settings.
func RunTPCH(t *testing.T, conn *pgx.Conn, answers string, settings ...string) {
	t.Helper()
	ctx := context.Background()
	for _, set := range settings {
		if _, err := conn.Exec(ctx, set); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range Queries(t, answers) {
		t.Run(q.Name+"/simple", func(t *testing.T) {
			res, err := conn.PgConn().Exec(ctx, q.SQL).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			q.check(t, res[len(res)-1])
		})
		t.Run(q.Name+"/extended", func(t *testing.T) {
			res := conn.PgConn().ExecParams(ctx, q.SQL, nil, nil, nil, nil).Read()
			if res.Err != nil {
				t.Fatal(res.Err)
			}
			q.check(t, res)
		})
	}
}

func (q TPCH) check(t *testing.T, res *pgconn.Result) {
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
		header = q.Want.Header // pgx tells the columns of rows only
	}
	if err := q.Want.Compare(header, rows); err != nil {
		t.Error(err)
	}
}
