package clustertest

import (
	"slices"
	"strings"
	"testing"
)

// TestRuntimeFilters: filters by texts and integers that the tasks of two executors make in parts give the answers there are
// without them, also after the kill of an executor or a worker amidst the scan that they filter (stage 1); rows that have to stay are
// not filtered.
func TestRuntimeFilters(t *testing.T) {
	const (
		set   = setup + "SET feedback = off; SET adaptive = off; SET broadcast_threshold = '0';\n"
		build = "(SELECT l_comment AS c, l_orderkey * 3 AS k, l_orderkey AS o FROM lineitem WHERE l_partkey < 400)"
	)
	c := Start(t, Binary(t), Options{Workers: 2, Executors: 1, Slots: 1, Fault: "slow-batch:5ms"})
	for _, q := range []struct {
		sql      string
		filtered bool
		kill     string
	}{
		{"SELECT count(*), sum(f.l_quantity), sum(b.k) FROM lineitem f JOIN " + build + " b ON f.l_comment = b.c", true, "executor"},
		{"SELECT count(*), sum(f.l_quantity), sum(n) FROM lineitem f JOIN (SELECT c, count(*) AS n FROM " + build + " x GROUP BY c) b ON f.l_comment = b.c", true, "worker"},
		{"SELECT count(*), sum(f.l_quantity), sum(b.k) FROM lineitem f RIGHT JOIN " + build + " b ON f.l_comment = b.c AND f.l_linenumber < 3", true, ""},
		{"SELECT count(*), sum(f.l_quantity) FROM lineitem f WHERE NOT EXISTS (SELECT 1 FROM " + build + " x WHERE c = f.l_comment)", false, ""},
		{"SELECT count(*), sum(f.l_quantity), sum(b.k) FROM lineitem f JOIN " + build + " b ON f.l_suppkey = b.o", true, ""},
	} {
		want := c.answer(set + "SET runtime_filters = off;\n" + q.sql)
		if got := c.answer(set + q.sql); !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("with filters: %v, without: %v\n%s", got, want, q.sql)
		}
		var plan strings.Builder
		for _, l := range c.answer(set + "EXPLAIN " + q.sql) {
			plan.WriteString(l[0] + "\n")
		}
		if strings.Contains(plan.String(), "by keys of") != q.filtered {
			t.Errorf("a scan is filtered by keys of another stage: %v is wrong in\n%s", !q.filtered, plan.String())
		}
		if q.kill != "" {
			c.killAmidst(1, set+q.sql, want, q.kill)
		}
	}
	c.CheckIdle()
}
