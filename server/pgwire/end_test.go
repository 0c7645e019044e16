package pgwire_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
	"go.uber.org/goleak"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/tpch"
	"github.com/flintsql/flint/cluster/local"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/server"
	"github.com/flintsql/flint/server/pgwire"
	"github.com/flintsql/flint/server/slt"
)

// Queries that run for minutes: one gives no row before its end, one gives rows
// all the time.
const (
	longQuery = "SELECT sum(l_quantity * l_discount) FROM sf100.lineitem"
	wideQuery = "SELECT l_orderkey, l_partkey, l_extendedprice, l_shipinstruct FROM sf100.lineitem"
)

func extended(sql string) []pgproto3.FrontendMessage {
	return []pgproto3.FrontendMessage{&pgproto3.Parse{Query: sql}, &pgproto3.Bind{}, &pgproto3.Execute{}, &pgproto3.Sync{}}
}

// TestStop ends a server under clients of every kind: those that can hear it
// are told 57P01 as the last word, none of them holds the end up, and nothing is left.
func TestStop(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	acct := memory.NewRoot("flint", 8<<30)
	cats := server.NewCatalogs(map[string]catalog.Connector{"tpch": tpch.New(acct)})
	cl := local.New(local.Options{Slots: 16, Account: acct, Connector: cats.Connector})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan error, 1)
	srv := pgwire.New(server.NewEngine(server.Config{Catalogs: cats, Runner: cl}), pgwire.Options{})
	go func() { done <- srv.Serve(ctx, l) }()

	s := &slt.Server{Addr: l.Addr().String(), Account: acct}
	silent, err := net.Dial("tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	idle, simple, ext, fetched, deaf := dial(t, s), dial(t, s), dial(t, s), dial(t, s), dial(t, s)
	fetched.send(&pgproto3.Query{String: "BEGIN; DECLARE c CURSOR FOR " + wideQuery + "; FETCH 1 FROM c"})
	fetched.until("Z")
	if err := deaf.nc.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	deaf.send(&pgproto3.Query{String: wideQuery})
	simple.send(&pgproto3.Query{String: longQuery})
	ext.send(extended(longQuery)...)
	time.Sleep(1500 * time.Millisecond) // the result is held back for a second

	began := time.Now()
	stop()
	for name, w := range map[string]*wire{"idle": idle, "simple": simple, "extended": ext, "cursor": fetched} {
		var last []string
		for {
			m, err := w.fe.Receive()
			if err != nil {
				break
			}
			if e, ok := m.(*pgproto3.ErrorResponse); ok {
				last = append(last, e.Severity+" "+e.Code)
			}
		}
		if got := strings.Join(last, ", "); got != "FATAL 57P01" {
			t.Errorf("%s: %q, want FATAL 57P01 once", name, got)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	cl.Close()
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("the server took %s to end", d)
	}
	if n := acct.Used(); n != 0 {
		t.Errorf("%d bytes are still charged", n)
	}
}

// TestGone: a client that vanishes takes its query with it, whatever messages
// wait behind the one that is being answered.
func TestGone(t *testing.T) {
	s := slt.Start(t, slt.Options{})
	watch := s.Connect(t, "tpch")
	for name, ms := range map[string][]pgproto3.FrontendMessage{
		"simple":    {&pgproto3.Query{String: longQuery}},
		"extended":  extended(longQuery),
		"pipelined": append(extended(longQuery), extended("SELECT 1")...),
		"farewell":  {&pgproto3.Query{String: longQuery}, &pgproto3.Terminate{}},
	} {
		w := dial(t, s)
		w.send(ms...)
		for _, want := range []int{1, 0} {
			for end := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
				var n int
				if err := watch.QueryRow(context.Background(), "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT sum%'").Scan(&n); err != nil {
					t.Fatal(err)
				}
				if n == want {
					break
				}
				if time.Now().After(end) {
					t.Fatalf("%s: %d long queries run, want %d", name, n, want)
				}
			}
			w.nc.Close()
		}
	}
}

// TestReadAhead: many messages and large ones are answered in order, however
// many wait.
func TestReadAhead(t *testing.T) {
	s := slt.Start(t, slt.Options{})
	w := dial(t, s)
	const n = 2000
	pad := strings.Repeat("x", 10_000)
	go func() {
		for range n {
			w.fe.Send(&pgproto3.Query{String: "SELECT length('" + pad + "')"})
		}
		w.fe.Send(&pgproto3.Query{String: "SELECT length('" + strings.Repeat(pad, 300) + "')"})
		if err := w.fe.Flush(); err != nil {
			t.Error(err)
		}
	}()
	for range n {
		if got, want := w.until("Z"), "T(length) D(10000) C(SELECT 1) Z(I)"; got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	if got, want := w.until("Z"), "T(length) D(3000000) C(SELECT 1) Z(I)"; got != want {
		t.Fatalf("%s, want %s", got, want)
	}
}
