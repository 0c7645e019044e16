package shuffle

import (
	"testing"

	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// TestLargeBatch: a batch far above a message's size arrives whole.
func TestLargeBatch(t *testing.T) {
	tc := newTestCluster(t, None)
	n := 3 << 20
	big := make([]int64, n)
	for i := range big {
		big[i] = int64(i) * 31
	}
	b := &vector.Batch{Rows: n, Cols: []*vector.Vector{vector.FromSlice(types.Of(types.Int8), big)}, Owned: true}
	a := attemptNo(1, 0, 1)
	if err := tc.spool(t, a, [][]*vector.Batch{{b}}); err != nil {
		t.Fatal(err)
	}
	s, err := tc.remote.Open(t.Context(), scheduler.Source{Attempt: a, Worker: "w", Executor: "x"}, 3, scheduler.Spooled, scheduler.Span{From: 0, To: 1}, NewSchema([]types.Field{{Type: types.Of(types.Int8)}}))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := s.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range vector.Values[int64](got.Cols[0]) {
		if x != big[i] {
			t.Fatalf("value %d is %d", i, x)
		}
	}
}

// TestSharedDictionaries reads a column from two producers: equal dictionaries become one vector,
// others do not, and the values stay.
func TestSharedDictionaries(t *testing.T) {
	column := func(words ...string) *vector.Batch {
		d := vector.NewAppender(types.Of(types.Text))
		for _, w := range words {
			if err := d.Append(&vector.Vector{Type: types.Of(types.Text), Len: 1, Offsets: []int32{0, int32(len(w))}, Data: []byte(w)}, nil, 1); err != nil {
				t.Fatal(err)
			}
		}
		v := &vector.Vector{Type: types.Of(types.Text), Enc: vector.Dict, Len: 4, Codes: []int32{1, 0, 1, 0}, Dictionary: d.View()}
		return &vector.Batch{Rows: 4, Cols: []*vector.Vector{v}, Owned: true}
	}
	schema := NewSchema([]types.Field{{Name: "c", Type: types.Of(types.Text)}})
	var got []*vector.Vector
	for _, b := range []*vector.Batch{column("a", "b"), column("a", "b"), column("b", "a"), column("ab", "")} {
		blk, err := newEncoder().encode(b)
		if err != nil {
			t.Fatal(err)
		}
		data := vector.Alloc(blk.size)[:0]
		for _, p := range blk.parts {
			data = append(data, p...)
		}
		x, err := newDecoder(schema).decode(data)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "decoded", texts([]*vector.Batch{x}), texts([]*vector.Batch{b}))
		got = append(got, x.Cols[0].Dictionary)
	}
	if got[0] != got[1] || got[0] == got[2] || got[0] == got[3] || got[2] == got[3] {
		t.Errorf("dictionaries %p: only the first two are equal", got)
	}
	for i := range 100 { // dictionaries that nobody shares are not kept for ever
		d := make([]byte, sharedBytes)
		d[0] = byte(i)
		schema.share(&vector.Vector{Type: types.Of(types.Text), Len: 1, Offsets: []int32{0, sharedBytes}, Data: d})
	}
	kept := 0
	for _, d := range schema.known {
		kept += len(d.Data)
	}
	if kept > keptBytes {
		t.Errorf("%d bytes of dictionaries are kept, of at most %d", kept, keptBytes)
	}
}
