package parquet

import (
	"io"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// nested assembles the rows of a column with lists, maps or structs out of its
// leaves (Dremel's record assembly): lists of leaves become arrays, everything
// else JSON.
type nested struct {
	budget *budget
	column *fileColumn
	array  bool
	leaves []*leafStream
	behind int

	offsets []int32
	text    []byte
	textAt  int64 // bytes charged for text
	child   *vector.Appender
	childAt int64
	valid   []byte
}

// newNested returns a reader of a nested column.
func newNested(b *budget, conn *Connector, c *fileColumn) *nested {
	n := &nested{budget: b, column: c, array: c.typ.Kind == types.Array}
	collectLeaves(c.node, func(leaf *node) {
		// The types were checked when the footer was read.
		t, _ := typeOfLeaf(leaf.schemaElement)
		n.leaves = append(n.leaves, &leafStream{chunk: chunk{
			budget: b, codecs: conn.codecs, dicts: conn.dicts, leaf: t, column: leaf.leafFrom, maxDef: leaf.def, maxRep: leaf.rep, nested: true,
		}})
	})
	return n
}

func collectLeaves(n *node, each func(*node)) {
	if n.leaf {
		each(n)
		return
	}
	for _, child := range n.children {
		collectLeaves(child, each)
	}
}

func (n *nested) start(file io.ReaderAt, g *groupMeta) error {
	n.behind = 0
	for _, s := range n.leaves {
		if err := s.start(file, g); err != nil {
			return err
		}
	}
	return nil
}

func (n *nested) skip(k int) { n.behind += k }

// stream returns the stream of the first leaf below a node.
func (n *nested) stream(nd *node) *leafStream { return n.leaves[nd.leafFrom-n.column.node.leafFrom] }

// consume passes over one entry of every leaf below a node.
func (n *nested) consume(nd *node) error {
	for leaf := nd.leafFrom; leaf < nd.leafEnd; leaf++ {
		if err := n.leaves[leaf-n.column.node.leafFrom].next(); err != nil {
			return err
		}
	}
	return nil
}

// repeat calls each for every element of a repeated node that the row has.
func (n *nested) repeat(nd *node, each func(i int) error) error {
	s := n.stream(nd)
	if _, def, err := s.peek(); err != nil {
		return err
	} else if def < nd.def {
		return n.consume(nd)
	}
	for i := 0; ; i++ {
		if err := each(i); err != nil {
			return err
		}
		rep, _, err := s.peek()
		if err == io.EOF || err == nil && rep < nd.rep {
			return nil
		}
		if err != nil {
			return err
		}
		if rep > nd.rep {
			return corrupt("repetition levels are malformed")
		}
	}
}

// read assembles the next n rows.
func (n *nested) read(rows int, sel []int32) (*vector.Vector, error) {
	if err := n.pass(); err != nil {
		return nil, err
	}
	var err error
	if n.offsets, err = grow(n.budget, n.offsets, rows+1); err != nil {
		return nil, err
	}
	if n.valid, err = grow(n.budget, n.valid, (rows+7)/8); err != nil {
		return nil, err
	}
	setBits(n.valid, 0, rows, true)
	n.offsets[0] = 0
	v := &vector.Vector{Type: n.column.typ, Len: rows, Offsets: n.offsets, Valid: n.valid}
	if n.array {
		v.Child, err = n.arrays(rows)
	} else {
		v.Data, err = n.documents(rows)
	}
	return v, eofIsCorrupt(err)
}

// eofIsCorrupt turns the end of a chunk within a row into an error.
func eofIsCorrupt(err error) error {
	if err == io.EOF {
		return corrupt("a column chunk has fewer rows than its row group")
	}
	return err
}

// pass skips the rows that are not wanted.
func (n *nested) pass() error {
	for _, s := range n.leaves {
		if err := s.pass(n.behind); err != nil {
			return eofIsCorrupt(err)
		}
	}
	n.behind = 0
	return nil
}

// arrays assembles rows of a list of leaves and returns the elements.
func (n *nested) arrays(rows int) (*vector.Vector, error) {
	if n.child == nil {
		n.child = vector.NewAppender(n.column.typ.ElemType())
	}
	n.child.Reset()
	s, list := n.leaves[0], n.column.node
	s.sink = n.child
	repeated := list
	if !list.leaf {
		repeated = list.children[0]
	}
	for i := range rows {
		_, def, err := s.peek()
		if err != nil {
			return nil, err
		}
		if list.optional() && def < list.def {
			setBit(n.valid, i, false)
			err = s.next()
		} else {
			err = n.repeat(repeated, func(int) error { return s.take() })
		}
		if err != nil {
			return nil, err
		}
		n.offsets[i+1] = int32(n.child.Len() + len(s.taken))
		if len(s.taken) >= vector.BatchSize {
			if err := n.flush(s); err != nil {
				return nil, err
			}
		}
	}
	if err := n.flush(s); err != nil {
		return nil, err
	}
	return vector.Flatten(n.child.View()), nil
}

// flush appends the elements that were taken of a page.
func (n *nested) flush(s *leafStream) error {
	if err := s.flush(); err != nil {
		return err
	}
	if held := n.child.Bytes(); held > n.childAt {
		if err := n.budget.reserve(held - n.childAt); err != nil {
			return err
		}
		n.childAt = held
	}
	return nil
}
