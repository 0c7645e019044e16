package local_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/tpch"
	"github.com/flintsql/flint/cluster/local"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/server"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/value"
)

// engine is an embedded cluster under the server's sessions.
type engine struct {
	t    *testing.T
	acct *memory.Account
	cl   *local.Cluster
	*server.Engine
}

func start(t *testing.T) *engine {
	acct := memory.NewRoot("flint", 4<<30)
	cats := server.NewCatalogs(map[string]catalog.Connector{"tpch": tpch.New(acct)})
	cl := local.New(local.Options{Slots: 4, Account: acct, Connector: cats.Connector, BatchSize: 256})
	return &engine{t, acct, cl, server.NewEngine(server.Config{Catalogs: cats, Runner: cl})}
}

// stop ends the cluster; nothing may be left.
func (e *engine) stop() {
	e.cl.Close()
	if n := e.acct.Used(); n != 0 {
		e.t.Errorf("%d bytes are still charged", n)
	}
}

func (e *engine) session(set ...string) *server.Session {
	e.t.Helper()
	s, err := e.Connect(context.Background(), "u", "tpch", nil)
	if err != nil {
		e.t.Fatal(err)
	}
	for _, sql := range append([]string{"SET search_path TO tiny"}, set...) {
		if _, err := answer(context.Background(), s, sql, -1); err != nil {
			e.t.Fatal(err)
		}
	}
	return s
}

// answer runs a statement and returns its first row; after limit batches (if
// not negative) it wants no more.
func answer(ctx context.Context, s *server.Session, sql string, limit int) (string, error) {
	p, err := s.Prepare(ctx, server.Text{SQL: sql}, nil)
	if err != nil {
		return "", err
	}
	rows, err := s.Run(ctx, p, nil)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	first := ""
	for n := 0; n != limit; n++ {
		b, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			return first, nil
		}
		if err != nil {
			return "", err
		}
		if b = b.Compact(); first == "" {
			var vs []string
			for _, c := range b.Cols {
				vs = append(vs, string(value.AppendText(nil, c.Get(0), value.Env{})))
			}
			first = strings.Join(vs, "|")
		}
	}
	return first, nil
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return sqlerr.From(err).Code
}

// queries cover pipelined and spooled exchanges, shared builds, sorts, results
// larger than what is held back, and an error in one task of many.
var queries = []struct{ sql, want, code string }{
	{"SELECT count(*), sum(l_quantity) FROM lineitem", "60175|1536127.00", ""},
	{"SELECT count(*) FROM orders o JOIN customer c ON o_custkey = c_custkey JOIN lineitem l ON l_orderkey = o_orderkey", "60175", ""},
	{"SELECT count(*) FROM (SELECT l_partkey, l_suppkey, sum(l_tax) FROM lineitem GROUP BY 1, 2) t", "7996", ""},
	{"SELECT l_orderkey FROM lineitem, nation ORDER BY 1, l_linenumber, n_nationkey", "1", ""},
	{"SELECT l_orderkey, l_shipinstruct FROM lineitem, region", "", ""},
	{"SELECT sum(1 / (l_orderkey - 60000)) FROM lineitem", "", sqlerr.DivisionByZero},
	{"SELECT 1 / (l_orderkey - 60000) FROM lineitem", "", sqlerr.DivisionByZero},
}

var settings = [][]string{nil, {"SET result_delivery TO committed"}, {"SET broadcast_threshold TO 0"},
	{"SET broadcast_threshold TO 0", "SET spool_threshold TO 0"}, {"SET broadcast_threshold TO 0", "SET adaptive_task_size TO '1B'"}}

