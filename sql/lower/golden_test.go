package lower

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/sqlerr"
)

var update = flag.Bool("update", false, "write the golden files anew")

// answer is what a golden file has for a statement: core text, a command, or an error.
func answer(sql string) string {
	s, err := Lower(sql)
	if err != nil {
		e := sqlerr.From(err)
		return fmt.Sprintf("ERROR %s at %d: %s", e.Code, e.Position, e.Message)
	}
	return describe(s)
}

func describe(s *core.Statement) string {
	switch {
	case s.Query != nil:
		return s.Query.Text
	case s.Empty():
		return "EMPTY"
	}
	var inner *core.Statement
	switch c := s.Command.(type) {
	case *core.Explain:
		inner, c.Statement = c.Statement, nil
	case *core.Prepare:
		inner, c.Statement = c.Statement, nil
	case *core.Declare:
		inner, c.Query = c.Query, nil
	case *core.CreateView:
		inner, c.Query = c.Query, nil
	case *core.Describe:
		inner, c.Query = c.Query, nil
	case *core.Cache:
		inner, c.Query = c.Query, nil
	case *core.Execute:
		if c.Args != nil {
			q := &core.Statement{Query: c.Args}
			inner, c.Args = q, nil
		}
	}
	fields, _ := json.Marshal(s.Command)
	text := s.Command.Tag() + " " + string(fields)
	if inner != nil {
		text += " | " + describe(inner)
	}
	return text
}

// Golden files hold client text → core text: a line with the statement (blanks
// and newlines written as they are in Go), and a line with the answer.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.golden")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { golden(t, file) })
	}
}

func golden(t *testing.T, file string) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out strings.Builder
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		line := sc.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			out.WriteString(line + "\n")
			continue
		}
		if strings.HasPrefix(line, "  ") { // an answer, rewritten below
			continue
		}
		got := answer(unescape(line))
		fmt.Fprintf(&out, "%s\n  %s\n", line, got)
	}
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w, g := strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")
	for i := range g {
		if i >= len(w) || w[i] != g[i] {
			t.Errorf("line %d after %s\n  got  %s\n  want %s", i+1, g[max(i-1, 0)], g[i], w[min(i, len(w)-1)])
		}
	}
}

func unescape(line string) string { return strings.ReplaceAll(line, `\n`, "\n") }

// refusedByPostgres are the constructs that Postgres' grammar refuses too.
var refusedByPostgres = map[string]string{
	"Identifiers that MySQL reserves #8": "binary is no column's name in Postgres",
}

// Every construct on the list of constructs is lowered, or refused with 0A000
// that names the feature and has a position.
func TestConstructsPassOrAreRefused(t *testing.T) {
	refused := 0
	for _, c := range corpus(t, shared(t, "front", "constructs.json")) {
		texts, err := Split(c[1])
		if err != nil {
			t.Errorf("%s: %v", c[0], err)
		}
		for _, s := range texts {
			_, err := Lower(s.SQL)
			if err == nil {
				continue
			}
			refused++
			if _, known := refusedByPostgres[c[0]]; known {
				continue
			}
			if e := sqlerr.From(err); e.Code != sqlerr.FeatureNotSupported || e.Position == 0 {
				t.Errorf("%s: %s\n  %v at %d", c[0], s.SQL, err, e.Position)
			}
		}
	}
	t.Logf("%d constructs are refused as not supported", refused)
}
