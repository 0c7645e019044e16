package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// flint is a running Flint server and a connection to it.
type flint struct {
	name, version string
	pprof         string // address of its profiles
	procs         []*exec.Cmd
	addr          string
	conn          *pgconn.PgConn
	o             *options
}

// startFlint starts the embedded engine on a free port.
func startFlint(ctx context.Context, name string, o *options, data, memory string) (*flint, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	f := &flint{name: name, addr: addr, o: o}
	args := []string{"serve", "--listen", addr, "--slots", fmt.Sprint(o.Threads), "--cache", o.Cache, "--catalog", "bench=" + data}
	if memory != "" {
		args = append(args, "--memory-limit", memory)
	}
	if o.Profile > 0 {
		if f.pprof, err = freeAddr(); err != nil {
			return nil, err
		}
		args = append(args, "--pprof", f.pprof)
	}
	if err := f.start(append(args, o.FlintFlag...)...); err != nil {
		return nil, err
	}
	return f, f.settle(ctx)
}

// startCluster starts a driver and one worker per thread, each with one
// executor of one slot.
func startCluster(ctx context.Context, o *options, data string) (*flint, error) {
	sql, err := freeAddr()
	if err != nil {
		return nil, err
	}
	rpc, err := freeAddr()
	if err != nil {
		return nil, err
	}
	f := &flint{name: "cluster", addr: sql, o: o}
	if err := f.start("driver", "--listen", sql, "--rpc", rpc, "--catalog", "bench="+data); err != nil {
		return nil, err
	}
	if err := f.start("worker", "--driver", rpc, "--executors", fmt.Sprint(o.Threads), "--slots", "1"); err != nil {
		f.Close()
		return nil, err
	}
	if err := f.settle(ctx); err != nil {
		return nil, err
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

// start starts one of its processes, on as many cores as the peers get threads.
func (f *flint) start(args ...string) error {
	c := exec.Command(f.o.Flint, args...)
	c.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", f.o.Threads))
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		return err
	}
	f.procs = append(f.procs, c)
	return nil
}

// settle connects and asks for the version.
func (f *flint) settle(ctx context.Context) error {
	err := f.connect(ctx, 10*time.Second, 20*time.Millisecond)
	if err == nil {
		f.version, err = f.scalar(ctx, "SELECT version()")
	}
	if err != nil {
		f.Close()
	}
	return err
}

// connect tries until the server listens.
func (f *flint) connect(ctx context.Context, within, pause time.Duration) error {
	for end := time.Now().Add(within); ; time.Sleep(pause) {
		conn, err := pgconn.Connect(ctx, "postgres://bench@"+f.addr+"/"+f.database()+"?sslmode=disable")
		if err == nil {
			f.conn = conn
			return nil
		}
		if time.Now().After(end) {
			return err
		}
	}
}

func (f *flint) database() string {
	if f.name == "bare" {
		return "tpch" // it has no folder of tables
	}
	return "bench"
}

func (f *flint) scalar(ctx context.Context, sql string) (string, error) {
	r, err := f.conn.Exec(ctx, sql).ReadAll()
	if err != nil {
		return "", err
	}
	if len(r) == 0 || len(r[0].Rows) == 0 {
		return "", fmt.Errorf("%s gave no row", sql)
	}
	return string(r[0].Rows[0][0]), nil
}

func (f *flint) Name() string    { return f.name }
func (f *flint) Version() string { return strings.TrimSpace(f.version) }

// Run measures from sending the text to the last row.
func (f *flint) Run(ctx context.Context, sql string, check bool) (answer, error) {
	if f.conn == nil || f.conn.IsClosed() { // a query that took too long took its connection along
		if err := f.connect(context.Background(), 10*time.Second, 20*time.Millisecond); err != nil {
			return answer{}, err
		}
	}
	began := time.Now()
	out := answer{}
	results := f.conn.Exec(ctx, sql)
	for results.NextResult() {
		r := results.ResultReader()
		if check {
			out.Columns = make([]fingerprint, len(r.FieldDescriptions()))
		}
		out.Rows = 0
		for r.NextRow() {
			out.Rows++
			if check {
				addRow(out.Columns, r.FieldDescriptions(), r.Values())
			}
		}
		if _, err := r.Close(); err != nil {
			_ = results.Close()
			return answer{}, err
		}
	}
	err := results.Close()
	out.Time = time.Since(began)
	if ctx.Err() != nil {
		err = fmt.Errorf("timeout")
	}
	return out, err
}

func (f *flint) PIDs() []int {
	var out []int
	for _, c := range f.procs {
		out = append(out, c.Process.Pid)
	}
	return out
}

// Close stops the processes and waits for them.
func (f *flint) Close() {
	if f.conn != nil {
		_ = f.conn.Close(context.Background())
	}
	for i := len(f.procs) - 1; i >= 0; i-- {
		_ = f.procs[i].Process.Signal(os.Interrupt) // it may have ended
		_ = f.procs[i].Wait()
	}
	f.procs = nil
}