// TestStorm runs queries side by side with cancels at random moments, early
// closes, errors and memory limits; what is not stirred answers right, each query's memory is back
// when it is closed, and after the end nothing is left.
func TestStorm(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	e := start(t)
	defer e.stop()
	length := 6 * time.Second
	if testing.Short() {
		length = 2 * time.Second
	}
	end := time.Now().Add(length)
	var mu sync.Mutex
	seen := map[string]int{}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s := e.session(settings[i%len(settings)]...)
			defer s.Close()
			rnd := rand.New(rand.NewPCG(uint64(i), 11))
			for time.Now().Before(end) {
				what := e.stir(s, rnd)
				mu.Lock()
				seen[what]++
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	t.Log(seen)
	for _, what := range []string{"right", "error", "cancelled", "closed", "memory"} {
		if seen[what] == 0 {
			t.Errorf("the storm never saw %q", what)
		}
	}
	if n := e.acct.Used(); n != 0 {
		t.Errorf("%d bytes are charged while nothing runs", n)
	}
}

// stir runs one query, disturbs it or not, and tells what became of it.
func (e *engine) stir(s *server.Session, rnd *rand.Rand) string {
	q := queries[rnd.IntN(len(queries))]
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	switch rnd.IntN(5) {
	case 0:
		time.AfterFunc(time.Duration(rnd.IntN(20_000))*time.Microsecond, cancel)
		_, err := answer(ctx, s, q.sql, -1)
		if err == nil || code(err) == q.code {
			return "late"
		}
		if !errors.Is(err, context.Canceled) && code(err) != sqlerr.QueryCanceled {
			e.t.Errorf("cancelled %s: %v", q.sql, err)
		}
		return "cancelled"
	case 1:
		if _, err := answer(ctx, s, q.sql, rnd.IntN(2)); err != nil && code(err) != q.code {
			e.t.Errorf("closed %s: %v", q.sql, err)
		}
		return "closed"
	case 2:
		for _, limit := range []string{"64kB", "0"} {
			if _, err := answer(ctx, s, fmt.Sprintf("SET query_memory_limit TO '%s'", limit), -1); err != nil {
				e.t.Error(err)
			}
			if limit != "0" {
				if _, err := answer(ctx, s, queries[3].sql, -1); code(err) != sqlerr.OutOfMemory {
					e.t.Errorf("with 64 kB: %v", err)
				}
			}
		}
		return "memory"
	}
	got, err := answer(ctx, s, q.sql, -1)
	if code(err) != q.code || q.want != "" && got != q.want {
		e.t.Errorf("%s: %q %v", q.sql, got, err)
	}
	if q.code != "" {
		return "error"
	}
	return "right"
}

// TestClose: a query that is closed has given its memory back, also when it was
// cut off in the middle of its result.
func TestClose(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	e := start(t)
	defer e.stop()
	for _, set := range settings {
		s := e.session(set...)
		for range 4 {
			if _, err := answer(context.Background(), s, "SELECT l_orderkey, l_shipinstruct FROM lineitem, region ORDER BY 1", 1); err != nil {
				t.Fatal(err)
			}
			if n := e.acct.Used(); n != 0 {
				t.Fatalf("%v: %d bytes are charged after Close", set, n)
			}
		}
		s.Close()
	}
}

// TestShutdown: a cluster that is closed ends its queries with 57P01 and refuses
// new ones.
func TestShutdown(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	e := start(t)
	errs := make(chan error, 4)
	for i := range cap(errs) {
		s := e.session(settings[i]...)
		go func() {
			_, err := answer(context.Background(), s, "SELECT sum(l_tax * l_discount) FROM tpch.sf100.lineitem", -1)
			errs <- err
		}()
	}
	s := e.session()
	time.Sleep(300 * time.Millisecond)
	e.stop()
	for range cap(errs) {
		if err := <-errs; code(err) != sqlerr.AdminShutdown {
			t.Errorf("%v, want 57P01", err)
		}
	}
	if _, err := answer(context.Background(), s, "SELECT count(*) FROM region", -1); code(err) != sqlerr.CannotConnectNow {
		t.Errorf("after the end: %v", err)
	}
}

// TestIdleClient: results that nobody reads hold no other query back.
func TestIdleClient(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	e := start(t)
	defer e.stop()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for range 3 {
		s := e.session()
		defer s.Close()
		p, err := s.Prepare(ctx, server.Text{SQL: "SELECT l_orderkey, l_shipinstruct FROM sf10.lineitem"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := s.Run(ctx, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		if _, err := rows.Next(ctx); err != nil {
			t.Fatal(err)
		}
	}
	s := e.session()
	defer s.Close()
	for _, q := range queries[:3] {
		if got, err := answer(ctx, s, q.sql, -1); err != nil || got != q.want {
			t.Errorf("%s: %q %v", q.sql, got, err)
		}
	}
}
