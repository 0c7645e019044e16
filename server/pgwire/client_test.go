package pgwire_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/mem"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/server/slt"
	"github.com/flintsql/flint/sql/types"
)

// code is an error's SQLSTATE.
func code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return fmt.Sprint(err)
}

// TestExecModes sends parameters of many types, and reads them back, in every
// way that pgx knows: text and binary, prepared and not.
func TestExecModes(t *testing.T) {
	s := slt.Start(t, slt.Options{})
	conn := s.Connect(t, "tpch")
	ctx := context.Background()
	day := time.Date(2020, 2, 29, 0, 0, 0, 0, time.UTC)
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
		pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		var (
			i   int32
			b   bool
			f   float64
			txt string
			num string
			d   time.Time
			ts  time.Time
			arr []int32
			raw []byte
			no  *string
		)
		err := conn.QueryRow(ctx, `SELECT $1::int, $2::bool, $3::float8, $4::text, $5::numeric::text, $6::date, $7::timestamptz, array[$1::int, 2], $8::bytea, $9::text`,
			mode, int32(7), true, 1.5, "a'b", "12.50", day, day.Add(time.Hour), []byte{0, 1, 255}, nil).Scan(&i, &b, &f, &txt, &num, &d, &ts, &arr, &raw, &no)
		if err != nil || i != 7 || !b || f != 1.5 || txt != "a'b" || num != "12.50" || !d.Equal(day) || !ts.Equal(day.Add(time.Hour)) ||
			fmt.Sprint(arr) != "[7 2]" || string(raw) != "\x00\x01\xff" || no != nil {
			t.Errorf("%s: %v %v %v %v %q %q %v %v %v %v %v", mode, err, i, b, f, txt, num, d, ts, arr, raw, no)
		}
		var n int
		if err := conn.QueryRow(ctx, "SELECT count(*) FROM nation WHERE n_regionkey = $1 AND n_name LIKE $2", mode, 1, "A%").Scan(&n); err != nil || n != 1 {
			t.Errorf("%s: count %d, %v", mode, n, err)
		}
		if err := conn.QueryRow(ctx, "SELECT 1 / ($1::int - 1)", mode, 1).Scan(&n); code(err) != "22012" {
			t.Errorf("%s: division: %v", mode, err)
		}
	}
	batch := &pgx.Batch{}
	for i := range 5 {
		batch.Queue("SELECT $1::int * 2", i)
	}
	res := conn.SendBatch(ctx, batch)
	for i := range 5 {
		var n int
		if err := res.QueryRow().Scan(&n); err != nil || n != 2*i {
			t.Errorf("batch %d: %d, %v", i, n, err)
		}
	}
	if err := res.Close(); err != nil {
		t.Error(err)
	}
}

