package analyzer

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// relation is an entry of FROM that columns can be qualified with.
type relation struct {
	alias           string
	catalog, schema string // of a table without an alias
	table           string // the name behind the alias
	cols            []visible
}

// visible is a column under the name it has in a query.
type visible struct {
	name string
	rel  *relation // nil for a merged column of a join
	col  logical.Column
	// system marks columns that * leaves out, such as tableoid.
	system bool
}

// source is what FROM, or a part of it, gives.
type source struct {
	plan    logical.Node
	rels    []*relation
	cols    []visible // unqualified names, in the order of *
	lateral bool      // refers to columns of items on its left
}

// clause is where in a SELECT an expression stands.
type clause uint8

const (
	inSelect clause = iota
	inWhere
	inGroupBy
	inHaving
	inOrderBy
	inDistinctOn
	inJoinOn
	inFunction // a function in FROM
	inLimit
	inValues
	inAggregate // an aggregate's arguments
	inFilter
	inWindowArgs
	inWindow // PARTITION BY and ORDER BY of a window
	inFrame
)

// block is one SELECT while it is bound, or a view on its FROM clause (main is
// then the SELECT it belongs to).
type block struct {
	parent *block // the block around this query, for correlation
	main   *block
	depth  int
	with   *with
	src    *source
	index  map[string][]int // src.cols by name
	seen   []*relation      // all relations of FROM so far, for error messages
	clause clause

	windowDefs map[string]*ast.WindowSpec

	where, pre, having, post []apply // subqueries, by where the plan needs them
	aggs                     []logical.AggCall
	aggKeys                  map[string]int
	groups                   []logical.Item
	groupKeys                map[string]int
	sets                     [][]int
	groupingID               logical.Column
	isGrouped                bool
	windows                  []*window
	functions                []*logical.TableFunc // set-returning calls of the select list; Input is unset
}

// apply is a subquery in an expression: an Apply whose left side is not known yet.
type apply struct{ node logical.Apply }

// owner is the SELECT that a block stands for.
func (k *block) owner() *block {
	if k.main != nil {
		return k.main
	}
	return k
}

// newBlock opens a block inside another one.
func newBlock(parent *block, w *with) *block {
	k := &block{parent: parent, with: w, src: &source{}}
	if parent != nil {
		k.depth = parent.owner().depth + 1
	}
	return k
}

// over gives a block that sees other columns and belongs to k: the ON clause of
// a join, or the left side of a LATERAL item.
func (k *block) over(src *source, c clause) *block {
	return &block{parent: k.parent, main: k, depth: k.depth, with: k.with, src: src, clause: c, seen: k.seen}
}

// find gives the positions of the columns with a name.
func (k *block) find(name string) []int {
	if k.index == nil {
		k.index = make(map[string][]int, len(k.src.cols))
		for i, c := range k.src.cols {
			k.index[c.name] = append(k.index[c.name], i)
		}
	}
	return k.index[name]
}

// attach records a subquery at the place that the current clause needs.
func (k *block) attach(a logical.Apply) {
	list := &k.post
	switch k.clause {
	case inWhere, inJoinOn, inFunction, inLimit, inValues:
		list = &k.where
	case inGroupBy, inAggregate, inFilter:
		list = &k.pre
	case inHaving:
		list = &k.having
	}
	*list = append(*list, apply{a})
}

// stack puts subqueries on top of a plan.
func stack(plan logical.Node, as []apply) logical.Node {
	for _, a := range as {
		n := a.node
		n.L = plan
		plan = &n
	}
	return plan
}

// filter puts a filter on a plan, flattening ANDs.
func filter(plan logical.Node, preds ...expr.Expr) logical.Node {
	var all []expr.Expr
	for _, p := range preds {
		if p != nil {
			all = append(all, expr.Conjuncts(p)...)
		}
	}
	if len(all) == 0 {
		return plan
	}
	return &logical.Filter{Input: plan, Preds: all}
}

// oneRow is the plan of no FROM clause.
func oneRow() *logical.Values { return &logical.Values{Rows: [][]expr.Expr{{}}} }

func isOneRow(n logical.Node) bool {
	v, ok := n.(*logical.Values)
	return ok && len(v.Cols) == 0 && len(v.Rows) == 1
}
