package vector

import (
	"fmt"
	"math"
	"math/rand"
	"reflect"
	"testing"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

var arrowTypes = []types.Type{
	types.Of(types.Bool), types.Of(types.Int2), types.Of(types.Int4), types.Of(types.Int8), types.Of(types.Float4), types.Of(types.Float8),
	types.NumericOf(12, 2), types.NumericOf(18, 0), types.NumericOf(38, 10), types.Of(types.Numeric), types.Of(types.Interval),
	types.Of(types.Date), types.Of(types.Time), types.Of(types.Timestamp), types.Of(types.TimestampTZ), types.Of(types.OID),
	types.Of(types.Text), types.Of(types.Varchar), types.Of(types.Bytea), types.Of(types.UUID), types.Of(types.Int2Vector),
	types.ArrayOf(types.Of(types.Bool)), types.ArrayOf(types.Of(types.Text)), types.ArrayOf(types.NumericOf(9, 3)), types.ArrayOf(types.Of(types.Numeric)),
}

func randomValue(rng *rand.Rand, t types.Type, nulls float64) value.Value {
	if rng.Float64() < nulls {
		return value.NullOf(t)
	}
	x := value.Value{Type: t}
	switch t.Storage() {
	case types.StoreBool:
		x.I = rng.Int63n(2)
	case types.StoreInt16:
		x.I = int64(int16(rng.Uint32()))
	case types.StoreInt32:
		x.I = int64(int32(rng.Uint32()))
	case types.StoreInt64:
		x.I = int64(rng.Uint64())
		if rng.Intn(8) == 0 {
			x.I = math.MinInt64
		}
	case types.StoreFloat32:
		x.F = float64(float32(rng.NormFloat64()))
	case types.StoreFloat64:
		x.F = []float64{rng.NormFloat64(), math.Inf(-1), math.Copysign(0, -1), math.MaxFloat64}[rng.Intn(4)]
	case types.StoreInt128:
		x.D = value.Int128{Lo: rng.Uint64(), Hi: int64(rng.Uint64())}
	case types.StoreNumeric:
		x.N = value.Numeric{Coef: value.Int128{Lo: rng.Uint64(), Hi: rng.Int63()}, Scale: int16(rng.Intn(30)), Kind: value.NumericKind(rng.Intn(4))}
	case types.StoreInterval:
		x.V = value.Interval{Months: int32(rng.Uint32()), Days: int32(rng.Uint32()), Micros: int64(rng.Uint64())}
	case types.StoreBytes:
		x.S = fmt.Sprintf("%x", rng.Uint64())[:rng.Intn(9)]
	case types.StoreList:
		for k := rng.Intn(4); k > 0; k-- {
			x.List = append(x.List, randomValue(rng, ListElem(t), nulls))
		}
	}
	return x
}

func randomVector(rng *rand.Rand, t types.Type, enc Encoding, n int) *Vector {
	nulls := float64(rng.Intn(3)) / 4
	fill := func(n int, nulls float64) *Vector {
		b := NewBuilder(t, n)
		for i := 0; i < n; i++ {
			b.Append(randomValue(rng, t, nulls))
		}
		return b.Finish()
	}
	switch enc {
	case Const:
		return FromValue(randomValue(rng, t, nulls), n)
	case Dict:
		dict := fill(1+rng.Intn(5), 0)
		codes := make([]int32, n)
		for i := range codes {
			codes[i] = int32(rng.Intn(dict.Len))
		}
		v := NewDict(codes, dict)
		for i := 0; i < n; i++ {
			if rng.Float64() < nulls {
				v.SetNull(i)
			}
		}
		return v
	}
	return fill(n, nulls)
}

func sameRows(t *testing.T, what string, got, want *Vector, from int) {
	t.Helper()
	for i := 0; i < got.Len; i++ {
		if g, w := got.Get(i), want.Get(from+i); !reflect.DeepEqual(g, w) {
			t.Fatalf("%s: row %d is %+v, want %+v", what, i, g, w)
		}
	}
}

// Vectors of every type, encoding and share of NULLs come back from Arrow as
// they were, also from the middle of an array.
func TestArrowRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for _, typ := range arrowTypes {
		for _, enc := range []Encoding{Flat, Const, Dict} {
			for _, n := range []int{0, 1, 7, 8, 9, 64, 300} {
				what := fmt.Sprintf("%s encoding %d, %d rows", typ.InternalName(), enc, n)
				v := randomVector(rng, typ, enc, n)
				from := rng.Intn(n + 1)
				to := from + rng.Intn(n-from+1)
				for _, in := range []*Vector{v, Slice(v, from, to)} {
					arr, err := ToArrow(in)
					if err != nil {
						t.Fatalf("%s: %v", what, err)
					}
					out, err := FromArrow(arr, typ)
					if err != nil || out.Len != in.Len || (out.Enc == Dict) != (enc == Dict) {
						t.Fatalf("%s: %v, %d rows in encoding %d", what, err, out.Len, out.Enc)
					}
					sameRows(t, what, out, in, 0)
				}
				arr, _ := ToArrow(v)
				out, err := FromArrow(array.NewSlice(arr, int64(from), int64(to)), typ)
				if err != nil || out.Len != to-from {
					t.Fatalf("%s, sliced [%d, %d): %v", what, from, to, err)
				}
				sameRows(t, what+" sliced", out, v, from)
			}
		}
	}
}

