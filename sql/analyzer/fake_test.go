package analyzer_test

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/analyzer"
	"github.com/flintsql/flint/sql/lower"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// fake is a catalog of empty tables whose schemas stand in testdata.
type fake struct {
	schemas map[string]map[string]fakeTable
	def     string
}

type fakeTable struct{ fields []types.Field }

func (t fakeTable) Schema() []types.Field { return t.fields }
func (fakeTable) Stats(context.Context, []int) (catalog.Stats, error) {
	return catalog.Stats{Rows: -1}, nil
}
func (fakeTable) Scan(context.Context, catalog.ScanRequest) (catalog.ScanPlan, error) {
	return catalog.ScanPlan{}, nil
}

func (f *fake) DefaultSchema() string { return f.def }
func (f *fake) Schemas(context.Context) ([]string, error) {
	var out []string
	for s := range f.schemas {
		out = append(out, s)
	}
	sort.Strings(out)
	return out, nil
}
func (f *fake) Tables(_ context.Context, schema string) ([]string, error) {
	s, ok := f.schemas[schema]
	if !ok {
		return nil, catalog.ErrNotFound
	}
	var out []string
	for t := range s {
		out = append(out, t)
	}
	sort.Strings(out)
	return out, nil
}
func (f *fake) Table(_ context.Context, schema, name string) (catalog.Table, error) {
	t, ok := f.schemas[schema][name]
	if !ok {
		return nil, catalog.ErrNotFound
	}
	return t, nil
}
func (f *fake) Open(context.Context, catalog.Split, catalog.ReadRequest) (catalog.Reader, error) {
	return nil, catalog.ErrNotFound
}

// TableFunction knows read_parquet('…') only.
func (f *fake) TableFunction(_ context.Context, name string, args []value.Value) (catalog.Table, error) {
	if name != "read_parquet" || len(args) != 1 {
		return nil, catalog.ErrNotFound
	}
	return f.schemas["public"]["u"], nil
}

type fakeCatalogs map[string]*fake

func (c fakeCatalogs) Connector(name string) (catalog.Connector, bool) {
	f, ok := c[name]
	return f, ok
}
func (c fakeCatalogs) Names() []string {
	var out []string
	for n := range c {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// readSchema reads a schema file: a table's name, then its columns indented.
func readSchema(t testing.TB, name string) map[string]fakeTable {
	f, err := os.Open(filepath.Join("testdata", name+".schema"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]fakeTable{}
	table := ""
	for sc := bufio.NewScanner(f); sc.Scan(); {
		line := sc.Text()
		if !strings.HasPrefix(line, " ") {
			table = line
			continue
		}
		col, typ, _ := strings.Cut(strings.TrimSpace(line), " ")
		ty, ok := types.Parse(typ)
		if !ok {
			t.Fatalf("%s: type %q", name, typ)
		}
		x := out[table]
		x.fields = append(x.fields, types.Field{Name: col, Type: ty, Nullable: true})
		out[table] = x
	}
	return out
}

func session(t testing.TB, schema string) *analyzer.Session {
	f := &fake{def: "public", schemas: map[string]map[string]fakeTable{}}
	for _, s := range []string{"public", "tpch", "tpcds"} {
		f.schemas[s] = readSchema(t, s)
	}
	catalogTables := readSchema(t, "pg_catalog")
	for name, table := range catalogTables {
		table.fields = append(table.fields, types.Field{Name: ":tableoid", Type: types.Of(types.OID)})
		catalogTables[name] = table
	}
	system := &fake{def: "pg_catalog", schemas: map[string]map[string]fakeTable{"pg_catalog": catalogTables, "information_schema": {}}}
	return &analyzer.Session{
		Catalogs: fakeCatalogs{"flint": f, "system": system}, Database: "flint",
		SearchPath: []string{schema}, SystemCatalog: "system",
	}
}

func bind(s *analyzer.Session, sql string) (*analyzer.Result, error) {
	st, err := lower.Lower(sql)
	if err != nil {
		return nil, err
	}
	return analyzer.Bind(context.Background(), st, s)
}
