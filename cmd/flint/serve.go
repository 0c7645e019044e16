package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/parquet"
	"github.com/flintsql/flint/cluster"
	"github.com/flintsql/flint/cluster/local"
	"github.com/flintsql/flint/cluster/rpc"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/server"
	"github.com/flintsql/flint/server/auth"
	"github.com/flintsql/flint/server/pgwire"
	"github.com/flintsql/flint/server/state"
)

// serverFlags are common to the processes that clients connect to.
type serverFlags struct {
	Listen   string            `default:"127.0.0.1:5433" help:"Address to listen on for PostgreSQL clients." placeholder:"HOST:PORT"`
	Catalog  map[string]string `help:"A catalog of Parquet files: each file or folder under DIR is a table. Repeatable." placeholder:"NAME=DIR"`
	Password string            `help:"File of NAME:PASSWORD lines; clients must then log in (SCRAM-SHA-256)." placeholder:"FILE" type:"existingfile"`
	Insecure bool              `help:"Allow a listener off loopback without credentials."`
	SpillDir string            `help:"Directory to make one in for rows that outgrow the memory; empty = the system's temporary directory." placeholder:"DIR"`
	Cache    string            `help:"Memory for decoded Parquet pages, such as 1GB; 0 = none; empty = a quarter of that for queries." placeholder:"SIZE"`
	MaxConns int               `default:"500" help:"Most client connections."`
	State    string            `help:"Directory to keep statistics of ANALYZE and feedback of queries in; empty = in memory, until the server ends." placeholder:"DIR"`
}

// serveCmd runs the embedded engine.
type serveCmd struct {
	serverFlags
	Slots       int    `help:"Task slots; 0 = the number of cores." default:"0"`
	MemoryLimit string `help:"Memory for queries, such as 4GB; empty = three quarters of the machine's." placeholder:"SIZE"`
	Pprof       string `help:"Loopback address to serve Go profiles on, such as 127.0.0.1:6060." placeholder:"HOST:PORT"`
}

// Run serves until SIGINT or SIGTERM.
func (c *serveCmd) Run() error {
	limit, err := memoryLimit(c.MemoryLimit)
	if err != nil {
		return err
	}
	if c.Pprof != "" {
		stop, err := serveProfiles(c.Pprof)
		if err != nil {
			return err
		}
		defer stop()
	}
	acct := memory.NewRoot("flint", limit)
	cats, err := openCatalogs(c.Catalog, acct, c.Cache)
	if err != nil {
		return err
	}
	cats.UseMemory(acct.Holdings)
	slots := c.Slots
	if slots <= 0 {
		slots = runtime.GOMAXPROCS(0)
	}
	dir := c.spill()
	defer dir.Close()
	cl := local.New(local.Options{Slots: slots, Account: acct, Spill: dir, Connector: cats.Connector, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	defer cl.Close()
	return serveSQL(c.serverFlags, cats, cl)
}

// spill returns this process's directory for rows that outgrow the memory.
func (f serverFlags) spill() *spill.Dir {
	root := f.SpillDir
	if root == "" {
		root = os.TempDir()
	}
	return spill.NewDir(filepath.Join(root, "flint-spill-"+strconv.Itoa(os.Getpid())))
}

// serveSQL listens for clients until a signal ends it.
func serveSQL(f serverFlags, cats *server.Catalogs, run cluster.Runner) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	o := pgwire.Options{Log: log, MaxConnections: f.MaxConns}
	if f.Password != "" {
		users, err := auth.ReadFile(f.Password)
		if err != nil {
			return err
		}
		o.Authenticate = func(user string) (pgwire.Verifier, error) { return users.Verifier(user), nil }
	}
	local, err := rpc.Loopback(f.Listen)
	if err != nil {
		return err
	}
	if !local && f.Password == "" && !f.Insecure {
		return fmt.Errorf("refusing to listen on %s without credentials: give --password FILE, or --insecure", f.Listen)
	}
	l, err := net.Listen("tcp", f.Listen)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	learnt := state.New()
	if f.State != "" {
		learnt = state.Open(f.State, log)
	}
	defer learnt.Close()
	engine := server.NewEngine(server.Config{Catalogs: cats, Runner: run, Log: log, State: learnt})
	host, port, _ := net.SplitHostPort(l.Addr().String())
	fmt.Printf("flint %s listens on %s\n  psql -h %s -p %s -d tpch\n", server.Version, l.Addr(), host, port)
	return pgwire.New(engine, o).Serve(ctx, l)
}

// memoryLimit reads a size, sets the Go runtime's soft limit a little above,
// and starts setting the collector's pace. It is called once.
func memoryLimit(s string) (int64, error) {
	n, err := parseSize(s)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		n = machineMemory() / 4 * 3
	}
	if n > 0 {
		debug.SetMemoryLimit(n + n/4 + 64<<20)
	}
	go tuneGC(n)
	return n, nil
}

func parseSize(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	unit := int64(1)
	up := strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(s), "B"), "I")
	for i, u := range "KMGT" {
		if strings.HasSuffix(up, string(u)) {
			unit, up = 1<<(10*(i+1)), up[:len(up)-1]
		}
	}
	var f float64
	if _, err := fmt.Sscanf(strings.TrimSpace(up), "%g", &f); err != nil || f <= 0 {
		return 0, fmt.Errorf("invalid size %q", s)
	}
	return int64(f * float64(unit)), nil
}

// machineMemory is the memory of the control group or the machine; 0 if unknown.
func machineMemory() int64 {
	var n int64
	if b, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if _, err := fmt.Sscan(string(b), &n); err == nil && n > 0 {
			return n
		}
	}
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	if _, err := fmt.Sscanf(string(b), "MemTotal: %d kB", &n); err != nil {
		return 0
	}
	return n << 10
}

// cacheBytes reads the size of the cache of decoded pages. What it holds is
// part of acct's limit, and goes when a query wants it.
func cacheBytes(s string, acct *memory.Account) (int64, error) {
	switch s {
	case "0":
		return 0, nil
	case "":
		if n := acct.Limit() / 4; n > 0 {
			return n, nil
		}
		return 1 << 30, nil
	}
	return parseSize(s)
}

// connectors opens the built-in catalogs and those of the command line.
func connectors(dirs map[string]string, acct *memory.Account, cacheSize string) (map[string]catalog.Connector, error) {
	n, err := cacheBytes(cacheSize, acct)
	if err != nil {
		return nil, err
	}
	cache := parquet.NewCache(acct, n)
	out := builtinCatalogs(acct)
	for name, dir := range dirs {
		if _, dup := out[name]; dup {
			return nil, fmt.Errorf("catalog %q is built in", name)
		}
		c, err := openParquet(dir, acct, cache)
		if err != nil {
			return nil, fmt.Errorf("open catalog %s: %w", name, err)
		}
		out[name] = c
	}
	return out, nil
}
