package slt

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestExplain asks for each form of EXPLAIN: what must stand in it, and that no
// line is wider than 120 columns.
func TestExplain(t *testing.T) {
	s := Start(t, Options{Slots: 2})
	conn := s.Connect(t, "tpch")
	ctx := context.Background()
	for _, set := range []string{"SET search_path TO sf0_1", "PREPARE big(int) AS SELECT l_returnflag, sum(l_quantity) FROM lineitem WHERE l_quantity > $1 GROUP BY 1"} {
		if _, err := conn.Exec(ctx, set); err != nil {
			t.Fatal(err)
		}
	}
	const query = "SELECT n_name, count(DISTINCT l_suppkey) FROM lineitem, supplier, nation WHERE l_suppkey = s_suppkey AND s_nationkey = n_nationkey AND l_discount > 0 AND (l_quantity = 1 OR l_tax = 0) GROUP BY 1"
	for _, c := range []struct {
		sql  string
		want []string
	}{
		{"EXPLAIN " + query, []string{"Logical plan", "Stages", "Stage 0 · ", "(l_quantity = 1.00 OR l_tax = 0.00)", "spooled", "rows"}},
		{"EXPLAIN (VERBOSE) " + query, []string{"is spooled: small enough to keep, could be pipelined", "is pipelined: result"}},
		{"EXPLAIN (TASKS) " + query, []string{"task 1 on ", " of lineitem ("}},
		{"EXPLAIN (RULES) " + query, []string{"Rules", "join_order"}},
		{"EXPLAIN ANALYZE " + query, []string{"time min/med/max", "▶", "Execution ", " ms, 25 rows"}},
		{"EXPLAIN EXECUTE big(10)", []string{"where l_quantity > 10"}},
		{"EXPLAIN (ANALYZE, TASKS) EXECUTE big(10)", []string{"▶", "task 1 on ", ", 3 rows"}},
		{"EXPLAIN SELECT 1", []string{"on the driver"}},
	} {
		got, err := Rows(ctx, conn, Simple, c.sql)
		if err != nil {
			t.Fatalf("%s: %v", c.sql, err)
		}
		text := strings.Join(got, "\n")
		for _, w := range c.want {
			if !strings.Contains(text, w) {
				t.Errorf("%s has no %q:\n%s", c.sql, w, text)
			}
		}
		for _, l := range got {
			if utf8.RuneCountInString(l) > 120 {
				t.Errorf("%s: a line of %d columns: %s", c.sql, utf8.RuneCountInString(l), l)
			}
		}
	}
	var text string
	if err := conn.QueryRow(ctx, "EXPLAIN (ANALYZE, RULES, FORMAT JSON) SELECT count(*) FROM lineitem WHERE l_quantity > $1", 10).Scan(&text); err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	for _, k := range []string{"logicalPlan", "stages", "rules", "planningMs", "executionMs", "rows"} {
		if m[k] == nil {
			t.Errorf("JSON has no %s", k)
		}
	}
}
