package types

import (
	"strconv"
	"strings"
)

// kindInfo is what the protocol and the catalog need to know of a kind.
type kindInfo struct {
	name     string // format_type's name
	internal string // pg_type.typname
	oid      uint32
	arrayOID uint32
	size     int16 // pg_type.typlen
	storage  Storage
}

// OIDs from PostgreSQL's pg_type.dat.
var info = [...]kindInfo{
	Unknown:      {"unknown", "unknown", 705, 0, -2, StoreBytes},
	Bool:         {"boolean", "bool", 16, 1000, 1, StoreBool},
	Int2:         {"smallint", "int2", 21, 1005, 2, StoreInt16},
	Int4:         {"integer", "int4", 23, 1007, 4, StoreInt32},
	Int8:         {"bigint", "int8", 20, 1016, 8, StoreInt64},
	Float4:       {"real", "float4", 700, 1021, 4, StoreFloat32},
	Float8:       {"double precision", "float8", 701, 1022, 8, StoreFloat64},
	Numeric:      {"numeric", "numeric", 1700, 1231, -1, StoreNumeric},
	Text:         {"text", "text", 25, 1009, -1, StoreBytes},
	Varchar:      {"character varying", "varchar", 1043, 1015, -1, StoreBytes},
	Char:         {"character", "bpchar", 1042, 1014, -1, StoreBytes},
	QChar:        {"\"char\"", "char", 18, 1002, 1, StoreBytes},
	Name:         {"name", "name", 19, 1003, 64, StoreBytes},
	Bytea:        {"bytea", "bytea", 17, 1001, -1, StoreBytes},
	Date:         {"date", "date", 1082, 1182, 4, StoreInt32},
	Time:         {"time without time zone", "time", 1083, 1183, 8, StoreInt64},
	Timestamp:    {"timestamp without time zone", "timestamp", 1114, 1115, 8, StoreInt64},
	TimestampTZ:  {"timestamp with time zone", "timestamptz", 1184, 1185, 8, StoreInt64},
	Interval:     {"interval", "interval", 1186, 1187, 16, StoreInterval},
	UUID:         {"uuid", "uuid", 2950, 2951, 16, StoreBytes},
	JSON:         {"json", "json", 114, 199, -1, StoreBytes},
	JSONB:        {"jsonb", "jsonb", 3802, 3807, -1, StoreBytes},
	OID:          {"oid", "oid", 26, 1028, 4, StoreInt64},
	RegClass:     {"regclass", "regclass", 2205, 2210, 4, StoreInt64},
	RegType:      {"regtype", "regtype", 2206, 2211, 4, StoreInt64},
	RegProc:      {"regproc", "regproc", 24, 1008, 4, StoreInt64},
	RegNamespace: {"regnamespace", "regnamespace", 4089, 4090, 4, StoreInt64},
	RegRole:      {"regrole", "regrole", 4096, 4097, 4, StoreInt64},
	Int2Vector:   {"int2vector", "int2vector", 22, 1006, -1, StoreList},
	OIDVector:    {"oidvector", "oidvector", 30, 1013, -1, StoreList},
	Array:        {"anyarray", "anyarray", 2277, 0, -1, StoreList},
	Record:       {"record", "record", 2249, 2287, -1, StoreBytes},
	Void:         {"void", "void", 2278, 0, 4, StoreBytes},
	AnyElement:   {"anyelement", "anyelement", 2283, 0, 4, StoreBytes},
}

// OID returns the type's PostgreSQL OID.
func (t Type) OID() uint32 {
	if t.Kind == Array {
		return info[t.Elem].arrayOID
	}
	return info[t.Kind].oid
}

// Size returns pg_type.typlen: bytes of a fixed type, -1 or -2 for variable ones.
func (t Type) Size() int16 { return info[t.Kind].size }

// InternalName returns pg_type.typname, e.g. "int4" or "_text".
func (t Type) InternalName() string {
	if t.Kind == Array {
		return "_" + info[t.Elem].internal
	}
	return info[t.Kind].internal
}

