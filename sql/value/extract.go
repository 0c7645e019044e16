package value

import (
	"time"

	"github.com/flintsql/flint/sql/types"
)

// ExtractScale returns the display scale of extract(u from …) over timestamps,
// times and intervals: seconds have 6 decimals, milliseconds 3. Epoch has 6,
// except of a date, where it has none. Julian is only ever a full Numeric of
// timestamps; of dates it has scale 0.
func ExtractScale(u Unit) int {
	switch u {
	case Second, Epoch:
		return 6
	case Millisecond:
		return 3
	}
	return 0
}

// ExtractDate returns extract(u from date), an integer, of a finite date.
func ExtractDate(u Unit, days int32) int64 {
	switch u {
	case Epoch:
		return int64(days) * secondsPerDay
	case Julian:
		return int64(days) + julianEpoch
	case DayOfWeek:
		return floorMod(int64(days)+4, 7)
	case ISODayOfWeek:
		return floorMod(int64(days)+3, 7) + 1
	case Week, ISOYear:
		y, w := isoWeek(int(days))
		if u == Week {
			return int64(w)
		}
		return int64(noYearZero(y))
	}
	y, m, d := CivilFromDays(int(days))
	switch u {
	case Year:
		return int64(noYearZero(y))
	case Month:
		return int64(m)
	case Day:
		return int64(d)
	case Quarter:
		return int64((m-1)/3 + 1)
	case DayOfYear:
		return int64(int(days)-DaysFromCivil(y, 1, 1)) + 1
	case Decade:
		return int64(decadeOf(y))
	case Century:
		return int64(centuryOf(y, 100))
	case Millennium:
		return int64(centuryOf(y, 1000))
	}
	return 0
}

// noYearZero counts 1 BC as -1.
func noYearZero(y int) int {
	if y <= 0 {
		return y - 1
	}
	return y
}

// isoWeek returns the ISO 8601 year and week of a day: those of its Thursday.
func isoWeek(days int) (year, week int) {
	thursday := days - int(floorMod(int64(days)+3, 7)) + 3
	year, _, _ = CivilFromDays(thursday)
	return year, (thursday-DaysFromCivil(year, 1, 1))/7 + 1
}

// ExtractTime returns extract(u from time) as a coefficient at ExtractScale(u).
func ExtractTime(u Unit, us int64) int64 {
	switch u {
	case Epoch:
		return us
	case Hour:
		return us / MicrosPerHour
	case Minute:
		return us / MicrosPerMinute % 60
	case Second, Millisecond, Microsecond: // one coefficient, three scales
		return us % MicrosPerMinute
	}
	return 0
}

// ExtractTimestamp returns extract(u from timestamp) of a finite timestamp as a
// coefficient at ExtractScale(u), for every unit but Julian and the time zones.
func ExtractTimestamp(u Unit, us int64) int64 {
	if u == Epoch {
		return us
	}
	days, t := splitDay(us)
	if u >= Hour && u <= Microsecond {
		return ExtractTime(u, t)
	}
	return ExtractDate(u, int32(days))
}

// ExtractTimestampTZ returns extract(u from timestamptz) of a finite instant in
// loc as a coefficient at ExtractScale(u), for every unit but Julian.
func ExtractTimestampTZ(u Unit, us int64, loc *time.Location) int64 {
	if u == Epoch {
		return us
	}
	off := int64(ZoneOffset(us, loc))
	switch u {
	case TimeZone:
		return off
	case TimeZoneHour:
		return off / 3600
	case TimeZoneMinute:
		return off / 60 % 60
	}
	return ExtractTimestamp(u, us+off*MicrosPerSecond)
}

// ExtractJulian returns extract(julian from timestamp) of a finite timestamp:
// the Julian day with the time as its fraction.
func ExtractJulian(us int64) (Numeric, error) {
	days, t := splitDay(us)
	fraction, err := NumericFromInt64(t).Div(NumericFromInt64(MicrosPerDay))
	if err != nil {
		return Numeric{}, err
	}
	return NumericFromInt64(days + julianEpoch).Add(fraction)
}

// ExtractInterval returns extract(u from interval) as a coefficient at
// ExtractScale(u), for the units that ExtractUnit allows. Only the epoch may
// leave 64 bits.
func ExtractInterval(u Unit, v Interval) Int128 {
	year, month := v.Months/12, v.Months%12
	switch u {
	case Epoch:
		// A year counts 365.25 days, hence quarters of days.
		quarters := int64(year)*1461 + 4*(30*int64(month)+int64(v.Days))
		return MulInt64(quarters, MicrosPerDay/4).AddInt64(v.Micros)
	case Year:
		return Int128From(int64(year))
	case Month:
		return Int128From(int64(month))
	case Quarter:
		return Int128From(int64(month/3 + 1))
	case Decade:
		return Int128From(int64(year / 10))
	case Century:
		return Int128From(int64(year / 100))
	case Millennium:
		return Int128From(int64(year / 1000))
	case Day:
		return Int128From(int64(v.Days))
	}
	return Int128From(ExtractTime(u, v.Micros))
}

// ExtractInfinite returns extract(u from ±infinity): an infinity for the units
// that grow without bound, else NULL (ok false).
func ExtractInfinite(u Unit, positive bool) (r Numeric, ok bool) {
	switch u {
	case Year, Decade, Century, Millennium, Julian, ISOYear, Epoch:
		if positive {
			return Numeric{Kind: PosInf}, true
		}
		return Numeric{Kind: NegInf}, true
	}
	return Numeric{}, false
}

// Extract returns extract(u from v) for a value of type date, time, timestamp,
// timestamptz or interval: the general form of the typed functions. null
// reports NULL.
func Extract(u Unit, v Value, loc *time.Location) (r Numeric, null bool, err error) {
	scale := ExtractScale(u)
	switch v.Type.Kind {
	case types.Date:
		if d := int32(v.I); d == DateInfinity || d == DateNegInfinity {
			r, ok := ExtractInfinite(u, d > 0)
			return r, !ok, nil
		}
		return NumericFromInt64(ExtractDate(u, int32(v.I))), v.Null, nil
	case types.Time:
		return NumericFromFixed64(ExtractTime(u, v.I), scale), v.Null, nil
	case types.Interval:
		r, err = finite(ExtractInterval(u, v.V), scale)
		return r, v.Null, err
	}
	us := v.I
	if isInfinite(us) {
		r, ok := ExtractInfinite(u, us > 0)
		return r, !ok, nil
	}
	if v.Type.Kind != types.TimestampTZ {
		loc = nil
	}
	if u == Julian {
		r, err = ExtractJulian(LocalFromUTC(us, loc))
		return r, v.Null, err
	}
	return NumericFromFixed64(ExtractTimestampTZ(u, us, loc), scale), v.Null, nil
}
