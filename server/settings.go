package server

import (
	"maps"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/flintsql/flint/sql/sqlerr"
)

// settingKind says what values a setting takes.
type settingKind uint8

const (
	textSetting settingKind = iota
	boolSetting
	intSetting
	bytesSetting
	durationSetting // a bare number means milliseconds
	enumSetting
	readOnlySetting
)

// setting describes one run-time parameter.
type setting struct {
	name    string
	kind    settingKind
	value   string // default
	report  bool   // sent to the client in ParameterStatus
	allowed string // enums: space-separated
	doc     string
}

// allSettings are the run-time parameters: PostgreSQL's that clients set or
// read, then Flint's own.
var allSettings = []setting{
	{"application_name", textSetting, "", true, "", "Name of the client application."},
	{"array_nulls", boolSetting, "on", false, "", "Always on."},
	{"block_size", readOnlySetting, "8192", false, "", "Unit of relpages."},
	{"bytea_output", enumSetting, "hex", false, "hex escape", "Output format of bytea."},
	{"check_function_bodies", boolSetting, "on", false, "", "Accepted and ignored."},
	{"client_encoding", enumSetting, "UTF8", true, "UTF8", "Encoding of the client; only UTF8."},
	{"client_min_messages", textSetting, "notice", false, "", "Message levels sent to the client."},
	{"DateStyle", textSetting, "ISO, MDY", true, "", "Output format of dates; only ISO."},
	{"default_table_access_method", textSetting, "heap", false, "", "Accepted and ignored."},
	{"default_tablespace", textSetting, "", false, "", "Accepted and ignored."},
	{"default_transaction_deferrable", boolSetting, "off", false, "", "Accepted and ignored."},
	{"default_transaction_isolation", textSetting, "read committed", false, "", "Accepted and ignored."},
	{"default_transaction_read_only", boolSetting, "off", true, "", "Accepted and ignored."},
	{"escape_string_warning", boolSetting, "on", false, "", "Accepted and ignored."},
	{"enable_seqscan", boolSetting, "on", false, "", "Accepted and ignored."},
	{"extra_float_digits", intSetting, "1", false, "", "Digits shown of floating-point numbers."},
	{"idle_in_transaction_session_timeout", durationSetting, "0", false, "", "Accepted and ignored."},
	{"in_hot_standby", readOnlySetting, "off", true, "", "Always off."},
	{"integer_datetimes", readOnlySetting, "on", true, "", "Always on."},
	{"IntervalStyle", textSetting, "postgres", true, "", "Output format of intervals; only postgres."},
	{"is_superuser", readOnlySetting, "on", true, "", "Always on."},
	{"lc_collate", readOnlySetting, "C", false, "", "Collation order of strings: bytes."},
	{"lc_ctype", readOnlySetting, "C.UTF-8", false, "", "Character classes of strings."},
	{"jit", boolSetting, "off", false, "", "Accepted and ignored."},
	{"lc_messages", textSetting, "C", false, "", "Language of messages: English."},
	{"lc_monetary", textSetting, "C", false, "", "Accepted and ignored."},
	{"lc_numeric", textSetting, "C", false, "", "Accepted and ignored."},
	{"lc_time", textSetting, "C", false, "", "Accepted and ignored."},
	{"lock_timeout", durationSetting, "0", false, "", "Accepted and ignored."},
	{"max_connections", readOnlySetting, "500", false, "", "Most client connections, by default."},
	{"max_identifier_length", readOnlySetting, "63", false, "", "Longest identifier."},
	{"max_index_keys", readOnlySetting, "32", false, "", "There are no indexes."},
	{"password_encryption", textSetting, "scram-sha-256", false, "", "Accepted and ignored."},
	{"plan_cache_mode", enumSetting, "auto", false, "auto force_generic_plan force_custom_plan", "Accepted and ignored."},
	{"quote_all_identifiers", boolSetting, "off", false, "", "Accepted and ignored."},
	{"row_security", boolSetting, "on", false, "", "Accepted and ignored."},
	{"search_path", textSetting, `"$user", public`, false, "", "Schemas searched for unqualified names."},
	{"server_encoding", readOnlySetting, "UTF8", true, "", "Encoding of the server."},
	{"server_version", readOnlySetting, ServerVersion, true, "", "PostgreSQL version whose behaviour is offered."},
	{"server_version_num", readOnlySetting, "150008", false, "", "The same as a number."},
	{"session_authorization", readOnlySetting, "flint", true, "", "User of the session."},
	{"session_replication_role", enumSetting, "origin", false, "origin replica local", "Accepted and ignored."},
	{"ssl", readOnlySetting, "off", false, "", "TLS of the connection."},
	{"standard_conforming_strings", enumSetting, "on", true, "on", "Always on."},
	{"synchronize_seqscans", boolSetting, "on", false, "", "Accepted and ignored."},
	{"statement_timeout", durationSetting, "0", false, "", "Longest time a statement may run."},
	{"synchronous_commit", textSetting, "on", false, "", "Accepted and ignored."},
	{"TimeZone", textSetting, "UTC", true, "", "Time zone of timestamptz input and output."},
	{"transaction_isolation", textSetting, "read committed", false, "", "Isolation of the transaction; there are no snapshots."},
	{"transaction_read_only", boolSetting, "off", false, "", "Accepted and ignored."},
	{"transaction_deferrable", boolSetting, "off", false, "", "Accepted and ignored."},
	{"xmloption", enumSetting, "content", false, "content document", "Accepted and ignored."},
	{"work_mem", bytesSetting, "4MB", false, "", "Accepted and ignored; see query_memory_limit."},

	{"adaptive", boolSetting, "on", false, "", "Whether stages are re-planned by the measured sizes of their inputs."},
	{"adaptive_task_size", bytesSetting, "16MB", false, "", "Bytes that a task of a re-planned stage should read."},
	{"broadcast_threshold", bytesSetting, "32MB", false, "", "Largest estimated build side sent whole to every executor process."},
	{"disabled_rules", textSetting, "", false, "", "Optimizer rules that are switched off, comma-separated."},
	{"feedback", boolSetting, "on", false, "", "Whether queries' measured rows correct the estimates of later plans of the same shape."},
	{"max_parallelism", intSetting, "0", false, "", "Most tasks of a stage; 0 = all slots."},
	{"query_memory_limit", bytesSetting, "0", false, "", "Memory a query may hold per process; 0 = the process's limit."},
	{"result_delivery", enumSetting, "streaming", false, "streaming committed", "Whether a result may leave before its query has ended."},
	{"runtime_filters", boolSetting, "on", false, "", "Whether joins send the keys of their build side to scans of other stages."},
	{"spool_threshold", bytesSetting, "1GB", false, "", "Largest estimated exchange that is spooled rather than pipelined."},
}

