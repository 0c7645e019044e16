package lower

import (
	"strings"

	"github.com/flintsql/flint/sql/core"
)

// kind tells what later steps must know of a piece of core text.
type kind uint8

const (
	plain    kind = iota
	and           // a chain of AND, in parentheses
	or            // a chain of OR, in parentheses
	concat        // a chain of ||, in one call
	number        // an unsigned numeric constant
	negative      // the same with a minus
	table         // a name whose node needs a position from the source map
	query         // a parenthesised query
	joinTree      // a join
	rowList       // a row without the word ROW
)

// node is core text under construction: a run of text, or a list of nodes. A
// tree of nodes makes every step cost its own size only, whatever lies below.
type node struct {
	text   string
	pos    int // byte offset in the client's text, -1 for none
	kids   []*node
	height int // levels of nodes below
	kind   kind
	digits string // of a numeric constant

	label    string // the name that Postgres gives a select field with this expression
	strength int    // how firmly: 0 not at all, 1 weakly, 2 firmly (FigureColname)
}

func leaf(pos int, text string) *node { return &node{text: text, pos: pos} }

// glue is text without a position of its own.
func glue(text string) *node { return &node{text: text, pos: -1} }

func cat(kids ...*node) *node {
	n := &node{pos: -1, kids: kids}
	for _, k := range kids {
		n.height = max(n.height, k.height+1)
	}
	return n
}

func commas(list []*node) *node {
	kids := make([]*node, 0, 2*len(list))
	for i, n := range list {
		if i > 0 {
			kids = append(kids, glue(", "))
		}
		kids = append(kids, n)
	}
	return cat(kids...)
}

// quote writes text between quotes, doubling those inside.
func quote(q, text string) string { return q + strings.ReplaceAll(text, q, q+q) + q }

func ident(pos int, name string) *node { return leaf(pos, quote("`", name)) }

// constant is a string constant of the client's.
func constant(pos int, s string) *node { return leaf(pos, quote("'", s)) }

// own is a string constant that the lowering itself adds: a type, a kind, a
// name. Its double quotes tell it from the client's constants (core.Normalize).
func own(pos int, s string) *node { return leaf(pos, quote(`"`, s)) }

// call is the one encoding of all that the core has no syntax for.
func call(pos int, marker string, args ...*node) *node {
	return cat(ident(pos, marker), glue("("), commas(args), glue(")"))
}

// function is a call of a function of pg_catalog, for SQL's keyword forms.
func function(pos int, name string, args ...*node) *node {
	n := cat(ident(pos, "pg_catalog"), glue("."), ident(-1, name), glue("("), commas(args), glue(")"))
	return n.named(name, 2)
}

// paren puts a native form into parentheses; pos is the operator's.
func paren(pos int, kids ...*node) *node {
	all := make([]*node, 0, len(kids)+2)
	all = append(all, leaf(pos, "("))
	all = append(all, kids...)
	return cat(append(all, glue(")"))...)
}

// marker tells whether the node is a call of the marker.
func (n *node) marker(name string) (*node, bool) {
	return n, len(n.kids) > 0 && n.kids[0].text == quote("`", name)
}

func omitted() *node { return call(-1, core.Omitted) }

func (n *node) named(label string, strength int) *node {
	n.label, n.strength = label, strength
	return n
}

// chain appends a term to a chain of AND, OR or ||, or starts one. The chain is
// one flat list, so that its length is no depth.
func chain(k kind, pos int, separator string, l, r *node) *node {
	if l.kind == k {
		last := len(l.kids) - 1
		l.kids = append(l.kids[:last], leaf(pos, separator), r, l.kids[last])
		l.height = max(l.height, r.height+1)
		return l
	}
	var n *node
	if k == concat {
		n = cat(ident(pos, core.OperatorMarker("||")), glue("("), l, glue(separator), r, glue(")"))
	} else {
		n = paren(pos, l, leaf(pos, separator), r)
	}
	n.kind = k
	return n
}

// flatten writes the tree as core text, with the source map for the client's text.
func flatten(n *node, client string) (string, *core.SourceMap) {
	var b strings.Builder
	m := core.NewSourceMap(client)
	var walk func(*node)
	walk = func(n *node) {
		if n.kind == table {
			m.AddTable(b.Len())
		}
		if n.pos >= 0 && n.kids == nil {
			m.Add(b.Len(), n.pos)
		}
		b.WriteString(n.text)
		for _, k := range n.kids {
			walk(k)
		}
	}
	walk(n)
	return b.String(), m
}
