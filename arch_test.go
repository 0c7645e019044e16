package flint

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
)

const module = "github.com/flintsql/flint"

// thirdParty limits where a dependency may be imported: paths start with one of
// the listed packages. Tests are free.
var thirdParty = map[string][]string{
	"github.com/pingcap/tidb/pkg/parser": {"sql/core", "sql/analyzer"},
	"github.com/jackc/pgx/v5/pgproto3":   {"server/pgwire"},
	"github.com/parquet-go/parquet-go":   {"catalog/parquet", "cmd/bench"},
	"google.golang.org/grpc":             {"cluster", "cmd"},
	"github.com/alecthomas/kong":         {"cmd"},
	"github.com/apache/arrow-go/v18":     {"exec/vector", "exec/spill", "cluster/shuffle", "server"},
	"go.etcd.io/bbolt":                   {"server/state"},
	"google.golang.org/protobuf":         {"cluster"},
	"github.com/jackc/pgx/v5":            {"server/pgwire", "server/slt", "cluster/clustertest", "cmd"},
	"github.com/klauspost/compress":      {"catalog/parquet", "cluster/shuffle", "exec/spill"},
	"github.com/andybalholm/brotli":      {"catalog/parquet"},
	"golang.org/x/sync":                  {"catalog", "exec", "cluster"},
	"golang.org/x/sys":                   {"catalog/parquet"},
}

// TestImports holds the packages to the table in ARCHITECTURE.md: exactly the
// imports it allows, no entry unused.
func TestImports(t *testing.T) {
	allowed := readTable(t)
	actual, foreign := imports(t)
	for pkg, deps := range actual {
		row, ok := allowed[pkg]
		if !ok {
			t.Errorf("%s is not in ARCHITECTURE.md's package table", pkg)
			continue
		}
		for d := range deps {
			if !row[d] {
				t.Errorf("%s imports %s, which the table does not allow", pkg, d)
			}
		}
		for d := range row {
			if !deps[d] {
				t.Errorf("%s may import %s by the table but does not: remove the entry", pkg, d)
			}
		}
	}
	for pkg := range allowed {
		if actual[pkg] == nil {
			t.Errorf("the table lists %s, which does not exist", pkg)
		}
	}
	for pkg, deps := range foreign {
		for d := range deps {
			checkForeign(t, pkg, d)
		}
	}
}

func checkForeign(t *testing.T, pkg, dep string) {
	best := ""
	for p := range thirdParty {
		if (dep == p || strings.HasPrefix(dep, p+"/")) && len(p) > len(best) {
			best = p
		}
	}
	if best == "" {
		t.Errorf("%s imports %s: give it a line in arch_test.go and the README", pkg, dep)
		return
	}
	for _, ok := range thirdParty[best] {
		if pkg == ok || strings.HasPrefix(pkg, ok+"/") {
			return
		}
	}
	t.Errorf("%s must not import %s (only %v may)", pkg, dep, thirdParty[best])
}

var row = regexp.MustCompile("^\\| `([a-z0-9/]+)` \\|[^|]*\\|([^|]*)\\|")
var name = regexp.MustCompile("[a-z0-9/]+")

// readTable reads the rows "| `package` | purpose | imports |" of ARCHITECTURE.md.
// Imports are given by their full paths below the module; – means none.
func readTable(t *testing.T) map[string]map[string]bool {
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]bool{}
	for _, line := range strings.Split(string(text), "\n") {
		m := row.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		out[m[1]] = map[string]bool{}
		for _, n := range name.FindAllString(m[2], -1) {
			out[m[1]][n] = true
		}
	}
	return out
}

// imports parses every non-test file: own packages' imports of ours, and of
// third parties.
func imports(t *testing.T) (own, foreign map[string]map[string]bool) {
	own, foreign = map[string]map[string]bool{}, map[string]map[string]bool{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); p != "." && (strings.HasPrefix(n, ".") || n == "testdata" || n == "bin") {
				return filepath.SkipDir
			}
			return nil
		}
		pkg := filepath.ToSlash(path.Dir(filepath.ToSlash(p)))
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || pkg == "." {
			return nil
		}
		if own[pkg] == nil {
			own[pkg], foreign[pkg] = map[string]bool{}, map[string]bool{}
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, im := range f.Imports {
			dep := strings.Trim(im.Path.Value, `"`)
			if in, ok := strings.CutPrefix(dep, module+"/"); ok {
				own[pkg][in] = true
			} else if strings.Contains(strings.SplitN(dep, "/", 2)[0], ".") {
				foreign[pkg][dep] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return own, foreign
}

// TestTopLevelFolders holds the root to the folders of the design.
func TestTopLevelFolders(t *testing.T) {
	want := "catalog cluster cmd deploy docs exec optimizer physical server sql testdata"
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && e.Name() != "bin" {
			got = append(got, e.Name())
		}
	}
	sort.Strings(got)
	for _, g := range got {
		if !strings.Contains(" "+want+" ", " "+g+" ") {
			t.Errorf("unexpected top-level folder %s", g)
		}
	}
}
