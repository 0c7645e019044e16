package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// flint is a running Flint server and a connection to it.
type flint struct {
	name  string
	procs []*exec.Cmd
	conn  *pgx.Conn
}

// startFlint starts the embedded engine on a free port.
func startFlint(ctx context.Context, o options) (*flint, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	f := &flint{name: "flint"}
	if err := f.start(o.Flint, "serve", "--listen", addr, "--slots", fmt.Sprint(o.Threads), "--cache", o.Cache, "--catalog", "bench="+o.Data); err != nil {
		return nil, err
	}
	return f, f.connect(ctx, addr)
}

// startCluster starts a driver and one worker per thread, each with one
// executor of one slot.
func startCluster(ctx context.Context, o options) (*flint, error) {
	sql, err := freeAddr()
	if err != nil {
		return nil, err
	}
	rpc, err := freeAddr()
	if err != nil {
		return nil, err
	}
	f := &flint{name: "cluster"}
	if err := f.start(o.Flint, "driver", "--listen", sql, "--rpc", rpc, "--catalog", "bench="+o.Data); err != nil {
		return nil, err
	}
	if err := f.start(o.Flint, "worker", "--driver", rpc, "--executors", fmt.Sprint(o.Threads), "--slots", "1", "--memory", "4GB"); err != nil {
		return f, err
	}
	if err := f.connect(ctx, sql); err != nil {
		return f, err
	}
	time.Sleep(2 * time.Second) // executors register
	return f, nil
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func (f *flint) start(bin string, args ...string) error {
	c := exec.Command(bin, args...)
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		return err
	}
	f.procs = append(f.procs, c)
	return nil
}

func (f *flint) connect(ctx context.Context, addr string) error {
	var err error
	for i := 0; i < 100; i++ {
		if f.conn, err = pgx.Connect(ctx, "postgres://bench@"+addr+"/bench?sslmode=disable"); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return err
}

func (f *flint) Name() string { return f.name }

// Run measures from sending the text to the last row.
func (f *flint) Run(ctx context.Context, sql string) (time.Duration, int64, error) {
	began := time.Now()
	rows, err := f.conn.Query(ctx, sql, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return 0, 0, err
	}
	n := int64(0)
	for rows.Next() {
		n++
	}
	return time.Since(began), n, rows.Err()
}

func (f *flint) PeakRSS() int64 {
	total := int64(0)
	for _, c := range f.procs {
		total += peakRSS(c.Process.Pid)
	}
	return total
}

// peakRSS reads VmHWM of a process and its children.
func peakRSS(pid int) int64 {
	total := int64(0)
	if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil {
		for _, l := range strings.Split(string(b), "\n") {
			var kb int64
			if n, _ := fmt.Sscanf(l, "VmHWM: %d kB", &kb); n == 1 {
				total += kb << 10
			}
		}
	}
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // the pattern is well-formed
	for _, l := range lists {
		b, err := os.ReadFile(l)
		if err != nil {
			continue // the thread has ended
		}
		for _, s := range strings.Fields(string(b)) {
			var child int
			if _, err := fmt.Sscan(s, &child); err == nil {
				total += peakRSS(child)
			}
		}
	}
	return total
}

func (f *flint) Close() {
	if f.conn != nil {
		f.conn.Close(context.Background())
	}
	for i := len(f.procs) - 1; i >= 0; i-- {
		f.procs[i].Process.Signal(os.Interrupt)
		f.procs[i].Wait()
	}
}
