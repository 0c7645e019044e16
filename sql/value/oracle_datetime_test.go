package value

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/flintsql/flint/sql/types"
)

var (
	timestampSamples = []string{"2001-02-03 04:05:06.789", "2000-02-29 23:59:59.999999", "1999-12-31 00:00:00", "1970-01-01 00:00:00", "1969-12-31 23:59:59.5",
		"0001-01-01 00:00:00", "0001-12-31 23:00:00 BC", "0044-03-15 12:00:00 BC", "4713-01-01 00:00:00 BC", "2024-03-10 02:30:00", "2024-11-03 01:30:00", "2020-12-31 12:34:56.000001",
		"2021-01-03 00:00:00", "9999-12-31 23:59:59", "infinity", "-infinity", "2024-01-31 10:00:00", "1900-02-28 00:00:00"}
	intervalSamples = []string{"0", "1 day", "-1 day", "1 mon", "-1 mon", "13 months", "1 year 2 mons 3 days 04:05:06.7", "-1 year -2 mons +3 days -04:05:06.7", "29 days",
		"30 days", "31 days 25:00:00", "-31 days -25:00:00", "24:00:00", "-48:30:00", "1 mon -31 days", "1 day -25:00:00", "00:00:00.000001", "100 years", "1 mon 1 day -00:00:01", "178000000 years"}
	unitSamples = []string{"millennium", "century", "decade", "year", "quarter", "month", "week", "day", "hour", "minute", "second", "milliseconds",
		"microseconds", "dow", "isodow", "doy", "isoyear", "julian", "epoch", "timezone", "timezone_hour", "timezone_minute", "fortnight"}
	factorSamples = []float64{0, 1, -1, 0.5, 1.5, -2.25, 0.1, 3, 1e6, 7}
)

const newYork = "America/New_York"

func zoneOf(typ types.Type) string {
	if typ.Kind == types.TimestampTZ {
		return newYork
	}
	return "UTC"
}

func TestOracleDateTime(t *testing.T) {
	var qs []question
	for _, name := range []string{"date", "timestamp", "timestamptz", "interval", "time"} {
		typ := mustType(t, name)
		samples := timestampSamples
		switch typ.Kind {
		case types.Interval:
			samples = intervalSamples
		case types.Time:
			samples = []string{"00:00:00", "04:05:06.789", "24:00:00"}
		}
		for _, s := range samples {
			for _, unit := range unitSamples {
				if !(strings.Contains(s, "infinity") && strings.HasPrefix(unit, "timezone")) { // an error here, whatever the value
					qs = append(qs, extractQuestion(typ, name, s, unit))
				}
				if typ.Kind != types.Date && typ.Kind != types.Time {
					qs = append(qs, truncQuestion(typ, name, s, unit))
				}
			}
			if typ.Kind == types.Timestamp || typ.Kind == types.TimestampTZ {
				qs = append(qs, arithmeticQuestions(typ, name, s)...)
			}
		}
	}
	ask(t, "datetime.tsv", append(qs, intervalQuestions()...))
}

func extractQuestion(typ types.Type, name, s, unit string) question {
	return question{zoneOf(typ), "extract(" + unit + " from " + literal(name, s) + ")", func(env Env) (string, error) {
		v, err := ParseText(typ, s, env)
		if err != nil {
			return "", err
		}
		u, err := ExtractUnit(unit, typ)
		if err != nil {
			return "", err
		}
		n, null, err := Extract(u, v, env.Location)
		if null {
			return "NULL", err
		}
		return n.String(), err
	}}
}

func truncQuestion(typ types.Type, name, s, unit string) question {
	return question{zoneOf(typ), "date_trunc('" + unit + "', " + literal(name, s) + ")", func(env Env) (string, error) {
		v, err := ParseText(typ, s, env)
		if err != nil {
			return "", err
		}
		if typ.Kind != types.Interval && isInfinite(v.I) {
			return text(v, nil, env)
		}
		u, err := TruncUnit(unit, typ)
		if err != nil {
			return "", err
		}
		switch typ.Kind {
		case types.Interval:
			v.V = TruncInterval(u, v.V)
		case types.Timestamp:
			v.I, err = TruncTimestamp(u, v.I)
		default:
			v.I, err = TruncTimestampTZ(u, v.I, env.Location)
		}
		return text(v, err, env)
	}}
}

