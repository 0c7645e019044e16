package pgcatalog_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/tpch"
	"github.com/flintsql/flint/cluster/local"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/server"
	"github.com/flintsql/flint/server/pgcatalog"
	"github.com/flintsql/flint/server/pgwire"
	"github.com/flintsql/flint/sql/value"
)

// reads is a connector with a table function of its own.
type reads struct{ catalog.Connector }

func (reads) TableFunction(_ context.Context, name string, _ []value.Value) (catalog.Table, error) {
	if name != "read_it" {
		return nil, catalog.ErrNotFound
	}
	return nil, errors.New("read")
}

// TestWrap holds the wrapper to the connector's contract, and to leaving alone
// what is the connector's own.
func TestWrap(t *testing.T) {
	ctx := context.Background()
	inner := tpch.New(nil)
	c := pgcatalog.Wrap("tpch", inner, func() []string { return []string{"tpch"} })
	schemas, err := c.Schemas(ctx)
	if err != nil || !slices.IsSorted(schemas) || !slices.Contains(schemas, "pg_catalog") || !slices.Contains(schemas, "tiny") {
		t.Errorf("schemas %v, %v", schemas, err)
	}
	tables, err := c.Tables(ctx, "information_schema")
	if err != nil || !slices.IsSorted(tables) || len(tables) < 60 {
		t.Errorf("tables %v, %v", tables, err)
	}
	if _, err := c.Tables(ctx, "nope"); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("tables of nope: %v", err)
	}
	if _, err := c.Table(ctx, "pg_catalog", "nation"); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("table pg_catalog.nation: %v", err)
	}
	own, err := c.Table(ctx, "tiny", "nation")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := own.Scan(ctx, catalog.ScanRequest{Columns: []int{0}, Limit: -1, Slots: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []catalog.Connector{inner, c} { // an executor has the bare one
		r, err := x.Open(ctx, plan.Splits[0], catalog.ReadRequest{Columns: []int{0}, Account: memory.NewRoot("t", 0), Limit: -1})
		if err != nil {
			t.Fatal(err)
		}
		if b, err := r.Next(ctx); err != nil || b.Count() != 25 {
			t.Errorf("nation: %v, %v", b, err)
		}
		r.Close()
	}
	if _, err := c.TableFunction(ctx, "read_it", nil); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("table function of a connector without: %v", err)
	}
	w := pgcatalog.Wrap("x", reads{inner}, nil)
	if _, err := w.TableFunction(ctx, "read_it", nil); err == nil || err.Error() != "read" {
		t.Errorf("table function: %v", err)
	}
}

// TestEveryTable reads every system table and view in full: each column in the
// type it declares.
func TestEveryTable(t *testing.T) {
	ctx := context.Background()
	acct := memory.NewRoot("t", 0)
	c := pgcatalog.Wrap("tpch", tpch.New(nil), func() []string { return []string{"flint", "tpch"} })
	for _, schema := range []string{"pg_catalog", "information_schema"} {
		tables, _ := c.Tables(ctx, schema)
		for _, name := range tables {
			tab, err := c.Table(ctx, schema, name)
			if err != nil {
				t.Fatal(err)
			}
			columns := make([]int, len(tab.Schema()))
			for i := range columns {
				columns[i] = i
			}
			plan, err := tab.Scan(ctx, catalog.ScanRequest{Columns: columns, Limit: -1})
			if err != nil {
				t.Fatal(err)
			}
			r, err := c.Open(ctx, plan.Splits[0], catalog.ReadRequest{Columns: columns, Account: acct, BatchSize: 7, Limit: -1})
			if err != nil {
				t.Fatalf("%s.%s: %v", schema, name, err)
			}
			for b, err := r.Next(ctx); err == nil; b, err = r.Next(ctx) {
				for i, f := range tab.Schema() {
					if b.Cols[i].Type != f.Type || b.Cols[i].Len != b.Rows || !f.Nullable && b.Cols[i].Valid != nil {
						t.Fatalf("%s.%s.%s: %+v", schema, name, f.Name, b.Cols[i])
					}
				}
			}
			r.Close()
		}
	}
	if acct.Used() != 0 {
		t.Errorf("%d bytes held", acct.Used())
	}
}

// TestNoExecutors asks for the catalog when no executor is alive.
func TestNoExecutors(t *testing.T) {
	acct := memory.NewRoot("flint", 1<<30)
	cats := server.NewCatalogs(map[string]catalog.Connector{"tpch": tpch.New(nil)})
	cl := local.New(local.Options{Slots: 2, Account: acct, Connector: cats.Connector})
	defer cl.Close()
	cl.LoseExecutor("embedded")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	srv := pgwire.New(server.NewEngine(server.Config{Catalogs: cats, Runner: cl}), pgwire.Options{})
	go srv.Serve(ctx, l)
	conn, err := pgx.Connect(ctx, "postgres://u@"+l.Addr().String()+"/tpch?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for sql, want := range map[string]string{
		"SELECT 1::text": "1",
		"SELECT count(*)::text FROM (VALUES (1), (2)) v (x), generate_series(1, 3) g":                                                               "6",
		"SELECT string_agg(relname::text, ',' ORDER BY relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'tiny'": "customer,lineitem,nation,orders,part,partsupp,region,supplier",
	} {
		var got string
		if err := conn.QueryRow(ctx, sql).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %q, %v", sql, got, err)
		}
	}
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	if _, err := conn.Exec(short, "SELECT count(*) FROM nation"); err == nil || strings.Contains(err.Error(), "panic") {
		t.Errorf("a scan without executors: %v", err)
	}
}
