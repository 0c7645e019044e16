package slt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// Protocol is how statements are sent.
type Protocol string

// The protocols. Binary runs a query in text and in binary form and holds the
// two results to the same values.
const (
	Simple   Protocol = "simple"
	Extended Protocol = "extended"
	Binary   Protocol = "binary"
)

// Run runs one record. After a statement that failed, the connection must
// answer a query, unless it is in a transaction.
func (r *Record) Run(ctx context.Context, conn *pgx.Conn, p Protocol) error {
	got, err := r.run(ctx, conn.PgConn(), p)
	if err != nil {
		return fmt.Errorf("%s:%d: %w", r.File, r.Line, err)
	}
	if !r.Query {
		return nil
	}
	want := r.Want
	if r.Sorted {
		got, want = sorted(got), sorted(want)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("%s:%d: %s\ngot:\n%s\nwant:\n%s", r.File, r.Line, r.SQL, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if p == Binary {
		return r.compareBinary(ctx, conn)
	}
	return nil
}

// run sends the statement and holds its error, if any, to the record.
func (r *Record) run(ctx context.Context, c *pgconn.PgConn, p Protocol) ([]string, error) {
	res, err := send(ctx, c, p, r.SQL, 0)
	var pg *pgconn.PgError
	if err != nil && !errors.As(err, &pg) {
		return nil, fmt.Errorf("%s\n%w", r.SQL, err)
	}
	if e := r.compareError(pg); e != nil {
		return nil, fmt.Errorf("%s\n%w", r.SQL, e)
	}
	if pg != nil {
		return nil, alive(ctx, c)
	}
	return Lines(res), nil
}

func (r *Record) compareError(got *pgconn.PgError) error {
	switch {
	case got == nil && r.Error:
		return fmt.Errorf("no error, want %s: %s", r.Code, strings.Join(r.Want, "\n"))
	case got == nil:
		return nil
	case !r.Error || got.Code != r.Code || r.Position != 0 && int(got.Position) != r.Position ||
		len(r.Want) > 0 && escape(got.Message) != strings.Join(r.Want, "\n"):
		return fmt.Errorf("got:  %s at %d: %s\nwant: %s at %d: %s", got.Code, got.Position, got.Message, r.Code, r.Position, strings.Join(r.Want, "\n"))
	}
	return nil
}

// alive checks that a connection still answers.
func alive(ctx context.Context, c *pgconn.PgConn) error {
	if c.TxStatus() == 'E' {
		return nil
	}
	res, err := send(ctx, c, Simple, "SELECT 1", 0)
	if err != nil {
		return fmt.Errorf("SELECT 1 after an error: %w", err)
	}
	if got := Lines(res); len(got) != 1 || got[0] != "1" {
		return fmt.Errorf("SELECT 1 after an error gives %q", got)
	}
	return nil
}

// send runs a statement and reads its whole result: the last one, if the simple
// protocol's text holds several statements.
func send(ctx context.Context, c *pgconn.PgConn, p Protocol, sql string, format int16) (*pgconn.Result, error) {
	if p != Simple {
		res := c.ExecParams(ctx, sql, nil, nil, nil, []int16{format}).Read()
		return res, res.Err
	}
	all, err := c.Exec(ctx, sql).ReadAll()
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[len(all)-1], nil
}

// Lines gives a result's rows of text values as the files spell them.
func Lines(res *pgconn.Result) []string {
	if res == nil {
		return nil
	}
	var out []string
	for _, row := range res.Rows {
		vals := make([]string, len(row))
		for i, v := range row {
			switch {
			case v == nil:
				vals[i] = "NULL"
			case len(v) == 0:
				vals[i] = "(empty)"
			default:
				vals[i] = escape(string(v))
			}
		}
		out = append(out, strings.TrimRight(strings.Join(vals, "|"), " \t\r"))
	}
	return out
}

func escape(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r", `\r`), "\n", `\n`)
}

func sorted(lines []string) []string {
	out := slices.Clone(lines)
	slices.Sort(out)
	return out
}

// compareBinary runs a query in both formats and compares the decoded values.
func (r *Record) compareBinary(ctx context.Context, conn *pgx.Conn) error {
	var decoded [2][]string
	for format := range decoded {
		res, err := send(ctx, conn.PgConn(), Binary, r.SQL, int16(format))
		if err != nil {
			return fmt.Errorf("%s:%d: format %d: %w", r.File, r.Line, format, err)
		}
		if decoded[format], err = decode(conn, res, int16(format)); err != nil {
			return fmt.Errorf("%s:%d: format %d: %w", r.File, r.Line, format, err)
		}
		if r.Sorted {
			slices.Sort(decoded[format])
		}
	}
	if !slices.Equal(decoded[0], decoded[1]) {
		return fmt.Errorf("%s:%d: %s\ntext:\n%s\nbinary:\n%s", r.File, r.Line, r.SQL, strings.Join(decoded[0], "\n"), strings.Join(decoded[1], "\n"))
	}
	return nil
}

// decode reads a result's values with the client's codecs.
func decode(conn *pgx.Conn, res *pgconn.Result, format int16) ([]string, error) {
	var out []string
	for _, row := range res.Rows {
		var line []string
		for i, v := range row {
			f := res.FieldDescriptions[i]
			t, ok := conn.TypeMap().TypeForOID(f.DataTypeOID)
			if !ok || v == nil {
				line = append(line, fmt.Sprint(v == nil))
				continue
			}
			x, err := t.Codec.DecodeValue(conn.TypeMap(), f.DataTypeOID, format, v)
			if err != nil {
				return nil, fmt.Errorf("column %s of type %d: %w", f.Name, f.DataTypeOID, err)
			}
			line = append(line, plain(x))
		}
		out = append(out, strings.Join(line, "|"))
	}
	return out, nil
}

// Rows runs a query and returns its lines.
func Rows(ctx context.Context, conn *pgx.Conn, p Protocol, sql string) ([]string, error) {
	res, err := send(ctx, conn.PgConn(), p, sql, 0)
	return Lines(res), err
}

// plain prints a decoded value; a number's trailing zeros, which only the text
// form shows for every value, are left out.
func plain(x any) string {
	n, ok := x.(pgtype.Numeric)
	if !ok || n.Int == nil || n.NaN {
		return fmt.Sprint(x)
	}
	digits, exp := n.Int.String(), n.Exp
	for strings.HasSuffix(digits, "0") && digits != "0" {
		digits, exp = digits[:len(digits)-1], exp+1
	}
	if digits == "0" {
		exp = 0
	}
	return fmt.Sprintf("%se%d", digits, exp)
}
