package main

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// suiteFiles are the suites' queries, several in a file:
//
//	-- name: q01
//	-- needs: lineitem, orders
//	-- duckdb: what DuckDB is asked instead, of one or more such lines
//	SELECT …
//
//go:embed suites/*.sql
var suiteFiles embed.FS

// query is one query of a suite.
type query struct {
	name  string
	sql   string
	needs []string          // tables without which it is left out
	own   map[string]string // texts of engines that need their own
}

// text is what an engine is asked.
func (q query) text(engine string) string {
	if own, ok := q.own[engine]; ok {
		return own
	}
	if own, ok := q.own["spark"]; ok && engine == "sail" { // speaks Spark's dialect
		return own
	}
	return q.sql
}

// suiteQueries returns the queries of the suite that the options ask for.
func suiteQueries(o *options) ([]query, error) {
	var all []query
	var err error
	switch dir := o.Queries; {
	case dir != "":
		all, err = folderQueries(dir)
	case o.Suite == "tpch":
		all, err = folderQueries("testdata/tpch/queries")
	case o.Suite == "tpcds":
		return nil, fmt.Errorf("the license of TPC-DS does not let its queries be part of Flint: give --queries DIR")
	default:
		var b []byte
		if b, err = suiteFiles.ReadFile("suites/" + o.Suite + ".sql"); err == nil {
			all, err = parseQueries(string(b))
		}
	}
	if err != nil {
		return nil, err
	}
	var out []query
	for _, q := range all {
		if chosen(o.Only, q.name) {
			out = append(out, q)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no query of suite %s is named %s", o.Suite, strings.Join(o.Only, ", "))
	}
	return out, nil
}

// chosen tells whether a name is among those asked for; none means all.
func chosen(only []string, name string) bool {
	for _, x := range only {
		if prefix, cut := strings.CutSuffix(x, "*"); x == name || cut && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return len(only) == 0
}

// folderQueries reads a folder with one query a file.
func folderQueries(dir string) ([]query, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.sql"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no queries in %s", dir)
	}
	sort.Strings(files)
	var out []query
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(filepath.Base(f), ".sql")
		out = append(out, query{name: name, sql: trimQuery(string(b))})
	}
	return out, nil
}

func trimQuery(s string) string { return strings.TrimRight(strings.TrimSpace(s), "; \n") }

// parseQueries reads a file of several queries.
func parseQueries(text string) ([]query, error) {
	var out []query
	for n, line := range strings.Split(text, "\n") {
		key, value, marked := marker(line)
		switch {
		case marked && key == "name":
			out = append(out, query{name: value, own: map[string]string{}})
			continue
		case len(out) == 0:
			if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "--") {
				return nil, fmt.Errorf("line %d: a query without a name", n+1)
			}
			continue
		}
		q := &out[len(out)-1]
		switch {
		case marked && key == "needs":
			q.needs = strings.Split(strings.ReplaceAll(value, " ", ""), ",")
		case marked:
			q.own[key] = trimQuery(q.own[key] + "\n" + value)
		case !strings.HasPrefix(line, "--"):
			q.sql += line + "\n"
		}
	}
	for i := range out {
		if out[i].sql = trimQuery(out[i].sql); out[i].sql == "" {
			return nil, fmt.Errorf("query %s has no text", out[i].name)
		}
	}
	return out, nil
}

// marker reads "-- key: value", where key is a word of the format or a peer.
func marker(line string) (key, value string, ok bool) {
	rest, ok := strings.CutPrefix(line, "-- ")
	if !ok {
		return "", "", false
	}
	key, value, ok = strings.Cut(rest, ":")
	_, isPeer := peerScripts[key]
	return key, strings.TrimSpace(value), ok && (isPeer || key == "name" || key == "needs")
}

// tablesIn lists the tables of a folder.
func tablesIn(dir string) (map[string]bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, e := range entries {
		out[strings.TrimSuffix(e.Name(), ".parquet")] = true
	}
	return out, nil
}

// runnable tells whether a folder has the tables that a query names as needed.
func (q query) runnable(tables map[string]bool) bool {
	for _, t := range q.needs {
		if !tables[t] {
			return false
		}
	}
	return true
}
