package clustertest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/tpch"
	"github.com/flintsql/flint/cluster"
	"github.com/flintsql/flint/cluster/local"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/physical/planpb"
	"github.com/flintsql/flint/server"
	"github.com/flintsql/flint/server/pgwire"
)

// carried runs plans that went over the wire and back.
type carried struct{ *local.Cluster }

func (c carried) Run(ctx context.Context, q cluster.Query) (cluster.Result, error) {
	lookup := q.Context.Catalog
	a, err := planpb.Encode(q.Plan, q.Context)
	if err != nil {
		return nil, err
	}
	if q.Plan, q.Context, err = planpb.Decode(a); err != nil {
		return nil, err
	}
	b, err := planpb.Encode(q.Plan, q.Context)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(a, b) {
		return nil, fmt.Errorf("the decoded plan encodes differently")
	}
	q.Context.Catalog = lookup
	return c.Cluster.Run(ctx, q)
}

// TestPlansRoundTrip: the plans of TPC-H give their answers after a trip through planpb.
func TestPlansRoundTrip(t *testing.T) {
	queries := Queries(t, "sf0.01")
	acct := memory.NewRoot("test", 0)
	cats := server.NewCatalogs(map[string]catalog.Connector{"tpch": tpch.New(acct)})
	cl := local.New(local.Options{Slots: 4, Account: acct, Connector: cats.Connector})
	defer cl.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	engine := server.NewEngine(server.Config{Catalogs: cats, Runner: carried{cl}})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- pgwire.New(engine, pgwire.Options{}).Serve(ctx, l) }()
	c := &Cluster{t: t, sql: l.Addr().String()}
	for _, q := range queries {
		got, err := c.Query(t.Context(), q.SQL)
		if err == nil {
			err = check(q, got)
		}
		if err != nil {
			t.Errorf("%s: %v", q.Name, err)
		}
	}
	stop()
	<-ended
}
