package value

import (
	"strconv"
	"strings"
	"time"
)

// wordKind classifies a word of a date text.
type wordKind uint8

const (
	wordUnknown wordKind = iota
	wordIgnore
	wordReserved // now, today, epoch, infinity …: see reserved
	wordMonth
	wordWeekday
	wordAMPM
	wordEra
	wordDSTModifier
	wordUnit // a label of the next field
	wordISOTime
	wordZone    // an abbreviation: minutes east of UTC
	wordDSTZone // the same, of daylight saving time
)

type dateWord struct {
	kind wordKind
	val  int
}

// The reserved words, and the labels that matter to dates.
const (
	reservedNow = iota
	reservedYesterday
	reservedToday
	reservedTomorrow
	reservedZulu
	reservedEpoch
	reservedInfinity
	reservedNegInfinity

	labelJulian = 1
	labelTime   = 2
	labelOther  = 3

	am, pm = 1, 2
	ad, bc = 1, 2
)

var dateWords = map[string]dateWord{
	"-infinity": {wordReserved, reservedNegInfinity}, "infinity": {wordReserved, reservedInfinity},
	"epoch": {wordReserved, reservedEpoch}, "now": {wordReserved, reservedNow},
	"today": {wordReserved, reservedToday}, "tomorrow": {wordReserved, reservedTomorrow},
	"yesterday": {wordReserved, reservedYesterday}, "allballs": {wordReserved, reservedZulu},
	"ad": {wordEra, ad}, "bc": {wordEra, bc}, "am": {wordAMPM, am}, "pm": {wordAMPM, pm},
	"at": {wordIgnore, 0}, "on": {wordIgnore, 0}, "dst": {wordDSTModifier, 60},
	"jan": {wordMonth, 1}, "january": {wordMonth, 1}, "feb": {wordMonth, 2}, "february": {wordMonth, 2},
	"mar": {wordMonth, 3}, "march": {wordMonth, 3}, "apr": {wordMonth, 4}, "april": {wordMonth, 4},
	"may": {wordMonth, 5}, "jun": {wordMonth, 6}, "june": {wordMonth, 6}, "jul": {wordMonth, 7},
	"july": {wordMonth, 7}, "aug": {wordMonth, 8}, "august": {wordMonth, 8}, "sep": {wordMonth, 9},
	"sept": {wordMonth, 9}, "september": {wordMonth, 9}, "oct": {wordMonth, 10}, "october": {wordMonth, 10},
	"nov": {wordMonth, 11}, "november": {wordMonth, 11}, "dec": {wordMonth, 12}, "december": {wordMonth, 12},
	"sun": {wordWeekday, 0}, "sunday": {wordWeekday, 0}, "mon": {wordWeekday, 1}, "monday": {wordWeekday, 1},
	"tue": {wordWeekday, 2}, "tues": {wordWeekday, 2}, "tuesday": {wordWeekday, 2},
	"wed": {wordWeekday, 3}, "weds": {wordWeekday, 3}, "wednesday": {wordWeekday, 3},
	"thu": {wordWeekday, 4}, "thur": {wordWeekday, 4}, "thurs": {wordWeekday, 4}, "thursday": {wordWeekday, 4},
	"fri": {wordWeekday, 5}, "friday": {wordWeekday, 5}, "sat": {wordWeekday, 6}, "saturday": {wordWeekday, 6},
	"j": {wordUnit, labelJulian}, "jd": {wordUnit, labelJulian}, "julian": {wordUnit, labelJulian},
	"d": {wordUnit, labelOther}, "dow": {wordUnit, labelOther}, "doy": {wordUnit, labelOther},
	"h": {wordUnit, labelOther}, "isodow": {wordUnit, labelOther}, "isoyear": {wordUnit, labelOther},
	"m": {wordUnit, labelOther}, "mm": {wordUnit, labelOther}, "s": {wordUnit, labelOther},
	"y": {wordUnit, labelOther}, "t": {wordISOTime, labelTime},
}

