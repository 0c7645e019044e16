package pgcatalog

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"github.com/flintsql/flint/sql/types"
)

// relationsText has a line for each system table or view of PostgreSQL 15: its
// name, OID and relkind, then its columns as name:type, with ! where NOT NULL.
// Types that Flint lacks are given by those that hold the same text.
//
//go:embed relations.txt
var relationsText string

// relation is the shape of a system table or view.
type relation struct {
	schema, name string
	oid          uint32
	kind         string // pg_class.relkind
	fields       []types.Field
	all          []types.Field  // with the system columns behind
	index        map[string]int // column name → position in all
}

// systemColumns are the columns of every system table that * leaves out.
var systemColumns = []types.Field{{Name: "tableoid", Type: types.Of(types.OID)}, {Name: "xmin", Type: types.Of(types.OID)}}

var relations = sync.OnceValue(func() []*relation {
	var out []*relation
	for _, line := range strings.Split(strings.TrimSpace(relationsText)+"\n"+flintRelations, "\n") {
		out = append(out, parseRelation(strings.Fields(line)))
	}
	return out
})

func parseRelation(words []string) *relation {
	schema, name, _ := strings.Cut(words[0], ".")
	oid, _ := strconv.ParseUint(words[1], 10, 32)
	r := &relation{schema: schema, name: name, oid: uint32(oid), kind: words[2], index: map[string]int{}}
	for i, w := range words[3:] {
		col, typ, _ := strings.Cut(w, ":")
		typ, notNull := strings.CutSuffix(typ, "!")
		r.fields = append(r.fields, types.Field{Name: col, Type: parseType(typ), Nullable: !notNull})
		r.index[col] = i
	}
	r.all = append(append(r.all, r.fields...), systemColumns...)
	for i, f := range systemColumns {
		r.index[f.Name] = len(r.fields) + i
	}
	return r
}

// parseType reads a pg_type.typname.
func parseType(s string) types.Type {
	if elem, ok := strings.CutPrefix(s, "_"); ok {
		return types.ArrayOf(parseType(elem))
	}
	t, _ := types.Parse(s)
	return t
}

var relationsByName = sync.OnceValue(func() map[string]*relation {
	m := map[string]*relation{}
	for _, r := range relations() {
		m[r.schema+"."+r.name] = r
	}
	return m
})

func findRelation(schema, name string) (*relation, bool) {
	r, ok := relationsByName()[schema+"."+name]
	return r, ok
}
