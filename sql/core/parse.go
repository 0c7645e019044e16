package core

import (
	"log/slog"
	"regexp"
	"strings"
	"sync"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/pingcap/tidb/pkg/parser"
	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"
)

// parsers keeps TiDB's parsers, which are large and not goroutine-safe.
var parsers = sync.Pool{New: func() any {
	installDriver()
	p := parser.New()
	p.SetParserConfig(parser.ParserConfig{EnableWindowFunction: true})
	p.SetSQLMode(mysql.ModePipesAsConcat | mysql.ModeNoBackslashEscapes)
	return p
}}

// Parse parses core text into a query. A text that TiDB refuses is a fault of
// the lowering: XX000, logged with the text.
func Parse(text string, m *SourceMap) (*Query, error) {
	p := parsers.Get().(*parser.Parser)
	stmt, err := p.ParseOneStmt(text, "", "")
	parsers.Put(p)
	if err != nil {
		return nil, internal(text, m, err.Error())
	}
	q := &Query{Text: text, Map: m}
	switch n := stmt.(type) {
	case *ast.SelectStmt:
		q.Node = n
	case *ast.SetOprStmt:
		q.Node = n
	default:
		return nil, internal(text, m, "not a query")
	}
	if m != nil && !placeTables(q.Node, m.tables) {
		return nil, internal(text, m, "the source map does not fit the tree")
	}
	return q, nil
}

// near finds the rest of the text in TiDB's message.
var near = regexp.MustCompile(`(?s)^line \d+ column \d+ near "(.*)"`)

func internal(text string, m *SourceMap, message string) error {
	offset := 0
	if part := near.FindStringSubmatch(message); part != nil {
		offset = max(strings.LastIndex(text, part[1]), 0)
	}
	slog.Error("core SQL refused", "reason", message, "core", text)
	return sqlerr.New(sqlerr.Internal, "core SQL refused: %s", firstLine(message)).At(m.Position(offset))
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "")
	}
	return s
}

// placer walks a tree in the order of its text, and gives table names and WITH
// names their offsets.
type placer struct {
	offsets []int32
	next    int
}

func placeTables(n ast.Node, offsets []int32) bool {
	p := &placer{offsets: offsets}
	n.Accept(p)
	return p.next == len(offsets)
}

func (p *placer) place(n ast.Node) {
	if p.next < len(p.offsets) {
		n.SetOriginTextPosition(int(p.offsets[p.next]))
	}
	p.next++
}

// Enter handles the nodes whose own Accept does not follow the text's order.
func (p *placer) Enter(n ast.Node) (ast.Node, bool) {
	switch x := n.(type) {
	case *ast.SelectStmt:
		p.selectStmt(x)
		return n, true
	case *ast.SetOprStmt:
		p.with(x.With)
		for _, s := range x.SelectList.Selects {
			s.Accept(p)
		}
		p.visit(x.OrderBy != nil, func() ast.Node { return x.OrderBy })
		return n, true
	case *ast.SetOprSelectList:
		if !isSingle(x) {
			p.with(x.With)
		}
		for _, s := range x.Selects {
			s.Accept(p)
		}
		p.visit(x.OrderBy != nil, func() ast.Node { return x.OrderBy })
		return n, true
	case *ast.TableName:
		p.place(x)
	}
	return n, false
}

// isSingle tells whether a parenthesised operand holds one SELECT, which then
// has its WITH itself.
func isSingle(x *ast.SetOprSelectList) bool {
	if len(x.Selects) != 1 {
		return false
	}
	_, ok := x.Selects[0].(*ast.SelectStmt)
	return ok
}

// Leave never stops the walk.
func (*placer) Leave(n ast.Node) (ast.Node, bool) { return n, true }

func (p *placer) visit(present bool, n func() ast.Node) {
	if present {
		n().Accept(p)
	}
}

func (p *placer) with(w *ast.WithClause) {
	if w == nil {
		return
	}
	for _, c := range w.CTEs {
		p.place(c)
		c.Query.Accept(p)
	}
}

func (p *placer) selectStmt(s *ast.SelectStmt) {
	p.with(s.With)
	for _, l := range s.Lists {
		l.Accept(p)
	}
	p.visit(s.Fields != nil, func() ast.Node { return s.Fields })
	p.visit(s.From != nil, func() ast.Node { return s.From })
	p.visit(s.Where != nil, func() ast.Node { return s.Where })
	p.visit(s.GroupBy != nil, func() ast.Node { return s.GroupBy })
	p.visit(s.Having != nil, func() ast.Node { return s.Having })
	for i := range s.WindowSpecs {
		s.WindowSpecs[i].Accept(p)
	}
	p.visit(s.OrderBy != nil, func() ast.Node { return s.OrderBy })
}