// settings are a session's values.
type settings struct {
	values   map[string]string // by lower-case name; written by set and remove only
	shared   map[string]string // a copy of values that is never written: nil after a change
	start    map[string]string // those that the startup packet set: what RESET goes back to
	changed  map[string]bool   // reported ones changed since last asked
	location *time.Location
}

func newSettings() *settings {
	s := &settings{values: make(map[string]string, len(allSettings)), start: map[string]string{}, changed: map[string]bool{}, location: time.UTC}
	for _, x := range allSettings {
		s.values[strings.ToLower(x.name)] = x.value
	}
	return s
}

func findSetting(name string) (setting, bool) {
	for _, x := range allSettings {
		if strings.EqualFold(x.name, name) {
			return x, true
		}
	}
	return setting{}, false
}

func (s *settings) get(name string) string { return s.values[strings.ToLower(name)] }

func (s *settings) boolean(name string) bool { return s.get(name) == "on" }

func (s *settings) integer(name string) int {
	n, _ := strconv.Atoi(s.get(name)) // was checked when set
	return n
}

func (s *settings) bytes(name string) int64 {
	n, _ := parseBytes(s.get(name)) // was checked when set
	return n
}

func (s *settings) duration(name string) time.Duration {
	d, _ := parseDuration(s.get(name)) // was checked when set
	return d
}

