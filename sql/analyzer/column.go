package analyzer

import (
	"strings"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// columnParts gives a column name's parts, outermost first.
func columnParts(n *ast.ColumnName) []string {
	parts := append(core.UnpackName(n.Schema.O), core.UnpackName(n.Table.O)...)
	return append(parts, n.Name.O)
}

// column resolves a column reference in a block and those around it.
func (b *binder) column(n *ast.ColumnNameExpr, k *block) (expr.Expr, error) {
	parts := columnParts(n.Name)
	name := parts[len(parts)-1]
	if len(parts) > 4 {
		return nil, b.errorAt(n, sqlerr.Syntax, "improper qualified name (too many dotted names): %s", qualifiedName(parts))
	}
	for at := k; at != nil; at = at.parent {
		v, err := b.columnIn(n, at, parts)
		if err != nil {
			return nil, err
		}
		if v != nil {
			return b.reference(n, v, at), nil
		}
	}
	if len(parts) > 1 {
		return nil, b.missingRelation(n, parts, k)
	}
	for at := k; at != nil; at = at.parent {
		for _, r := range at.src.rels {
			if r.alias == name {
				return nil, b.unsupported(n, "a whole-row reference")
			}
		}
	}
	return nil, b.errorAt(n, sqlerr.UndefinedColumn, "column \"%s\" does not exist", name)
}

// systemColumns are names that a table may have besides the columns of *. A
// connector offers one as a column with core.Prefix before its name.
var systemColumns = map[string]bool{"tableoid": true, "ctid": true, "xmin": true, "xmax": true, "cmin": true, "cmax": true}

// columnIn looks a name up in one block; nil, nil if it isn't there.
func (b *binder) columnIn(n ast.Node, k *block, parts []string) (*visible, error) {
	name := parts[len(parts)-1]
	if systemColumns[name] {
		hidden := append(parts[:len(parts)-1:len(parts)-1], core.Prefix+name)
		if v, err := b.columnIn(n, k, hidden); err == nil && v != nil {
			return v, nil
		}
	}
	if len(parts) == 1 {
		found := k.find(name)
		switch len(found) {
		case 0:
			return nil, nil
		case 1:
			return &k.src.cols[found[0]], nil
		}
		return nil, b.errorAt(n, sqlerr.AmbiguousColumn, "column reference \"%s\" is ambiguous", name)
	}
	rel, err := b.relationIn(n, k, parts[:len(parts)-1])
	if rel == nil || err != nil {
		return nil, err
	}
	var hit *visible
	for i := range rel.cols {
		if rel.cols[i].name != name {
			continue
		}
		if hit != nil {
			return nil, b.errorAt(n, sqlerr.AmbiguousColumn, "column reference \"%s\" is ambiguous", name)
		}
		hit = &rel.cols[i]
	}
	if hit == nil {
		return nil, b.errorAt(n, sqlerr.UndefinedColumn, "column %s.%s does not exist", parts[len(parts)-2], name)
	}
	return hit, nil
}

// relationIn finds the relation that a qualifier names; nil, nil if there is none.
func (b *binder) relationIn(n ast.Node, k *block, qualifier []string) (*relation, error) {
	var hit *relation
	for _, r := range k.src.rels {
		if !r.matches(qualifier) {
			continue
		}
		if hit != nil {
			return nil, b.errorAt(n, "42P09", "table reference \"%s\" is ambiguous", qualifier[len(qualifier)-1])
		}
		hit = r
	}
	return hit, nil
}

func (r *relation) matches(qualifier []string) bool {
	n := len(qualifier)
	if n == 0 || r.alias != qualifier[n-1] || n > 1 && r.schema != qualifier[n-2] {
		return false
	}
	return n < 3 || n == 3 && r.catalog == qualifier[0]
}

func (b *binder) missingRelation(n ast.Node, parts []string, k *block) error {
	qualifier := parts[:len(parts)-1]
	table := qualifier[len(qualifier)-1]
	blocks := b.froms
	for at := k; at != nil; at = at.parent {
		blocks = append(blocks[:len(blocks):len(blocks)], at.owner())
	}
	for _, at := range blocks {
		for _, r := range at.seen {
			if r.matches(qualifier) {
				return b.invalidReference(n, table)
			}
			if len(qualifier) == 1 && r.table == table && r.alias != table {
				return b.errorAt(n, sqlerr.UndefinedTable, "invalid reference to FROM-clause entry for table \"%s\"", table).
					WithHint("Perhaps you meant to reference the table alias \"%s\".", r.alias)
			}
		}
	}
	return b.errorAt(n, sqlerr.UndefinedTable, "missing FROM-clause entry for table \"%s\"", table)
}

func (b *binder) invalidReference(n ast.Node, table string) *sqlerr.Error {
	return b.errorAt(n, sqlerr.UndefinedTable, "invalid reference to FROM-clause entry for table \"%s\"", table).
		WithDetail("There is an entry for table \"%s\", but it cannot be referenced from this part of the query.", table)
}

// reference makes a reference and notes where it was written and whose column it is.
func (b *binder) reference(n ast.Node, v *visible, at *block) expr.Expr {
	c := v.col.Ref()
	c.Name = strings.TrimPrefix(v.name, core.Prefix)
	ref := reference{name: v.name}
	if b.views == 0 {
		ref.node = n
	}
	if v.rel != nil {
		ref.rel = v.rel.alias
	}
	b.refs[c] = ref
	if b.track != nil {
		*b.track = append(*b.track, at.owner())
	}
	if at.main != nil {
		at.src.lateral = true
	}
	return c
}

// starNode carries the position of a * field, which has no node of its own.
func starNode(f *ast.SelectField) ast.Node {
	n := &ast.ColumnNameExpr{Name: &ast.ColumnName{}}
	n.SetOriginTextPosition(f.Offset)
	return n
}

// starColumns gives the columns of * or t.*.
func (b *binder) starColumns(f *ast.SelectField, k *block) ([]visible, error) {
	qualifier := append(core.UnpackName(f.WildCard.Schema.O), core.UnpackName(f.WildCard.Table.O)...)
	n := starNode(f)
	if len(qualifier) == 0 {
		if len(k.src.rels) == 0 {
			return nil, b.errorAt(n, sqlerr.Syntax, "SELECT * with no tables specified is not valid")
		}
		return k.src.cols, nil
	}
	for at := k; at != nil; at = at.parent {
		r, err := b.relationIn(n, at, qualifier)
		if err != nil {
			return nil, err
		}
		if r != nil {
			return r.cols, nil
		}
	}
	return nil, b.missingRelation(n, append(qualifier, "*"), k)
}

func qualifiedName(parts []string) string { return strings.Join(parts, ".") }
