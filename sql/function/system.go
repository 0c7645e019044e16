package function

import (
	"os"
	"strconv"
	"strings"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// ServerVersion is the PostgreSQL version that Flint presents itself as.
const ServerVersion = "15.8"

// session makes a stable function of the query's context.
func session(name string, r types.Type, f func(c *Context) value.Value) *Func {
	return &Func{Name: name, Result: r, Volatility: Stable,
		Kernel: scalars(func(c *Context, _ []value.Value) (value.Value, error) { return f(c), nil })}
}

// currentSetting answers from the query's settings, then from the catalog.
func currentSetting(c *Context, a []value.Value) (value.Value, error) {
	name := strings.ToLower(a[0].S)
	if s, ok := c.Settings[name]; ok {
		return value.Text(s), nil
	}
	if c.Catalog != nil {
		if v, err := c.Catalog.Lookup("current_setting", a[:1]); err == nil {
			v.Type = tText
			return v, nil
		}
	}
	if len(a) > 1 && a[1].I != 0 {
		return value.Value{}, errNull
	}
	return value.Value{}, sqlerr.New(sqlerr.UndefinedObject, "unrecognized configuration parameter \"%s\"", a[0].S)
}

func nameArray(names []string) value.Value {
	v := value.Value{Type: types.ArrayOf(tName)}
	for _, n := range names {
		v.List = append(v.List, value.Value{Type: tName, S: n})
	}
	return v
}

// formatType is format_type(oid, typmod).
func formatType(c *Context, a []value.Value) (value.Value, error) {
	if a[0].Null {
		return value.Value{}, errNull
	}
	if a[0].I == 0 {
		return value.Text("-"), nil
	}
	t, ok := types.ByOID(uint32(a[0].I))
	if !ok && c != nil && c.Catalog != nil {
		return lookup(c, "format_type", tText, a[:1])
	}
	if !ok {
		return value.Text("???"), nil
	}
	if a[1].Null || a[1].I < 4 {
		if t.Kind == types.Char && !a[1].Null {
			return value.Text("bpchar"), nil
		}
		return value.Text(t.String()), nil
	}
	return value.Text(withTypmod(t, a[1].I-4)), nil
}

func withTypmod(t types.Type, mod int64) string {
	kind, suffix := t.Kind, ""
	if kind == types.Array {
		kind, suffix = t.Elem, "[]"
	}
	s := types.Of(kind).String()
	switch kind {
	case types.Numeric:
		s += "(" + strconv.FormatInt(mod>>16&0xffff, 10) + "," + strconv.FormatInt(mod&0x7ff, 10) + ")"
	case types.Varchar, types.Char:
		s += "(" + strconv.FormatInt(mod, 10) + ")"
	}
	return s + suffix
}

func typeOf(_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
	r, oid := vector.Values[int64](out), int64(args[0].Type.OID())
	return each(sel, n, func(i int) error { r[i] = oid; return nil })
}

// sizePretty is pg_size_pretty: up to 10240 of a unit before the next.
func sizePretty(n int64) string {
	if n < 10240 && n > -10240 {
		return strconv.FormatInt(n, 10) + " bytes"
	}
	units := []string{"kB", "MB", "GB", "TB", "PB"}
	n >>= 9 // keep one bit for rounding
	for i, u := range units {
		if n < 20480-1 && n > -(20480-1) || i == len(units)-1 {
			if n >= 0 {
				n++
			}
			return strconv.FormatInt(n/2, 10) + " " + u
		}
		n >>= 10
	}
	return ""
}

// systemFuncs lists what clients ask about the session and the server.
func systemFuncs() []*Func {
	name := func(s string) value.Value { return value.Value{Type: tName, S: s} }
	user := func(c *Context) value.Value { return name(c.User) }
	fs := []*Func{
		session("version", tText, func(*Context) value.Value {
			return value.Text("PostgreSQL " + ServerVersion + " (Flint) on Go, 64-bit")
		}),
		session("current_database", tName, func(c *Context) value.Value { return name(c.Database) }),
		session("current_catalog", tName, func(c *Context) value.Value { return name(c.Database) }),
		session("current_schema", tName, func(c *Context) value.Value {
			if len(c.Schemas) == 0 {
				return value.NullOf(tName)
			}
			return name(c.Schemas[0])
		}),
		session("current_user", tName, user), session("session_user", tName, user), session("user", tName, user),
		session("current_role", tName, user),
		session("pg_is_in_recovery", tBool, func(*Context) value.Value { return value.Bool(false) }),
		session("getdatabaseencoding", tName, func(*Context) value.Value { return name("UTF8") }),
		session("pg_client_encoding", tName, func(*Context) value.Value { return name("UTF8") }),
		session("pg_conf_load_time", tTimestampTZ, func(c *Context) value.Value { return value.Value{I: micros(c.Now)} }),
		session("inet_server_port", tInt4, func(*Context) value.Value { return value.NullOf(tInt4) }),
		session("txid_current", tInt8, func(*Context) value.Value { return value.Int8(1) }),
		{Name: "pg_backend_pid", Result: tInt4, Volatility: Stable, Kernel: scalars(func(c *Context, _ []value.Value) (value.Value, error) {
			if c.Catalog == nil {
				return value.Int4(int32(os.Getpid())), nil
			}
			return c.Catalog.Lookup("pg_backend_pid", nil)
		})},
		{Name: "current_schemas", Args: sig(tBool), Result: types.ArrayOf(tName), Volatility: Stable,
			Kernel: scalars(func(c *Context, a []value.Value) (value.Value, error) {
				if a[0].I != 0 {
					return nameArray(append([]string{"pg_catalog"}, c.Schemas...)), nil
				}
				return nameArray(c.Schemas), nil
			})},
		{Name: "current_setting", Args: sig(tText), Result: tText, Volatility: Stable, Fallible: true, Kernel: scalars(currentSetting)},
		{Name: "current_setting", Args: sig(tText, tBool), Result: tText, Volatility: Stable, Fallible: true, Kernel: scalars(currentSetting)},
		{Name: "pg_typeof", Args: sig(anyType), Result: types.Of(types.RegType), NotStrict: true, Volatility: Stable, Kernel: typeOf},
		{Name: "format_type", Args: sig(tOID, tInt4), Result: tText, NotStrict: true, Volatility: Stable, Kernel: scalars(formatType)},
		{Name: "pg_encoding_to_char", Args: sig(tInt4), Result: tName, Kernel: fn1(func(e int32) (string, error) {
			if e == 6 {
				return "UTF8", nil
			}
			return "", nil
		})},
		{Name: "pg_char_to_encoding", Args: sig(tName), Result: tInt4, Kernel: ok1(func(s string) int32 {
			if s := strings.ToUpper(s); s == "UTF8" || s == "UTF-8" || s == "UNICODE" {
				return 6
			}
			return -1
		})},
		{Name: "pg_size_pretty", Args: sig(tInt8), Result: tText, Kernel: ok1(sizePretty)},
		// Expressions of the catalog are kept as their text.
		{Name: "pg_get_expr", Args: sig(tText, tOID), Result: tText, Volatility: Stable, Kernel: ok2(func(s string, _ int64) string { return s })},
		{Name: "pg_get_expr", Args: sig(tText, tOID, tBool), Result: tText, Volatility: Stable,
			Kernel: fn3(func(s string, _ int64, _ uint8) (string, error) { return s, nil })},
	}
	return append(fs, catalogFuncs()...)
}
