package parquet

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding"
)

// sampleColumn is a column of a test file: its node, and its i-th value as Parquet
// stores it and as SQL shows it.
type sampleColumn struct {
	name  string
	node  parquet.Node
	codec []encoding.Encoding
	make  func(i int) (parquet.Value, value.Value)
}

func sqlInt(k types.Kind, v int64) value.Value { return value.Value{Type: types.Of(k), I: v} }
func sqlText(k types.Kind, s string) value.Value {
	return value.Value{Type: types.Of(k), S: s}
}

// mix returns a number that looks random, small for half of the rows so that
// dictionaries and runs occur.
func mix(i int) int64 {
	r := rand.New(rand.NewPCG(uint64(i), 7))
	if i/300%2 == 0 {
		return int64(i / 50)
	}
	return int64(r.Uint64()) >> (i % 60)
}

func decimalBytes(v int64, width int) []byte {
	b := make([]byte, width)
	for k := range b {
		b[k] = byte(v >> 63)
	}
	var tail [8]byte
	binary.BigEndian.PutUint64(tail[:], uint64(v))
	copy(b[width-8:], tail[:])
	return b
}

func numeric(p, s int, v int64) value.Value {
	t := types.NumericOf(p, s)
	if p > 18 {
		return value.Value{Type: t, D: value.Int128From(v)}
	}
	return value.Value{Type: t, I: v}
}

var (
	forInts   = []encoding.Encoding{&parquet.Plain, &parquet.RLEDictionary, &parquet.DeltaBinaryPacked, &parquet.ByteStreamSplit}
	forFloats = []encoding.Encoding{&parquet.Plain, &parquet.RLEDictionary, &parquet.ByteStreamSplit}
	forBytes  = []encoding.Encoding{&parquet.Plain, &parquet.RLEDictionary, &parquet.DeltaLengthByteArray, &parquet.DeltaByteArray}
	forFixed  = []encoding.Encoding{&parquet.Plain, &parquet.RLEDictionary, &parquet.DeltaByteArray}
	plainOnly = []encoding.Encoding{&parquet.Plain}
)

