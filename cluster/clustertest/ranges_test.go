package clustertest

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/flintsql/flint/server/slt"
)

// TestRangesOfFiles: over files whose row groups lie in the order of keys, tables are joined by ranges without an exchange,
// with the right answers, also after an executor was killed amidst such a stage.
func TestRangesOfFiles(t *testing.T) {
	queries, binary, dir := Queries(t, "sf0.1"), Binary(t), t.TempDir()
	if out, err := exec.Command(binary, "gen", "tpch", "--sf", "0.1", "--out", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c := Start(t, binary, Options{Workers: 1, Executors: 2, Slots: 1, Database: "files", DriverArgs: []string{"--catalog", "files=" + dir}, Fault: "slow-batch:1ms"})
	ranged := 0
	for i, q := range queries {
		if !full() && i%3 != 0 && i != 8 {
			continue
		}
		c.correct(q)
		if lines := c.answer("EXPLAIN " + q.SQL); strings.Contains(join(lines), " in ranges of ") {
			ranged++
		}
	}
	if ranged < 3 {
		t.Errorf("only %d queries read ranges", ranged)
	}
	slow := `SELECT count(*), sum(n) FROM (SELECT o_orderkey, count(*) n FROM orders JOIN lineitem ON l_orderkey = o_orderkey GROUP BY o_orderkey) x`
	want := c.answer(slow)
	done := make(chan [][]string, 1)
	started := c.started(0)
	go func() { rows, _ := c.Query(t.Context(), slow); done <- rows }()
	c.Eventually(20*time.Second, func() string {
		if c.started(0) == started {
			return "stage 0 does not start"
		}
		return ""
	})
	c.killRunning("executor")
	if got := <-done; join(got) != join(want) {
		t.Errorf("after the kill of an executor: %v, want %v\n%s", got, want, c.Logs())
	}
	c.WaitExecutors(2)
	c.CheckIdle()
}

// correct runs a query and compares its answer.
func (c *Cluster) correct(q slt.TPCH) {
	c.t.Helper()
	got, err := c.Query(c.t.Context(), q.SQL)
	if err == nil {
		err = check(q, got)
	}
	if err != nil {
		c.t.Fatalf("%s: %v\n%s", q.Name, err, c.Logs())
	}
}

func join(rows [][]string) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(strings.Join(r, "|") + "\n")
	}
	return b.String()
}
