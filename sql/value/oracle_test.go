package value

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// The files testdata/*.tsv hold what PostgreSQL 15 answers to SQL expressions
// (zone, expression, result or "ERROR <sqlstate> <message>"). The expressions
// are made by the tests themselves; to ask a server for its answers anew:
//
//	go test ./sql/value -run Oracle -update 'psql -h /tmp -p 5432 -U postgres'
//
// against a server with default settings.
var update = flag.String("update", "", "psql command of a PostgreSQL 15 that answers the oracle's questions")

// question is an expression and Flint's own answer to it.
type question struct {
	zone string // TimeZone
	sql  string
	eval func(env Env) (string, error)
}

// ask compares every answer with the frozen one.
func ask(t *testing.T, file string, questions []question) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update != "" {
		updateAnswers(t, path, questions)
	}
	answers := readAnswers(t, path)
	bad, beyond := 0, 0
	for _, q := range questions {
		want, ok := answers[q.zone+"\t"+q.sql]
		if !ok {
			t.Fatalf("%s has no answer to %s", file, q.sql)
		}
		got := answer(q)
		if got == want {
			continue
		}
		// Numerics over 38 digits are the documented difference.
		if strings.HasPrefix(got, "ERROR 22003 value overflows numeric format") && (digitCount(want) > MaxDigits || strings.Contains(q.sql, "_send(")) {
			beyond++
			continue
		}
		// So is that a numeric(p,s) holds no NaN.
		if strings.HasPrefix(got, "ERROR 22003 numeric field overflow") && (want == "NaN" || strings.HasSuffix(want, "c0000000")) {
			continue
		}
		if bad++; bad <= 60 {
			t.Errorf("[%s] %s\n got %q\nwant %q", q.zone, q.sql, got, want)
		}
	}
	t.Logf("%s: %d questions, %d wrong, %d beyond 38 digits", file, len(questions), bad, beyond)
}

func digitCount(s string) (n int) {
	for _, c := range strings.TrimLeft(s, "-0.") {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

func answer(q question) string {
	loc, err := time.LoadLocation(q.zone)
	if err != nil {
		return err.Error()
	}
	env := DefaultEnv
	env.Location = loc
	s, err := q.eval(env)
	if err != nil {
		e := sqlerr.From(err)
		return "ERROR " + e.Code + " " + e.Message
	}
	return s
}

func readAnswers(t *testing.T, path string) map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m := map[string]string{}
	for sc := bufio.NewScanner(f); sc.Scan(); {
		parts := strings.Split(sc.Text(), "\t")
		if len(parts) != 3 {
			t.Fatalf("%s: %q", path, sc.Text())
		}
		m[parts[0]+"\t"+copyUnescape(parts[1])] = copyUnescape(parts[2])
	}
	return m
}

var (
	copyEscape   = strings.NewReplacer("\\", "\\\\", "\t", "\\t", "\n", "\\n", "\r", "\\r", "\v", "\\v").Replace
	copyUnescape = strings.NewReplacer("\\\\", "\\", "\\t", "\t", "\\n", "\n", "\\r", "\r", "\\v", "\v").Replace
)

const askFunction = `
set client_min_messages = error;
create or replace function flint_ask(zone text, expr text) returns text language plpgsql as $$
declare r text;
begin
  perform set_config('TimeZone', zone, false);
  execute 'select (' || expr || ')::text' into r;
  return coalesce(r, 'NULL');
exception when others then return 'ERROR ' || sqlstate || ' ' || sqlerrm;
end $$;
create temp table q (n serial, zone text, expr text);
copy q (zone, expr) from stdin;
`

func updateAnswers(t *testing.T, path string, questions []question) {
	t.Helper()
	var in bytes.Buffer
	in.WriteString(askFunction)
	for _, q := range questions {
		fmt.Fprintf(&in, "%s\t%s\n", q.zone, copyEscape(q.sql))
	}
	in.WriteString("\\.\ncopy (select zone, expr, flint_ask(zone, expr) from q order by n) to stdout;\n")
	cmd := strings.Fields(*update)
	c := exec.Command(cmd[0], append(cmd[1:], "-X", "-q", "-v", "ON_ERROR_STOP=1")...)
	c.Stdin = &in
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out, 0o644); err != nil {
		t.Fatal(err)
	}
}

