package pgcatalog

import (
	"strconv"

	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
)

func fillCatalogName(s *snapshot, w *rows, _ []int64) error {
	w.set("catalog_name", s.c.name).add()
	return nil
}

func fillSchemata(s *snapshot, w *rows, _ []int64) error {
	if err := s.list(); err != nil {
		return err
	}
	for _, n := range s.schemas {
		w.set("catalog_name", s.c.name).set("schema_name", n.name).set("schema_owner", owner).add()
	}
	return nil
}

func fillEnabledRoles(s *snapshot, w *rows, _ []int64) error {
	for _, n := range s.roles() {
		w.set("role_name", n).add()
	}
	return nil
}

func fillCharacterSets(s *snapshot, w *rows, _ []int64) error {
	w.set("character_set_name", "UTF8").set("character_repertoire", "UCS").set("form_of_use", "UTF8")
	w.set("default_collate_catalog", s.c.name).set("default_collate_schema", PgCatalog).set("default_collate_name", "C").add()
	return nil
}

func fillInfoTables(s *snapshot, w *rows, _ []int64) error {
	if err := s.list(); err != nil {
		return err
	}
	for _, r := range s.rels {
		kind := "BASE TABLE"
		if r.kind == "v" {
			kind = "VIEW"
		}
		w.set("table_catalog", s.c.name).set("table_schema", r.schema.name).set("table_name", r.name).set("table_type", kind)
		w.set("is_insertable_into", "NO").set("is_typed", "NO").add()
	}
	return nil
}

func fillInfoViews(s *snapshot, w *rows, _ []int64) error {
	if err := s.list(); err != nil {
		return err
	}
	for _, r := range s.rels {
		if r.kind == "v" {
			w.set("table_catalog", s.c.name).set("table_schema", r.schema.name).set("table_name", r.name).set("check_option", "NONE")
			for _, c := range []string{"is_updatable", "is_insertable_into", "is_trigger_updatable", "is_trigger_deletable", "is_trigger_insertable_into"} {
				w.set(c, "NO")
			}
			w.add()
		}
	}
	return nil
}

func fillRoutines(s *snapshot, w *rows, _ []int64) error {
	for _, r := range routines() {
		if function.IsOperator(r.name) || r.kind != "f" {
			continue
		}
		result, _ := declared(r.result)
		for _, kind := range []string{"specific", "routine"} {
			w.set(kind+"_catalog", s.c.name).set(kind+"_schema", PgCatalog)
		}
		w.set("specific_name", r.name+"_"+oidText(int64(r.oid))).set("routine_name", r.name).set("routine_type", "FUNCTION")
		w.set("data_type", result).set("type_udt_catalog", s.c.name).set("type_udt_schema", PgCatalog).set("type_udt_name", r.result.InternalName())
		w.set("routine_body", "EXTERNAL").set("external_language", "INTERNAL").set("is_null_call", yesNo(r.strict)).set("security_type", "INVOKER").add()
	}
	return nil
}

func fillTablePrivileges(s *snapshot, w *rows, _ []int64) error {
	if err := s.list(); err != nil {
		return err
	}
	for _, r := range s.rels {
		w.set("grantor", owner).set("grantee", owner).set("table_catalog", s.c.name).set("table_schema", r.schema.name).set("table_name", r.name)
		w.set("privilege_type", "SELECT").set("is_grantable", "YES").set("with_hierarchy", "YES").add()
	}
	return nil
}

func fillInfoColumns(s *snapshot, w *rows, _ []int64) error {
	if err := s.list(); err != nil {
		return err
	}
	for _, r := range s.rels {
		for i, f := range s.fields(r) {
			w.set("table_catalog", s.c.name).set("table_schema", r.schema.name).set("table_name", r.name)
			w.set("column_name", f.Name).set("ordinal_position", i+1).set("is_nullable", yesNo(f.Nullable))
			infoType(w, f.Type)
			w.set("udt_catalog", s.c.name).set("udt_schema", PgCatalog).set("udt_name", f.Type.InternalName())
			w.set("dtd_identifier", strconv.Itoa(i+1)).set("is_self_referencing", "NO").set("is_identity", "NO")
			w.set("identity_cycle", "NO").set("is_generated", "NEVER").set("is_updatable", "NO").add()
		}
	}
	return nil
}

func yesNo(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}

// infoType describes a type as the SQL standard does.
func infoType(w *rows, t types.Type) {
	w.set("data_type", t.String())
	switch t.Kind {
	case types.Array, types.Int2Vector, types.OIDVector:
		w.set("data_type", "ARRAY")
	case types.Char, types.Varchar:
		if t.Precision > 0 {
			w.set("character_maximum_length", t.Precision).set("character_octet_length", 4*int(t.Precision))
		} else {
			w.set("character_octet_length", 1<<30)
		}
	case types.Text:
		w.set("character_octet_length", 1<<30)
	case types.Int2, types.Int4, types.Int8, types.Float4, types.Float8:
		bits := map[types.Kind]int{types.Int2: 16, types.Int4: 32, types.Int8: 64, types.Float4: 24, types.Float8: 53}
		w.set("numeric_precision", bits[t.Kind]).set("numeric_precision_radix", 2)
		if t.IsInteger() {
			w.set("numeric_scale", 0)
		}
	case types.Numeric:
		w.set("numeric_precision_radix", 10)
		if t.Precision > 0 {
			w.set("numeric_precision", t.Precision).set("numeric_scale", t.Scale)
		}
	case types.Date:
		w.set("datetime_precision", 0)
	case types.Time, types.Timestamp, types.TimestampTZ, types.Interval:
		w.set("datetime_precision", 6)
	}
}
