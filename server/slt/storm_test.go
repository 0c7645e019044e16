package slt

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"go.uber.org/goleak"
)

// stormQueries are mixed loads with their answers; "" is not compared.
var stormQueries = []struct{ sql, want string }{
	{"SELECT count(*), sum(l_quantity) FROM tiny.lineitem", "60175|1536127.00"},
	{"SELECT count(*) FROM tiny.orders o JOIN tiny.customer c ON o.o_custkey = c.c_custkey JOIN tiny.lineitem l ON l.l_orderkey = o.o_orderkey", "60175"},
	{"SELECT count(DISTINCT l_partkey) FROM tiny.lineitem", "2000"},
	{"SELECT max(r) FROM (SELECT row_number() OVER (PARTITION BY l_orderkey ORDER BY l_linenumber) AS r FROM tiny.lineitem) t", "7"},
	{"SELECT count(*) FROM (SELECT * FROM tiny.lineitem ORDER BY l_extendedprice LIMIT 5000) t", "5000"},
	{"SELECT count(*) FROM tiny.nation a, tiny.nation b WHERE a.n_nationkey < b.n_nationkey", "300"},
	{"SELECT 1 / (n_nationkey - 7) FROM tiny.nation", "22012"},
	{"SELECT nope", "42703"},
	{"SELECT o_orderkey, o_custkey, o_totalprice, o_orderdate, o_clerk FROM tiny.orders", ""},
	{"SELECT sum(l_extendedprice) FROM sf1.lineitem", ""},
}

// TestStorm runs mixed queries on many connections, with random cancel requests,
// timeouts and disconnects; answers stay right, and in the end nothing is left: no memory charged, no goroutine.
func TestStorm(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("server", func(t *testing.T) {
		s := Start(t, Options{Slots: 4})
		conns, length := 16, 8*time.Second
		if testing.Short() {
			length = 4 * time.Second
		}
		var n stormCounts
		var wg sync.WaitGroup
		end := time.Now().Add(length)
		for i := range conns {
			wg.Add(1)
			go func() {
				defer wg.Done()
				storm(t, s, rand.New(rand.NewPCG(uint64(i), 7)), end, &n)
			}()
		}
		wg.Wait()
		t.Logf("right %d, cancelled %d, timed out %d, disconnected %d", n.right.Load(), n.cancelled.Load(), n.timeout.Load(), n.gone.Load())
		if n.right.Load() == 0 || n.cancelled.Load() == 0 || n.timeout.Load() == 0 || n.gone.Load() == 0 {
			t.Error("the storm did not reach every case")
		}
		s.idle(t)
	})
}

type stormCounts struct{ right, cancelled, timeout, gone atomic.Int64 }

// idle waits until all memory was given back.
func (s *Server) idle(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); s.Account.Used() != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d bytes are still charged", s.Account.Used())
		}
	}
}

// storm is one client's life: it connects anew whenever it cut its connection.
func storm(t *testing.T, s *Server, rnd *rand.Rand, end time.Time, n *stormCounts) {
	ctx := context.Background()
	for time.Now().Before(end) {
		conn, err := pgx.Connect(ctx, fmt.Sprintf("postgres://test@%s/tpch?sslmode=disable", s.Addr))
		if err != nil {
			t.Error(err)
			return
		}
		for time.Now().Before(end) && !conn.IsClosed() {
			stormQuery(t, conn, rnd, n)
		}
		conn.Close(ctx)
	}
}

func stormQuery(t *testing.T, conn *pgx.Conn, rnd *rand.Rand, n *stormCounts) {
	ctx := context.Background()
	pc := conn.PgConn()
	q := stormQueries[rnd.IntN(len(stormQueries))]
	timeout := rnd.IntN(6) == 0
	set := "SET statement_timeout TO 0"
	if timeout {
		set = fmt.Sprintf("SET statement_timeout TO %d", 1+rnd.IntN(30))
	}
	if _, err := pc.Exec(ctx, "SET statement_timeout TO 0; "+set).ReadAll(); err != nil && !canceledCode(err) {
		t.Errorf("%s: %v", set, err)
	}
	action := rnd.IntN(8)
	wait := time.Duration(rnd.IntN(30)) * time.Millisecond
	switch {
	case action == 0 || q.want == "" && action < 4: // cancel
		stop := time.AfterFunc(wait, func() { pc.CancelRequest(ctx) })
		defer stop.Stop()
	case action == 1 || q.want == "" && action < 6: // cut the line in mid-query
		n.gone.Add(1)
		time.AfterFunc(wait, func() { pc.Conn().Close() })
		pc.Exec(ctx, q.sql).ReadAll()
		conn.Close(ctx)
		return
	}
	protocol := []Protocol{Simple, Extended}[rnd.IntN(2)]
	res, err := send(ctx, pc, protocol, q.sql, int16(0))
	stormCheck(t, q.sql, q.want, res, err, timeout, n)
}

func stormCheck(t *testing.T, sql, want string, res *pgconn.Result, err error, timeout bool, n *stormCounts) {
	var pg *pgconn.PgError
	switch {
	case err == nil && (want == "" || len(Lines(res)) == 1 && Lines(res)[0] == want):
		n.right.Add(1)
	case errors.As(err, &pg) && pg.Code == want:
		n.right.Add(1)
	case canceledCode(err):
		if timeout && pg.Message == "canceling statement due to statement timeout" {
			n.timeout.Add(1)
		} else {
			n.cancelled.Add(1)
		}
	default:
		t.Errorf("%s: %v %v, want %s", sql, res, err, want)
	}
}

func canceledCode(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "57014"
}

// TestSlowReader: a client that stops reading holds back its query, not memory;
// when it goes away, all is given back.
func TestSlowReader(t *testing.T) {
	s := Start(t, Options{})
	c := dial(t, s, true)
	c.Conn.(*net.TCPConn).SetReadBuffer(4096)
	c.fe.Send(&pgproto3.Query{String: "SELECT l_orderkey, l_partkey, l_extendedprice, l_shipdate, l_shipinstruct, l_shipmode FROM tpch.sf1.lineitem"})
	c.fe.Flush()
	peak := int64(0)
	for range 150 {
		time.Sleep(10 * time.Millisecond)
		peak = max(peak, s.Account.Used())
	}
	if peak > 64<<20 {
		t.Errorf("%d MB are charged for a query that nobody reads", peak>>20)
	}
	if peak == 0 {
		t.Error("nothing was charged: the query did not run")
	}
	t.Logf("peak %d kB", peak>>10)
	other := s.Connect(t, "tpch")
	if got, err := Rows(context.Background(), other, Simple, "SELECT count(*) FROM nation"); err != nil || got[0] != "25" {
		t.Errorf("another connection: %v %v", got, err)
	}
	c.Close()
	s.idle(t)
}
