package function

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
)

// LikePattern is a compiled LIKE pattern.
type LikePattern struct {
	segments []likeSegment // between the % signs
	head     bool          // the first segment is anchored at the start
	tail     bool          // the last segment is anchored at the end
	fold     bool          // ILIKE
}

// likeSegment is a run of characters without %: literal bytes, or with _ among
// them (as -1 in chars).
type likeSegment struct {
	literal []byte
	chars   []rune // nil if there is no _
}

const anyChar = rune(-1)

// CompileLike compiles a LIKE pattern with backslash as escape; fold makes it
// ILIKE.
func CompileLike(pattern string, fold bool) (*LikePattern, error) {
	if fold {
		pattern = strings.ToLower(pattern)
	}
	p := &LikePattern{head: true, tail: true, fold: fold}
	var seg []rune
	percent := false
	flush := func() {
		if len(seg) > 0 || len(p.segments) == 0 && !percent {
			p.segments = append(p.segments, makeSegment(seg))
		}
		seg = nil
	}
	for i := 0; i < len(pattern); {
		r, w := utf8.DecodeRuneInString(pattern[i:])
		i += w
		switch r {
		case '%':
			if len(seg) == 0 && len(p.segments) == 0 {
				p.head = false
			} else {
				flush()
			}
			percent, p.tail = true, false
			continue
		case '_':
			r = anyChar
		case '\\':
			if i >= len(pattern) {
				return nil, sqlerr.New(sqlerr.InvalidEscape, "LIKE pattern must not end with escape character")
			}
			r, w = utf8.DecodeRuneInString(pattern[i:])
			i += w
		}
		seg, p.tail = append(seg, r), true
	}
	flush()
	return p, nil
}

func makeSegment(seg []rune) likeSegment {
	var s likeSegment
	for _, r := range seg {
		if r == anyChar {
			s.chars = seg
			return s
		}
		s.literal = utf8.AppendRune(s.literal, r)
	}
	return s
}

// matchAt returns the number of bytes of s's start that match, or -1.
func (g *likeSegment) matchAt(s []byte) int {
	if g.chars == nil {
		if bytes.HasPrefix(s, g.literal) {
			return len(g.literal)
		}
		return -1
	}
	n := 0
	for _, c := range g.chars {
		r, w := utf8.DecodeRune(s[n:])
		if w == 0 || c != anyChar && r != c {
			return -1
		}
		n += w
	}
	return n
}

// find returns where the segment first matches in s, and the end of the match.
func (g *likeSegment) find(s []byte) (at, end int) {
	if g.chars == nil {
		at = bytes.Index(s, g.literal)
		return at, at + len(g.literal)
	}
	for at = 0; at <= len(s); {
		if n := g.matchAt(s[at:]); n >= 0 {
			return at, at + n
		}
		_, w := utf8.DecodeRune(s[at:])
		at += max(w, 1)
	}
	return -1, -1
}

// matchTail reports whether the segment matches the very end of s.
func (g *likeSegment) matchTail(s []byte) bool {
	if g.chars == nil {
		return bytes.HasSuffix(s, g.literal)
	}
	at := len(s)
	for range g.chars {
		if at == 0 {
			return false
		}
		_, w := utf8.DecodeLastRune(s[:at])
		at -= w
	}
	return g.matchAt(s[at:]) == len(s)-at
}

// Match reports whether s matches the pattern.
func (p *LikePattern) Match(s []byte) bool {
	if p.fold {
		s = bytes.ToLower(s)
	}
	segs := p.segments
	if len(segs) == 0 {
		return true // only % signs
	}
	if p.head {
		n := segs[0].matchAt(s)
		if n < 0 {
			return false
		}
		s = s[n:]
		if len(segs) == 1 && p.tail {
			return len(s) == 0
		}
		segs = segs[1:]
	}
	for i := range segs {
		if i == len(segs)-1 && p.tail {
			return segs[i].matchTail(s)
		}
		at, end := segs[i].find(s)
		if at < 0 {
			return false
		}
		s = s[end:]
	}
	return true
}

// Prefix returns the bytes with which every match starts, and whether the
// pattern is just that text without wildcards.
func (p *LikePattern) Prefix() (prefix string, exact bool) {
	if p.fold || !p.head || len(p.segments) == 0 || p.segments[0].chars != nil {
		return "", false
	}
	return string(p.segments[0].literal), len(p.segments) == 1 && p.tail
}

// patternKernel makes the kernel of a pattern operator: patterns are compiled
// once per batch where they are constant, else once per distinct one.
func patternKernel[P any](compile func(pattern string) (P, error), match func(P, []byte) bool, negate bool) Kernel {
	not := b2u(negate)
	return func(_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
		s, p, r := textOf(args[0]), textOf(args[1]), vector.Values[uint8](out)
		if args[1].Enc == vector.Const {
			pat, err := compile(string(p.at(0)))
			if err != nil {
				return err
			}
			return each(sel, n, func(i int) error {
				r[i] = b2u(match(pat, s.at(i))) ^ not
				return nil
			})
		}
		cache := map[string]P{}
		return each(sel, n, func(i int) error {
			pat, ok := cache[str(p.at(i))]
			if !ok {
				var err error
				if pat, err = compile(string(p.at(i))); err != nil {
					return err
				}
				cache[string(p.at(i))] = pat
			}
			r[i] = b2u(match(pat, s.at(i))) ^ not
			return nil
		})
	}
}

func likeEscape(pattern, escape string) (string, error) {
	if utf8.RuneCountInString(escape) > 1 {
		return "", sqlerr.New(sqlerr.InvalidEscape, "invalid escape string").
			WithHint("Escape string must be empty or one character.")
	}
	if escape == `\` {
		return pattern, nil
	}
	e, _ := utf8.DecodeRuneInString(escape)
	var b strings.Builder
	after := false // the escape character
	for _, r := range pattern {
		switch {
		case escape != "" && r == e && !after:
			b.WriteByte('\\')
			after = true
			continue
		case r == '\\' && !after:
			b.WriteString(`\\`)
		default:
			b.WriteRune(r)
		}
		after = false
	}
	return b.String(), nil
}

// likeFuncs lists LIKE and ILIKE under their operator names.
func likeFuncs() []*Func {
	var fs []*Func
	add := func(name string, fold, negate bool) {
		k := patternKernel(func(p string) (*LikePattern, error) { return CompileLike(p, fold) }, (*LikePattern).Match, negate)
		for _, t := range sig(tText, tChar, tName) {
			// character(n) is matched with its blanks, unlike in comparisons. A pattern that
			// ends with its escape still raises an error, but that must not keep every LIKE from
			// being pushed down: it is not one of the rows' making.
			fs = append(fs, &Func{Name: name, Args: sig(t, tText), Result: tBool, Kernel: k})
		}
	}
	add("~~", false, false)
	add("!~~", false, true)
	add("~~*", true, false)
	add("!~~*", true, true)
	add("like", false, false)
	add("notlike", false, true)
	return append(fs,
		&Func{Name: "like_escape", Args: sig(tText, tText), Result: tText, Fallible: true, Kernel: fn2(likeEscape)},
		&Func{Name: "starts_with", Args: sig(tText, tText), Result: tBool, Kernel: ok2(strings.HasPrefix)},
		&Func{Name: "^@", Args: sig(tText, tText), Result: tBool, Kernel: ok2(strings.HasPrefix)},
	)
}