// Arrow's own readers see the same values.
func TestArrowValues(t *testing.T) {
	col := func(typ types.Type, xs ...value.Value) *Vector {
		b := NewBuilder(typ, 2)
		for _, x := range xs {
			b.Append(x)
		}
		return b.Finish()
	}
	date, dec := types.Of(types.Date), types.NumericOf(5, 2)
	wide, texts := types.NumericOf(20, 1), types.ArrayOf(types.Of(types.Text))
	fields := []types.Field{{Name: "b", Type: types.Of(types.Bool)}, {Name: "d", Type: date}, {Name: "n", Type: dec}, {Name: "w", Type: wide}, {Name: "l", Type: texts}}
	b := &Batch{Rows: 3, Sel: []int32{0, 2}, Cols: []*Vector{
		col(fields[0].Type, value.Value{I: 1}, value.Value{}, value.Value{Null: true}),
		col(date, value.Value{I: 1}, value.Value{I: 5}, value.Value{I: -1}),
		col(dec, value.Value{I: 12345}, value.Value{}, value.Value{I: -1}),
		col(wide, value.Value{D: value.Int128{Lo: 15}}, value.Value{}, value.Value{D: value.Int128{Lo: math.MaxUint64, Hi: -1}}),
		col(texts, value.Value{List: []value.Value{{S: "x"}, {Null: true}}}, value.Value{}, value.Value{}),
	}}
	rec, err := b.Record(fields)
	if err != nil {
		t.Fatal(err)
	}
	want := [][2]string{{"true", "(null)"}, {"1970-01-02", "1969-12-31"}, {"123.45", "-0.01"}, {"1.5", "-0.1"}, {`["x",null]`, `[]`}}
	for c, w := range want {
		for r := range w {
			if got := rec.Column(c).ValueStr(r); got != w[r] {
				t.Errorf("column %s, row %d: %s, want %s", rec.ColumnName(c), r, got, w[r])
			}
		}
	}
	if m := rec.Schema().Field(2).Metadata; m.String() != `["flint.type": "numeric", "flint.precision": "5", "flint.scale": "2"]` {
		t.Errorf("metadata %s", m)
	}
	back, err := FromRecord(rec, fields)
	if err != nil || back.Rows != 2 || back.Cols[1].Get(1).I != -1 {
		t.Fatalf("%+v, %v", back, err)
	}
	if _, err := FromArrow(rec.Column(1), types.Of(types.Int4)); err == nil {
		t.Error("a date was taken for an int4")
	}
}

// No buffer of int8 and text is copied, in either direction.
func TestArrowSharesBuffers(t *testing.T) {
	rng := rand.New(rand.NewSource(2))
	for _, typ := range []types.Type{types.Of(types.Int8), types.Of(types.Text), types.NumericOf(30, 2)} {
		for _, enc := range []Encoding{Flat, Dict} {
			v := randomVector(rng, typ, enc, 100)
			v.SetNull(20)
			arr, _ := ToArrow(v)
			out, err := FromArrow(array.NewSlice(arr, 16, 90), typ)
			if err != nil {
				t.Fatal(err)
			}
			pairs := [][2]unsafe.Pointer{
				{unsafe.Pointer(&v.Valid[2]), unsafe.Pointer(&out.Valid[0])},
				{unsafe.Pointer(unsafe.SliceData(v.Base().Data)), unsafe.Pointer(unsafe.SliceData(out.Base().Data))},
			}
			w := typ.Storage().Width()
			switch {
			case enc == Dict:
				pairs = append(pairs, [2]unsafe.Pointer{unsafe.Pointer(&v.Codes[16]), unsafe.Pointer(&out.Codes[0])})
			case w > 0:
				pairs[1][0] = unsafe.Pointer(&v.Data[16*w])
			default:
				pairs = append(pairs, [2]unsafe.Pointer{unsafe.Pointer(&v.Offsets[16]), unsafe.Pointer(&out.Offsets[0])})
			}
			for i, p := range pairs {
				if p[0] != p[1] {
					t.Errorf("%s encoding %d: buffer %d was copied", typ.InternalName(), enc, i)
				}
			}
		}
	}
}

// A dictionary from elsewhere may hold NULLs and leave codes of NULL rows anyhow.
func TestArrowForeignDictionary(t *testing.T) {
	typ := types.Of(types.Int8)
	b := NewBuilder(typ, 2)
	b.Append(value.Value{Type: typ, I: 7})
	b.Append(value.NullOf(typ))
	dict, _ := ToArrow(b.Finish())
	codes := FromSlice(types.Of(types.Int4), []int32{0, 1, 99, 0})
	codes.SetNull(2)
	index, _ := ToArrow(codes)
	dt := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.PrimitiveTypes.Int64}
	v, err := FromArrow(array.NewDictionaryArray(dt, index, dict), typ)
	if err != nil {
		t.Fatal(err)
	}
	for i, null := range []bool{false, true, true, false} {
		if v.IsNull(i) != null || (!null && v.Get(i).I != 7) || int(v.Codes[i]) >= v.Dictionary.Len {
			t.Errorf("row %d: %+v, code %d", i, v.Get(i), v.Codes[i])
		}
	}
	if index, _ = ToArrow(FromSlice(types.Of(types.Int4), []int32{2})); index != nil {
		if _, err := FromArrow(array.NewDictionaryArray(dt, index, dict), typ); err == nil {
			t.Error("a code out of range went through")
		}
	}
}
