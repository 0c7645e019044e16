package parquet

import (
	"errors"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// schemaDepth limits nesting, so that hostile schemas cannot exhaust the stack.
const schemaDepth = 64

// node is a field of the schema as a tree.
type node struct {
	*schemaElement
	children []*node
	leafFrom int // the leaf columns below: [leafFrom, leafEnd)
	leafEnd  int
	def, rep int // levels at which the node itself is present
}

func (n *node) optional() bool { return n.repetition == format.Optional }
func (n *node) repeated() bool { return n.repetition == format.Repeated }

// schemaTree builds the tree of a footer's schema and returns the root's
// children and the number of leaf columns.
func schemaTree(elements []schemaElement) ([]*node, int, error) {
	b := &treeBuilder{elements: elements}
	if len(elements) == 0 {
		return nil, 0, errors.New("the schema is empty")
	}
	root, err := b.node(0, 0, 0)
	if err != nil {
		return nil, 0, err
	}
	if b.next != len(elements) {
		return nil, 0, errors.New("the schema has unreachable fields")
	}
	return root.children, b.leaves, nil
}

type treeBuilder struct {
	elements []schemaElement
	next     int
	leaves   int
}

func (b *treeBuilder) node(depth, def, rep int) (*node, error) {
	if b.next >= len(b.elements) || depth > schemaDepth {
		return nil, errors.New("the schema is malformed")
	}
	e := &b.elements[b.next]
	n := &node{schemaElement: e, leafFrom: b.leaves}
	if b.next > 0 {
		switch e.repetition {
		case format.Optional:
			def++
		case format.Repeated:
			def, rep = def+1, rep+1
		}
	}
	n.def, n.rep = def, rep
	b.next++
	if e.leaf && e.children == 0 {
		b.leaves++
	}
	for range e.children {
		child, err := b.node(depth+1, def, rep)
		if err != nil {
			return nil, err
		}
		n.children = append(n.children, child)
	}
	n.leafEnd = b.leaves
	return n, nil
}

// listElement reports the three-level LIST form and its two-level ancestors, and
// returns the element. The rules are those of parquet-format's LogicalTypes.md.
func (n *node) listElement() (*node, bool) {
	if len(n.children) != 1 || n.repeated() || n.logical.kind != logicalList && n.converted != deprecated.List {
		return nil, false
	}
	r := n.children[0]
	if !r.repeated() {
		return nil, false
	}
	if len(r.children) == 1 && r.name != "array" && r.name != n.name+"_tuple" {
		return r.children[0], true
	}
	return r, true
}

// mapEntry reports the MAP form and returns key and value.
func (n *node) mapEntry() (key, val *node, ok bool) {
	if len(n.children) != 1 || n.logical.kind != logicalMap && n.converted != deprecated.Map && n.converted != deprecated.MapKeyValue {
		return nil, nil, false
	}
	kv := n.children[0]
	if !kv.repeated() || len(kv.children) != 2 {
		return nil, nil, false
	}
	return kv.children[0], kv.children[1], true
}

// columnNames returns the names under which fields are known: in lower case,
// as SQL folds unquoted names, unless two would collide. Fields of the very
// same name get numbers.
func columnNames(nodes []*node) []string {
	folded := map[string]int{}
	for _, n := range nodes {
		folded[strings.ToLower(n.name)]++
	}
	names := make([]string, len(nodes))
	taken := make(map[string]bool, len(nodes))
	number := map[string]int{}
	for i, n := range nodes {
		name := n.name
		if low := strings.ToLower(n.name); folded[low] == 1 {
			name = low
		}
		for taken[name] {
			number[n.name]++
			name = n.name + "_" + strconv.Itoa(number[n.name])
		}
		names[i], taken[name] = name, true
	}
	return names
}
