package function

import (
	"errors"
	"testing"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

func parseTypes(t *testing.T, names ...string) []types.Type {
	t.Helper()
	var out []types.Type
	for _, n := range names {
		ty, ok := types.Parse(n)
		if !ok {
			t.Fatal(n)
		}
		out = append(out, ty)
	}
	return out
}

func TestResolveErrors(t *testing.T) {
	for _, c := range []struct {
		name       string
		args       []string
		code, text string
		hint       string
	}{
		{"+", []string{"int4", "text"}, "42883", "operator does not exist: integer + text",
			"No operator matches the given name and argument types. You might need to add explicit type casts."},
		{"-", []string{"bool"}, "42883", "operator does not exist: - boolean",
			"No operator matches the given name and argument type. You might need to add an explicit type cast."},
		{"foo", []string{"int4"}, "42883", "function foo(integer) does not exist",
			"No function matches the given name and argument types. You might need to add explicit type casts."},
		{"+", []string{"unknown", "unknown"}, "42725", "operator is not unique: unknown + unknown",
			"Could not choose a best candidate operator. You might need to add explicit type casts."},
	} {
		_, _, err := Resolve(c.name, parseTypes(t, c.args...))
		var e *sqlerr.Error
		if !errors.As(err, &e) || e.Code != c.code || e.Message != c.text || e.Hint != c.hint {
			t.Errorf("%s%v: %+v", c.name, c.args, e)
		}
	}
}

func TestFixedResults(t *testing.T) {
	for _, c := range []struct {
		op, a, b, want string
		fallible       bool
	}{
		{"+", "numeric(15,2)", "numeric(4,3)", "numeric(17,3)", false},
		{"-", "numeric(1,0)", "numeric(15,2)", "numeric(16,2)", false},
		{"*", "numeric(15,2)", "numeric(16,2)", "numeric(31,4)", false},
		{"*", "numeric(31,4)", "numeric(16,2)", "numeric(38,6)", true},
		{"*", "numeric(15,2)", "int4", "numeric(25,2)", false},
		{"*", "numeric(38,30)", "numeric(38,30)", "numeric", true},
		{"/", "numeric(15,2)", "numeric(15,2)", "numeric", true},
		{"+", "int4", "int8", "bigint", true},
		{"=", "numeric(15,2)", "int8", "boolean", false},
	} {
		f, coerced, err := Resolve(c.op, parseTypes(t, c.a, c.b))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.ResultType(coerced).Format(); got != c.want || f.Fallible != c.fallible {
			t.Errorf("%s %s %s: %s fallible %v", c.a, c.op, c.b, got, f.Fallible)
		}
		if g, ok := Find(f.Name, f.Args); !ok || g != f {
			t.Errorf("%s%v is not found again", f.Name, f.Args)
		}
	}
}

func TestCommonType(t *testing.T) {
	for _, c := range []struct {
		in   []string
		want string
	}{
		{[]string{"unknown", "unknown"}, "text"}, {[]string{"int4", "unknown"}, "integer"}, {[]string{"int4", "int8"}, "bigint"},
		{[]string{"int4", "float8", "numeric"}, "double precision"}, {[]string{"date", "timestamptz"}, "timestamp with time zone"},
		{[]string{"numeric(5,2)", "numeric(9,2)"}, "numeric(9,2)"}, {[]string{"numeric(5,2)", "numeric(9,3)"}, "numeric"},
		{[]string{"varchar(3)", "text"}, "character varying"}, {[]string{"varchar(3)", "varchar(3)"}, "character varying(3)"},
		{[]string{"varchar(3)", "varchar(4)"}, "character varying"}, {[]string{"int4", "text"}, "42804"},
	} {
		got, err := CommonType("CASE", parseTypes(t, c.in...))
		s := got.Format()
		if err != nil {
			s = sqlerr.Code(err)
		}
		if s != c.want {
			t.Errorf("%v: %s, want %s", c.in, s, c.want)
		}
	}
}

// TestUnique proves that every overload can be named by its arguments, that no
// type in the tables failed to parse, and that results are inferable.
func TestUnique(t *testing.T) {
	for _, name := range ScalarNames() {
		for _, f := range Scalars(name) {
			if g, _ := Find(name, f.Args); g != f {
				t.Errorf("%s%v stands twice", name, f.Args)
			}
			if f.Kernel == nil || f.Infer == nil && f.Result == tUnknown {
				t.Errorf("%s%v is incomplete", name, f.Args)
			}
		}
	}
}
