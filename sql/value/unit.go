package value

import (
	"strings"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// Unit is a field of a date or an interval, as extract and date_trunc name it.
type Unit uint8

// The units. Those up to Microsecond have a length and may be truncated to.
const (
	NoUnit Unit = iota
	Millennium
	Century
	Decade
	Year
	Quarter
	Month
	Week
	Day
	Hour
	Minute
	Second
	Millisecond
	Microsecond
	DayOfWeek
	ISODayOfWeek
	DayOfYear
	ISOYear
	Julian
	Epoch
	TimeZone
	TimeZoneHour
	TimeZoneMinute
)

var unitNames = map[string]Unit{
	"millennium": Millennium, "millennia": Millennium, "mil": Millennium, "mils": Millennium,
	"century": Century, "centuries": Century, "c": Century, "cent": Century,
	"decade": Decade, "decades": Decade, "dec": Decade, "decs": Decade,
	"year": Year, "years": Year, "y": Year, "yr": Year, "yrs": Year,
	"quarter": Quarter, "qtr": Quarter,
	"month": Month, "months": Month, "mon": Month, "mons": Month,
	"week": Week, "weeks": Week, "w": Week,
	"day": Day, "days": Day, "d": Day,
	"hour": Hour, "hours": Hour, "h": Hour, "hr": Hour, "hrs": Hour,
	"minute": Minute, "minutes": Minute, "m": Minute, "min": Minute, "mins": Minute,
	"second": Second, "seconds": Second, "s": Second, "sec": Second, "secs": Second,
	"millisecon": Millisecond, "ms": Millisecond, "msec": Millisecond, "msecs": Millisecond,
	"msecond": Millisecond, "mseconds": Millisecond,
	"microsecon": Microsecond, "us": Microsecond, "usec": Microsecond, "usecs": Microsecond,
	"usecond": Microsecond, "useconds": Microsecond,
	"dow": DayOfWeek, "isodow": ISODayOfWeek, "doy": DayOfYear, "isoyear": ISOYear,
	"julian": Julian, "jd": Julian, "j": Julian, "epoch": Epoch,
	"timezone": TimeZone, "timezone_h": TimeZoneHour, "timezone_m": TimeZoneMinute,
}

// ParseUnit returns the unit of a name such as "year" or "ms", in any case.
func ParseUnit(name string) (Unit, bool) {
	name = strings.ToLower(name)
	if len(name) > 10 {
		name = name[:10] // PostgreSQL's tokens are that long
	}
	u, ok := unitNames[name]
	return u, ok
}

// String returns the unit's usual name.
func (u Unit) String() string {
	names := [...]string{
		"", "millennium", "century", "decade", "year", "quarter", "month", "week", "day", "hour",
		"minute", "second", "milliseconds", "microseconds", "dow", "isodow", "doy", "isoyear",
		"julian", "epoch", "timezone", "timezone_hour", "timezone_minute",
	}
	if int(u) < len(names) {
		return names[u]
	}
	return ""
}

// ExtractUnit resolves the field of extract(name from x) for x of type date,
// time, timestamp, timestamptz or interval, with PostgreSQL's errors.
func ExtractUnit(name string, t types.Type) (Unit, error) {
	u, ok := ParseUnit(name)
	if !ok {
		return 0, errUnit(sqlerr.InvalidParameterValue, name, "recognized", t)
	}
	switch t.Kind {
	case types.Date:
		ok = u != Hour && u != Minute && u != Second && u != Millisecond && u != Microsecond && u < TimeZone
	case types.Time:
		ok = u >= Hour && u <= Microsecond || u == Epoch
	case types.Timestamp:
		ok = u < TimeZone
	case types.Interval:
		ok = u != Week && u <= Microsecond || u == Epoch
	}
	if !ok {
		return 0, errUnit(sqlerr.FeatureNotSupported, name, "supported", t)
	}
	return u, nil
}

// TruncUnit resolves the field of date_trunc(name, x) for x of type timestamp,
// timestamptz or interval, with PostgreSQL's errors.
func TruncUnit(name string, t types.Type) (Unit, error) {
	u, ok := ParseUnit(name)
	if !ok || u >= DayOfWeek && u <= Epoch { // fields of extract alone
		return 0, errUnit(sqlerr.InvalidParameterValue, name, "recognized", t)
	}
	switch {
	case u > Microsecond:
		return 0, errUnit(sqlerr.FeatureNotSupported, name, "supported", t)
	case u == Week && t.Kind == types.Interval:
		return 0, sqlerr.New(sqlerr.FeatureNotSupported, "unit \"%s\" not supported for type %s", strings.ToLower(name), t).
			WithDetail("Months usually have fractional weeks.")
	}
	return u, nil
}

func errUnit(code, name, what string, t types.Type) error {
	return sqlerr.New(code, "unit \"%s\" not %s for type %s", strings.ToLower(name), what, t)
}
