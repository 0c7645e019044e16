package lower

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/lexer"
)

// wordOperator extends l by an operator that is a word; nil if none follows
// that binds tighter than power.
func (r *reader) wordOperator(l *node, power int) *node {
	t := r.tok()
	if r.bExpr {
		if t.Text == "is" && pIs > power && (r.at(1).Word("distinct") || r.at(1).Word("not") && r.at(2).Word("distinct")) {
			return r.isOperator(l)
		}
		return nil
	}
	switch t.Text {
	case "and":
		if pAnd > power {
			r.next()
			return chain(and, t.Pos, " AND ", l, r.binary(pAnd))
		}
	case "or":
		if pOr > power {
			r.next()
			return chain(or, t.Pos, " OR ", l, r.binary(pOr))
		}
	case "is":
		if pIs > power {
			return r.isOperator(l)
		}
	case "isnull", "notnull":
		if pIs > power {
			r.next()
			return nullTest(t, l, t.Text == "notnull")
		}
	case "at":
		return r.atOperator(l, power)
	case "collate":
		if pCollate > power && isColID(r.at(1)) {
			r.next()
			name := r.dotted()
			return call(t.Pos, core.Collate, l, own(name[0].Pos, typeNameText(name))).named(l.label, l.strength)
		}
	case "operator":
		if pOperator > power && r.at(1).Is("(") {
			at, op := r.namedOperator()
			return r.operand(at, op, infix{power: pOperator, native: infixOf(op).native}, l)
		}
	case "overlaps":
		if pOperator > power {
			r.next()
			return call(t.Pos, core.Overlaps, l, r.binary(pOperator)).named("overlaps", 2)
		}
	case "div":
		if pMul > power && startsOperand(r.at(1)) {
			r.next()
			return call(t.Pos, core.Div, l, r.binary(pMul))
		}
	default:
		return r.likeOperator(l, power)
	}
	return nil
}

func (r *reader) atOperator(l *node, power int) *node {
	t := r.tok()
	if pAt <= power {
		return nil
	}
	if r.accept("at", "time") {
		r.wantWords("zone")
		return function(t.Pos, "timezone", r.binary(pAt), l)
	}
	if r.accept("at", "local") {
		return function(t.Pos, "timezone", l)
	}
	return nil
}

// namedOperator reads OPERATOR(schema.op), and returns the operator's token and name.
func (r *reader) namedOperator() (*lexer.Token, string) {
	r.next()
	r.want("(")
	for r.tok().Kind != lexer.Op && r.err == nil {
		if s := r.name(); s.Text != "pg_catalog" && r.err == nil {
			r.unsupported(s, "an operator outside of pg_catalog")
		}
		r.want(".")
	}
	op := r.next()
	r.want(")")
	return op, op.Text
}

func nullTest(t *lexer.Token, l *node, not bool) *node {
	if not {
		return paren(t.Pos, l, leaf(t.Pos, " IS NOT NULL"))
	}
	return paren(t.Pos, l, leaf(t.Pos, " IS NULL"))
}

func negate(t *lexer.Token, n *node, not bool) *node {
	if !not {
		return n
	}
	return paren(t.Pos, leaf(t.Pos, "NOT "), n)
}

