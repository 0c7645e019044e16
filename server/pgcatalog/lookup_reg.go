package pgcatalog

import (
	"strconv"
	"strings"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// The reg… types: names of objects in and out. Numbers never come in here.

// orNull makes to_reg… of a reg…in: what is not there is NULL.
func orNull(in answer) answer {
	return func(l *lookup, a []value.Value) (any, error) {
		x, err := in(l, a)
		switch sqlerr.Code(err) {
		case sqlerr.UndefinedTable, sqlerr.UndefinedObject, sqlerr.UndefinedFunction, sqlerr.InvalidSchema, sqlerr.AmbiguousFunction:
			return nil, nil
		}
		return x, err
	}
}

func oidText(oid int64) string { return strconv.FormatInt(oid, 10) }

// splitName reads a name with its qualifiers as SQL writes it.
func splitName(s string) ([]string, error) {
	var parts []string
	rest := strings.TrimSpace(s)
	for {
		part, tail, ok := cutPart(rest)
		if !ok {
			return nil, sqlerr.New(sqlerr.InvalidName, "invalid name syntax")
		}
		parts = append(parts, part)
		if tail == "" {
			return parts, nil
		}
		if tail[0] != '.' {
			return nil, sqlerr.New(sqlerr.InvalidName, "invalid name syntax")
		}
		rest = strings.TrimSpace(tail[1:])
	}
}

// cutPart reads one part of a name: quoted, or folded to lower case.
func cutPart(s string) (part, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		i := strings.IndexAny(s, ". \t\n")
		if i < 0 {
			i = len(s)
		}
		return strings.ToLower(s[:i]), strings.TrimSpace(s[i:]), i > 0
	}
	for i := 1; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			i++
			continue
		}
		return strings.ReplaceAll(s[1:i], `""`, `"`), strings.TrimSpace(s[i+1:]), i > 1
	}
	return "", "", false
}

// quoteName is quote_identifier, without its list of reserved words.
func quoteName(s string) string {
	plain := s != "" && (s[0] < '0' || s[0] > '9')
	for i := 0; i < len(s); i++ {
		c := s[i]
		plain = plain && (c == '_' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9')
	}
	if plain {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

func regclassIn(l *lookup, a []value.Value) (any, error) {
	if a[0].S == "-" {
		return 0, nil
	}
	parts, err := splitName(a[0].S)
	if err != nil {
		return nil, err
	}
	schema, name := "", parts[len(parts)-1]
	switch {
	case len(parts) == 3 && parts[0] != l.c.name:
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "cross-database references are not implemented: \"%s\"", strings.Join(parts, "."))
	case len(parts) > 3:
		return nil, sqlerr.New(sqlerr.Syntax, "improper relation name (too many dotted names): %s", strings.Join(parts, "."))
	case len(parts) > 1:
		schema = parts[len(parts)-2]
	}
	r, err := l.s.find(schema, name)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, sqlerr.New(sqlerr.UndefinedTable, "relation \"%s\" does not exist", strings.Join(parts, "."))
	}
	return r.oid, nil
}

func regclassOut(l *lookup, a []value.Value) (any, error) {
	if a[0].I == 0 {
		return "-", nil
	}
	r, err := l.s.relation(uint32(a[0].I))
	if err != nil || r == nil {
		return oidText(a[0].I), err
	}
	if l.s.visible(r) {
		return quoteName(r.name), nil
	}
	return quoteName(r.schema.name) + "." + quoteName(r.name), nil
}

func regtypeIn(_ *lookup, a []value.Value) (any, error) {
	s := a[0].S
	if s == "-" {
		return 0, nil
	}
	bare := strings.TrimPrefix(s, "pg_catalog.")
	for _, t := range typeInfos() {
		if t.name == bare {
			return t.oid, nil
		}
	}
	if t, ok := types.Parse(s); ok {
		return t.OID(), nil
	}
	return nil, sqlerr.New(sqlerr.UndefinedObject, "type \"%s\" does not exist", s)
}

func regtypeOut(_ *lookup, a []value.Value) (any, error) {
	if a[0].I == 0 {
		return "-", nil
	}
	if t, ok := types.ByOID(uint32(a[0].I)); ok {
		return t.String(), nil
	}
	if t := typeInfoByOID()[uint32(a[0].I)]; t != nil {
		return quoteName(t.name), nil
	}
	return oidText(a[0].I), nil
}

// formatType names the types that only the catalog knows.
func formatType(_ *lookup, a []value.Value) (any, error) {
	if t := typeInfoByOID()[uint32(a[0].I)]; t != nil {
		return quoteName(t.name), nil
	}
	return "???", nil
}

func regprocIn(_ *lookup, a []value.Value) (any, error) {
	if a[0].S == "-" {
		return 0, nil
	}
	parts, err := splitName(a[0].S)
	if err != nil {
		return nil, err
	}
	var found *routine
	for _, r := range routines() {
		if r.name != parts[len(parts)-1] || len(parts) == 2 && parts[0] != PgCatalog {
			continue
		}
		if found != nil {
			return nil, sqlerr.New(sqlerr.AmbiguousFunction, "more than one function named \"%s\"", a[0].S)
		}
		found = r
	}
	if found == nil {
		return nil, sqlerr.New(sqlerr.UndefinedFunction, "function \"%s\" does not exist", a[0].S)
	}
	return found.oid, nil
}

func regprocOut(_ *lookup, a []value.Value) (any, error) {
	if a[0].I == 0 {
		return "-", nil
	}
	if r := routineByOID()[uint32(a[0].I)]; r != nil {
		return r.name, nil
	}
	return oidText(a[0].I), nil
}

func regnamespaceIn(l *lookup, a []value.Value) (any, error) {
	if a[0].S == "-" {
		return 0, nil
	}
	parts, err := splitName(a[0].S)
	if err != nil {
		return nil, err
	}
	if err := l.s.list(); err != nil {
		return nil, err
	}
	for _, n := range l.s.schemas {
		if len(parts) == 1 && n.name == parts[0] {
			return n.oid, nil
		}
	}
	return nil, sqlerr.New(sqlerr.InvalidSchema, "schema \"%s\" does not exist", strings.Join(parts, "."))
}

func regnamespaceOut(l *lookup, a []value.Value) (any, error) {
	if err := l.s.list(); err != nil {
		return nil, err
	}
	for _, n := range l.s.schemas {
		if int64(n.oid) == a[0].I {
			return quoteName(n.name), nil
		}
	}
	if a[0].I == 0 {
		return "-", nil
	}
	return oidText(a[0].I), nil
}

func regroleIn(l *lookup, a []value.Value) (any, error) {
	if a[0].S == "-" {
		return 0, nil
	}
	parts, err := splitName(a[0].S)
	if err != nil {
		return nil, err
	}
	for _, n := range l.s.roles() {
		if len(parts) == 1 && n == parts[0] {
			return roleOID(n), nil
		}
	}
	return nil, sqlerr.New(sqlerr.UndefinedObject, "role \"%s\" does not exist", strings.Join(parts, "."))
}

func regroleOut(l *lookup, a []value.Value) (any, error) {
	for _, n := range l.s.roles() {
		if int64(roleOID(n)) == a[0].I {
			return quoteName(n), nil
		}
	}
	if a[0].I == 0 {
		return "-", nil
	}
	return oidText(a[0].I), nil
}