func arithmeticQuestions(typ types.Type, name, s string) (qs []question) {
	for _, i := range intervalSamples {
		for _, op := range []string{" + ", " - "} {
			qs = append(qs, question{zoneOf(typ), literal(name, s) + op + literal("interval", i), func(env Env) (string, error) {
				v, err := ParseText(typ, s, env)
				if err != nil {
					return "", err
				}
				d, err := ParseInterval(i)
				if err != nil {
					return "", err
				}
				if typ.Kind == types.Timestamp {
					f := map[string]func(int64, Interval) (int64, error){" + ": AddInterval, " - ": SubInterval}[op]
					v.I, err = f(v.I, d)
				} else if op == " + " {
					v.I, err = AddIntervalTZ(v.I, d, env.Location)
				} else {
					v.I, err = SubIntervalTZ(v.I, d, env.Location)
				}
				return text(v, err, env)
			}})
		}
	}
	for _, u := range timestampSamples {
		for _, form := range []string{"%s - %s", "age(%s, %s)"} {
			if form[0] == 'a' && strings.Contains(s+u, "infinity") {
				continue // PostgreSQL 15 answers with an overflow's remains
			}
			qs = append(qs, question{zoneOf(typ), fmt.Sprintf(form, literal(name, s), literal(name, u)), func(env Env) (string, error) {
				a, err := ParseText(typ, s, env)
				if err != nil {
					return "", err
				}
				b, err := ParseText(typ, u, env)
				if err != nil {
					return "", err
				}
				var r Interval
				if form[0] == '%' {
					r, err = SubTimestamps(a.I, b.I)
				} else if typ.Kind == types.Timestamp {
					r, err = Age(a.I, b.I)
				} else {
					r, err = Age(LocalFromUTC(a.I, env.Location), LocalFromUTC(b.I, env.Location))
				}
				return r.String(), err
			}})
		}
	}
	return qs
}

func intervalQuestions() (qs []question) {
	add := func(sql string, f func() (Interval, error)) {
		qs = append(qs, question{"UTC", sql, func(Env) (string, error) {
			v, err := f()
			return v.String(), err
		}})
	}
	for _, s := range intervalSamples {
		a, _ := ParseInterval(s)
		la := literal("interval", s)
		for _, f := range factorSamples {
			lf := "'" + strconv.FormatFloat(f, 'g', -1, 64) + "'::float8"
			add(la+" * "+lf, func() (Interval, error) { return a.Mul(f) })
			add(la+" / "+lf, func() (Interval, error) { return a.Div(f) })
		}
		add("justify_hours("+la+")", a.JustifyHours)
		add("justify_days("+la+")", a.JustifyDays)
		add("justify_interval("+la+")", a.JustifyInterval)
		add("-"+la, a.Neg)
		for _, u := range intervalSamples {
			b, _ := ParseInterval(u)
			lb := literal("interval", u)
			add(la+" + "+lb, func() (Interval, error) { return a.Add(b) })
			add(la+" - "+lb, func() (Interval, error) { return a.Sub(b) })
			qs = append(qs, question{"UTC", "case when " + la + " < " + lb + " then -1 when " + la + " = " + lb + " then 0 else 1 end",
				func(Env) (string, error) { return strconv.Itoa(a.Cmp(b)), nil }})
		}
	}
	for _, y := range []int32{2001, -44, 0, 1, 5874897, 5874898, -4713} {
		for _, d := range [][2]int32{{2, 29}, {12, 31}, {13, 1}, {1, 0}, {11, 24}} {
			qs = append(qs, question{"UTC", fmt.Sprintf("make_date(%d, %d, %d)", y, d[0], d[1]), func(Env) (string, error) {
				r, err := MakeDate(y, d[0], d[1])
				return string(AppendDate(nil, r)), err
			}})
		}
	}
	return qs
}