// all returns the values as they are now. Statements share the copy until a
// value changes, for most statements change none.
func (s *settings) all() map[string]string {
	if s.shared == nil {
		s.shared = maps.Clone(s.values)
	}
	return s.shared
}

// set sets a value by its lower-case name, unchecked.
func (s *settings) set(key, v string) { s.values[key], s.shared = v, nil }

func (s *settings) remove(key string) {
	delete(s.values, key)
	s.shared = nil
}

// put checks and sets a value.
func (s *settings) put(name, v string) error {
	x, ok := findSetting(name)
	key := strings.ToLower(name)
	if !ok {
		if strings.Contains(name, ".") { // a custom parameter, as in PostgreSQL
			s.set(key, v)
			return nil
		}
		return unrecognized(name)
	}
	v, err := x.check(v)
	if err != nil {
		return err
	}
	if key == "timezone" {
		loc, err := time.LoadLocation(zoneName(v))
		if err != nil {
			return sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for parameter %q: %q", x.name, v)
		}
		s.location = loc
	}
	if s.values[key] != v && x.report {
		s.changed[x.name] = true
	}
	s.set(key, v)
	return nil
}

func zoneName(v string) string {
	switch strings.ToLower(v) {
	case "utc", "gmt", "z", "default", "":
		return "UTC"
	case "local":
		return "UTC"
	}
	return v
}

func unrecognized(name string) *sqlerr.Error {
	return sqlerr.New(sqlerr.UndefinedObject, "unrecognized configuration parameter %q", name)
}

