package pgcatalog

func anyTable(*relObject) bool      { return true }
func userTable(r *relObject) bool   { return r.system == nil }
func systemTable(r *relObject) bool { return r.system != nil }

func fillPgTables(s *snapshot, w *rows, _ []int64) error {
	if err := s.list(); err != nil {
		return err
	}
	for _, r := range s.rels {
		if r.kind == "r" {
			w.set("schemaname", r.schema.name).set("tablename", r.name).set("tableowner", owner).set("hasindexes", false)
			w.set("hasrules", false).set("hastriggers", false).set("rowsecurity", false).add()
		}
	}
	return nil
}

func fillPgViews(s *snapshot, w *rows, _ []int64) error {
	if err := s.list(); err != nil {
		return err
	}
	for _, r := range s.rels {
		if r.kind == "v" {
			w.set("schemaname", r.schema.name).set("viewname", r.name).set("viewowner", owner).add()
		}
	}
	return nil
}

// fillStatTables shows estimates only: Flint counts no accesses.
func fillStatTables(which func(*relObject) bool) fill {
	return func(s *snapshot, w *rows, _ []int64) error {
		if err := s.list(); err != nil {
			return err
		}
		for _, r := range s.rels {
			if r.kind != "r" || !which(r) {
				continue
			}
			w.set("relid", r.oid).set("schemaname", r.schema.name).set("relname", r.name)
			for _, c := range []string{"seq_scan", "seq_tup_read", "n_tup_ins", "n_tup_upd", "n_tup_del", "n_dead_tup", "vacuum_count", "analyze_count"} {
				w.set(c, 0)
			}
			if w.wants("last_analyze", "analyze_count") {
				if k := s.analyzed(r); k != nil {
					w.set("last_analyze", k.Analyzed).set("analyze_count", 1)
				}
			}
			if w.wants("n_live_tup") {
				n, _ := s.stats(r)
				w.set("n_live_tup", int64(max(n, 0)))
			}
			w.add()
		}
		return nil
	}
}
