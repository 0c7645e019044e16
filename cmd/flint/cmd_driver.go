package main

import (
	"fmt"
	"net"
	"os"
	"sort"
	"time"

	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/cluster/driver"
	"github.com/flintsql/flint/cluster/executor"
	"github.com/flintsql/flint/cluster/local"
	"github.com/flintsql/flint/cluster/manager/standalone"
	"github.com/flintsql/flint/cluster/rpc"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/cluster/shuffle"
	"github.com/flintsql/flint/exec/memory"
)

// rpcFlags are common to the processes of a cluster.
type rpcFlags struct {
	SecretFile string `help:"File with the secret that all processes of the cluster share." placeholder:"FILE" type:"existingfile"`
	TLSCA      string `name:"tls-ca" help:"Certificates of the authority that signed the peers' certificates." placeholder:"FILE" type:"existingfile"`
	TLSCert    string `name:"tls-cert" help:"This process's certificate, for mutual TLS." placeholder:"FILE" type:"existingfile"`
	TLSKey     string `name:"tls-key" help:"The certificate's key." placeholder:"FILE" type:"existingfile"`
}

func (f rpcFlags) load() (rpc.Security, error) {
	return rpc.SecurityFiles{Secret: f.SecretFile, CA: f.TLSCA, Cert: f.TLSCert, Key: f.TLSKey}.Load()
}

// driverCmd runs a cluster's driver.
type driverCmd struct {
	serverFlags
	rpcFlags
	RPC                string        `name:"rpc" default:"127.0.0.1:7433" help:"Address to listen on for workers and executors." placeholder:"HOST:PORT"`
	MemoryLimit        string        `help:"Memory for results and driver-local work, such as 4GB." placeholder:"SIZE"`
	Lease              time.Duration `help:"Silence after which a worker or executor counts as lost; one that dies is noticed at once." default:"15s"`
	ShuffleCompression string        `help:"Compression of shuffled batches." enum:"none,s2,zstd" default:"none"`
}

// Run serves until SIGINT or SIGTERM.
func (c *driverCmd) Run() error {
	security, err := c.load()
	if err != nil {
		return err
	}
	if err := security.MayListen(c.RPC, c.Insecure); err != nil {
		return err
	}
	limit, err := memoryLimit(c.MemoryLimit)
	if err != nil {
		return err
	}
	acct := memory.NewRoot("driver", limit)
	cats, err := openCatalogs(c.Catalog, acct, c.Cache)
	if err != nil {
		return err
	}
	compression, err := shuffle.ParseCompression(c.ShuffleCompression)
	if err != nil {
		return err
	}
	events, err := eventLog(os.Getenv(eventsVariable))
	if err != nil {
		return err
	}
	d := driver.New(scheduler.Options{LocalSlots: 2}, acct, time.Now)
	defer d.Close()
	m := standalone.New(standalone.Config{Driver: d, Catalogs: catalogFlags(c.Catalog), Compression: c.ShuffleCompression, Lease: c.Lease, Events: events})
	cats.UseMemory(func() []memory.Holding { return append(acct.Holdings(), m.Holdings()...) })
	store := shuffle.NewStore(nil)
	pool := rpc.NewPool(security)
	defer pool.Close()
	dir := c.spill()
	defer dir.Close()
	x := executor.New(executor.Config{ID: scheduler.LocalExecutor, Spill: dir, Connector: cats.Connector, Store: store, Account: acct, Reporter: d,
		Fetcher: &shuffle.Remote{Pool: pool, Store: store, Executor: scheduler.LocalExecutor, Worker: scheduler.LocalWorker, Address: m.Address}})
	d.SetLocal(local.Handle(x))
	l, err := net.Listen("tcp", c.RPC)
	if err != nil {
		return err
	}
	s := rpc.NewServer(security)
	clusterpb.RegisterDriverServer(s, m)
	clusterpb.RegisterShuffleServer(s, &shuffle.Service{Store: store, Compression: compression})
	go s.Serve(l)
	defer s.Stop()
	fmt.Printf("flint driver takes workers on %s\n", l.Addr())
	return serveSQL(c.serverFlags, cats, d)
}

// catalogFlags are the catalogs as executors are told them, sorted.
func catalogFlags(dirs map[string]string) []string {
	var out []string
	for name, dir := range dirs {
		out = append(out, name+"="+dir)
	}
	sort.Strings(out)
	return out
}

// eventsVariable names a file that the driver appends cluster events to, for tests.
const eventsVariable = "FLINT_EVENTS"

// eventLog returns a function that appends lines, each with its time, to a file.
func eventLog(path string) (func(string), error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return func(line string) { fmt.Fprintf(f, "%d %s\n", time.Now().UnixMilli(), line) }, nil
}