// check returns a value in its canonical form.
func (x setting) check(v string) (string, error) {
	bad := sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for parameter %q: %q", x.name, v)
	switch x.kind {
	case readOnlySetting:
		return "", sqlerr.New(sqlerr.CantChangeParam, "parameter %q cannot be changed", x.name)
	case boolSetting:
		switch strings.ToLower(v) {
		case "on", "true", "yes", "1", "t", "y":
			return "on", nil
		case "off", "false", "no", "0", "f", "n":
			return "off", nil
		}
		return "", sqlerr.New(sqlerr.InvalidParameterValue, "parameter %q requires a Boolean value", x.name)
	case intSetting:
		if _, err := strconv.ParseInt(v, 10, 32); err != nil {
			return "", bad
		}
	case bytesSetting:
		if _, ok := parseBytes(v); !ok {
			return "", bad.WithHint("Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".")
		}
	case durationSetting:
		d, ok := parseDuration(v)
		if !ok {
			return "", bad.WithHint("Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".")
		}
		return showDuration(d), nil
	case enumSetting:
		if x.name == "client_encoding" && strings.Contains(" utf8 unicode sqlascii ", " "+encodingName(v)+" ") {
			return "UTF8", nil
		}
		for _, a := range strings.Fields(x.allowed) {
			if strings.EqualFold(a, v) {
				return a, nil
			}
		}
		return "", bad.WithHint("Available values: %s.", strings.ReplaceAll(x.allowed, " ", ", "))
	}
	return v, nil
}

// encodingName is an encoding's name as PostgreSQL compares it: letters and
// digits only.
func encodingName(v string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(v))
}

// parseBytes reads a size such as 64MB; a bare number is in bytes.
func parseBytes(v string) (int64, bool) {
	units := map[string]int64{"": 1, "b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}
	return parseUnit(v, units)
}

func parseDuration(v string) (time.Duration, bool) {
	units := map[string]int64{"": 1e6, "us": 1e3, "ms": 1e6, "s": 1e9, "min": 60e9, "h": 3600e9, "d": 86400e9}
	n, ok := parseUnit(v, units)
	return time.Duration(n), ok
}

// showDuration writes whole milliseconds in the largest unit that is exact, as
// PostgreSQL shows them.
func showDuration(d time.Duration) string {
	ms := d.Milliseconds()
	if ms == 0 {
		return "0"
	}
	unit := "ms"
	for _, u := range []struct {
		name  string
		times int64
	}{{"s", 1000}, {"min", 60}, {"h", 60}, {"d", 24}} {
		if ms%u.times != 0 {
			break
		}
		ms, unit = ms/u.times, u.name
	}
	return strconv.FormatInt(ms, 10) + unit
}

func parseUnit(v string, units map[string]int64) (int64, bool) {
	v = strings.TrimSpace(v)
	i := 0
	for i < len(v) && (v[i] >= '0' && v[i] <= '9' || v[i] == '.') {
		i++
	}
	f, err := strconv.ParseFloat(v[:i], 64)
	u, ok := units[strings.ToLower(strings.TrimSpace(v[i:]))]
	f *= float64(u)
	return int64(f), err == nil && ok && f < math.MaxInt64
}

// Parameter is a setting that the client is told of.
type Parameter struct{ Name, Value string }

// ReportedParameters are the settings sent at the start of a session.
func (s *Session) ReportedParameters() []Parameter {
	var out []Parameter
	for _, x := range allSettings {
		if x.report {
			out = append(out, Parameter{x.name, s.settings.get(x.name)})
		}
	}
	s.settings.changed = map[string]bool{}
	return out
}

// ParameterChanges are the reported settings that changed since the last call.
func (s *Session) ParameterChanges() []Parameter {
	s.applySets()
	var out []Parameter
	for name := range s.settings.changed {
		out = append(out, Parameter{name, s.settings.get(name)})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	clear(s.settings.changed)
	return out
}

// startupSettings applies the startup packet's parameters: "options" first
// (-c name=value …), then those that stand for themselves.
func (s *Session) startupSettings(params map[string]string) error {
	s.settings.set("session_authorization", s.user)
	for _, o := range strings.Fields(strings.ReplaceAll(params["options"], "-c ", "-c")) {
		name, val, ok := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(o, "-c"), "--"), "=")
		if !ok {
			return sqlerr.New(sqlerr.Syntax, "invalid command-line argument for server process: %s", o)
		}
		if err := s.startWith(name, val); err != nil {
			return err
		}
	}
	for k, v := range params {
		if k == "options" {
			continue
		}
		if err := s.startWith(k, v); err != nil {
			return err
		}
	}
	return nil
}

// startWith sets a parameter for the session's life.
func (s *Session) startWith(name, v string) error {
	if err := s.put(name, v); err != nil {
		return err
	}
	s.settings.start[strings.ToLower(name)] = s.settings.get(name)
	return nil
}

// put sets a parameter; search_path also sets where names are looked up.
func (s *Session) put(name, v string) error {
	if err := s.settings.put(name, v); err != nil {
		return err
	}
	if strings.EqualFold(name, "search_path") {
		s.path = splitNames(v)
	}
	return nil
}

// disabledRules are the optimizer rules the session switched off.
func (s *Session) disabledRules() map[string]bool {
	out := map[string]bool{}
	for _, n := range splitNames(s.settings.get("disabled_rules")) {
		out[n] = true
	}
	return out
}

// splitNames splits a comma-separated list of names; double quotes are removed.
func splitNames(v string) []string {
	var out []string
	for _, n := range strings.Split(v, ",") {
		n = strings.TrimSpace(n)
		if len(n) >= 2 && n[0] == '"' && n[len(n)-1] == '"' {
			n = strings.ReplaceAll(n[1:len(n)-1], `""`, `"`)
		}
		if n != "" {
			out = append(out, n)
		}
	}
	return out
}