// zoneAbbreviations are PostgreSQL's default abbreviations: minutes east of UTC,
// d marks daylight saving time.
const zoneAbbreviations = `
acdt:630d acsst:630d acst:570 act:-300 acwst:525 adt:-180d aedt:660d aesst:660d aest:600 aft:270 akdt:-480d
akst:-540 almst:420d almt:360 amst:240 amt:-240 anast:720 anat:720 arst:-180 art:-180 ast:-240 awsst:540d
awst:480 azost:0d azot:-60 azst:240 azt:240 bdst:120d bdt:360 bnt:480 bort:480 bot:-240 bra:-180 brst:-120d
brt:-180 bst:60d btt:360 cadt:630d cast:570 cct:480 cdt:-300d cest:120d cet:60 cetdst:120d chadt:825d
chast:765 chut:600 ckt:-600 clst:-180d clt:-180d cot:-300 cst:-360 cxt:420 davt:420 ddut:600 easst:-300d
east:-300d eat:180 edt:-240d eest:180d eet:120 eetdst:180d egst:0d egt:-60 est:-300 fet:180 fjst:780d fjt:720
fkst:-180 fkt:-180 fnst:-60d fnt:-120 galt:-360 gamt:-540 gest:240 get:240 gft:-180 gilt:720 gmt:0 gyt:-240
hkt:480 hst:-600 ict:420 idt:180d iot:360 irkst:480 irkt:480 irt:210 ist:120 jayt:540 jst:540 kdt:600d
kgst:360d kgt:360 kost:660 krast:420 krat:420 kst:540 lhdt:660d lhst:630 ligt:600 lint:840 lkt:330 magst:660
magt:660 mart:-570 mawt:300 mdt:-360d mest:120d mesz:120d met:60 metdst:120d mez:60 mht:720 mmt:390 mpt:600
msd:240d msk:180 mst:-420 must:300d mut:240 mvt:300 myt:480 ndt:-150d nft:-210 novst:420 novt:420 npt:345
nst:-210 nut:-660 nzdt:780d nzst:720 nzt:720 omsst:360 omst:360 pdt:-420d pet:-300 petst:720 pett:720 pgt:600
pht:480 pkst:360d pkt:300 pmdt:-120d pmst:-180 pont:660 pst:-480 pwt:540 pyst:-180d pyt:-180 ret:240
sadt:630d sast:120 sct:240 sgt:480 taht:-600 tft:300 tjt:300 tkt:780 tmt:300 tot:780 trut:600 tvt:720 uct:0
ulast:540d ulat:480 ut:0 utc:0 uyst:-120d uyt:-180 uzst:360d uzt:300 vet:-240 vlast:600 vlat:600 volt:180
vut:660 wadt:480d wakt:720 wast:420 wat:60 wdt:540d wet:0 wetdst:60d wft:720 wgst:-120d wgt:-180 xjt:360
yakst:540 yakt:540 yapt:600 yekst:360d yekt:300 z:0 zulu:0`

var zoneWords = parseZones(zoneAbbreviations)

func parseZones(list string) map[string]dateWord {
	m := make(map[string]dateWord, 200)
	for _, entry := range strings.Fields(list) {
		name, minutes, _ := strings.Cut(entry, ":")
		kind := wordZone
		if rest, ok := strings.CutSuffix(minutes, "d"); ok {
			minutes, kind = rest, wordDSTZone
		}
		n, _ := strconv.Atoi(minutes)
		m[name] = dateWord{kind, n}
	}
	return m
}

// lookupDateWord finds a word of the core table, in lower case.
func lookupDateWord(s string) (dateWord, bool) {
	if len(s) > 10 {
		s = s[:10]
	}
	w, ok := dateWords[s]
	return w, ok
}

// decodeWord finds a zone abbreviation or a core word.
func decodeWord(s string) dateWord {
	if len(s) > 10 {
		s = s[:10]
	}
	if w, ok := zoneWords[s]; ok {
		return w
	}
	return dateWords[s]
}

// LoadLocation finds a time zone by its name in any case, by an abbreviation, or
// by a POSIX specification such as GMT-4 (which lies east).
func LoadLocation(name string) (*time.Location, bool) {
	low := strings.ToLower(name)
	switch low {
	case "":
		return nil, false
	case "utc", "gmt", "zulu", "z", "uct", "universal":
		return time.UTC, true
	}
	for _, candidate := range []string{name, titleZone(low), strings.ToUpper(low)} {
		if candidate == "Local" || strings.EqualFold(candidate, "local") {
			continue
		}
		if loc, err := time.LoadLocation(candidate); err == nil {
			return loc, true
		}
	}
	if loc, ok := posixZone(low); ok {
		return loc, true
	}
	if w, ok := zoneWords[low]; ok {
		return time.FixedZone(strings.ToUpper(low), w.val*60), true
	}
	return nil, false
}

// titleZone spells a lower-case zone name as the database does.
func titleZone(s string) string {
	b := []byte(s)
	start := 0
	for i := 0; i <= len(b); i++ {
		if i < len(b) && isAlpha(b[i]) {
			continue
		}
		switch word := string(b[start:i]); word {
		case "of", "es", "au", "":
		default:
			b[start] -= 0x20 * byte(btoi(isAlpha(b[start])))
		}
		start = i + 1
	}
	return string(b)
}

// posixZone reads <letters>[±]hh[:mm[:ss]], whose sign is reversed.
func posixZone(s string) (*time.Location, bool) {
	i := 0
	for i < len(s) && isAlpha(s[i]) {
		i++
	}
	if i < 3 || i == len(s) {
		return nil, false
	}
	spec := s[i:]
	if isDigit(spec[0]) {
		spec = "+" + spec
	}
	for _, part := range strings.Split(spec[1:], ":") {
		if part == "" || len(part) > 2 || !isDigit(part[0]) || !isDigit(part[len(part)-1]) {
			return nil, false
		}
	}
	off, e := decodeZoneOffset(spec)
	if e != dateOK {
		return nil, false
	}
	return time.FixedZone(strings.ToUpper(s), -off), true
}
