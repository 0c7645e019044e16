package core

import (
	"strconv"
	"strings"
)

// PackName packs the parts of a qualifier into one identifier, since TiDB's
// names have too few parts. One part stays as it is.
func PackName(parts []string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	var b strings.Builder
	b.WriteString(packedNamePrefix)
	for _, p := range parts {
		b.WriteString(strconv.Itoa(len(p)))
		b.WriteByte(':')
		b.WriteString(p)
	}
	return b.String()
}

// UnpackName gives the parts of a qualifier that PackName packed: none for "",
// one for a plain name.
func UnpackName(name string) []string {
	if name == "" {
		return nil
	}
	rest, packed := strings.CutPrefix(name, packedNamePrefix)
	if !packed {
		return []string{name}
	}
	var parts []string
	for rest != "" {
		size, tail, ok := strings.Cut(rest, ":")
		n, err := strconv.Atoi(size)
		if !ok || err != nil || n < 0 || n > len(tail) {
			return append(parts, rest)
		}
		parts = append(parts, tail[:n])
		rest = tail[n:]
	}
	return parts
}
