// Package clustertest runs real clusters for tests: processes of cmd/flint on
// loopback ports, which it queries, watches and kills.
package clustertest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Options of a cluster.
type Options struct {
	Workers, Executors, Slots int      // Executors and Slots are per worker and per executor
	Fault                     string   // FLINT_FAULT of workers and executors
	DriverArgs, WorkerArgs    []string // more flags
	Database                  string   // to connect to; empty = tpch
}

// Cluster is a running cluster. Its methods fail the test where they can't do
// what they say.
type Cluster struct {
	t       testing.TB
	o       Options
	binary  string
	dir     string
	sql     string // addresses
	rpc     string
	driver  *exec.Cmd
	mu      sync.Mutex
	workers map[int]*exec.Cmd // by pid
	Events  *Events
}

// Binary builds cmd/flint, or returns the file that FLINT_BIN names.
func Binary(t testing.TB) string {
	if b := os.Getenv("FLINT_BIN"); b != "" {
		return b
	}
	path := filepath.Join(t.TempDir(), "flint")
	out, err := exec.Command("go", "build", "-o", path, "github.com/flintsql/flint/cmd/flint").CombinedOutput()
	if err != nil {
		t.Fatalf("build flint: %v\n%s", err, out)
	}
	return path
}

// Start starts a cluster and waits until all executors are there. It ends with
// the test, which then fails if anything is left.
func Start(t testing.TB, binary string, o Options) *Cluster {
	t.Helper()
	c := &Cluster{t: t, o: o, binary: binary, dir: t.TempDir(), sql: freeAddress(t), rpc: freeAddress(t), workers: map[int]*exec.Cmd{}}
	c.Events = &Events{path: filepath.Join(c.dir, "events")}
	c.startDriver()
	t.Cleanup(c.stop)
	for range o.Workers {
		c.StartWorker()
	}
	c.WaitExecutors(o.Workers * o.Executors)
	return c
}

func (c *Cluster) startDriver() {
	c.t.Helper()
	args := append([]string{"driver", "--listen", c.sql, "--rpc", c.rpc}, c.o.DriverArgs...)
	c.driver = c.start("driver", []string{"FLINT_EVENTS=" + c.Events.path}, args)
}

// RestartDriver kills the driver and starts another in its place, with an event
// log of its own.
func (c *Cluster) RestartDriver() {
	c.t.Helper()
	c.driver.Process.Kill()
	c.driver.Wait()
	c.Events = &Events{path: c.Events.path + "+"}
	c.startDriver()
}

func freeAddress(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start starts a process whose output goes to a log of its own.
func (c *Cluster) start(name string, env, args []string) *exec.Cmd {
	c.t.Helper()
	log, err := os.CreateTemp(c.dir, name+"-*.log")
	if err != nil {
		c.t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(c.binary, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	return cmd
}

// Root is where workers and executors keep their directories.
func (c *Cluster) Root() string { return filepath.Join(c.dir, "work") }

// StartWorker adds a worker.
func (c *Cluster) StartWorker() {
	c.t.Helper()
	args := append([]string{"worker", "--driver", c.rpc, "--executors", strconv.Itoa(c.o.Executors), "--slots", strconv.Itoa(c.o.Slots),
		"--memory", "1GB", "--dir", c.Root()}, c.o.WorkerArgs...)
	cmd := c.start("worker", []string{"FLINT_FAULT=" + c.o.Fault}, args)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.workers[cmd.Process.Pid] = cmd
}

// Kill kills a process of the cluster with SIGKILL. A worker is waited for.
func (c *Cluster) Kill(pid int) {
	c.t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		c.t.Fatalf("kill %d: %v", pid, err)
	}
	c.mu.Lock()
	cmd := c.workers[pid]
	delete(c.workers, pid)
	c.mu.Unlock()
	if cmd != nil {
		cmd.Wait()
	}
}

// Workers returns the pids of the live workers.
func (c *Cluster) Workers() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []int
	for pid := range c.workers {
		out = append(out, pid)
	}
	return out
}

// Eventually waits until f gives "" and fails the test with what it gave last.
func (c *Cluster) Eventually(within time.Duration, f func() string) {
	c.t.Helper()
	deadline := time.Now().Add(within)
	for {
		why := f()
		if why == "" {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%s\n%s", why, c.Logs())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// WaitExecutors waits until n executors are registered.
func (c *Cluster) WaitExecutors(n int) {
	c.t.Helper()
	c.Eventually(20*time.Second, func() string {
		if live := len(c.Events.Read().Executors); live != n {
			return fmt.Sprintf("%d executors are registered, want %d", live, n)
		}
		return ""
	})
}

// Logs returns the tails of all processes' output.
func (c *Cluster) Logs() string {
	names, _ := filepath.Glob(filepath.Join(c.dir, "*.log"))
	out := ""
	for _, name := range append(names, filepath.Join(c.dir, "events")) {
		b, _ := os.ReadFile(name)
		out += "== " + filepath.Base(name) + "\n" + string(b[max(0, len(b)-4000):]) + "\n"
	}
	return out
}

// Connect opens a connection.
func (c *Cluster) Connect(ctx context.Context) (*pgconn.PgConn, error) {
	database := c.o.Database
	if database == "" {
		database = "tpch"
	}
	return pgconn.Connect(ctx, "postgres://test@"+c.sql+"/"+database+"?sslmode=disable")
}

// Query runs statements on a new connection and returns the last one's rows as text.
func (c *Cluster) Query(ctx context.Context, sql string) ([][]string, error) {
	conn, err := c.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	results, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for _, r := range results[len(results)-1].Rows {
		row := make([]string, len(r))
		for i, x := range r {
			if row[i] = string(x); x == nil {
				row[i] = "NULL"
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// stop ends all processes, the driver last, and looks for leftovers.
func (c *Cluster) stop() {
	pids := c.Events.Read().Processes
	for _, pid := range c.Workers() {
		cmd := c.workers[pid]
		cmd.Process.Signal(syscall.SIGTERM)
		if !waitFor(cmd, 10*time.Second) {
			c.t.Errorf("worker %d did not end\n%s", pid, c.Logs())
		}
	}
	c.driver.Process.Signal(syscall.SIGTERM)
	if !waitFor(c.driver, 10*time.Second) {
		c.t.Errorf("the driver did not end\n%s", c.Logs())
	}
	for _, pid := range pids {
		for range 100 {
			if syscall.Kill(pid, 0) != nil {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if syscall.Kill(pid, 0) == nil && pid != c.driver.Process.Pid {
			c.t.Errorf("process %d outlives its cluster", pid)
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	if c.t.Failed() {
		c.t.Log(c.Logs())
	}
}

// waitFor waits for a process, and kills it when it takes too long.
func waitFor(cmd *exec.Cmd, limit time.Duration) bool {
	done := make(chan struct{})
	go func() { cmd.Wait(); close(done) }()
	select {
	case <-done:
		return true
	case <-time.After(limit):
		cmd.Process.Kill()
		<-done
		return false
	}
}
