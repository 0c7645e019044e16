package clustertest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/flintsql/flint/server/slt"
)

const (
	setup = "SET search_path TO sf0_1;\n"
	// pipelining makes every edge that can be pipelined so.
	pipelining = setup + "SET spool_threshold = '1B';\n"
)

// full reports whether the whole fault matrix was asked for.
func full() bool { return os.Getenv("FLINT_CHAOS") == "full" }

func code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// TestQueries runs TPC-H undisturbed, on every kind of edge encoding.
func TestQueries(t *testing.T) {
	queries, binary := Queries(t, "sf0.1"), Binary(t)
	for _, compression := range []string{"none", "pipelined", "s2", "zstd"} {
		t.Run(compression, func(t *testing.T) {
			setup := setup
			if compression == "pipelined" {
				compression, setup = "none", pipelining
			}
			c := Start(t, binary, Options{Workers: 2, Executors: 2, Slots: 1, DriverArgs: []string{"--shuffle-compression", compression}})
			for i, q := range queries {
				if !full() && compression != "none" && i%5 != 0 {
					continue
				}
				got, err := c.Query(t.Context(), setup+q.SQL)
				if err == nil {
					err = check(q, got)
				}
				if err != nil {
					t.Fatal(fmt.Errorf("%s: %w", q.Name, err), c.Logs())
				}
			}
			c.CheckIdle()
		})
	}
}

// TestChaos kills an executor, and a worker, in the middle of each query.
func TestChaos(t *testing.T) {
	queries, binary := Queries(t, "sf0.1"), Binary(t)
	shapes := []Options{{Workers: 3, Executors: 1}, {Workers: 2, Executors: 2}}
	if !full() {
		queries = []slt.TPCH{queries[2], queries[11]}
		shapes = shapes[1:]
	}
	for _, o := range shapes {
		o.Slots, o.Fault = 1, "slow-batch:60ms"
		if full() {
			o.Fault = "slow-batch:150ms"
		}
		for _, victim := range []string{"executor", "worker"} {
			t.Run(fmt.Sprintf("%dx%d/%s", o.Workers, o.Executors, victim), func(t *testing.T) {
				c := Start(t, binary, o)
				var sum, base time.Duration
				for i, q := range queries {
					if i%2 == 1 {
						q.SQL = "SET spool_threshold = '1B';\n" + q.SQL
					}
					quiet := c.undisturbed(q)
					took := c.disturbed(q, victim)
					t.Logf("%s: %.1fs undisturbed, %.1fs after the kill of a %s: %.2f", q.Name, quiet.Seconds(), took.Seconds(), victim,
						took.Seconds()/quiet.Seconds())
					sum, base = sum+took, base+quiet
				}
				t.Logf("all: %.2f times the undisturbed time", sum.Seconds()/base.Seconds())
			})
		}
	}
}

// undisturbed times a query, which must last long enough to be killed.
func (c *Cluster) undisturbed(q slt.TPCH) time.Duration {
	c.t.Helper()
	began := time.Now()
	got, err := c.Query(c.t.Context(), setup+q.SQL)
	if err == nil {
		err = check(q, got)
	}
	if err != nil {
		c.t.Fatalf("%s undisturbed: %v\n%s", q.Name, err, c.Logs())
	}
	if took := time.Since(began); took < 2*time.Second {
		c.t.Errorf("%s takes only %s", q.Name, took)
	}
	return time.Since(began)
}

// disturbed runs a query and kills a process that is running one of its tasks.
func (c *Cluster) disturbed(q slt.TPCH, victim string) time.Duration {
	c.t.Helper()
	began := time.Now()
	type answer struct {
		rows [][]string
		err  error
	}
	before := c.Events.Read()
	done := make(chan answer, 1)
	go func() {
		rows, err := c.Query(c.t.Context(), setup+q.SQL)
		done <- answer{rows, err}
	}()
	c.Eventually(10*time.Second, func() string {
		if c.Events.Read().Started == before.Started {
			return fmt.Sprintf("%s: no task starts", q.Name)
		}
		return ""
	})
	time.Sleep(time.Duration(rand.Int64N(int64(1500 * time.Millisecond))))
	c.killRunning(victim)
	a := <-done
	took := time.Since(began)
	if c.Events.Read().Lost == before.Lost {
		c.t.Errorf("%s: the kill was not noticed", q.Name)
	}
	if a.err == nil {
		a.err = check(q, a.rows)
	}
	if a.err != nil && code(a.err) != "40001" {
		c.t.Fatalf("%s after the kill of a %s: %v\n%s", q.Name, victim, a.err, c.Logs())
	}
	if a.err != nil {
		c.t.Logf("%s: %v", q.Name, a.err)
	}
	if victim == "worker" {
		c.StartWorker()
	}
	c.WaitExecutors(c.o.Workers * c.o.Executors)
	c.CheckIdle()
	return took
}

// killRunning kills an executor that runs a task, or the worker of one.
func (c *Cluster) killRunning(victim string) {
	c.t.Helper()
	c.Eventually(10*time.Second, func() string {
		s := c.Events.Read()
		for _, x := range s.Running {
			pid := s.Executors[x]
			if victim == "worker" {
				pid = s.Workers[s.WorkerOf[x]]
			}
			if pid != 0 {
				c.Kill(pid)
				return ""
			}
		}
		return "no task is running"
	})
}

