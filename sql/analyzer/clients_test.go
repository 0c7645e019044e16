package analyzer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

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
		bound, refused := 0, map[string]int{}
		for _, q := range list {
			_, err := bind(s, q[1])
			if err == nil {
				bound++
				continue
			}
			refused[sqlerr.Code(err)]++
			t.Logf("%s: %v", q[0], err)
		}
		t.Logf("%s: %d of %d bind; refused: %v", name, bound, len(list), refused)
	}
}
