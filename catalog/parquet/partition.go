package parquet

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// defaultPartition is the folder in which Hive keeps rows whose key is NULL.
const defaultPartition = "__HIVE_DEFAULT_PARTITION__"

// partitions reads the keys k=v out of the folders below dir in which files
// lie. It returns the keys' names and types, and each file's values.
func partitions(dir string, paths []string) (names []string, kinds []types.Type, values [][]value.Value) {
	texts := make([]map[string]string, len(paths))
	for i, p := range paths {
		texts[i] = map[string]string{}
		parts := strings.Split(strings.TrimPrefix(strings.TrimPrefix(p, dir), "/"), "/")
		for _, part := range parts[:len(parts)-1] {
			k, v, ok := strings.Cut(part, "=")
			if !ok || k == "" {
				continue
			}
			if u, err := url.PathUnescape(v); err == nil {
				v = u
			}
			k = strings.ToLower(k)
			if _, again := texts[i][k]; !again && i == 0 {
				names = append(names, k)
			}
			texts[i][k] = v
		}
	}
	// A key that only some folders have is none: such files lie about at random.
	kept := names[:0]
	for _, k := range names {
		if t, ok := partitionType(texts, k); ok {
			kept, kinds = append(kept, k), append(kinds, t)
		}
	}
	values = make([][]value.Value, len(paths))
	for i := range paths {
		for k, name := range kept {
			values[i] = append(values[i], partitionValue(kinds[k], texts[i][name]))
		}
	}
	return kept, kinds, values
}

// partitionType infers a key's type from all its values: int8, date or text.
func partitionType(texts []map[string]string, key string) (types.Type, bool) {
	ints, dates := true, true
	for _, t := range texts {
		v, ok := t[key]
		if !ok {
			return types.Type{}, false
		}
		if v == defaultPartition {
			continue
		}
		_, err := strconv.ParseInt(v, 10, 64)
		ints = ints && err == nil && v[0] != '+'
		dates = dates && isDate(v)
	}
	switch {
	case ints:
		return types.Of(types.Int8), true
	case dates:
		return types.Of(types.Date), true
	}
	return types.Of(types.Text), true
}

// isDate reports a valid yyyy-mm-dd.
func isDate(s string) bool {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return false
	}
	_, err := value.ParseText(types.Of(types.Date), s, value.DefaultEnv)
	return err == nil
}

func partitionValue(t types.Type, s string) value.Value {
	if s == defaultPartition {
		return value.NullOf(t)
	}
	v, err := value.ParseText(t, s, value.DefaultEnv)
	if err != nil { // the type was inferred from this very text
		return value.NullOf(t)
	}
	return v
}
