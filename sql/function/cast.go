package function

import (
	"strconv"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// ValueEnv returns what text input and output of values need of the context.
func (c *Context) ValueEnv() value.Env {
	env := value.DefaultEnv
	if c == nil {
		return env
	}
	env.Location, env.Now = c.Location, c.Now
	if d, err := strconv.Atoi(c.Settings["extra_float_digits"]); err == nil {
		env.ExtraFloatDigits = d
	}
	env.ByteaEscape = c.Settings["bytea_output"] == "escape"
	return env
}

// Relabels reports casts that change no value and no storage: a vector of from
// is one of to under another name.
func Relabels(from, to types.Type) bool {
	if from == to {
		return true
	}
	switch {
	case from.IsReg() && to.IsReg(), from.IsReg() && to.Kind == types.Int8:
		return true
	case from.IsFixedNumeric() && to.IsFixedNumeric():
		return from.Scale == to.Scale && from.Precision <= to.Precision && from.Storage() == to.Storage()
	case from.Storage() != types.StoreBytes || to.Storage() != types.StoreBytes:
		return false
	}
	switch from.Kind {
	case types.Text, types.Unknown, types.Name, types.QChar, types.JSON, types.JSONB:
		return to.Kind == types.Text || to.Kind == types.Varchar && to.Precision == 0
	case types.Varchar:
		return to.Kind == types.Text || to.Kind == types.Varchar && (to.Precision == 0 || from.Precision > 0 && to.Precision >= from.Precision)
	}
	return from.Kind == to.Kind && to.Precision == 0
}

// CastKernel returns the strict kernel that converts between two types, and
// whether it can fail for some value. Pairs without any cast are 42846.
func CastKernel(from, to types.Type, explicit bool) (k Kernel, fallible bool, err error) {
	if CanCast(from, to) == CastNone {
		return nil, false, sqlerr.New(sqlerr.CannotCoerce, "cannot cast type %s to %s", from, to)
	}
	if k := castNumbers(from, to); k != nil {
		return k, castFallible(from, to), nil
	}
	if k := castTimes(from, to); k != nil {
		return k, true, nil
	}
	if to.Kind == types.Text && from.Storage() == types.StoreInt64 && from.IsInteger() {
		return castIntText[int64], false, nil
	}
	if to.Kind == types.Text && from.Kind == types.Int4 {
		return castIntText[int32], false, nil
	}
	if k := castReg(from, to); k != nil {
		return k, true, nil
	}
	return scalars(func(c *Context, args []value.Value) (value.Value, error) {
		return value.Cast(args[0], to, explicit, c.ValueEnv())
	}), castFallible(from, to), nil
}

// castFallible mirrors expr.Fallible's rule for casts.
func castFallible(from, to types.Type) bool {
	switch {
	case to.Kind == types.Text, from.IsInteger() && to.IsFloat(), from.Kind == types.Unknown && to.IsString():
		return false
	case from.IsInteger() && to.IsInteger():
		return to.Kind < from.Kind
	case from.IsFixedNumeric() && to.IsFloat():
		return to.Kind == types.Float4
	case to.Kind == types.Numeric:
		f, ok := FixedNumeric(from)
		return !ok || to.Precision != 0 && (to.Scale < f.Scale || to.Precision-to.Scale < f.Precision-f.Scale)
	}
	return true
}

func castIntText[T int32 | int64](_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
	x, m, w := vector.Values[T](args[0]), mask(args[0]), vector.NewBytesWriter(out)
	_ = each(sel, n, func(i int) error {
		w.Close(i, strconv.AppendInt(w.Open(i), int64(x[i&m]), 10))
		return nil
	})
	return w.Finish()
}

// castReg converts between text and the types that name catalog objects, which
// only the catalog can do.
func castReg(from, to types.Type) Kernel {
	switch {
	case from.IsString() && to.IsReg() && to.Kind != types.OID:
		return scalars(func(c *Context, args []value.Value) (value.Value, error) {
			if v, err := value.Cast(args[0], to, true, c.ValueEnv()); err == nil {
				return v, nil
			}
			if t, ok := types.Parse(args[0].S); ok && to.Kind == types.RegType {
				return value.Value{Type: to, I: int64(t.OID())}, nil
			}
			return lookup(c, to.InternalName()+"in", to, args)
		})
	case from.IsReg() && from.Kind != types.OID && to.IsString():
		return scalars(func(c *Context, args []value.Value) (value.Value, error) {
			if t, ok := types.ByOID(uint32(args[0].I)); ok && from.Kind == types.RegType {
				return value.Value{Type: to, S: t.String()}, nil
			}
			if c == nil || c.Catalog == nil {
				return value.Cast(args[0], to, true, c.ValueEnv())
			}
			return lookup(c, from.InternalName()+"out", to, args)
		})
	}
	return nil
}

// lookup asks the catalog and gives the answer the type expected of it.
func lookup(c *Context, name string, to types.Type, args []value.Value) (value.Value, error) {
	if c == nil || c.Catalog == nil {
		return value.Value{}, sqlerr.New(sqlerr.FeatureNotSupported, "%s needs the catalog, which is not at hand here", name)
	}
	v, err := c.Catalog.Lookup(name, args)
	if v.Null {
		return value.NullOf(to), err
	}
	v.Type = to
	return v, err
}
