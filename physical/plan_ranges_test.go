package physical_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/tpch"
	"github.com/flintsql/flint/physical"
)

// zoned is TPC-H's generator with bounds: tables lie in the order of their first column, and neighbouring splits
// share a value of it, as those of lineitem do.
type zoned struct{ catalog.Connector }

func (z zoned) Table(ctx context.Context, schema, name string) (catalog.Table, error) {
	t, err := z.Connector.Table(ctx, schema, name)
	return zonedTable{t}, err
}

type zonedTable struct{ catalog.Table }

func (t zonedTable) Scan(ctx context.Context, req catalog.ScanRequest) (catalog.ScanPlan, error) {
	p, err := t.Table.Scan(ctx, req)
	const keys = 6_000_000
	n := len(p.Splits)
	p.Bounds = func(split, column int) (least, greatest int64, ok bool) {
		return int64(keys * split / n), int64(keys * (split + 1) / n), column == 0
	}
	return p, err
}

func zonedWorld() world {
	return world{catalogs{"tpch": zoned{tpch.New(nil)}}, "tpch", "sf1"}
}

// TestRanges: tables that lie in the order of a join key meet in one stage, and what executors rely on holds.
func TestRanges(t *testing.T) {
	w := zonedWorld()
	files, _ := filepath.Glob(filepath.Join("..", "testdata", "tpch", "queries", "*.sql"))
	checkFiles(t, w, files, []string{"slots=2 processes=2 filters", "slots=8 processes=4 broadcast=1000 filters", "slots=3 processes=3 broadcast=0 spool=1000", "slots=4 inprocess filters"})
	o := options(t, "slots=4 processes=2 filters")
	for _, c := range []struct {
		sql    string
		stages int
		hashed int // edges
	}{
		{"SELECT o_orderpriority, count(*) FROM orders WHERE EXISTS (SELECT FROM lineitem WHERE l_orderkey = o_orderkey) GROUP BY 1", 2, 0},
		{"SELECT l_orderkey, sum(l_quantity) FROM lineitem GROUP BY l_orderkey", 1, 0},
		{"SELECT o_orderkey FROM orders LEFT JOIN lineitem ON l_orderkey = o_orderkey AND l_quantity > 49", 1, 0},
		{"SELECT count(*) FROM (SELECT l_orderkey, sum(l_quantity) q FROM lineitem GROUP BY l_orderkey) x JOIN orders ON o_orderkey = l_orderkey", 2, 0},
		{"SELECT o_orderkey FROM orders JOIN customer ON c_custkey = o_custkey WHERE o_totalprice > 100", 2, 0},
		{"SELECT l_partkey, sum(l_quantity) FROM lineitem GROUP BY l_partkey", 2, 1},
		{"SELECT o_orderkey FROM orders WHERE o_orderkey NOT IN (SELECT nullif(l_orderkey, 5) FROM lineitem)", 2, 0},
		{"SELECT count(*) FROM (SELECT l_orderkey k FROM lineitem LIMIT 100000) x JOIN orders ON o_orderkey = k", 4, 0},
	} {
		p := w.plan(t, c.sql, o)
		check(t, p, o)
		hashed := 0
		for _, e := range p.Edges {
			if e.Partitioning.Kind == physical.Hash {
				hashed++
			}
		}
		if len(p.Stages) != c.stages || hashed != c.hashed {
			t.Errorf("%s has %d stages and %d hash edges, want %d and %d\n%s", c.sql, len(p.Stages), hashed, c.stages, c.hashed, stages(p))
		}
	}
	p := w.plan(t, "SELECT o_orderpriority, count(*) FROM orders JOIN lineitem ON l_orderkey = o_orderkey GROUP BY 1", options(t, "slots=4 inprocess"))
	for _, s := range p.Stages { // builds are shared there
		for _, task := range s.Tasks {
			if task.Cuts != nil {
				t.Fatalf("ranges within one process:\n%s", stages(p))
			}
		}
	}
	if p = w.plan(t, "SELECT l_orderkey, sum(l_quantity) FROM lineitem GROUP BY l_orderkey", options(t, "slots=4 inprocess")); len(p.Stages) != 1 {
		t.Errorf("many groups are exchanged within a process:\n%s", stages(p))
	}
}
