package slt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/parquet"
	"github.com/flintsql/flint/catalog/parquet/write"
	"github.com/flintsql/flint/exec/memory"
)

// smallMemory serves TPC-H files in a process with a limit, the cache of pages included.
func smallMemory(t *testing.T, sf float64, limit int64, edit func(*Options)) *Server {
	dir := t.TempDir()
	if err := write.TPCH(t.Context(), sf, dir, write.Options{}); err != nil {
		t.Fatal(err)
	}
	o := Options{Memory: limit}
	o.CatalogsOf = func(acct *memory.Account) map[string]catalog.Connector {
		files, err := parquet.New(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { files.Close() })
		files.UseCache(parquet.NewCache(acct, limit/4))
		return map[string]catalog.Connector{"files": files}
	}
	if edit != nil {
		edit(&o)
	}
	return Start(t, o)
}

// TestTPCHSmallMemory proves the 22 answers in little memory: the limit holds,
// most of what is alive is charged, and neither memory nor files stay behind.
func TestTPCHSmallMemory(t *testing.T) {
	answers := Shared(t, "tpch", "answers")
	for name, c := range map[string]struct {
		sf     float64
		limits []int64
		full   bool
	}{
		"sf0.1": {0.1, []int64{16 << 20}, false},
		"sf1":   {1, []int64{256 << 20, 128 << 20}, true},
	} {
		if c.full != (os.Getenv("FLINT_TPCH") == "full") || testing.Short() {
			continue
		}
		for _, limit := range c.limits {
			t.Run(fmt.Sprintf("%s/%dMiB", name, limit>>20), func(t *testing.T) {
				s := smallMemory(t, c.sf, limit, nil)
				conn := s.Connect(t, "files").PgConn()
				for _, q := range Queries(t, filepath.Join(answers, name)) {
					t.Run(q.Name, func(t *testing.T) { s.runSmall(t, conn, q) })
				}
				if p := s.Account.Peak(); p > limit {
					t.Errorf("the peak of %d is over the limit", p)
				}
			})
		}
	}
}

func (s *Server) runSmall(t *testing.T, conn *pgconn.PgConn, q TPCH) {
	gap := s.watchHeap()
	res, err := conn.Exec(context.Background(), q.SQL).ReadAll()
	worst := gap()
	if err != nil {
		t.Fatal(err)
	}
	q.check(t, res[len(res)-1])
	t.Logf("%5.1f MiB alive that are not charged, at worst", float64(worst)/(1<<20))
	if most := s.Account.Limit()/2 + 24<<20; worst > most { // plans, batches and buffers of small size are not charged
		t.Errorf("%d MiB are alive and not charged", worst>>20)
	}
	s.settled(t)
}

// settled waits until only what the process keeps is charged, and nothing is on disk.
func (s *Server) settled(t *testing.T) {
	t.Helper()
	running := func() (n int) {
		for _, h := range s.Account.Holdings() {
			if h.Query != "" && h.Used > 0 {
				n++
			}
		}
		return n
	}
	for end := time.Now().Add(20 * time.Second); running() > 0 || s.Spill.Used() != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%v are still charged, %d bytes are still on disk", s.Account.Holdings(), s.Spill.Used())
		}
	}
	if names, err := os.ReadDir(s.Spill.Path()); err == nil && len(names) > 0 {
		t.Errorf("files are left: %v", names)
	}
}

// watchHeap samples what is alive and what is charged until the returned
// function is called, which returns the largest difference beyond that at the start.
func (s *Server) watchHeap() func() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	diff := func() int64 {
		before := s.Account.Used()
		runtime.GC()
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64()) - max(before, s.Account.Used())
	}
	base := diff()
	var worst atomic.Int64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				worst.Store(max(worst.Load(), diff()-base))
			}
		}
	}()
	return func() int64 { close(stop); <-done; return worst.Load() }
}

// TestOutOfMemory: what can't be done in the memory there is fails with 53200,
// says who holds what, and disturbs no other query.
func TestOutOfMemory(t *testing.T) {
	s := Start(t, Options{Memory: 8 << 20})
	ctx := context.Background()
	bad, good := s.Connect(t, "tpch").PgConn(), s.Connect(t, "tpch").PgConn()
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			res := good.ExecParams(ctx, "SELECT count(*) FROM tiny.orders WHERE o_orderkey % 2 = 0", nil, nil, nil, nil).Read()
			if res.Err != nil || string(res.Rows[0][0]) != "7500" {
				done <- fmt.Errorf("%v %v", res.Rows, res.Err)
				return
			}
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
		}
	}()
	// One list of everything is one value, and no disk helps.
	const greedy = "SELECT length(string_agg(l_shipinstruct || l_shipmode || l_orderkey, ',')) FROM sf0_1.lineitem"
	for range 2 {
		_, err := bad.Exec(ctx, greedy).ReadAll()
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code != "53200" {
			t.Fatalf("got %v", err)
		}
		for _, want := range []string{"needs", "in use", "limit of", "flint has"} {
			if !strings.Contains(e.Message, want) {
				t.Errorf("%q lacks %q", e.Message, want)
			}
		}
		if !strings.Contains(e.Detail, "Largest holders: Aggregate") && !strings.Contains(e.Detail, "Largest holders: HashAggregate") || !strings.Contains(e.Detail, " of query ") {
			t.Errorf("detail %q", e.Detail)
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Errorf("another query was disturbed: %v", err)
	}
	s.clean(t)
}