// String returns the type as PostgreSQL's error messages spell it
// (format_type without modifiers), e.g. "double precision".
func (t Type) String() string {
	if t.Kind == Array {
		return info[t.Elem].name + "[]"
	}
	return info[t.Kind].name
}

// Format returns the type with its modifiers, e.g. "numeric(15,2)".
func (t Type) Format() string {
	elem := t
	suffix := ""
	if t.Kind == Array {
		elem, suffix = t.ElemType(), "[]"
	}
	s := info[elem.Kind].name
	switch {
	case elem.Precision == 0:
	case elem.Kind == Numeric:
		s += "(" + strconv.Itoa(int(elem.Precision)) + "," + strconv.Itoa(int(elem.Scale)) + ")"
	case elem.Kind == Varchar || elem.Kind == Char:
		s += "(" + strconv.Itoa(int(elem.Precision)) + ")"
	}
	return s + suffix
}

// ByOID returns the type with this OID.
func ByOID(oid uint32) (Type, bool) {
	for k := range info {
		if info[k].oid == oid {
			return Of(Kind(k)), true
		}
		if info[k].arrayOID == oid && oid != 0 {
			return ArrayOf(Of(Kind(k))), true
		}
	}
	return Type{}, false
}

// aliases are the other names under which SQL knows a kind.
var aliases = map[string]Kind{
	"int": Int4, "integer": Int4, "smallint": Int2, "bigint": Int8, "long": Int8, "short": Int2, "tinyint": Int2,
	"real": Float4, "float": Float8, "double": Float8, "double precision": Float8, "decimal": Numeric, "dec": Numeric,
	"string": Text, "character varying": Varchar, "character": Char, "boolean": Bool, "binary": Bytea,
	"timestamp without time zone": Timestamp, "timestamp with time zone": TimestampTZ,
	"time without time zone": Time, "char": Char,
}

// Parse resolves a type name with optional modifiers and [] suffix, such as
// "int4", "numeric(12,2)", "varchar(10)", "text[]" or "pg_catalog.regclass".
// Names are matched in lower case.
func Parse(name string) (Type, bool) {
	s := strings.ToLower(strings.TrimSpace(name))
	s = strings.TrimPrefix(s, "pg_catalog.")
	if base, ok := strings.CutSuffix(s, "[]"); ok {
		t, ok := Parse(base)
		if t.Kind == Array {
			return t, ok
		}
		return ArrayOf(t), ok
	}
	mods := ""
	if i := strings.IndexByte(s, '('); i >= 0 && strings.HasSuffix(s, ")") {
		mods, s = s[i+1:len(s)-1], strings.TrimSpace(s[:i])
	}
	if s == "\"char\"" {
		return Of(QChar), true
	}
	k, ok := aliases[s]
	if !ok {
		if k, ok = kindByName(s); !ok {
			return Type{}, false
		}
	}
	return withMods(Of(k), mods)
}

func kindByName(s string) (Kind, bool) {
	if len(s) > 1 && s[0] == '_' {
		return 0, false
	}
	for k := range info {
		if info[k].internal == s && Kind(k) != QChar {
			return Kind(k), true
		}
	}
	return 0, false
}

func withMods(t Type, mods string) (Type, bool) {
	if mods == "" {
		return t, true
	}
	a, b, two := strings.Cut(mods, ",")
	p, err := strconv.Atoi(strings.TrimSpace(a))
	if err != nil || p < 0 || p > 32767 {
		return Type{}, false
	}
	scale := 0
	if two {
		if scale, err = strconv.Atoi(strings.TrimSpace(b)); err != nil {
			return Type{}, false
		}
	}
	switch t.Kind {
	case Numeric:
		if p < 1 || scale < 0 || scale > p {
			return Type{}, false
		}
		return NumericOf(p, scale), true
	case Varchar, Char:
		t.Precision = int16(p)
	}
	return t, true
}
