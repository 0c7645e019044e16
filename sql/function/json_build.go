package function

import (
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// appendJSON adds a value as to_json prints it: numbers, booleans, arrays and
// JSON as themselves, everything else as a string of its text form.
func appendJSON(dst []byte, c *Context, v value.Value) []byte {
	switch t := v.Type; {
	case v.Null:
		return append(dst, "null"...)
	case t.Kind == types.Bool:
		if v.I != 0 {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case t.Kind == types.JSON, t.Kind == types.JSONB:
		return append(dst, v.S...)
	case t.Storage() == types.StoreList:
		dst = append(dst, '[')
		for i, e := range v.List {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, c, e)
		}
		return append(dst, ']')
	case t.IsNumber():
		s := value.AppendText(nil, v, c.ValueEnv())
		if last := s[len(s)-1]; last >= '0' && last <= '9' { // not NaN or Infinity
			return append(dst, s...)
		}
		return value.AppendJSONString(dst, string(s))
	case t.Kind == types.Timestamp, t.Kind == types.TimestampTZ:
		s := value.AppendText(nil, v, c.ValueEnv())
		for i := range s {
			if s[i] == ' ' {
				s[i] = 'T'
				break
			}
		}
		if n := len(s); t.Kind == types.TimestampTZ && n > 3 && (s[n-3] == '+' || s[n-3] == '-') {
			s = append(s, ":00"...) // XML Schema's form
		}
		return value.AppendJSONString(dst, string(s))
	}
	return value.AppendJSONString(dst, string(value.AppendText(nil, v, c.ValueEnv())))
}

func jsonObject(c *Context, args []value.Value) ([]byte, error) {
	if len(args)%2 != 0 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "argument list must have even number of elements").
			WithHint("The arguments of json_build_object() must consist of alternating keys and values.")
	}
	out := []byte{'{'}
	for i := 0; i < len(args); i += 2 {
		if args[i].Null {
			return nil, sqlerr.New(sqlerr.NullNotAllowed, "argument %d cannot be null", i+1).WithHint("Object keys should be text.")
		}
		if i > 0 {
			out = append(out, ", "...)
		}
		out = value.AppendJSONString(out, textValue(c, args[i]))
		out = append(out, " : "...)
		out = appendJSON(out, c, args[i+1])
	}
	return append(out, '}'), nil
}

func jsonArray(c *Context, args []value.Value) ([]byte, error) {
	out := []byte{'['}
	for i, a := range args {
		if i > 0 {
			out = append(out, ", "...)
		}
		out = appendJSON(out, c, a)
	}
	return append(out, ']'), nil
}

// jsonBuildFuncs lists the constructors of JSON.
func jsonBuildFuncs() []*Func {
	build := func(name string, kind types.Kind, f func(*Context, []value.Value) ([]byte, error)) *Func {
		k := scalars(func(c *Context, a []value.Value) (value.Value, error) {
			b, err := f(c, a)
			s := string(b)
			if err == nil && kind == types.JSONB {
				s, err = value.NormalizeJSONB(s)
			}
			return value.Value{Type: types.Of(kind), S: s}, err
		})
		return &Func{Name: name, Args: sig(anyType), Variadic: true, Result: types.Of(kind), Volatility: Stable, NotStrict: true, Fallible: true, Kernel: k}
	}
	fs := []*Func{
		build("json_build_object", types.JSON, jsonObject),
		build("jsonb_build_object", types.JSONB, jsonObject),
		build("json_build_array", types.JSON, jsonArray),
		build("jsonb_build_array", types.JSONB, jsonArray),
	}
	for _, f := range fs {
		empty := *f
		empty.Args, empty.Variadic = nil, false
		fs = append(fs, &empty)
	}
	return fs
}
