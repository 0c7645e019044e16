package planpb

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// writer appends primitives. It remembers the first failure.
type writer struct {
	kinds registry
	b     []byte
	err   error
}

func (w *writer) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("encode plan: "+format, args...)
	}
}

func (w *writer) int(n int64)     { w.b = binary.AppendVarint(w.b, n) }
func (w *writer) uint(n uint64)   { w.b = binary.AppendUvarint(w.b, n) }
func (w *writer) float(f float64) { w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(f)) }
func (w *writer) string(s string) { w.uint(uint64(len(s))); w.b = append(w.b, s...) }

func (w *writer) bool(v bool) {
	n := byte(0)
	if v {
		n = 1
	}
	w.b = append(w.b, n)
}

// list writes a slice with its length; nil and empty stay apart.
func list[T any](w *writer, s []T, each func(T)) {
	if s == nil {
		w.uint(0)
		return
	}
	w.uint(uint64(len(s)) + 1)
	for _, x := range s {
		each(x)
	}
}

func (w *writer) ints(s []int) { list(w, s, func(n int) { w.int(int64(n)) }) }

func (w *writer) typ(t types.Type) {
	w.b = append(w.b, byte(t.Kind), byte(t.Elem))
	w.int(int64(t.Precision))
	w.int(int64(t.Scale))
}

func (w *writer) types(ts []types.Type) { list(w, ts, w.typ) }

func (w *writer) fields(fs []types.Field) {
	list(w, fs, w.field)
}

func (w *writer) field(f types.Field) {
	w.string(f.Name)
	w.typ(f.Type)
	w.bool(f.Nullable)
}

func (w *writer) int128(v value.Int128) {
	w.b = binary.LittleEndian.AppendUint64(w.b, v.Lo)
	w.b = binary.LittleEndian.AppendUint64(w.b, uint64(v.Hi))
}

func (w *writer) value(v value.Value) {
	w.typ(v.Type)
	w.bool(v.Null)
	if v.Null {
		return
	}
	switch v.Type.Storage() {
	case types.StoreFloat32, types.StoreFloat64:
		w.float(v.F)
	case types.StoreInt128:
		w.int128(v.D)
	case types.StoreNumeric:
		w.int128(v.N.Coef)
		w.int(int64(v.N.Scale))
		w.uint(uint64(v.N.Kind))
	case types.StoreInterval:
		w.int(int64(v.V.Months))
		w.int(int64(v.V.Days))
		w.int(v.V.Micros)
	case types.StoreBytes:
		w.string(v.S)
	case types.StoreList:
		list(w, v.List, w.value)
	default:
		w.int(v.I)
	}
}

// reader is the writer's counterpart. After the first failure it gives zeros.
type reader struct {
	kinds registry
	b     []byte
	err   error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("decode plan: "+format, args...)
	}
	r.b = nil
}

func (r *reader) int() int64 {
	n, k := binary.Varint(r.b)
	if k <= 0 {
		r.fail("truncated")
		return 0
	}
	r.b = r.b[k:]
	return n
}

func (r *reader) uint() uint64 {
	n, k := binary.Uvarint(r.b)
	if k <= 0 {
		r.fail("truncated")
		return 0
	}
	r.b = r.b[k:]
	return n
}

func (r *reader) bytes(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail("truncated")
		return nil
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) word() uint64 {
	b := r.bytes(8)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

func (r *reader) float() float64 { return math.Float64frombits(r.word()) }
func (r *reader) string() string { return string(r.bytes(r.uint())) }

func (r *reader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) bool() bool { return r.byte() != 0 }

// readList reads what list wrote.
func readList[T any](r *reader, each func() T) []T {
	n := r.uint()
	if n == 0 {
		return nil
	}
	n--
	if n > uint64(len(r.b)) { // every element takes a byte at least
		r.fail("list of %d elements in %d bytes", n, len(r.b))
		return nil
	}
	out := make([]T, 0, n)
	for ; n > 0 && r.err == nil; n-- {
		out = append(out, each())
	}
	return out
}

func (r *reader) ints() []int { return readList(r, func() int { return int(r.int()) }) }

func (r *reader) typ() types.Type {
	t := types.Type{Kind: types.Kind(r.byte()), Elem: types.Kind(r.byte()), Precision: int16(r.int()), Scale: int16(r.int())}
	if t.Kind > types.AnyElement || t.Elem > types.AnyElement {
		r.fail("unknown type")
		return types.Type{}
	}
	return t
}

func (r *reader) types() []types.Type { return readList(r, r.typ) }

func (r *reader) fields() []types.Field {
	return readList(r, r.field)
}

func (r *reader) field() types.Field {
	return types.Field{Name: r.string(), Type: r.typ(), Nullable: r.bool()}
}

func (r *reader) int128() value.Int128 {
	lo := r.word()
	return value.Int128{Lo: lo, Hi: int64(r.word())}
}

func (r *reader) value() value.Value {
	v := value.Value{Type: r.typ(), Null: r.bool()}
	if v.Null || r.err != nil {
		return v
	}
	switch v.Type.Storage() {
	case types.StoreFloat32, types.StoreFloat64:
		v.F = r.float()
	case types.StoreInt128:
		v.D = r.int128()
	case types.StoreNumeric:
		v.N.Coef = r.int128()
		v.N.Scale = int16(r.int())
		v.N.Kind = value.NumericKind(r.uint())
	case types.StoreInterval:
		v.V.Months, v.V.Days, v.V.Micros = int32(r.int()), int32(r.int()), r.int()
	case types.StoreBytes:
		v.S = r.string()
	case types.StoreList:
		v.List = readList(r, r.value)
	default:
		v.I = r.int()
	}
	return v
}