// TestNoExecutor: a clear error while all executors are dead, answers that need
// none, and service again when one returns.
func TestNoExecutor(t *testing.T) {
	t.Parallel()
	c := Start(t, Binary(t), Options{Workers: 1, Executors: 1, Slots: 1})
	for _, pid := range c.Workers() {
		c.Kill(pid)
	}
	c.WaitExecutors(0)
	if rows, err := c.Query(t.Context(), "SELECT 1 WHERE random() >= 0"); err != nil || rows[0][0] != "1" {
		t.Errorf("SELECT 1 without executors: %v %v", rows, err)
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	const count = "SELECT count(*) FROM tpch.tiny.orders"
	_, err := c.Query(ctx, count)
	if took := time.Since(began); code(err) == "" || took > 15*time.Second {
		t.Errorf("without executors: %v after %s", err, took)
	}
	t.Logf("without executors: %v", err)
	c.StartWorker()
	c.WaitExecutors(1)
	if rows, err := c.Query(t.Context(), count); err != nil || rows[0][0] != "15000" {
		t.Errorf("with an executor again: %v %v", rows, err)
	}
	c.CheckIdle()
}

// TestCancel: a cancelled query leaves no task and no file.
func TestCancel(t *testing.T) {
	t.Parallel()
	c := Start(t, Binary(t), Options{Workers: 2, Executors: 1, Slots: 1, Fault: "slow-batch:1s"})
	conn, err := c.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	go func() {
		c.Eventually(10*time.Second, func() string {
			if len(c.Events.Read().Running) == 0 {
				return "no task runs"
			}
			return ""
		})
		conn.CancelRequest(t.Context())
	}()
	_, err = conn.Exec(t.Context(), "SELECT l_orderkey, count(*) FROM tpch.sf0_1.lineitem GROUP BY 1 ORDER BY 2 LIMIT 1").ReadAll()
	if code(err) != "57014" {
		t.Errorf("cancelled query: %v", err)
	}
	c.CheckIdle()
}

// TestSecret: a worker that does not know the secret is turned away.
func TestSecret(t *testing.T) {
	t.Parallel()
	secret := t.TempDir() + "/secret"
	other := t.TempDir() + "/other"
	for path, s := range map[string]string{secret: "correct horse battery", other: "another long secret"} {
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := Options{Workers: 1, Executors: 1, Slots: 1, DriverArgs: []string{"--secret-file", secret}, WorkerArgs: []string{"--secret-file", secret}}
	c := Start(t, Binary(t), o)
	if rows, err := c.Query(t.Context(), "SELECT count(*) FROM tpch.tiny.nation"); err != nil || rows[0][0] != "25" {
		t.Errorf("with the secret: %v %v", rows, err)
	}
	c.o.WorkerArgs = []string{"--secret-file", other}
	c.StartWorker()
	c.Eventually(10*time.Second, func() string {
		if !strings.Contains(c.Logs(), "does not know the cluster's secret") {
			return "the stranger was not turned away"
		}
		return ""
	})
	if n := len(c.Events.Read().Workers); n != 1 {
		t.Errorf("%d workers are registered", n)
	}
}

// TestHungExecutor: an executor that hangs is given up after its lease and
// killed, and its tasks run elsewhere.
func TestHungExecutor(t *testing.T) {
	t.Parallel()
	c := Start(t, Binary(t), Options{Workers: 1, Executors: 2, Slots: 1, Fault: "slow-batch:60ms", DriverArgs: []string{"--lease", "2s"}})
	done := make(chan error, 1)
	go func() {
		rows, err := c.Query(t.Context(), "SELECT count(*) FROM tpch.sf0_1.orders")
		if err == nil && rows[0][0] != "150000" {
			err = fmt.Errorf("count is %s", rows[0][0])
		}
		done <- err
	}()
	hung := 0
	c.Eventually(10*time.Second, func() string {
		s := c.Events.Read()
		for _, x := range s.Running {
			hung = s.Executors[x]
			if err := syscall.Kill(hung, syscall.SIGSTOP); err != nil {
				return err.Error()
			}
			return ""
		}
		return "no task runs"
	})
	if err := <-done; err != nil {
		t.Error(err, c.Logs())
	}
	c.Eventually(10*time.Second, func() string {
		if syscall.Kill(hung, 0) == nil {
			return "the hung executor was not killed"
		}
		return ""
	})
	c.WaitExecutors(2)
	c.CheckIdle()
}

// TestDriverRestart: workers come back to a new driver with empty hands.
func TestDriverRestart(t *testing.T) {
	t.Parallel()
	c := Start(t, Binary(t), Options{Workers: 2, Executors: 1, Slots: 1})
	c.RestartDriver()
	c.WaitExecutors(2)
	if rows, err := c.Query(t.Context(), "SELECT count(*) FROM tpch.tiny.orders"); err != nil || rows[0][0] != "15000" {
		t.Errorf("after the restart: %v %v", rows, err)
	}
	c.CheckIdle()
}
