package exectest

import (
	"context"
	"io"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// coded yields batches of a number that counts up, and of a long text of a dictionary that all share.
type coded struct {
	dictionary *vector.Vector
	next       int64
}

const codedRows = 20_000

func (c coded) Open(context.Context, physical.EdgeID, []types.Field, bool) ([]exec.Source, error) {
	return []exec.Source{&c}, nil
}

func (c *coded) Next(context.Context) (*vector.Batch, error) {
	if c.next == codedRows {
		return nil, io.EOF
	}
	ids, codes := make([]int64, 1000), make([]int32, 1000)
	for i := range ids {
		ids[i], codes[i] = c.next, int32(c.next)%int32(c.dictionary.Len)
		c.next++
	}
	text := &vector.Vector{Type: tText, Len: len(codes), Enc: vector.Dict, Dictionary: c.dictionary, Codes: codes}
	return &vector.Batch{Rows: len(ids), Owned: true, Cols: []*vector.Vector{vector.FromSlice(tInt8, ids), text}}, nil
}

func (c *coded) Close() error { return nil }

// The index of a join has the texts of keys that its rows have as codes: with
// whatever memory, no row is lost.
func TestJoinDictionaryKeys(t *testing.T) {
	texts := vector.New(tText, 100)
	w := vector.NewBytesWriter(texts)
	rng := rand.New(rand.NewSource(1))
	for i := range texts.Len {
		b := make([]byte, 250)
		rng.Read(b)
		for k := range b {
			b[k] = 'a' + b[k]%16
		}
		w.Set(i, b)
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	keys := []expr.Expr{in(0, tInt8), in(1, tText)}
	ts := []types.Type{tInt8, tText}
	node := &physical.HashJoin{Base: physical.Base{ID: 1, Out: joinFields(logical.Semi, ts, ts)}, Kind: logical.Semi,
		L: leaf(0, ts), R: leaf(1, ts), LKeys: keys, RKeys: keys}
	spilled := 0
	for limit := int64(5 << 20); limit < 24<<20; limit += 1 << 20 {
		root := memory.NewRoot("test", limit)
		env := &exec.Env{Query: "q", Context: Context(), Account: root, Sources: coded{dictionary: texts}, Spill: spill.NewDir(t.TempDir())}
		op, err := exec.Build(node, env)
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for err = op.Open(context.Background()); err == nil; {
			var b *vector.Batch
			if b, err = op.Next(context.Background()); err == nil {
				rows += b.Count()
			}
		}
		if err != io.EOF || rows != codedRows {
			t.Errorf("within %s: %d rows, %v", memory.Bytes(limit), rows, err)
		}
		if env.Stats.Ops[1].Spilled > 0 {
			spilled++
		}
		if err := op.Close(); err != nil || root.Used() != 0 {
			t.Errorf("%v, %d bytes are still charged", err, root.Used())
		}
	}
	if spilled == 0 {
		t.Error("nothing was spilled")
	}
}
