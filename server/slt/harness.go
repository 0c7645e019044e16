package slt

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/mem"
	"github.com/flintsql/flint/catalog/tpch"
	"github.com/flintsql/flint/cluster/local"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/server"
	"github.com/flintsql/flint/server/pgwire"
	"github.com/flintsql/flint/server/state"
)

// Server is an embedded engine that listens on loopback for a test.
type Server struct {
	Addr    string
	Account *memory.Account
	Spill   *spill.Dir
}

// Options of a test's Server; the zero value serves the built-in catalogs.
type Options struct {
	Slots     int   // 0 = 2
	BatchSize int   // rows in a batch, 0 = the default
	Memory    int64 // limit in bytes, 0 = 8 GB
	Catalogs  map[string]catalog.Connector
	// CatalogsOf, if not nil, makes more of them, which may charge the server's account.
	CatalogsOf func(*memory.Account) map[string]catalog.Connector
	State      *state.Store // nil = one in memory
}

// Start serves the built-in catalogs and the given ones until the test ends,
// then checks that all memory was given back.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Slots == 0 {
		o.Slots = 2
	}
	if o.Memory == 0 {
		o.Memory = 8 << 30
	}
	acct := memory.NewRoot("flint", o.Memory)
	byName := map[string]catalog.Connector{
		"flint": mem.New("public", map[string][]*mem.Table{"public": nil}),
		"tpch":  tpch.New(nil),
	}
	for n, c := range o.Catalogs {
		byName[n] = c
	}
	if o.CatalogsOf != nil {
		for n, c := range o.CatalogsOf(acct) {
			byName[n] = c
		}
	}
	cats := server.NewCatalogs(byName)
	cats.UseMemory(acct.Holdings)
	dir := spill.NewDir(filepath.Join(t.TempDir(), "spill"))
	cl := local.New(local.Options{Slots: o.Slots, Account: acct, Spill: dir, Connector: cats.Connector, BatchSize: o.BatchSize})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	srv := pgwire.New(server.NewEngine(server.Config{Catalogs: cats, Runner: cl, State: o.State}), pgwire.Options{})
	go func() { done <- srv.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		cl.Close()
		if n, d := acct.Execution(), dir.Used(); n != 0 || d != 0 {
			t.Errorf("%d bytes are still charged and %d on disk after the server ended", n, d)
		}
	})
	return &Server{Addr: l.Addr().String(), Account: acct, Spill: dir}
}

// Connect opens a connection to a database.
func (s *Server) Connect(t testing.TB, database string) *pgx.Conn {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, fmt.Sprintf("postgres://test@%s/%s?sslmode=disable", s.Addr, database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(ctx) })
	return c
}

// Shared returns a path in the shared test material, or skips the test where
// there is none.
func Shared(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("FLINT_SHARED")
	if root == "" {
		root = Root("..", "shared")
	}
	p := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("test material %s is absent (set FLINT_SHARED)", filepath.Join(elem...))
	}
	return p
}

// Root returns a path relative to the repository's root.
func Root(elem ...string) string {
	dir, err := os.Getwd()
	if err != nil {
		return filepath.Join(elem...)
	}
	for d := dir; d != filepath.Dir(d); d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
			return filepath.Join(append([]string{d}, elem...)...)
		}
	}
	return filepath.Join(elem...)
}
