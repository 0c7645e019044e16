package physical

import (
	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// scanSplits are the splits of one scan, to be dealt to its stage's tasks.
type scanSplits struct {
	node   *Scan
	splits []catalog.Split
	bounds func(split, column int) (least, greatest int64, ok bool) // see catalog.ScanPlan
	ranges []scanRange                                              // by task, if they are dealt by ranges of a column
}

func (p *planner) scan(n *logical.Scan, need expr.ColumnSet) (*fragment, error) {
	pos := positions(n.Cols)
	node := &Scan{Catalog: n.Catalog, Schema: n.SchemaName, Table: n.Name, Columns: n.Ordinals,
		Filters: bindAll(n.Filters, pos), Limit: n.Limit}
	var cols []logical.Column
	for i, c := range n.Cols {
		if need.Has(c.ID) {
			node.Emit = append(node.Emit, i)
			cols = append(cols, c)
		}
	}
	if len(cols) == len(n.Cols) {
		node.Emit = nil
	} else if node.Emit == nil {
		node.Emit = []int{}
	}
	node.Base = p.base(cols, p.est.Rows(n))
	req := catalog.ScanRequest{Columns: n.Ordinals, Limit: n.Limit, Slots: p.o.Slots}
	if len(n.Filters) > 0 {
		req.Limit = -1 // any number of rows may be needed to pass so many
	}
	req.Ranges = scanRanges(node)
	sp, err := n.Table.Scan(p.ctx, req)
	if err != nil {
		return nil, err
	}
	node.Pruned = sp.Pruned
	tasks := min(p.o.Slots, len(sp.Splits))
	if p.localScan(node) {
		tasks = 1
	}
	p.tableRows[node] = float64(splitRows(sp.Splits))
	if total := splitRows(sp.Splits); total <= smallRows || n.Limit >= 0 && n.Limit <= smallRows && len(n.Filters) == 0 {
		tasks = 1
	}
	st := p.newStage(tasks)
	st.scans = append(st.scans, &scanSplits{node: node, splits: sp.Splits, bounds: sp.Bounds})
	return &fragment{st: st, root: node, cols: cols, bytes: p.est.Bytes(n)}, nil
}

func splitRows(splits []catalog.Split) (rows int64) {
	for _, s := range splits {
		rows += s.Rows
	}
	return rows
}

// scanRanges turns a scan's simplest conjuncts (column against literal) into
// pruning ranges over table positions.
func scanRanges(n *Scan) []catalog.Range {
	var out []catalog.Range
	for _, f := range n.Filters {
		if r, ok := rangeOf(f); ok {
			r.Column = n.Columns[r.Column]
			out = append(out, r)
		}
	}
	return out
}

func rangeOf(f expr.Expr) (catalog.Range, bool) {
	switch f := f.(type) {
	case *expr.Call:
		if len(f.Args) != 2 {
			return catalog.Range{}, false
		}
		in, ok := f.Args[0].(*expr.Input)
		lit, ok2 := f.Args[1].(*expr.Literal)
		if !ok || !ok2 || lit.Value.Null || lit.Value.Type.Storage() != in.Typ.Storage() || lit.Value.Type.Scale != in.Typ.Scale {
			return catalog.Range{}, false
		}
		v := lit.Value
		switch f.Func.Name {
		case "=":
			return catalog.Range{Column: in.Index, Min: &v, Max: &v}, true
		case "<", "<=":
			return catalog.Range{Column: in.Index, Max: &v}, true
		case ">", ">=":
			return catalog.Range{Column: in.Index, Min: &v}, true
		}
	case *expr.In:
		in, ok := f.Arg.(*expr.Input)
		if !ok || f.Negated {
			return catalog.Range{}, false
		}
		r := catalog.Range{Column: in.Index}
		for _, e := range f.List {
			lit, ok := e.(*expr.Literal)
			if !ok || lit.Value.Null {
				return catalog.Range{}, false
			}
			r.In = append(r.In, lit.Value)
		}
		return r, true
	}
	return catalog.Range{}, false
}

func (p *planner) values(n *logical.Values) (*fragment, error) {
	node := &Values{Base: p.base(n.Cols, float64(len(n.Rows)))}
	for _, r := range n.Rows {
		node.Data = append(node.Data, bindAll(r, nil))
	}
	return &fragment{st: p.newStage(1), root: node, cols: n.Cols, bytes: p.est.Bytes(n)}, nil
}

func (p *planner) tableFunc(n *logical.TableFunc, need expr.ColumnSet) (*fragment, error) {
	f, err := p.build(n.Input, with(need, n.Args...))
	if err != nil {
		return nil, err
	}
	cols := append(append([]logical.Column(nil), f.cols...), n.Cols...)
	node := &TableFunc{Base: p.base(cols, p.est.Rows(n)), Input: f.root, Func: n.Func,
		Args: bindAll(n.Args, f.positions()), WithOrdinality: n.WithOrdinality, Outer: n.Outer}
	out := f.on(node, cols)
	out.hash = f.hash
	out.bytes = p.est.Bytes(n)
	return out, nil
}
