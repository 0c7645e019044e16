package expr

import "github.com/flintsql/flint/sql/types"

var boolType = types.Of(types.Bool)

func (*Column) isExpr()    {}
func (*Input) isExpr()     {}
func (*Literal) isExpr()   {}
func (*Param) isExpr()     {}
func (*Call) isExpr()      {}
func (*Logic) isExpr()     {}
func (*Not) isExpr()       {}
func (*Test) isExpr()      {}
func (*Distinct) isExpr()  {}
func (*Case) isExpr()      {}
func (*Coalesce) isExpr()  {}
func (*Cast) isExpr()      {}
func (*In) isExpr()        {}
func (*ArrayExpr) isExpr() {}
func (*AnyAll) isExpr()    {}

func (e *Column) Type() types.Type    { return e.Typ }
func (e *Input) Type() types.Type     { return e.Typ }
func (e *Literal) Type() types.Type   { return e.Value.Type }
func (e *Param) Type() types.Type     { return e.Typ }
func (e *Call) Type() types.Type      { return e.Typ }
func (e *Logic) Type() types.Type     { return boolType }
func (e *Not) Type() types.Type       { return boolType }
func (e *Test) Type() types.Type      { return boolType }
func (e *Distinct) Type() types.Type  { return boolType }
func (e *Case) Type() types.Type      { return e.Typ }
func (e *Coalesce) Type() types.Type  { return e.Typ }
func (e *Cast) Type() types.Type      { return e.To }
func (e *In) Type() types.Type        { return boolType }
func (e *ArrayExpr) Type() types.Type { return e.Typ }
func (e *AnyAll) Type() types.Type    { return boolType }

func (e *Column) Children() []Expr    { return nil }
func (e *Input) Children() []Expr     { return nil }
func (e *Literal) Children() []Expr   { return nil }
func (e *Param) Children() []Expr     { return nil }
func (e *Call) Children() []Expr      { return e.Args }
func (e *Logic) Children() []Expr     { return e.Args }
func (e *Not) Children() []Expr       { return []Expr{e.Arg} }
func (e *Test) Children() []Expr      { return []Expr{e.Arg} }
func (e *Distinct) Children() []Expr  { return []Expr{e.L, e.R} }
func (e *Coalesce) Children() []Expr  { return e.Args }
func (e *Cast) Children() []Expr      { return []Expr{e.Arg} }
func (e *In) Children() []Expr        { return append([]Expr{e.Arg}, e.List...) }
func (e *ArrayExpr) Children() []Expr { return e.Elems }
func (e *AnyAll) Children() []Expr    { return []Expr{e.Arg, e.Array} }

// Children of a Case are cond, result, cond, result, …, else.
func (e *Case) Children() []Expr {
	c := make([]Expr, 0, 2*len(e.Whens)+1)
	for _, w := range e.Whens {
		c = append(c, w.Cond, w.Result)
	}
	return append(c, e.Else)
}

func (e *Column) WithChildren([]Expr) Expr  { return e }
func (e *Input) WithChildren([]Expr) Expr   { return e }
func (e *Literal) WithChildren([]Expr) Expr { return e }
func (e *Param) WithChildren([]Expr) Expr   { return e }
func (e *Call) WithChildren(c []Expr) Expr  { return &Call{e.Func, c, e.Typ} }
func (e *Logic) WithChildren(c []Expr) Expr { return &Logic{e.Op, c} }
func (e *Not) WithChildren(c []Expr) Expr   { return &Not{c[0]} }
func (e *Test) WithChildren(c []Expr) Expr  { return &Test{e.Kind, c[0]} }
func (e *Distinct) WithChildren(c []Expr) Expr {
	return &Distinct{e.Negated, c[0], c[1]}
}
func (e *Coalesce) WithChildren(c []Expr) Expr { return &Coalesce{c, e.Typ} }
func (e *Cast) WithChildren(c []Expr) Expr     { return &Cast{c[0], e.To, e.Explicit} }
func (e *In) WithChildren(c []Expr) Expr       { return &In{c[0], c[1:], e.Negated} }
func (e *ArrayExpr) WithChildren(c []Expr) Expr {
	return &ArrayExpr{c, e.Typ}
}
func (e *AnyAll) WithChildren(c []Expr) Expr { return &AnyAll{e.Op, e.All, c[0], c[1]} }

func (e *Case) WithChildren(c []Expr) Expr {
	w := make([]When, len(e.Whens))
	for i := range w {
		w[i] = When{c[2*i], c[2*i+1]}
	}
	return &Case{w, c[len(c)-1], e.Typ}
}
