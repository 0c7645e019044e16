package pgcatalog

import "math"

// databaseOID is the OID of a catalog.
func databaseOID(name string) uint32 { return oidOf("database", name) }

func fillDatabase(s *snapshot, w *rows, _ []int64) error {
	for _, n := range s.c.all() {
		w.set("oid", databaseOID(n)).set("datname", n).set("datdba", oidOwner).set("encoding", 6).set("datlocprovider", "c")
		w.set("datallowconn", true).set("datconnlimit", -1).set("dattablespace", oidDefaultSpace)
		w.set("datcollate", "C").set("datctype", "C.UTF-8").add()
	}
	return nil
}

// roles lists the owner and whoever asks: Flint keeps no list of its users.
func (s *snapshot) roles() []string {
	if s.state.User == owner || s.state.User == "" {
		return []string{owner}
	}
	return []string{owner, s.state.User}
}

func fillRoles(s *snapshot, w *rows, _ []int64) error {
	for _, n := range s.roles() {
		w.set("oid", roleOID(n)).set("rolname", n)
		for _, can := range []string{"rolsuper", "rolinherit", "rolcreaterole", "rolcreatedb", "rolcanlogin", "rolreplication", "rolbypassrls"} {
			w.set(can, true)
		}
		w.set("rolconnlimit", -1)
		if w.r.name == "pg_roles" {
			w.set("rolpassword", "********")
		}
		w.add()
	}
	return nil
}

func fillUsers(s *snapshot, w *rows, _ []int64) error {
	for _, n := range s.roles() {
		w.set("usename", n).set("usesysid", roleOID(n)).set("usecreatedb", true).set("usesuper", true).set("userepl", true).set("usebypassrls", true)
		if w.r.name == "pg_user" {
			w.set("passwd", "********")
		}
		w.add()
	}
	return nil
}

func fillTablespace(s *snapshot, w *rows, _ []int64) error {
	w.set("oid", oidDefaultSpace).set("spcname", "pg_default").set("spcowner", oidOwner).add()
	w.set("oid", oidDefaultSpace+1).set("spcname", "pg_global").set("spcowner", oidOwner).add()
	return nil
}

func fillAccessMethod(s *snapshot, w *rows, _ []int64) error {
	w.set("oid", oidHeap).set("amname", "heap").set("amhandler", oidHeapHandler).set("amtype", "t").add()
	w.set("oid", 403).set("amname", "btree").set("amhandler", oidBTreeHandler).set("amtype", "i").add()
	return nil
}

func fillLanguage(s *snapshot, w *rows, _ []int64) error {
	for _, l := range []struct {
		oid     int
		name    string
		trusted bool
	}{{12, "internal", false}, {14, "sql", true}} {
		w.set("oid", l.oid).set("lanname", l.name).set("lanowner", oidOwner).set("lanpltrusted", l.trusted).add()
	}
	return nil
}

func fillCollation(s *snapshot, w *rows, _ []int64) error {
	for _, c := range []struct {
		oid            int
		name, provider string
		encoding       int
		locale         any
	}{{oidDefaultCollation, "default", "d", -1, nil}, {950, "C", "c", -1, "C"}, {951, "POSIX", "c", -1, "POSIX"}, {12341, "ucs_basic", "c", 6, "C"}} {
		w.set("oid", c.oid).set("collname", c.name).set("collnamespace", oidPgCatalog).set("collowner", oidOwner)
		w.set("collprovider", c.provider).set("collisdeterministic", true).set("collencoding", c.encoding)
		w.set("collcollate", c.locale).set("collctype", c.locale).add()
	}
	return nil
}

func fillStatDatabase(s *snapshot, w *rows, _ []int64) error {
	for _, n := range s.c.all() {
		w.set("datid", databaseOID(n)).set("datname", n).add()
	}
	return nil
}

func fillSettings(s *snapshot, w *rows, _ []int64) error {
	for _, x := range s.state.Settings {
		w.set("name", x.Name).set("setting", x.Value).set("category", "Preset Options").set("short_desc", x.Doc)
		w.set("context", "user").set("vartype", x.Kind).set("source", "default").set("boot_val", x.Default).set("reset_val", x.Default)
		if x.ReadOnly {
			w.set("context", "internal")
		} else {
			w.set("category", "Client Connection Defaults")
		}
		if x.Value != x.Default {
			w.set("source", "session")
		}
		if x.Kind == "enum" {
			w.set("enumvals", x.Enum)
		}
		if x.Kind == "integer" {
			w.set("min_val", "0").set("max_val", "2147483647")
		}
		w.set("pending_restart", false).add()
	}
	return nil
}

func fillActivity(s *snapshot, w *rows, _ []int64) error {
	for _, a := range s.state.Sessions {
		w.set("datid", databaseOID(a.Database)).set("datname", a.Database).set("pid", a.PID).set("usesysid", roleOID(a.User)).set("usename", a.User)
		w.set("application_name", a.Application).set("backend_start", a.Started).set("state_change", a.QueryStart).set("query_start", a.QueryStart)
		w.set("state", a.State).set("query", a.Query).set("backend_type", "client backend")
		if a.Client != "" {
			w.set("client_addr", a.Client).set("client_port", a.Port)
		}
		w.add()
	}
	return nil
}

// pages bounds a count of blocks to what relpages can show.
func pages(bytes float64) int64 { return int64(math.Min(bytes/8192, math.MaxInt32)) }
