package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// genHitsCmd writes page views with the skew of a web analytics log: a few
// sites, pages and users have most of them, most are no searches, and rows are
// nearly in the order of time. It has a quarter of ClickBench's columns.
type genHitsCmd struct {
	Rows int64  `default:"5000000" help:"Rows."`
	Out  string `required:"" help:"Folder to write to." placeholder:"DIR"`
	Seed uint64 `default:"1" help:"Seed of the values."`
}

// hit is a page view.
type hit struct {
	WatchID        int64     `parquet:"watchid"`
	EventTime      time.Time `parquet:"eventtime,timestamp(microsecond:local)"`
	EventDate      int32     `parquet:"eventdate,date"`
	CounterID      int32     `parquet:"counterid,dict"`
	ClientIP       int32     `parquet:"clientip"`
	RegionID       int32     `parquet:"regionid,dict"`
	UserID         int64     `parquet:"userid"`
	OS             int32     `parquet:"os,dict"`
	UserAgent      int32     `parquet:"useragent,dict"`
	URL            string    `parquet:"url,dict"`
	Referer        string    `parquet:"referer,dict"`
	Title          string    `parquet:"title,dict"`
	URLHash        int64     `parquet:"urlhash"`
	RefererHash    int64     `parquet:"refererhash"`
	IsRefresh      int32     `parquet:"isrefresh,dict"`
	IsLink         int32     `parquet:"islink,dict"`
	IsDownload     int32     `parquet:"isdownload,dict"`
	DontCountHits  int32     `parquet:"dontcounthits,dict"`
	TraficSourceID int32     `parquet:"traficsourceid,dict"`
	Width          int32     `parquet:"resolutionwidth,dict"`
	Height         int32     `parquet:"resolutionheight,dict"`
	WindowWidth    int32     `parquet:"windowclientwidth,dict"`
	WindowHeight   int32     `parquet:"windowclientheight,dict"`
	MobilePhone    int32     `parquet:"mobilephone,dict"`
	MobileModel    string    `parquet:"mobilephonemodel,dict"`
	AdvEngineID    int32     `parquet:"advengineid,dict"`
	SearchEngineID int32     `parquet:"searchengineid,dict"`
	SearchPhrase   string    `parquet:"searchphrase,dict"`
}

// Run writes the table.
func (c *genHitsCmd) Run(ctx context.Context) error {
	g := hitsGenerator{random: newRandom(c.Seed), rows: c.Rows}
	return writeTable(ctx, c.Out, "hits", c.Rows, g.next)
}

type hitsGenerator struct {
	random
	rows int64
}

// hitsDays is the month that the views fall in, from hitsFirst on.
const hitsDays = 31

var hitsFirst = time.Date(2013, 7, 1, 0, 0, 0, 0, time.UTC)

func (g *hitsGenerator) next(i int64, h *hit) {
	second := i*hitsDays*86400/g.rows + g.Int64N(600)
	at := hitsFirst.Add(time.Duration(min(second, hitsDays*86400-1)) * time.Second)
	user := g.rank(g.rows/6 + 1)
	site := g.rank(6500)
	*h = hit{
		WatchID: int64(scatter(uint64(i)) >> 1), EventTime: at, EventDate: int32(at.Unix() / 86400),
		CounterID: int32(62 + site*3), ClientIP: int32(scatter(uint64(user) + 7)), RegionID: int32(1 + g.rank(9000)),
		UserID: int64(scatter(uint64(user)) >> 1), OS: int32(g.rank(90)), UserAgent: int32(g.rank(80)),
		TraficSourceID: int32(g.IntN(12)) - 1, IsRefresh: one(g.chance(0.15)), IsLink: one(g.chance(0.2)),
		IsDownload: one(g.chance(0.01)), DontCountHits: one(g.chance(0.05)),
		Width: int32(800 + 80*g.rank(30)), Height: int32(600 + 60*g.rank(25)),
		WindowWidth: int32(g.rank(2000)), WindowHeight: int32(g.rank(1200)),
	}
	h.URL, h.Title = g.page(site)
	h.URLHash = int64(hashText(h.URL))
	if g.chance(0.8) {
		h.Referer, _ = g.page(g.rank(6500))
	}
	h.RefererHash = int64(hashText(h.Referer))
	if g.chance(0.05) {
		h.AdvEngineID = int32(1 + g.rank(18))
	}
	if g.chance(0.12) {
		h.MobilePhone = int32(1 + g.rank(70))
		h.MobileModel = fmt.Sprintf("Model %c%d", 'A'+h.MobilePhone%26, g.rank(200))
	}
	if g.chance(0.13) {
		h.SearchEngineID = int32(1 + g.rank(60))
		h.SearchPhrase = g.phrase()
	}
}

func one(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

// page is the address and title of a page of a site.
func (g *hitsGenerator) page(site int64) (url, title string) {
	n := g.rank(40000)
	word := hitsWords[scatter(uint64(site))%uint64(len(hitsWords))]
	host := fmt.Sprintf("%s%d.example", word, site)
	if site%97 == 3 {
		host = "google.example"
	}
	path := hitsWords[scatter(uint64(n))%uint64(len(hitsWords))]
	return fmt.Sprintf("http://%s/%s/%d?p=%d", host, path, n, n%17), fmt.Sprintf("%s and %s – %s", word, path, host)
}

// phrase is one to five words; a few phrases are asked again and again.
func (g *hitsGenerator) phrase() string {
	n := g.rank(g.rows/20 + 1)
	var words []string
	for k := range 1 + scatter(uint64(n))%5 {
		words = append(words, hitsWords[scatter(uint64(n)*8+k)%uint64(len(hitsWords))])
	}
	return strings.Join(words, " ") + fmt.Sprintf(" %d", n%1000)
}

func hashText(s string) uint64 {
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

var hitsWords = strings.Fields(`auto news sale music film house garden water stone river light winter summer city
 travel ticket phone price review recipe school game football weather doctor job flat rent kitchen dress shoes
 holiday train plane hotel bank credit book map photo video radio dance yoga coffee bread cheese apple orange
 google paint glass metal wood paper ink`)
