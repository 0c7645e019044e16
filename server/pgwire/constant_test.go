package pgwire_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/flintsql/flint/server/slt"
)

// TestConstantRows asks for constants of many types twice: as they are, which
// the session answers by itself, and beside a filter that only a task can compute.
// Columns and bytes must be the same, in both formats.
func TestConstantRows(t *testing.T) {
	s := slt.Start(t, slt.Options{})
	conn := s.Connect(t, "tpch").PgConn()
	ctx := context.Background()
	for _, list := range []string{
		"1", "-1::smallint, 2::bigint, 3", "'a', 'b'::text, 'c'::varchar(3), 'd'::char(4), ''", "NULL, NULL::int, NULL::text, NULL::int[], NULL::numeric(10,2)",
		"1.50, 2.5::numeric(10,3), 1e30::numeric, 'NaN'::numeric, 12345678901234567890.12", "1.5::float4, 'NaN'::float8, '-Infinity'::float8",
		"true, false, NULL::bool", "date '2020-02-29', timestamp '2020-02-29 12:00', timestamptz '2020-02-29 12:00+02', interval '1 month 2 days'",
		"array[1, NULL, 3], array['a', 'b'], '{}'::int[]", `'\x00ff'::bytea, '{"a": 1}'::json, '{"a":1}'::jsonb`, "'nation'::regclass, 'int4'::regtype",
		"1 + 1 AS two, upper('x') || 'y' AS xy, 1 AS two",
	} {
		for _, format := range []int16{0, 1} {
			read := func(sql string) *pgconn.Result {
				r := conn.ExecParams(ctx, sql, nil, nil, nil, []int16{format}).Read()
				if r.Err != nil {
					t.Fatalf("%s: %v", sql, r.Err)
				}
				return r
			}
			got, want := read("SELECT "+list), read("SELECT "+list+" WHERE random() >= 0")
			if len(got.Rows) != 1 || !reflect.DeepEqual(got, want) {
				t.Errorf("%s, format %d: %+v, a task gives %+v", list, format, got, want)
			}
		}
	}
}

// TestConstantStatements reads constant rows in the ways that a result may be read.
func TestConstantStatements(t *testing.T) {
	s := slt.Start(t, slt.Options{})
	conn := s.Connect(t, "tpch").PgConn()
	ctx := context.Background()
	for _, c := range []struct{ sql, want string }{
		{"SELECT n_name FROM nation WHERE false", "SELECT 0"},
		{"SELECT * FROM nation LIMIT 0", "SELECT 0"},
		{"VALUES (1, 'a'), (2, NULL), (3, 'c')", "1 a|2 NULL|3 c|SELECT 3"},
		{"PREPARE p AS SELECT $1::int + 1, 'x'; EXECUTE p(2); EXECUTE p(NULL)", "PREPARE|3 x|SELECT 1|NULL x|SELECT 1"},
		{"BEGIN; DECLARE c CURSOR FOR VALUES (1), (2), (3); FETCH 2 FROM c; FETCH 2 FROM c; FETCH 1 FROM c; COMMIT",
			"BEGIN|DECLARE CURSOR|1|2|FETCH 2|3|FETCH 1|FETCH 0|COMMIT"},
		{"SET search_path = tiny; SELECT 1; RESET search_path", "SET|1|SELECT 1|RESET"},
	} {
		results, err := conn.Exec(ctx, c.sql).ReadAll()
		got := ""
		for _, r := range results {
			for _, row := range r.Rows {
				for i, v := range row {
					if i > 0 {
						got += " "
					}
					if v == nil {
						v = []byte("NULL")
					}
					got += string(v)
				}
				got += "|"
			}
			got += r.CommandTag.String() + "|"
		}
		if err != nil || got != c.want+"|" {
			t.Errorf("%s: %q, %v", c.sql, got, err)
		}
	}
	if n := s.Account.Peak(); n != 0 {
		t.Errorf("tasks ran: they reserved %d bytes", n)
	}
}

// BenchmarkSelectOne is the least query over loopback, in the protocol's ways.
func BenchmarkSelectOne(b *testing.B) {
	s := slt.Start(b, slt.Options{})
	conn := s.Connect(b, "tpch").PgConn()
	ctx := context.Background()
	if _, err := conn.Prepare(ctx, "one", "SELECT 1", nil); err != nil {
		b.Fatal(err)
	}
	for name, run := range map[string]func() error{
		"simple":   func() error { return conn.Exec(ctx, "SELECT 1").Close() },
		"extended": func() error { return conn.ExecParams(ctx, "SELECT 1", nil, nil, nil, nil).Read().Err },
		"prepared": func() error { return conn.ExecPrepared(ctx, "one", nil, nil, nil).Read().Err },
		"task":     func() error { return conn.Exec(ctx, "SELECT random()").Close() },
		"table":    func() error { return conn.Exec(ctx, "SELECT * FROM tiny.region").Close() },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
