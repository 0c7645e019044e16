package analyzer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/flintsql/flint/sql/lower"
	"github.com/flintsql/flint/sql/sqlerr"
)

// TestClientQueriesBind binds what psql, pgjdbc and BI tools send, against the
// columns of PostgreSQL's own pg_catalog.
func TestClientQueriesBind(t *testing.T) {
	dir := filepath.Join(shared(t), "front")
	s := session(t, "public")
	for _, name := range []string{"psql", "pgjdbc", "bi"} {
		text, err := os.ReadFile(filepath.Join(dir, name+".json"))
		if err != nil {
			t.Skip(err)
		}
		var list [][2]string
		if err := json.Unmarshal(text, &list); err != nil {
			t.Fatal(err)
		}
		bound, queries, refused := 0, 0, map[string]int{}
		least := map[string]int{"psql": 123, "pgjdbc": 34, "bi": 12}[name]
		for _, q := range list {
			st, err := lower.Lower(q[1])
			if err == nil && st.Query == nil {
				continue // a command
			}
			queries++
			r, err := bind(s, q[1])
			if err == nil {
				bound++
				check(t, r)
				continue
			}
			refused[sqlerr.Code(err)]++
			t.Logf("%s: %v", q[0], err)
		}
		t.Logf("%s: %d of %d bind; refused: %v", name, bound, queries, refused)
		if bound < least {
			t.Errorf("%s: %d queries bind, %d did before", name, bound, least)
		}
	}
}
