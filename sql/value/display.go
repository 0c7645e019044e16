package value

import "strings"

// Display returns a value as it would be written in SQL, for EXPLAIN and
// expression keys: distinct values of one type display differently.
func Display(v Value) string {
	if v.Null {
		return "NULL"
	}
	s := string(AppendText(nil, v, DefaultEnv))
	if v.Type.IsNumber() || v.Type.Kind == 1 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
