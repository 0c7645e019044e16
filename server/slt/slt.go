// Package slt runs SQL logic tests over the wire: .slt files in sqllogictest's
// format (https://sqlite.org/sqllogictest) against a server.
//
//	statement ok
//	SET search_path TO tiny
//
//	statement error 42P01
//	SELECT * FROM nowhere
//
//	query rowsort
//	SELECT a, b FROM t
//	----
//	1 x
//	2 NULL
//
// Values are separated by a single space as psql prints them unaligned; an empty
// string is (empty). Sort modes: nosort (default), rowsort.
package slt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Record is one test of a file.
type Record struct {
	File   string
	Line   int
	Query  bool
	Code   string // expected SQLSTATE of a statement; "" = success
	Sorted bool
	SQL    string
	Want   []string
}

// Parse reads a file's records.
func Parse(path string) ([]Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []Record
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	var r *Record
	inWant := false
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimRight(sc.Text(), " \t\r")
		switch {
		case r == nil && (line == "" || strings.HasPrefix(line, "#")):
		case r == nil:
			if r, err = header(path, n, line); err != nil {
				return nil, err
			}
		case line == "":
			out = append(out, *r)
			r, inWant = nil, false
		case line == "----" && r.Query && !inWant:
			inWant = true
		case inWant:
			r.Want = append(r.Want, line)
		case r.SQL == "":
			r.SQL = line
		default:
			r.SQL += "\n" + line
		}
	}
	if r != nil {
		out = append(out, *r)
	}
	return out, sc.Err()
}

func header(path string, n int, line string) (*Record, error) {
	r := &Record{File: path, Line: n}
	w := strings.Fields(line)
	switch {
	case w[0] == "query":
		r.Query = true
		r.Sorted = len(w) > 1 && w[1] == "rowsort"
	case len(w) >= 2 && w[0] == "statement" && w[1] == "ok":
	case len(w) == 3 && w[0] == "statement" && w[1] == "error":
		r.Code = w[2]
	default:
		return nil, fmt.Errorf("%s:%d: unknown record %q", path, n, line)
	}
	return r, nil
}

// Run runs one record; mode is how queries are sent.
func (r Record) Run(ctx context.Context, conn *pgx.Conn, mode pgx.QueryExecMode) error {
	got, err := Rows(ctx, conn, mode, r.SQL)
	var pg *pgconn.PgError
	code := ""
	if errors.As(err, &pg) {
		code = pg.Code
	} else if err != nil {
		return fmt.Errorf("%s:%d: %w", r.File, r.Line, err)
	}
	if code != r.Code {
		return fmt.Errorf("%s:%d: SQLSTATE %q (%v), want %q", r.File, r.Line, code, err, r.Code)
	}
	if !r.Query {
		return nil
	}
	if r.Sorted {
		sort.Strings(got)
		sort.Strings(r.Want)
	}
	if g, w := strings.Join(got, "\n"), strings.Join(r.Want, "\n"); g != w {
		return fmt.Errorf("%s:%d: %s\ngot:\n%s\nwant:\n%s", r.File, r.Line, r.SQL, g, w)
	}
	return nil
}

// Rows runs a query and returns its rows as lines of text values. In extended
// modes, values arrive as pgx asks for them; simple mode gives the server's text.
func Rows(ctx context.Context, conn *pgx.Conn, mode pgx.QueryExecMode, sql string) ([]string, error) {
	if mode == pgx.QueryExecModeSimpleProtocol {
		return simpleRows(ctx, conn, sql)
	}
	// The extended protocol in text format, so that results compare as text.
	res := conn.PgConn().ExecParams(ctx, sql, nil, nil, nil, nil).Read()
	if res.Err != nil {
		return nil, res.Err
	}
	return lines(res.Rows), nil
}

func simpleRows(ctx context.Context, conn *pgx.Conn, sql string) ([]string, error) {
	all, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range all {
		out = append(out, lines(r.Rows)...)
	}
	return out, nil
}

func lines(rows [][][]byte) []string {
	var out []string
	for _, row := range rows {
		vals := make([]string, len(row))
		for i, v := range row {
			switch {
			case v == nil:
				vals[i] = "NULL"
			case len(v) == 0:
				vals[i] = "(empty)"
			default:
				vals[i] = string(v)
			}
		}
		out = append(out, strings.Join(vals, " "))
	}
	return out
}
