package core

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
)

// Normalize replaces the constants of core text by ?, and lists of constants by
// one ?. The strings in double quotes stay: the lowering wrote them itself
// (types, kinds), so they are part of the query's shape.
func Normalize(text string) string {
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '\'':
			i = quotedEnd(text, i)
			b = constant(b)
		case c == '`' || c == '"':
			end := quotedEnd(text, i)
			b = append(b, text[i:end]...)
			i = end
		case c >= '0' && c <= '9':
			end := i
			for end < len(text) && (text[end] >= '0' && text[end] <= '9' || text[end] == '.') {
				end++
			}
			if bytes.HasSuffix(b, []byte("`"+Param+"`(")) {
				b = append(b, text[i:end]...)
			} else {
				b = constant(b)
			}
			i = end
		default:
			b = append(b, c)
			i++
		}
	}
	return string(b)
}

// constant writes a ?, unless it only prolongs a list of them.
func constant(b []byte) []byte {
	if list, ok := bytes.CutSuffix(b, []byte("?, ")); ok {
		return append(list, '?')
	}
	return append(b, '?')
}

// quotedEnd is the offset past the quoted text that starts at i.
func quotedEnd(text string, i int) int {
	q := text[i]
	for i++; i < len(text); i++ {
		if text[i] == q {
			if i+1 >= len(text) || text[i+1] != q {
				return i + 1
			}
			i++
		}
	}
	return i
}

// Digest is a fingerprint of the query: equal for queries that differ in
// constants only. It is 32 hexadecimal digits.
func (q *Query) Digest() string {
	sum := sha256.Sum256([]byte(Normalize(q.Text)))
	return hex.EncodeToString(sum[:16])
}