// TestDatabaseSQL goes through Go's generic driver, as most programs do.
func TestDatabaseSQL(t *testing.T) {
	s := slt.Start(t, slt.Options{})
	db, err := sql.Open("pgx", "postgres://u@"+s.Addr+"/tpch?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := context.Background()
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tx.QueryContext(ctx, "SELECT n_name, n_nationkey, NULLIF(n_regionkey, 0) FROM nation ORDER BY n_nationkey")
	if err != nil {
		t.Fatal(err)
	}
	n, nulls := 0, 0
	for rows.Next() {
		var name string
		var key int
		var region sql.NullInt32
		if err := rows.Scan(&name, &key, &region); err != nil || key != n {
			t.Fatal(key, err)
		}
		n++
		if !region.Valid {
			nulls++
		}
	}
	if n != 25 || nulls != 5 || rows.Err() != nil {
		t.Errorf("%d rows, %d nulls, %v", n, nulls, rows.Err())
	}
	if _, err := tx.ExecContext(ctx, "SELECT nope"); code(err) != "42703" {
		t.Error(err)
	}
	if _, err := tx.ExecContext(ctx, "SELECT 1"); code(err) != "25P02" {
		t.Errorf("in a failed transaction: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := db.ExecContext(short, slow); err == nil || time.Since(start) > 5*time.Second {
		t.Errorf("cancel: %v after %v", err, time.Since(start))
	}
	var one int
	if err := db.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil || one != 1 {
		t.Error(one, err)
	}
}

// slow would run for a very long time.
const slow = "SELECT count(*) FROM lineitem a, lineitem b WHERE a.l_comment < b.l_comment"

// TestSignals cancels and ends one session from another, by function and by the
// protocol's request.
func TestSignals(t *testing.T) {
	s := slt.Start(t, slt.Options{})
	victim, other := s.Connect(t, "tpch"), s.Connect(t, "tpch")
	ctx := context.Background()
	waitFor := func() {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
			var n int
			if err := other.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND state = 'active' AND query LIKE '%lineitem b%'",
				int32(victim.PgConn().PID())).Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n == 1 {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Fatal("the statement is not shown as active")
	}
	signal := func(sql string, want string) {
		t.Helper()
		done := make(chan error, 1)
		go func() { _, err := victim.Exec(ctx, slow); done <- err }()
		waitFor()
		if sql == "" {
			if err := victim.PgConn().CancelRequest(ctx); err != nil {
				t.Error(err)
			}
		} else {
			var ok bool
			if err := other.QueryRow(ctx, sql, int32(victim.PgConn().PID())).Scan(&ok); err != nil || !ok {
				t.Error(ok, err)
			}
		}
		if err := <-done; code(err) != want {
			t.Errorf("%s: %v", sql, err)
		}
	}
	signal("SELECT pg_cancel_backend($1)", "57014")
	signal("", "57014")
	signal("SELECT pg_terminate_backend($1)", "57P01")
	if err := victim.Ping(ctx); err == nil {
		t.Error("the session goes on after its end")
	}
	var ok bool
	if err := other.QueryRow(ctx, "SELECT pg_cancel_backend(-5)").Scan(&ok); err != nil || ok {
		t.Error(ok, err)
	}
}

// TestSettings sets parameters in the ways clients have, and sees where names
// lead then.
func TestSettings(t *testing.T) {
	s := slt.Start(t, slt.Options{})
	conn := s.Connect(t, "tpch")
	ctx := context.Background()
	get := func(sql string) string {
		t.Helper()
		var v string
		if err := conn.QueryRow(ctx, sql).Scan(&v); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return v
	}
	for _, step := range [][2]string{
		{"SHOW search_path", `"$user", tiny`},
		{"SELECT set_config('search_path', 'sf0_1', false)", "sf0_1"},
		{"SHOW search_path", "sf0_1"},
		{"SELECT 'nation'::regclass::text || ' ' || 'tiny.nation'::regclass::text", "nation tiny.nation"},
		{"SELECT current_setting('search_path')", "sf0_1"},
		{"SELECT set_config('my.own', 'x', false) || current_setting('my.own', true)", "xx"},
		{"SELECT setting FROM pg_settings WHERE name = 'server_version_num'", get("SHOW server_version_num")},
		{"SELECT current_schema()", "sf0_1"},
	} {
		if v := get(step[0]); v != step[1] {
			t.Errorf("%s: %q, want %q", step[0], v, step[1])
		}
	}
	for _, step := range [][3]string{ // what a transaction's end undoes
		{"BEGIN; SET LOCAL application_name TO 'local'; COMMIT", "SHOW application_name", ""},
		{"BEGIN; SET application_name TO 'undone'; SET search_path TO sf1; ROLLBACK", "SELECT current_schema() || current_setting('application_name')", "sf0_1"},
		{"BEGIN; SET statement_timeout TO 90000; COMMIT", "SHOW statement_timeout", "90s"},
	} {
		if _, err := conn.PgConn().Exec(ctx, step[0]).ReadAll(); err != nil {
			t.Errorf("%s: %v", step[0], err)
		}
		if v := get(step[1]); v != step[2] {
			t.Errorf("%s: %q, want %q", step[0], v, step[2])
		}
	}
	if _, err := conn.PgConn().Exec(ctx, "BEGIN; SAVEPOINT a; ROLLBACK TO b").ReadAll(); code(err) != "3B001" {
		t.Error(err)
	}
	if _, err := conn.Exec(ctx, "ROLLBACK"); err != nil {
		t.Error(err)
	}
	if _, err := conn.Exec(ctx, "RESET search_path"); err != nil || get("SELECT current_schema()") != "tiny" {
		t.Error(err)
	}
	if _, err := conn.Exec(ctx, "SELECT set_config('nope', 'x', false)"); code(err) != "42704" {
		t.Error(err)
	}
	if _, err := conn.Exec(ctx, "SELECT set_config('statement_timeout', 'soon', false)"); code(err) != "22023" {
		t.Error(err)
	}
	if v := conn.PgConn().ParameterStatus("server_version"); !strings.HasPrefix(v, "15.") {
		t.Error(v)
	}
}

// TestReset: RESET and DISCARD go back to what the client connected with, and
// the client is told of what changes by it.
func TestReset(t *testing.T) {
	s := slt.Start(t, slt.Options{})
	ctx := context.Background()
	cfg, err := pgx.ParseConfig(fmt.Sprintf("postgres://test@%s/tpch?sslmode=disable", s.Addr))
	if err != nil {
		t.Fatal(err)
	}
	cfg.RuntimeParams = map[string]string{"timezone": "Asia/Tokyo", "my.own": "start", "options": "-c search_path=sf1 -c timezone=Asia/Seoul"}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	const state = "SELECT current_setting('timezone') || ' ' || current_schema() || ' ' || current_setting('my.own') || ' ' || current_setting('statement_timeout')"
	for _, step := range [][2]string{
		{"", "Asia/Tokyo sf1 start 0"},
		{"SET timezone TO 'UTC'; SET search_path TO tiny; SET my.own TO 'x'; SET statement_timeout TO '1min'", "UTC tiny x 1min"},
		{"RESET timezone; RESET search_path", "Asia/Tokyo sf1 x 1min"},
		{"SET timezone TO 'UTC'; DISCARD ALL", "Asia/Tokyo sf1 start 0"},
		{"SET timezone TO 'UTC'; BEGIN; RESET ALL; ROLLBACK", "UTC sf1 start 0"},
		{"RESET ALL", "Asia/Tokyo sf1 start 0"},
	} {
		if _, err := conn.PgConn().Exec(ctx, step[0]).ReadAll(); err != nil {
			t.Fatalf("%s: %v", step[0], err)
		}
		var got string
		if err := conn.QueryRow(ctx, state, pgx.QueryExecModeSimpleProtocol).Scan(&got); err != nil || got != step[1] {
			t.Errorf("after %q: %q %v, want %q", step[0], got, err, step[1])
		}
		if zone, _, _ := strings.Cut(got, " "); conn.PgConn().ParameterStatus("TimeZone") != zone {
			t.Errorf("after %q the client believes in time zone %q", step[0], conn.PgConn().ParameterStatus("TimeZone"))
		}
	}
	for _, v := range []string{"99999999999999999999d", "-1", "1.5.2", "1 fortnight", ""} {
		if _, err := conn.Exec(ctx, fmt.Sprintf("SET statement_timeout TO '%s'", v)); code(err) != "22023" {
			t.Errorf("statement_timeout %q: %v", v, err)
		}
	}
}

// TestChangedColumns: a prepared statement that has come to mean other columns
// than its client was told is refused.
func TestChangedColumns(t *testing.T) {
	table := func(k types.Kind) []*mem.Table {
		return []*mem.Table{{Name: "t", Fields: []types.Field{{Name: "x", Type: types.Of(k)}}, Rows: func(context.Context) ([]*vector.Batch, error) { return nil, nil }}}
	}
	s := slt.Start(t, slt.Options{Catalogs: map[string]catalog.Connector{"two": mem.New("a", map[string][]*mem.Table{"a": table(types.Int4), "b": table(types.Text)})}})
	ctx := context.Background()
	conn := s.Connect(t, "two").PgConn()
	if _, err := conn.Prepare(ctx, "p", "SELECT x FROM t", nil); err != nil {
		t.Fatal(err)
	}
	for _, step := range [][2]string{{"a", "<nil>"}, {"a", "<nil>"}, {"b", "0A000"}, {"b", "0A000"}, {"a", "<nil>"}} {
		if _, err := conn.Exec(ctx, "SET search_path TO "+step[0]).ReadAll(); err != nil {
			t.Fatal(err)
		}
		if res := conn.ExecPrepared(ctx, "p", nil, nil, nil).Read(); code(res.Err) != step[1] {
			t.Errorf("in %s: %v, want %s", step[0], res.Err, step[1])
		}
	}
}
