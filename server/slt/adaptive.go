package slt

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// AdaptiveQueries join what is skewed, small and empty in all the ways that
// stages are re-planned for; k is 7 in most rows of f.
var AdaptiveQueries = func() []string {
	const f = "(SELECT CASE WHEN l_linenumber < 5 THEN 7 WHEN l_linenumber = 6 THEN NULL ELSE l_orderkey END AS k, l_quantity AS q, l_linenumber AS n FROM lineitem) f"
	const d = "(SELECT o_orderkey AS k, o_custkey AS c FROM orders WHERE o_orderkey % 3 > 0 OR o_orderkey = 7) d"
	const few = "(SELECT o_orderkey AS k, o_custkey AS c FROM orders WHERE o_orderkey % 97 + o_custkey % 2 = 7) d"
	const none = "(SELECT o_orderkey AS k, o_custkey AS c FROM orders WHERE o_totalprice * 2 < o_orderkey - 6000000) d"
	out := []string{fmt.Sprintf("SELECT count(*), sum(f.c) FROM %s JOIN %s ON f.k = d.k", strings.TrimSuffix(few, "d")+"f", few),
		fmt.Sprintf("SELECT count(*), sum(f.n) FROM (SELECT CASE WHEN l_orderkey > 0 THEN 7 END AS k, l_linenumber AS n FROM lineitem) f JOIN %s ON f.k = d.k", d)}
	for _, join := range []string{"JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"} {
		for _, build := range []string{d, few, none} {
			out = append(out, fmt.Sprintf("SELECT count(*), count(f.k), count(d.k), sum(q), sum(c), min(c) FROM %s %s %s ON f.k = d.k", f, join, build))
		}
		out = append(out, fmt.Sprintf("SELECT f.k, d.k, count(*), sum(q), sum(c) FROM %s %s %s ON f.k = d.k GROUP BY 1, 2", f, join, d))
	}
	for _, build := range []string{d, none} {
		for _, where := range []string{"EXISTS", "NOT EXISTS"} {
			out = append(out, fmt.Sprintf("SELECT n, count(*), sum(q) FROM %s WHERE %s (SELECT FROM %s WHERE f.k = d.k) GROUP BY 1", f, where, build),
				fmt.Sprintf("SELECT count(*), sum(c) FROM %s WHERE %s (SELECT FROM %s WHERE f.k = d.k)", build, where, f))
		}
		out = append(out, fmt.Sprintf("SELECT count(*), sum(q) FROM %s WHERE k IN (SELECT k FROM %s) OR n = 3", f, build),
			fmt.Sprintf("SELECT f.k, n, (SELECT c FROM %s WHERE f.k = d.k) FROM %s ORDER BY 1, 2, q LIMIT 1000", build, f),
			fmt.Sprintf("SELECT k, rank() OVER (PARTITION BY k ORDER BY s) FROM (SELECT f.k, n, sum(q) AS s FROM %s JOIN %s ON f.k = d.k GROUP BY 1, 2) t", f, build),
			fmt.Sprintf("SELECT count(*), count(DISTINCT f.n), sum(d.c) FROM %s JOIN %s ON f.k = d.k JOIN customer ON c_custkey = d.c", f, build))
	}
	return append(out,
		"SELECT k, count(*), sum(q) FROM "+f+" GROUP BY 1",
		"SELECT k, n, count(*) FROM "+f+" GROUP BY GROUPING SETS ((k), (n), ())",
		"SELECT count(*) FROM (SELECT k FROM "+f+" EXCEPT SELECT k FROM "+d+") t",
		"SELECT count(DISTINCT k) FROM "+f)
}()

// RunAdaptive compares the answers to AdaptiveQueries with and without re-planning
// and returns what EXPLAIN ANALYZE says of it.
func RunAdaptive(t *testing.T, conn *pgconn.PgConn, settings ...string) string {
	t.Helper()
	ctx := context.Background()
	exec := func(sql string) []string {
		res, err := conn.Exec(ctx, sql).ReadAll()
		if err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
		var rows []string
		for _, r := range res[len(res)-1].Rows {
			rows = append(rows, fmt.Sprintf("%q", r))
		}
		return rows
	}
	for _, set := range settings {
		exec(set)
	}
	var did strings.Builder
	for i, sql := range AdaptiveQueries {
		exec("SET adaptive TO off")
		want := exec(sql)
		if len(want) == 0 && !strings.Contains(sql, "6000000") {
			t.Errorf("no rows to compare\n%s", sql)
		}
		exec("SET adaptive TO on")
		for _, size := range []string{"100kB", "1B"}[i%2 : i%2+1] {
			exec("SET adaptive_task_size TO '" + size + "'")
			got := exec(sql)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%d rows with re-planning by %s, %d without\n%.2000s\n%.2000s\n%s", len(got), size, len(want), got, want, sql)
			}
			if i < 6 {
				for _, l := range exec("EXPLAIN ANALYZE " + sql) {
					if strings.Contains(l, "Stage") {
						did.WriteString(l + "\n")
					}
				}
			}
		}
	}
	return did.String()
}
