package lower

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/flintsql/flint/sql/sqlerr"
)

// shared finds the folder of test material, or skips the test.
func shared(t testing.TB, path ...string) string {
	t.Helper()
	dir := os.Getenv("FLINT_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	p := filepath.Join(append([]string{dir}, path...)...)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("no test material at %s: set FLINT_SHARED", p)
	}
	return p
}

// corpus reads [name, SQL] pairs from a JSON file, or the .sql files of a folder.
func corpus(t testing.TB, path string) [][2]string {
	t.Helper()
	var out [][2]string
	if strings.HasSuffix(path, ".json") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	files, _ := filepath.Glob(filepath.Join(path, "*.sql"))
	sort.Strings(files)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, [2]string{filepath.Base(f), string(b)})
	}
	return out
}

// Every query that real clients send, and of the two benchmarks, passes the
// lexer, the lowering and the core.
func TestClientsQueriesPass(t *testing.T) {
	for _, path := range [][]string{
		{"front", "psql.json"}, {"front", "pgjdbc.json"}, {"front", "bi.json"}, {"tpch", "queries"}, {"tpcds", "queries"},
	} {
		t.Run(filepath.Join(path...), func(t *testing.T) {
			n := 0
			for _, q := range corpus(t, shared(t, path...)) {
				texts, err := Split(q[1])
				if err != nil {
					t.Errorf("%s: %v", q[0], err)
					continue
				}
				for _, s := range texts {
					n++
					_, err := Lower(s.SQL)
					if strings.HasPrefix(s.SQL, "INSERT") && sqlerr.Code(err) == sqlerr.FeatureNotSupported {
						continue // pgjdbc's updatable result set
					}
					if err != nil {
						t.Errorf("%s: %v\n%s", q[0], err, s.SQL)
					}
				}
			}
			if n < 15 {
				t.Errorf("only %d statements read", n)
			}
		})
	}
}