func sampleColumns() []sampleColumn {
	text := func(i int) string {
		return fmt.Sprintf("%.*s", i%40, "text of some length "+fmt.Sprint(mix(i))+" that varies")
	}
	int32s := func(k types.Kind, f func(v int32) (int32, int64)) func(i int) (parquet.Value, value.Value) {
		return func(i int) (parquet.Value, value.Value) {
			v, s := f(int32(mix(i)))
			return parquet.Int32Value(v), sqlInt(k, s)
		}
	}
	int64s := func(k types.Kind, f func(v int64) (int64, int64)) func(i int) (parquet.Value, value.Value) {
		return func(i int) (parquet.Value, value.Value) {
			v, s := f(mix(i))
			return parquet.Int64Value(v), sqlInt(k, s)
		}
	}
	bytesOf := func(k types.Kind) func(i int) (parquet.Value, value.Value) {
		return func(i int) (parquet.Value, value.Value) {
			return parquet.ByteArrayValue([]byte(text(i))), sqlText(k, text(i))
		}
	}
	return []sampleColumn{
		{"bool", parquet.Leaf(parquet.BooleanType), []encoding.Encoding{&parquet.Plain, &parquet.RLE}, func(i int) (parquet.Value, value.Value) {
			return parquet.BooleanValue(mix(i)&1 != 0), value.Bool(mix(i)&1 != 0)
		}},
		{"int32", parquet.Leaf(parquet.Int32Type), forInts, int32s(types.Int4, func(v int32) (int32, int64) { return v, int64(v) })},
		{"int64", parquet.Leaf(parquet.Int64Type), forInts, int64s(types.Int8, func(v int64) (int64, int64) { return v, v })},
		{"i8", parquet.Int(8), forInts, int32s(types.Int2, func(v int32) (int32, int64) { return int32(int8(v)), int64(int8(v)) })},
		{"i16", parquet.Int(16), forInts, int32s(types.Int2, func(v int32) (int32, int64) { return int32(int16(v)), int64(int16(v)) })},
		{"u8", parquet.Uint(8), forInts, int32s(types.Int2, func(v int32) (int32, int64) { return int32(uint8(v)), int64(uint8(v)) })},
		{"u16", parquet.Uint(16), forInts, int32s(types.Int4, func(v int32) (int32, int64) { return int32(uint16(v)), int64(uint16(v)) })},
		{"u32", parquet.Uint(32), forInts, int32s(types.Int8, func(v int32) (int32, int64) { return v, int64(uint32(v)) })},
		{"u64", parquet.Uint(64), forInts, func(i int) (parquet.Value, value.Value) {
			return parquet.Int64Value(mix(i)), value.Value{Type: types.NumericOf(20, 0), D: value.Int128FromUint64(uint64(mix(i)))}
		}},
		{"date", parquet.Date(), forInts, int32s(types.Date, func(v int32) (int32, int64) { return v % 1e6, int64(v % 1e6) })},
		{"tms", parquet.Time(parquet.Millisecond), forInts, int32s(types.Time, func(v int32) (int32, int64) { v = int32(uint32(v) % 86400000); return v, int64(v) * 1000 })},
		{"tus", parquet.Time(parquet.Microsecond), forInts, int64s(types.Time, func(v int64) (int64, int64) { v = int64(uint64(v) % 86400000000); return v, v })},
		{"tns", parquet.Time(parquet.Nanosecond), forInts, int64s(types.Time, func(v int64) (int64, int64) { v = int64(uint64(v) % 86400000000000); return v, v / 1000 })},
		{"tsms", parquet.Timestamp(parquet.Millisecond), forInts, int64s(types.TimestampTZ, func(v int64) (int64, int64) { v %= 1e14; return v, v * 1000 })},
		{"tsus", parquet.TimestampAdjusted(parquet.Microsecond, false), forInts, int64s(types.Timestamp, func(v int64) (int64, int64) { v %= 1e17; return v, v })},
		{"tsns", parquet.Timestamp(parquet.Nanosecond), forInts, int64s(types.TimestampTZ, func(v int64) (int64, int64) {
			return v, int64(math.Floor(float64(v%1e15)/1000)) + v/1e15*1e12
		})},
		{"float", parquet.Leaf(parquet.FloatType), forFloats, func(i int) (parquet.Value, value.Value) {
			f := float32(mix(i)) / 3
			return parquet.FloatValue(f), value.Value{Type: types.Of(types.Float4), F: float64(f)}
		}},
		{"double", parquet.Leaf(parquet.DoubleType), forFloats, func(i int) (parquet.Value, value.Value) {
			f := float64(mix(i)) / 3
			if i%97 == 0 {
				f = math.NaN()
			}
			return parquet.DoubleValue(f), value.Value{Type: types.Of(types.Float8), F: f}
		}},
		{"int96", parquet.Leaf(parquet.Int96Type), plainOnly, func(i int) (parquet.Value, value.Value) {
			days, us := int64(i-300), mix(i)&0xfffffff
			nanos := uint64(us) * 1000
			return parquet.Int96Value(deprecated.Int96{uint32(nanos), uint32(nanos >> 32), uint32(days + 2440588)}),
				sqlInt(types.Timestamp, days*value.MicrosPerDay+us)
		}},
		{"string", parquet.String(), forBytes, bytesOf(types.Text)},
		{"enum", parquet.Enum(), forBytes, bytesOf(types.Text)},
		{"json", parquet.JSON(), forBytes, bytesOf(types.JSON)},
		{"bson", parquet.BSON(), forBytes, bytesOf(types.Bytea)},
		{"bytes", parquet.Leaf(parquet.ByteArrayType), forBytes, bytesOf(types.Bytea)},
		{"fixed", parquet.Leaf(parquet.FixedLenByteArrayType(5)), forFixed, func(i int) (parquet.Value, value.Value) {
			s := fmt.Sprintf("%05d", uint64(mix(i))%1e5)
			return parquet.FixedLenByteArrayValue([]byte(s)), sqlText(types.Bytea, s)
		}},
		{"uuid", parquet.UUID(), forFixed, func(i int) (parquet.Value, value.Value) {
			s := fmt.Sprintf("%016d", uint64(mix(i))%1e16)
			return parquet.FixedLenByteArrayValue([]byte(s)), sqlText(types.UUID, s)
		}},
		{"dec32", parquet.Decimal(2, 9, parquet.Int32Type), forInts, func(i int) (parquet.Value, value.Value) {
			v := mix(i) % 1e9
			return parquet.Int32Value(int32(v)), numeric(9, 2, v)
		}},
		{"dec64", parquet.Decimal(3, 18, parquet.Int64Type), forInts, func(i int) (parquet.Value, value.Value) {
			v := mix(i) % 1e18
			return parquet.Int64Value(v), numeric(18, 3, v)
		}},
		{"decfix", parquet.Decimal(4, 30, parquet.FixedLenByteArrayType(13)), forFixed, func(i int) (parquet.Value, value.Value) {
			return parquet.FixedLenByteArrayValue(decimalBytes(mix(i), 13)), numeric(30, 4, mix(i))
		}},
		{"decsmall", parquet.Decimal(1, 18, parquet.FixedLenByteArrayType(8)), forFixed, func(i int) (parquet.Value, value.Value) {
			v := mix(i) % 1e17
			return parquet.FixedLenByteArrayValue(decimalBytes(v, 8)), numeric(18, 1, v)
		}},
		{"decvar", parquet.Decimal(0, 38, parquet.ByteArrayType), forBytes, func(i int) (parquet.Value, value.Value) {
			return parquet.ByteArrayValue(decimalBytes(mix(i), 8+i%9)), numeric(38, 0, mix(i))
		}},
	}
}