// isOperator reads IS [NOT] and what follows.
func (r *reader) isOperator(l *node) *node {
	t := r.next()
	not := r.accept("not")
	q := r.next()
	truth := " IS "
	if not {
		truth = " IS NOT "
	}
	switch {
	case q.Word("null"):
		return nullTest(t, l, not)
	case q.Word("true"):
		return paren(t.Pos, l, leaf(t.Pos, truth+"TRUE"))
	case q.Word("false"):
		return paren(t.Pos, l, leaf(t.Pos, truth+"FALSE"))
	case q.Word("unknown"):
		return negate(t, call(t.Pos, core.IsUnknown, l), not)
	case q.Word("distinct"):
		r.wantWords("from")
		n := negate(t, call(t.Pos, core.IsDistinctFrom, l, r.binary(pIs)), not)
		if w := r.tok(); w.Word("is") || w.Word("isnull") || w.Word("notnull") {
			r.syntax(w)
		}
		return n
	case q.Word("nfc"), q.Word("nfd"), q.Word("nfkc"), q.Word("nfkd"), q.Word("normalized"):
		form := own(q.Pos, "NFC")
		if q.Text != "normalized" {
			form = own(q.Pos, q.Text)
			r.wantWords("normalized")
		}
		return negate(t, call(t.Pos, core.IsNormalized, l, form).named("is_normalized", 2), not)
	case q.Word("json"):
		r.unsupported(q, "IS JSON")
	case q.Word("document"):
		r.unsupported(q, "IS DOCUMENT")
	case q.Word("of"):
		r.unsupported(q, "IS OF")
	default:
		r.syntax(q)
	}
	return l
}

// likes gives the markers of the pattern operators.
var likes = map[string]string{
	"like": core.Like, "ilike": core.ILike, "similar": core.SimilarTo, "rlike": core.RLike, "regexp": core.RLike,
}

// likeOperator reads [NOT] IN, BETWEEN, LIKE, ILIKE, SIMILAR TO and RLIKE, which
// are one power and non-associative.
func (r *reader) likeOperator(l *node, power int) *node {
	t, k := r.tok(), 0
	if t.Text == "not" {
		k = 1
	}
	w := r.at(k)
	if w.Kind != lexer.Word || pLike <= power {
		return nil
	}
	marker, isLike := likes[w.Text]
	if !isLike && w.Text != "in" && w.Text != "between" {
		return nil
	}
	if marker == core.SimilarTo && !r.at(k+1).Word("to") {
		return nil // a label, or SUBSTRING's keyword
	}
	if marker == core.RLike && !startsOperand(r.at(k+1)) {
		return nil
	}
	r.i += k + 1
	not := k == 1
	switch w.Text {
	case "in":
		return r.in(w, l, not)
	case "between":
		return r.between(w, l, not)
	}
	return r.like(w, marker, l, not)
}

func (r *reader) in(w *lexer.Token, l *node, not bool) *node {
	op := " IN "
	if not {
		op = " NOT IN "
	}
	r.want("(")
	if r.startsQuery() {
		q := r.level(r.subquery)
		r.want(")")
		return paren(w.Pos, l, leaf(w.Pos, op), q)
	}
	list := commas(r.exprs())
	r.want(")")
	return paren(w.Pos, l, leaf(w.Pos, op+"("), list, glue(")"))
}

func (r *reader) between(w *lexer.Token, l *node, not bool) *node {
	symmetric := r.accept("symmetric")
	if !symmetric {
		r.accept("asymmetric")
	}
	lo := r.restricted()
	r.wantWords("and")
	hi := r.binary(pLike)
	r.refuseLike()
	if symmetric {
		return negate(w, call(w.Pos, core.BetweenSymmetric, l, lo, hi), not)
	}
	return negate(w, paren(w.Pos, l, leaf(w.Pos, " BETWEEN "), lo, glue(" AND "), hi), not)
}

func (r *reader) like(w *lexer.Token, marker string, l *node, not bool) *node {
	if marker == core.SimilarTo {
		r.wantWords("to")
	} else if n := r.quantified(w, w.Text, l); n != nil {
		return negate(w, n, not)
	}
	args := []*node{l, r.binary(pLike)}
	if r.accept("escape") {
		args = append(args, r.binary(pLike))
	}
	r.refuseLike()
	return negate(w, call(w.Pos, marker, args...), not)
}

// refuseLike refuses a second operator of LIKE's power.
func (r *reader) refuseLike() {
	t := r.tok()
	if t.Word("not") {
		t = r.at(1)
	}
	if t.Word("in") || t.Word("between") || t.Word("like") || t.Word("ilike") || t.Word("similar") {
		r.syntax(r.tok())
	}
}