// literal spells a value of a type in SQL.
func literal(typeName, s string) string {
	return "'" + strings.ReplaceAll(s, "'", "''") + "'::" + typeName
}

// text asks for a value's text.
func text(v Value, err error, env Env) (string, error) {
	if err != nil || v.Null {
		return "NULL", err
	}
	if v.Type.Kind == types.Bool { // the cast to text, not the output function
		c, err := Cast(v, types.Of(types.Text), true, env)
		return c.S, err
	}
	return string(AppendText(nil, v, env)), nil
}

func mustType(t *testing.T, name string) types.Type {
	t.Helper()
	typ, ok := types.Parse(name)
	if !ok {
		t.Fatalf("no type %s", name)
	}
	return typ
}

func TestOracleParse(t *testing.T) {
	var qs []question
	for _, name := range slices.Sorted(maps.Keys(parseInputs)) {
		inputs := parseInputs[name]
		typ := mustType(t, name)
		for _, s := range inputs {
			zone := "UTC"
			if typ.Kind == types.TimestampTZ {
				zone = "America/New_York"
			}
			qs = append(qs, question{zone, literal(name, s), func(env Env) (string, error) {
				v, err := ParseText(typ, s, env)
				return text(v, err, env)
			}})
			if send := sendFunction(typ); send != "" {
				qs = append(qs, question{zone, "encode(" + send + "(" + literal(name, s) + "), 'hex')", func(env Env) (string, error) {
					v, err := ParseText(typ, s, env)
					if err != nil {
						return "", err
					}
					return binaryRoundTrip(t, v, env), nil
				}})
			}
		}
	}
	ask(t, "parse.tsv", qs)
}

// binaryRoundTrip returns the binary form in hex, having read it back.
func binaryRoundTrip(t *testing.T, v Value, env Env) string {
	b := AppendBinary(nil, v)
	back, err := ParseBinary(v.Type, b, env)
	if err != nil {
		t.Errorf("%s: %x does not read back: %v", Display(v), b, err)
	} else if again := AppendText(nil, back, env); string(again) != string(AppendText(nil, v, env)) {
		t.Errorf("%s: read back as %s", Display(v), again)
	}
	return hex.EncodeToString(b)
}

func sendFunction(typ types.Type) string {
	switch typ.Kind {
	case types.Array:
		return "array_send"
	case types.Timestamp, types.TimestampTZ, types.Date, types.Time, types.Interval, types.Numeric,
		types.UUID, types.Int2, types.Int4, types.Int8, types.Float4, types.Float8, types.Bool:
		return strings.NewReplacer("timestamptz", "timestamptz_").Replace(typ.InternalName()) + sendSuffix(typ)
	case types.Bytea, types.JSONB:
		return typ.InternalName() + sendSuffix(typ)
	}
	return ""
}

func sendSuffix(typ types.Type) string {
	switch typ.Kind {
	case types.Int2, types.Int4, types.Int8, types.Float4, types.Float8, types.Bool, types.Bytea:
		return "send"
	case types.TimestampTZ:
		return "send"
	}
	return "_send"
}

func TestOracleCast(t *testing.T) {
	targets := []string{"bool", "int2", "int4", "int8", "float4", "float8", "numeric", "numeric(6,2)", "numeric(30,4)",
		"text", "varchar(5)", "char(4)", "name", "bytea", "date", "time", "timestamp", "timestamptz", "interval", "uuid", "oid", "json", "int4[]", "text[]"}
	var qs []question
	for _, name := range slices.Sorted(maps.Keys(castInputs)) {
		inputs := castInputs[name]
		from := mustType(t, name)
		for _, s := range inputs {
			for _, target := range targets {
				to := mustType(t, target)
				qs = append(qs, question{"America/New_York", "cast(" + literal(name, s) + " as " + target + ")", func(env Env) (string, error) {
					v, err := ParseText(from, s, env)
					if err != nil {
						return "", err
					}
					c, err := Cast(v, to, true, env)
					if err == nil && !c.Null && to.Kind == types.Char {
						c.S = trimBlanks(c.S) // as the question's own cast to text
					}
					return text(c, err, env)
				}})
			}
		}
	}
	ask(t, "cast.tsv", qs)
}
