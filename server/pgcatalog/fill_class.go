package pgcatalog

import (
	"slices"

	"github.com/flintsql/flint/sql/types"
)

func fillNamespace(s *snapshot, w *rows, _ []int64) error {
	if err := s.list(); err != nil {
		return err
	}
	for _, n := range s.schemas {
		w.set("oid", n.oid).set("nspname", n.name).set("nspowner", oidOwner).add()
	}
	return nil
}

// wanted lists the relations of a scan.
func (s *snapshot) wanted(only []int64) ([]*relObject, error) {
	if err := s.list(); err != nil || only == nil {
		return s.rels, err
	}
	var out []*relObject
	for _, o := range only {
		if r := s.byOID[uint32(o)]; r != nil && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out, nil
}

func fillClass(s *snapshot, w *rows, only []int64) error {
	rels, err := s.wanted(only)
	if err != nil {
		return err
	}
	for _, r := range rels {
		w.set("oid", r.oid).set("relname", r.name).set("relnamespace", r.schema.oid).set("relowner", oidOwner)
		w.set("relkind", r.kind).set("relpersistence", "p").set("relreplident", "n").set("relispopulated", true)
		w.set("relhasrules", r.kind == "v")
		if r.kind == "r" {
			w.set("relam", oidHeap).set("relfilenode", r.oid)
		}
		if r.system == nil {
			w.set("relreplident", "d")
		}
		if w.wants("relnatts") {
			w.set("relnatts", len(s.fields(r)))
		}
		if w.wants("reltuples", "relpages") {
			n, bytes := s.stats(r)
			w.set("reltuples", n).set("relpages", pages(bytes))
		}
		w.add()
	}
	return nil
}

func fillAttribute(s *snapshot, w *rows, only []int64) error {
	rels, err := s.wanted(only)
	if err != nil {
		return err
	}
	infos := typeInfoByOID()
	for _, r := range rels {
		for i, f := range s.fields(r) {
			w.set("attrelid", r.oid).set("attname", f.Name).set("attnum", i+1)
			w.set("attstattarget", -1).set("attcacheoff", -1).set("attnotnull", !f.Nullable).set("attislocal", true)
			fillAttributeType(w, f.Type, infos[f.Type.OID()])
			w.add()
		}
	}
	return nil
}

func fillAttributeType(w *rows, t types.Type, info *typeInfo) {
	w.set("atttypid", t.OID()).set("atttypmod", typmod(t)).set("attlen", t.Size())
	if t.Kind == types.Array {
		w.set("attndims", 1).set("attlen", -1)
	}
	if info != nil {
		w.set("attbyval", info.byValue).set("attalign", info.align).set("attstorage", info.store).set("attcollation", info.collation)
	}
}

func fillType(s *snapshot, w *rows, _ []int64) error {
	for _, t := range typeInfos() {
		w.set("oid", t.oid).set("typname", t.name).set("typnamespace", oidPgCatalog).set("typowner", oidOwner)
		w.set("typlen", t.size).set("typbyval", t.byValue).set("typtype", t.class).set("typcategory", t.category)
		w.set("typispreferred", t.preferred).set("typisdefined", true).set("typdelim", t.delim)
		w.set("typsubscript", t.subscript.oid).set("typelem", t.elem).set("typarray", t.array)
		for i, col := range [6]string{"typinput", "typoutput", "typreceive", "typsend", "typmodin", "typmodout"} {
			w.set(col, t.procs[i].oid)
		}
		w.set("typalign", t.align).set("typstorage", t.store).set("typtypmod", -1).set("typcollation", t.collation).add()
	}
	return nil
}
