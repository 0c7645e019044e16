package optimizer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/parquet"
	"github.com/flintsql/flint/catalog/parquet/write"
	"github.com/flintsql/flint/cluster"
	"github.com/flintsql/flint/cluster/local"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/optimizer"
	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/analyzer"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/lower"
)

// weigher plans the TPC-H queries over Parquet files, and counts the rows of their joins.
type weigher struct {
	files   catalog.Connector
	cluster *local.Cluster
	queries int
}

func (w *weigher) Connector(string) (catalog.Connector, bool) { return w.files, true }
func (w *weigher) Names() []string                            { return []string{"files"} }

// newWeigher makes files of scale factor 0.1, or takes those of FLINT_ORDERS.
func newWeigher(t *testing.T) *weigher {
	dir := os.Getenv("FLINT_ORDERS")
	if dir == "" {
		dir = t.TempDir()
		if err := write.TPCH(t.Context(), 0.1, dir, write.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	root := memory.NewRoot("orders", 8<<30)
	files, err := parquet.New(dir, root)
	if err != nil {
		t.Fatal(err)
	}
	files.UseCache(parquet.NewCache(root, 1<<30))
	w := &weigher{files: files}
	w.cluster = local.New(local.Options{Slots: 2, Account: root, Connector: w.Connector})
	t.Cleanup(func() {
		w.cluster.Close()
		files.Close()
	})
	return w
}

// orders optimizes a query and returns the orders chosen for its joins.
func (w *weigher) orders(t *testing.T, sql string) (out []*optimizer.JoinOrder) {
	ctx := t.Context()
	st, err := lower.Lower(sql)
	if err != nil {
		t.Fatal(err)
	}
	fc := &function.Context{Now: time.Unix(0, 0), Location: time.UTC}
	b, err := analyzer.Bind(ctx, st, &analyzer.Session{Catalogs: w, Database: "files", SearchPath: []string{"public"}, Context: fc})
	if err != nil {
		t.Fatal(err)
	}
	o := optimizer.Options{IDs: b.IDs, Context: fc, SharedMemory: true}
	o.Watch(func(j *optimizer.JoinOrder) {
		j.Count = func(n logical.Node) float64 { return w.count(t, n, b.IDs, fc) }
		out = append(out, j)
	})
	if _, _, err := optimizer.Optimize(ctx, b.Plan, o); err != nil {
		t.Fatal(err)
	}
	return out
}

// count runs a plan that yields one number.
func (w *weigher) count(t *testing.T, n logical.Node, ids *logical.IDs, fc *function.Context) float64 {
	ctx := t.Context()
	model := cost.NewModel(ctx)
	n, _, err := optimizer.Optimize(ctx, n, optimizer.Options{IDs: ids, Context: fc, Model: model, SharedMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	p, err := physical.New(ctx, n, model, physical.Options{Slots: 2, Processes: 1, InProcess: true, Functions: fc,
		BroadcastBytes: physical.DefaultBroadcastBytes, SpoolBytes: physical.DefaultSpoolBytes, RuntimeFilters: true})
	if err != nil {
		t.Fatalf("%v\n%s", err, logical.Format(n))
	}
	w.queries++
	res, err := w.cluster.Run(ctx, cluster.Query{ID: fmt.Sprint(w.queries), Plan: p, Context: fc})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	return number(ctx, t, res)
}

func number(ctx context.Context, t *testing.T, res cluster.Result) float64 {
	out := -1.0
	for {
		b, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if b.Count() > 0 {
			out = float64(vector.Values[int64](b.Cols[0])[0])
		}
	}
}

// mostOff is how much more than the best order's the rows of a chosen order's joins may be.
const mostOff = 1.1

// TestJoinOrders weighs the orders that are chosen for the joins of the 22 TPC-H queries
// against all others, by the rows that Flint counts for each set of relations that a join order
// may make. FLINT_ORDERS names a folder of TPC-H files to use instead of scale factor 0.1;
// -v prints the table of docs/performance.md.
func TestJoinOrders(t *testing.T) {
	if testing.Short() {
		t.Skip("counts some hundred joins")
	}
	w := newWeigher(t)
	seen := map[int]int{}
	for q := 1; q <= 22; q++ {
		sql, err := os.ReadFile(filepath.Join("..", "testdata", "tpch", "queries", fmt.Sprintf("q%02d.sql", q)))
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range w.orders(t, string(sql)) {
			chosen, best := j.Chosen(), j.Best()
			t.Logf("| Q%d | %d + %d | %d | %.0f | %.0f | %.3f | %.3f | `%s` |", q, j.Relations(), j.Operators(), j.Sets(),
				chosen.Out, best.Out, chosen.Out/best.Out, chosen.Cost/best.Cost, j)
			if chosen.Out > mostOff*best.Out {
				t.Errorf("Q%d: the joins %s yield %.0f rows together, those of %s %.0f", q, j, chosen.Out, best, best.Out)
			}
			seen[q]++
		}
	}
	for _, q := range []int{2, 3, 5, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22} { // 1 and 6 join nothing, 4 and 13 have no choice
		if seen[q] == 0 {
			t.Errorf("no joins of Q%d were seen", q)
		}
	}
}
