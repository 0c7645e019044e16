package clustertest

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flintsql/flint/server/slt"
)

// skewed has a stage that is split in pieces over 0.6 million rows, most of them
// with one key; switched one whose build side is estimated large and turns out small.
const (
	skewed = "SELECT count(*), sum(q), sum(c), max(o) FROM " +
		"(SELECT CASE WHEN l_linenumber < 6 THEN 7 ELSE l_orderkey END AS k, l_quantity AS q FROM lineitem) f " +
		"JOIN (SELECT o_orderkey AS k, o_custkey AS c, o_orderdate AS o FROM orders) d ON f.k = d.k"
	switched = "SELECT count(*), sum(l_quantity), min(o_orderdate) FROM lineitem JOIN orders ON l_orderkey = o_orderkey " +
		"WHERE substr(o_clerk, 7) < '000000002'"
	adaptive = setup + "SET feedback = off; SET runtime_filters = off; SET adaptive_task_size = '20kB'; SET broadcast_threshold = '%s';\n"
)

// TestAdaptive: stages re-planned on a cluster give the same rows, also after the
// kill of an executor or a worker in the midst of them.
func TestAdaptive(t *testing.T) {
	c := Start(t, Binary(t), Options{Workers: 2, Executors: 2, Slots: 1, Fault: "slow-batch:20ms"})
	for _, q := range []struct{ sql, threshold, did string }{
		{skewed, "0", "partition 1 in"}, {switched, "100kB", "build broadcast"},
	} {
		set := fmt.Sprintf(adaptive, q.threshold)
		want := c.answer(set + "SET adaptive = off;\n" + q.sql)
		if got := c.answer(set + q.sql); !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("with re-planning: %v, without: %v\n%s", got, want, q.sql)
		}
		var plan strings.Builder
		for _, l := range c.answer(set + "EXPLAIN ANALYZE " + q.sql) {
			plan.WriteString(l[0] + "\n")
		}
		if !strings.Contains(plan.String(), q.did) {
			t.Errorf("no stage was re-planned as %q:\n%s", q.did, plan.String())
		}
		for _, victim := range []string{"executor", "worker"} {
			c.killAmidst(2, set+q.sql, want, victim)
		}
	}
	c.CheckIdle()
}

// answer runs a query and returns its rows.
func (c *Cluster) answer(sql string) [][]string {
	c.t.Helper()
	rows, err := c.Query(c.t.Context(), sql)
	if err != nil {
		c.t.Fatalf("%v\n%s\n%s", err, sql, c.Logs())
	}
	return rows
}

// started counts the tasks of a stage that were started, of all queries.
func (c *Cluster) started(stage int) int {
	b, err := os.ReadFile(c.Events.path)
	if err != nil {
		c.t.Fatal(err)
	}
	return len(regexp.MustCompile(fmt.Sprintf(`(?m)task-started .* stage %d `, stage)).FindAll(b, -1))
}

// killAmidst kills a process that runs a task once a stage of the query has started.
func (c *Cluster) killAmidst(stage int, sql string, want [][]string, victim string) {
	c.t.Helper()
	seen := c.started(stage)
	type answer struct {
		rows [][]string
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		rows, err := c.Query(c.t.Context(), sql)
		done <- answer{rows, err}
	}()
	c.Eventually(20*time.Second, func() string {
		if c.started(stage) == seen {
			return fmt.Sprintf("stage %d does not start", stage)
		}
		return ""
	})
	c.killRunning(victim)
	a := <-done
	if a.err != nil || !slices.EqualFunc(a.rows, want, slices.Equal) {
		c.t.Errorf("after the kill of a %s amidst stage %d: %v %v, want %v\n%s", victim, stage, a.rows, a.err, want, c.Logs())
	}
	if victim == "worker" {
		c.StartWorker()
	}
	c.WaitExecutors(c.o.Workers * c.o.Executors)
}

// TestAdaptiveAnswers compares all shapes of joins on a cluster with and without
// re-planning (FLINT_CHAOS=full).
func TestAdaptiveAnswers(t *testing.T) {
	if !full() {
		t.Skip("set FLINT_CHAOS=full")
	}
	c := Start(t, Binary(t), Options{Workers: 2, Executors: 2, Slots: 1})
	for _, threshold := range []string{"0", "50kB"} {
		conn, err := c.Connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		slt.RunAdaptive(t, conn, "SET search_path TO sf0_1", "SET broadcast_threshold TO '"+threshold+"'")
		conn.Close(t.Context())
	}
	c.CheckIdle()
}
