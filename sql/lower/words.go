package lower

import (
	"strings"

	"github.com/flintsql/flint/sql/lexer"
)

// class is a keyword's class in Postgres' kwlist.h; unreserved words have none.
type class uint8

const (
	reserved    class = 1 << iota // only as a label after AS
	typeOrFunc                    // a function's or a type's name only
	columnName                    // a column's or a table's name, no function's
	needsAs                       // as a select label only after AS
	typeKeyword                   // of columnName: begins a type
	valueWord                     // of reserved and typeOrFunc: a value without parentheses
)

// keywords is Postgres 15's pg_get_keywords, without the plain unreserved ones.
var keywords = classify(map[class]string{
	reserved: `all analyse analyze and any array as asc asymmetric both case cast check collate column constraint
 create current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc
 distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral leading
 limit localtime localtimestamp not null offset on only or order placing primary references returning select session_user
 some symmetric table then to trailing true union unique user using variadic when where window with`,
	typeOrFunc: `authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull join
 left like natural notnull outer overlaps right similar tablesample verbose`,
	columnName: `between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping
 inout int integer interval least national nchar none normalize nullif numeric out overlay position precision real row
 setof smallint substring time timestamp treat trim values varchar xmlattributes xmlconcat xmlelement xmlexists xmlforest
 xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`,
	needsAs: `array as char character create day except fetch filter for from grant group having hour intersect into
 isnull limit minute month notnull offset on order over overlaps precision returning second to union varying where window
 with within without year`,
	typeKeyword: `bigint bit boolean char character dec decimal float int integer interval national nchar numeric real
 smallint time timestamp varchar`,
	valueWord: `current_catalog current_date current_role current_time current_timestamp current_user localtime
 localtimestamp session_user user current_schema`,
})

func classify(lists map[class]string) map[string]class {
	m := map[string]class{}
	for c, words := range lists {
		for _, w := range strings.Fields(words) {
			m[w] |= c
		}
	}
	return m
}

func wordIs(t *lexer.Token, c class) bool {
	return t.Kind == lexer.Word && keywords[t.Text]&c != 0
}

// isColID tells whether the token may name a column or a table.
func isColID(t *lexer.Token) bool {
	return t.Kind == lexer.Name || t.Kind == lexer.Word && keywords[t.Text]&(reserved|typeOrFunc) == 0
}

// isTypeName tells whether the token may begin a type's name.
func isTypeName(t *lexer.Token) bool {
	return t.Kind == lexer.Name || t.Kind == lexer.Word && (keywords[t.Text]&(reserved|columnName) == 0 || keywords[t.Text]&typeKeyword != 0)
}

// isBareLabel tells whether the token may be a select label without AS.
func isBareLabel(t *lexer.Token) bool {
	return t.Kind == lexer.Name || t.Kind == lexer.Word && keywords[t.Text]&needsAs == 0
}

// startsOperand tells whether an operand of Spark's word operators may begin
// here. Those words are no keywords of Postgres, so `a div` may be an alias.
func startsOperand(t *lexer.Token) bool {
	switch t.Kind {
	case lexer.Number, lexer.String, lexer.Param, lexer.Name:
		return true
	case lexer.Word:
		return isColID(t) || wordIs(t, valueWord) || t.Text == "null" || t.Text == "case" || t.Text == "cast"
	}
	return t.Is("(")
}
