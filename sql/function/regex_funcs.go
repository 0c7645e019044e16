package function

import (
	"regexp"
	"strings"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// regexReplacement translates \1 and \& into Go's template syntax.
func regexReplacement(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '$':
			b.WriteString("$$")
		case s[i] == '\\' && i+1 < len(s):
			i++
			switch c := s[i]; {
			case c >= '1' && c <= '9':
				b.WriteString("${" + string(rune(c)) + "}")
			case c == '&':
				b.WriteString("${0}")
			case c == '\\':
				b.WriteByte('\\')
			default:
				b.WriteString(`\` + string(rune(c)))
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func regexReplace(re *regexp.Regexp, flags string, a []value.Value) (value.Value, error) {
	s, t := a[0].S, regexReplacement(a[2].S)
	if strings.Contains(flags, "g") {
		return value.Text(re.ReplaceAllString(s, t)), nil
	}
	m := re.FindStringSubmatchIndex(s)
	if m == nil {
		return value.Text(s), nil
	}
	r := append([]byte(s[:m[0]]), re.ExpandString(nil, t, s, m)...)
	return value.Text(string(r) + s[m[1]:]), nil
}

// regexMatch returns the groups of the first match, or the match without groups.
func regexMatch(re *regexp.Regexp, flags string, a []value.Value) (value.Value, error) {
	if strings.Contains(flags, "g") {
		return value.Value{}, sqlerr.New(sqlerr.InvalidParameterValue, "regexp_match() does not support the \"global\" option").
			WithHint("Use the regexp_matches function instead.")
	}
	m := re.FindStringSubmatchIndex(a[0].S)
	if m == nil {
		return value.NullOf(types.ArrayOf(tText)), nil
	}
	if len(m) > 2 {
		m = m[2:]
	}
	v := textArray(nil)
	for i := 0; i < len(m); i += 2 {
		if m[i] < 0 {
			v.List = append(v.List, value.NullOf(tText))
			continue
		}
		v.List = append(v.List, value.Text(a[0].S[m[i]:m[i+1]]))
	}
	return v, nil
}

func regexSplit(re *regexp.Regexp, _ string, a []value.Value) (value.Value, error) {
	return textArray(re.Split(a[0].S, -1)), nil
}

// regexSubstring is substring(text from pattern): the first group or the match.
func regexSubstring(re *regexp.Regexp, _ string, a []value.Value) (value.Value, error) {
	m := re.FindStringSubmatchIndex(a[0].S)
	switch {
	case m == nil:
		return value.NullOf(tText), nil
	case len(m) > 2 && m[2] < 0:
		return value.NullOf(tText), nil
	case len(m) > 2:
		m = m[2:]
	}
	return value.Text(a[0].S[m[0]:m[1]]), nil
}

func regexLike(re *regexp.Regexp, _ string, a []value.Value) (value.Value, error) {
	return value.Bool(re.MatchString(a[0].S)), nil
}

func regexCount(re *regexp.Regexp, _ string, a []value.Value) (value.Value, error) {
	return value.Int4(int32(len(re.FindAllStringIndex(a[0].S, -1)))), nil
}

// regexFuncs lists the regular expression operators and functions.
func regexFuncs() []*Func {
	t2, t3, t4 := sig(tText, tText), sig(tText, tText, tText), sig(tText, tText, tText, tText)
	arr := types.ArrayOf(tText)
	var fs []*Func
	add := func(name string, args []types.Type, r types.Type, k Kernel) {
		fs = append(fs, &Func{Name: name, Args: args, Result: r, Fallible: true, Kernel: k})
	}
	op := func(name, flags string, negate bool) {
		compile := func(p string) (*regexp.Regexp, error) { return compileRegex(p, flags) }
		k := patternKernel(compile, (*regexp.Regexp).Match, negate)
		add(name, t2, tBool, k)
		add(name, sig(tChar, tText), tBool, k)
		add(name, sig(tName, tText), tBool, k)
	}
	op("~", "", false)
	op("~*", "i", false)
	op("!~", "", true)
	op("!~*", "i", true)
	add("regexp_replace", t3, tText, regexRows(-1, regexReplace))
	add("regexp_replace", t4, tText, regexRows(3, regexReplace))
	add("regexp_match", t2, arr, regexRows(-1, regexMatch))
	add("regexp_match", t3, arr, regexRows(2, regexMatch))
	add("regexp_split_to_array", t2, arr, regexRows(-1, regexSplit))
	add("regexp_split_to_array", t3, arr, regexRows(2, regexSplit))
	add("regexp_like", t2, tBool, regexRows(-1, regexLike))
	add("regexp_like", t3, tBool, regexRows(2, regexLike))
	add("regexp_count", t2, tInt4, regexRows(-1, regexCount))
	add("regexp_substr", t2, tText, regexRows(-1, func(re *regexp.Regexp, _ string, a []value.Value) (value.Value, error) {
		m := re.FindStringIndex(a[0].S)
		if m == nil {
			return value.NullOf(tText), nil
		}
		return value.Text(a[0].S[m[0]:m[1]]), nil
	}))
	add("substring", t2, tText, regexRows(-1, regexSubstring))
	add("similar_to_escape", sig(tText), tText, fn1(func(p string) (string, error) { return similarToEscape(p, `\`) }))
	add("similar_to_escape", t2, tText, fn2(similarToEscape))
	return fs
}