// writeSample writes n rows of the columns in one encoding each (by turn) and
// returns the rows as SQL shows them, in the order of the file's columns.
func writeSample(t testing.TB, path string, n, turn int, codec compress.Codec, version int, nulls func(i int) bool) []string {
	t.Helper()
	group := parquet.Group{}
	columns := sampleColumns()
	for k, c := range columns {
		node := parquet.Encoded(c.node, c.codec[(turn+k)%len(c.codec)])
		if nulls != nil {
			node = parquet.Optional(node)
		}
		group[c.name] = node
	}
	slices.SortFunc(columns, func(a, b sampleColumn) int { return bytes.Compare([]byte(a.name), []byte(b.name)) })
	var out bytes.Buffer
	w := parquet.NewWriter(&out, parquet.NewSchema("t", group), parquet.Compression(codec), parquet.DataPageVersion(version),
		parquet.PageBufferSize(3000), parquet.MaxRowsPerRowGroup(int64(n/2+1)), parquet.BloomFilters(parquet.SplitBlockFilter(10, "int64")))
	want := make([]string, n)
	for i := range n {
		row := parquet.Row{}
		for k, c := range columns {
			p, v := c.make(i)
			def := 0
			if nulls != nil {
				def = 1
				if nulls(i + k) {
					p, v, def = parquet.NullValue(), value.NullOf(v.Type), 0
				}
			}
			row = append(row, p.Level(0, def, k))
			want[i] += "|" + value.Display(v)
		}
		if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return want
}

// TestRoundTrip reads files in all encodings, compressions, page versions and
// shapes of NULLs back, in batches that do and do not fit the pages.
func TestRoundTrip(t *testing.T) {
	codecs := []compress.Codec{&parquet.Uncompressed, &parquet.Snappy, &parquet.Gzip, &parquet.Brotli, &parquet.Zstd, &parquet.Lz4Raw}
	patterns := map[string]func(i int) bool{
		"required": nil, "no nulls": func(int) bool { return false }, "all null": func(int) bool { return true },
		"some null": func(i int) bool { return mix(i)%3 == 0 }, "runs of null": func(i int) bool { return i/37%2 == 0 },
	}
	turn := 0
	for name, nulls := range patterns {
		for _, version := range []int{1, 2} {
			for range 4 {
				turn++
				dir := t.TempDir()
				want := writeSample(t, filepath.Join(dir, "t.parquet"), 1100, turn, codecs[turn%len(codecs)], version, nulls)
				c := open(t, dir)
				tab, err := c.Table(context.Background(), "public", "t")
				if err != nil {
					t.Fatal(err)
				}
				for _, size := range []int{0, 7, 130} {
					got := scan(t, c, tab, all(tab), catalog.ScanRequest{Limit: -1}, catalog.ReadRequest{Limit: -1, BatchSize: size})
					compareRows(t, fmt.Sprintf("%s, version %d, turn %d, batches of %d", name, version, turn, size), got, want)
				}
			}
		}
	}
}
