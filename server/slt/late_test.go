package slt

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/parquet"
	"github.com/flintsql/flint/catalog/parquet/write"
	"github.com/flintsql/flint/exec/memory"
)

// lateQueries are to be answered with late columns. Their orders are total.
var lateQueries = []string{
	"SELECT * FROM lineitem ORDER BY l_extendedprice, l_orderkey, l_linenumber LIMIT 10",
	"SELECT * FROM lineitem WHERE l_comment LIKE '%fox%' ORDER BY l_shipdate DESC, l_orderkey, l_linenumber LIMIT 7 OFFSET 1013",
	"SELECT l_linenumber + 1 AS n, upper(l_comment), l_orderkey, l_quantity / l_tax FROM lineitem WHERE l_tax > 0 ORDER BY l_partkey, 3, l_linenumber DESC LIMIT 30",
	"SELECT length(l_comment) % 3 AS k, l_orderkey, l_linenumber, l_shipmode, l_receiptdate FROM lineitem ORDER BY k, 2, 3 LIMIT 5",
	"SELECT o_orderkey, nullif(o_custkey % 5, 0) AS k, o_comment, o_clerk, o_totalprice FROM orders ORDER BY k NULLS FIRST, o_orderkey LIMIT 20",
	"SELECT o_orderkey, nullif(o_custkey % 5, 0) AS k, o_comment, o_clerk FROM orders ORDER BY k DESC NULLS LAST, o_orderkey DESC OFFSET 90 LIMIT 20",
	"SELECT * FROM orders JOIN lineitem ON o_orderkey = l_orderkey WHERE o_orderdate < '1994-01-01' ORDER BY l_shipdate, l_orderkey, l_linenumber LIMIT 9",
	"SELECT o_comment, c_name, c_comment FROM orders LEFT JOIN customer ON o_custkey = c_custkey AND c_nationkey = 3 ORDER BY o_totalprice, o_orderkey LIMIT 9",
	"SELECT o_comment, o_clerk FROM orders WHERE EXISTS (SELECT 1 FROM lineitem WHERE l_orderkey = o_orderkey AND l_quantity > 49) ORDER BY o_orderdate, o_orderkey LIMIT 9",
	"SELECT t.*, n_name FROM (SELECT * FROM orders ORDER BY o_totalprice DESC, o_orderkey LIMIT 100) AS t, customer, nation WHERE o_custkey = c_custkey AND c_nationkey = n_nationkey ORDER BY o_orderkey",
	"SELECT count(*), sum(l_quantity), max(l_comment) FROM (SELECT * FROM lineitem ORDER BY l_orderkey DESC, l_linenumber LIMIT 250) AS t",
	"SELECT * FROM read_parquet('*/lineitem.parquet') ORDER BY l_extendedprice DESC, l_orderkey, l_linenumber, 1 LIMIT 4",
	"WITH t AS (SELECT * FROM orders ORDER BY o_orderdate, o_orderkey LIMIT 50) SELECT a.o_comment, b.o_clerk FROM t a JOIN t b ON a.o_orderkey = b.o_orderkey ORDER BY a.o_orderkey",
	"(SELECT o_comment, o_orderkey FROM orders ORDER BY o_orderkey LIMIT 5) UNION ALL (SELECT l_comment, l_orderkey FROM lineitem ORDER BY l_orderkey DESC, l_linenumber LIMIT 5) ORDER BY 2, 1",
	"SELECT o_orderkey, o_comment, o_clerk, sum(l_quantity) AS q FROM orders JOIN lineitem ON l_orderkey = o_orderkey GROUP BY o_orderkey, o_comment, o_clerk ORDER BY q DESC, o_orderkey LIMIT 12",
	"SELECT l_orderkey, upper(o_comment), o_clerk, count(*) AS n, min(o_totalprice) FROM lineitem, orders WHERE o_orderkey = l_orderkey AND l_tax > 0 GROUP BY l_orderkey, o_comment, o_clerk ORDER BY n DESC, 1 LIMIT 9",
	"SELECT o_orderkey, o_comment, count(c_custkey) AS n FROM orders LEFT JOIN customer ON o_custkey = c_custkey AND c_acctbal > 0 GROUP BY 1, 2 ORDER BY n, o_orderkey LIMIT 8",
	"SELECT row_number() OVER (ORDER BY o_orderkey), o_comment FROM (SELECT * FROM orders WHERE o_totalprice > 1000 ORDER BY o_custkey, o_orderkey LIMIT 40) AS t ORDER BY 1",
}

// TestLateColumns holds that columns fetched after a TopN are those that a scan reads.
func TestLateColumns(t *testing.T) {
	dir := t.TempDir()
	if err := write.TPCH(t.Context(), 0.02, dir+"/all", write.Options{}); err != nil {
		t.Fatal(err)
	}
	files, err := parquet.New(dir+"/all", memory.NewRoot("footers", 0))
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	files.UseCache(parquet.NewCache(memory.NewRoot("pages", 0), 8<<20))
	above, err := parquet.New(dir, memory.NewRoot("footers", 0))
	if err != nil {
		t.Fatal(err)
	}
	defer above.Close()
	ctx := context.Background()
	for _, slots := range []int{1, 4} {
		s := Start(t, Options{Slots: slots, BatchSize: 1000 * (slots - 1), Catalogs: map[string]catalog.Connector{"files": files, "above": above}})
		for i, q := range lateQueries {
			t.Run(fmt.Sprintf("%d slots, %d", slots, i), func(t *testing.T) {
				db := "files"
				if strings.Contains(q, "read_parquet") {
					db = "above"
				}
				conn := s.Connect(t, db)
				ask := func(sql string) []string {
					t.Helper()
					rows, err := Rows(ctx, conn, Simple, sql)
					if err != nil {
						t.Fatalf("%s: %v", sql, err)
					}
					return rows
				}
				if plan := strings.Join(ask("EXPLAIN "+q), "\n"); !strings.Contains(plan, "Fetch "+db) {
					t.Errorf("nothing is fetched late:\n%s", plan)
				}
				got := strings.Join(ask(q), "\n")
				ask("SET disabled_rules = 'late_columns'")
				if plan := strings.Join(ask("EXPLAIN "+q), "\n"); strings.Contains(plan, "Fetch") {
					t.Errorf("the rule is not off:\n%s", plan)
				}
				if want := strings.Join(ask(q), "\n"); got != want || want == "" {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		}
	}
}
