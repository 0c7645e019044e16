package function

import (
	"strings"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

func overlayFor(_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
	s, r, from, count := reader[string](args[0]), reader[string](args[1]), reader[int32](args[2]), reader[int32](args[3])
	w := vector.NewBytesWriter(out)
	err := each(sel, n, func(i int) error {
		x, err := overlay(s(i), r(i), int64(from(i)), int64(count(i)))
		w.SetString(i, x)
		return err
	})
	if err != nil {
		return err
	}
	return w.Finish()
}

// concatText is text || text.
func concatText(_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
	a, b, w := textOf(args[0]), textOf(args[1]), vector.NewBytesWriter(out)
	_ = each(sel, n, func(i int) error {
		w.Close(i, append(append(w.Open(i), a.at(i)...), b.at(i)...))
		return nil
	})
	return w.Finish()
}

// textValue returns a value as concat, format and || with anything print it.
func textValue(c *Context, v value.Value) string {
	if v.Type.Kind == types.Bool {
		if v.I != 0 {
			return "t"
		}
		return "f"
	}
	if v.Type.Kind == types.Char {
		return v.S
	}
	return string(value.AppendText(nil, v, c.ValueEnv()))
}

func concatWith(c *Context, sep string, args []value.Value) value.Value {
	var b strings.Builder
	first := true
	for _, v := range args {
		if v.Null {
			continue
		}
		if !first {
			b.WriteString(sep)
		}
		first = false
		b.WriteString(textValue(c, v))
	}
	return value.Text(b.String())
}

// format is PostgreSQL's format(): %s, %I, %L and %%, with position, - and width.
func format(c *Context, args []value.Value) (value.Value, error) {
	if args[0].Null {
		return value.NullOf(tText), nil
	}
	f := formatter{c: c, spec: args[0].S, args: args[1:]}
	err := f.run()
	return value.Text(f.out.String()), err
}

type formatter struct {
	c    *Context
	spec string
	args []value.Value
	next int
	out  strings.Builder
}

func (f *formatter) run() error {
	for i := 0; i < len(f.spec); i++ {
		if f.spec[i] != '%' {
			f.out.WriteByte(f.spec[i])
			continue
		}
		i++
		if i < len(f.spec) && f.spec[i] == '%' {
			f.out.WriteByte('%')
			continue
		}
		n, err := f.directive(f.spec[i:])
		if err != nil {
			return err
		}
		i += n - 1
	}
	return nil
}

func errFormatEnd() error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "unterminated format() type specifier").
		WithHint("For a single \"%%\" use \"%%%%\".")
}

// directive writes one conversion and returns its length.
func (f *formatter) directive(s string) (int, error) {
	i, width, left := 0, 0, false
	number := func() int {
		n := 0
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			n = min(n*10+int(s[i]-'0'), maxLength)
			i++
		}
		return n
	}
	digits := number()
	if i > 0 && i < len(s) && s[i] == '$' {
		if digits == 0 {
			return 0, sqlerr.New(sqlerr.InvalidParameterValue, "format specifies argument 0, but arguments are numbered from 1")
		}
		f.next = digits - 1
		i++
		digits = 0
	}
	width = digits
	for i < len(s) && s[i] == '-' {
		left = true
		i++
		width = number()
	}
	if width == 0 {
		width = number()
	}
	if i >= len(s) {
		return 0, errFormatEnd()
	}
	if !strings.ContainsRune("sIL", rune(s[i])) {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized format() type specifier %q", s[i:i+1]).
			WithHint("For a single \"%%\" use \"%%%%\".")
	}
	if f.next >= len(f.args) {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "too few arguments for format()")
	}
	text, err := f.convert(s[i], f.args[f.next])
	f.next++
	if err != nil {
		return 0, err
	}
	padded, err := pad(text, int32(max(width, int(charLength(text)))), " ", !left)
	f.out.WriteString(padded)
	return i + 1, err
}

func (f *formatter) convert(verb byte, v value.Value) (string, error) {
	switch {
	case verb == 'I' && v.Null:
		return "", sqlerr.New(sqlerr.NullNotAllowed, "null values cannot be formatted as an SQL identifier")
	case verb == 'I':
		return quoteIdent(textValue(f.c, v)), nil
	case verb == 'L' && v.Null:
		return "NULL", nil
	case v.Null:
		return "", nil
	case verb == 'L':
		return quoteLiteral(textValue(f.c, v)), nil
	}
	return textValue(f.c, v), nil
}

// concatFuncs lists ||, concat, concat_ws and format.
func concatFuncs() []*Func {
	anyText := func(args ...types.Type) *Func {
		return &Func{Name: "||", Args: args, Result: tText, Volatility: Stable,
			Kernel: scalars(func(c *Context, a []value.Value) (value.Value, error) {
				return value.Text(textOperand(c, a[0]) + textOperand(c, a[1])), nil
			})}
	}
	return []*Func{
		{Name: "||", Args: sig(tText, tText), Result: tText, Kernel: concatText},
		{Name: "||", Args: sig(tBytea, tBytea), Result: tBytea, Kernel: concatText},
		anyText(tText, nonArrayType), anyText(nonArrayType, tText),
		{Name: "concat", Args: sig(anyType), Variadic: true, Result: tText, Volatility: Stable, NotStrict: true,
			Kernel: scalars(func(c *Context, a []value.Value) (value.Value, error) { return concatWith(c, "", a), nil })},
		{Name: "concat_ws", Args: sig(tText, anyType), Variadic: true, Result: tText, Volatility: Stable, NotStrict: true,
			Kernel: scalars(func(c *Context, a []value.Value) (value.Value, error) {
				if a[0].Null {
					return value.NullOf(tText), nil
				}
				return concatWith(c, a[0].S, a[1:]), nil
			})},
		{Name: "format", Args: sig(tText), Result: tText, Volatility: Stable, NotStrict: true, Fallible: true, Kernel: scalars(format)},
		{Name: "format", Args: sig(tText, anyType), Variadic: true, Result: tText, Volatility: Stable, NotStrict: true,
			Fallible: true, Kernel: scalars(format)},
	}
}

// textOperand is the cast to text, which spells booleans out.
func textOperand(c *Context, v value.Value) string {
	r, err := value.Cast(v, tText, true, c.ValueEnv())
	if err != nil {
		return ""
	}
	return r.S
}
