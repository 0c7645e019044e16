-- Queries in the style of ClickBench on the table of `bench gen hits`.

-- name: q00
-- needs: hits
SELECT count(*) FROM hits
-- name: q01
SELECT count(*) FROM hits WHERE advengineid <> 0
-- name: q02
SELECT sum(advengineid), count(*), avg(resolutionwidth) FROM hits
-- name: q03
SELECT avg(userid) FROM hits
-- name: q04
SELECT count(DISTINCT userid) FROM hits
-- name: q05
SELECT count(DISTINCT searchphrase) FROM hits
-- name: q06
SELECT min(eventdate), max(eventdate) FROM hits
-- name: q07
SELECT advengineid, count(*) AS c FROM hits WHERE advengineid <> 0 GROUP BY advengineid ORDER BY c DESC, advengineid
-- name: q08
SELECT regionid, count(DISTINCT userid) AS u FROM hits GROUP BY regionid ORDER BY u DESC, regionid LIMIT 10
-- name: q09
SELECT regionid, sum(advengineid) AS s, count(*) AS c, avg(resolutionwidth) AS w, count(DISTINCT userid) AS u FROM hits GROUP BY regionid ORDER BY c DESC, regionid LIMIT 10
-- name: q10
SELECT mobilephonemodel, count(DISTINCT userid) AS u FROM hits WHERE mobilephonemodel <> '' GROUP BY mobilephonemodel ORDER BY u DESC, mobilephonemodel LIMIT 10
-- name: q11
SELECT mobilephone, mobilephonemodel, count(DISTINCT userid) AS u FROM hits WHERE mobilephonemodel <> '' GROUP BY mobilephone, mobilephonemodel ORDER BY u DESC, mobilephone, mobilephonemodel LIMIT 10
-- name: q12
SELECT searchphrase, count(*) AS c FROM hits WHERE searchphrase <> '' GROUP BY searchphrase ORDER BY c DESC, searchphrase LIMIT 10
-- name: q13
SELECT searchphrase, count(DISTINCT userid) AS u FROM hits WHERE searchphrase <> '' GROUP BY searchphrase ORDER BY u DESC, searchphrase LIMIT 10
-- name: q14
SELECT searchengineid, searchphrase, count(*) AS c FROM hits WHERE searchphrase <> '' GROUP BY searchengineid, searchphrase ORDER BY c DESC, searchengineid, searchphrase LIMIT 10
-- name: q15
SELECT userid, count(*) AS c FROM hits GROUP BY userid ORDER BY c DESC, userid LIMIT 10
-- name: q16
SELECT userid, searchphrase, count(*) AS c FROM hits GROUP BY userid, searchphrase ORDER BY c DESC, userid, searchphrase LIMIT 10
-- name: q17
SELECT count(*), sum(CASE WHEN c > 0 THEN 1 ELSE 0 END) FROM (SELECT userid, searchphrase, count(*) AS c FROM hits GROUP BY userid, searchphrase LIMIT 10) AS t
-- name: q18
SELECT userid, extract(minute FROM eventtime) AS m, searchphrase, count(*) AS c FROM hits GROUP BY userid, extract(minute FROM eventtime), searchphrase ORDER BY c DESC, userid, m, searchphrase LIMIT 10
-- name: q19
SELECT count(*) FROM hits WHERE userid = (SELECT max(userid) FROM hits WHERE regionid = 9)
-- name: q20
SELECT count(*) FROM hits WHERE url LIKE '%google%'
-- name: q21
SELECT searchphrase, min(url) AS m, count(*) AS c FROM hits WHERE url LIKE '%google%' AND searchphrase <> '' GROUP BY searchphrase ORDER BY c DESC, searchphrase LIMIT 10
-- name: q22
SELECT searchphrase, min(url) AS m, min(title) AS t, count(*) AS c, count(DISTINCT userid) AS u FROM hits WHERE title LIKE '%google%' AND url NOT LIKE '%.google.%' AND searchphrase <> '' GROUP BY searchphrase ORDER BY c DESC, searchphrase LIMIT 10
-- name: q23
SELECT * FROM hits WHERE url LIKE '%google%' ORDER BY eventtime, watchid LIMIT 10
-- name: q24
SELECT searchphrase FROM hits WHERE searchphrase <> '' ORDER BY eventtime, searchphrase LIMIT 10
-- name: q25
SELECT searchphrase FROM hits WHERE searchphrase <> '' ORDER BY searchphrase LIMIT 10
-- name: q26
SELECT counterid, avg(length(url)) AS l, count(*) AS c FROM hits WHERE url <> '' GROUP BY counterid HAVING count(*) > 1000 ORDER BY l DESC, counterid LIMIT 25
-- name: q27
-- duckdb: SELECT regexp_replace(referer, '^https?://(?:www\.)?([^/]+)/.*$', '\1') AS k, avg(length(referer)) AS l, count(*) AS c, min(referer) AS m
-- duckdb: FROM hits WHERE referer <> '' GROUP BY k HAVING count(*) > 1000 ORDER BY l DESC, k LIMIT 25
-- spark: SELECT regexp_replace(referer, r'^https?://(?:www\.)?([^/]+)/.*$', '$1') AS k, avg(length(referer)) AS l, count(*) AS c, min(referer) AS m
-- spark: FROM hits WHERE referer <> '' GROUP BY k HAVING count(*) > 1000 ORDER BY l DESC, k LIMIT 25
SELECT regexp_replace(referer, '^https?://(?:www\.)?([^/]+)/.*$', '\1') AS k, avg(length(referer)) AS l, count(*) AS c, min(referer) AS m
FROM hits WHERE referer <> '' GROUP BY regexp_replace(referer, '^https?://(?:www\.)?([^/]+)/.*$', '\1') HAVING count(*) > 1000 ORDER BY l DESC, k LIMIT 25
-- name: q28
SELECT sum(resolutionwidth), sum(resolutionwidth + 1), sum(resolutionwidth + 2), sum(resolutionwidth + 3), sum(resolutionwidth + 4), sum(resolutionwidth + 5), sum(resolutionwidth + 6), sum(resolutionwidth + 7), sum(resolutionwidth + 8), sum(resolutionwidth + 9), sum(resolutionwidth + 10), sum(resolutionwidth + 11) FROM hits
-- name: q29
SELECT searchengineid, clientip, count(*) AS c, sum(isrefresh) AS r, avg(resolutionwidth) AS w FROM hits WHERE searchphrase <> '' GROUP BY searchengineid, clientip ORDER BY c DESC, searchengineid, clientip LIMIT 10
-- name: q30
SELECT watchid, clientip, count(*) AS c, sum(isrefresh) AS r, avg(resolutionwidth) AS w FROM hits WHERE searchphrase <> '' GROUP BY watchid, clientip ORDER BY c DESC, watchid, clientip LIMIT 10
-- name: q31
SELECT watchid, clientip, count(*) AS c, sum(isrefresh) AS r, avg(resolutionwidth) AS w FROM hits GROUP BY watchid, clientip ORDER BY c DESC, watchid, clientip LIMIT 10
-- name: q32
SELECT url, count(*) AS c FROM hits GROUP BY url ORDER BY c DESC, url LIMIT 10
-- name: q33
SELECT 1 AS one, url, count(*) AS c FROM hits GROUP BY 1, url ORDER BY c DESC, url LIMIT 10
-- name: q34
SELECT clientip, clientip - 1 AS a, clientip - 2 AS b, clientip - 3 AS d, count(*) AS c FROM hits WHERE clientip > -2147483000 GROUP BY clientip, clientip - 1, clientip - 2, clientip - 3 ORDER BY c DESC, clientip LIMIT 10
-- name: q35
SELECT url, count(*) AS v FROM hits WHERE counterid = 62 AND eventdate >= DATE '2013-07-01' AND eventdate <= DATE '2013-07-31' AND dontcounthits = 0 AND isrefresh = 0 AND url <> '' GROUP BY url ORDER BY v DESC, url LIMIT 10
-- name: q36
SELECT title, count(*) AS v FROM hits WHERE counterid = 62 AND eventdate >= DATE '2013-07-01' AND eventdate <= DATE '2013-07-31' AND dontcounthits = 0 AND isrefresh = 0 AND title <> '' GROUP BY title ORDER BY v DESC, title LIMIT 10
-- name: q37
SELECT url, count(*) AS v FROM hits WHERE counterid = 62 AND eventdate >= DATE '2013-07-01' AND eventdate <= DATE '2013-07-31' AND isrefresh = 0 AND islink <> 0 AND isdownload = 0 GROUP BY url ORDER BY v DESC, url LIMIT 10 OFFSET 1000
-- name: q38
SELECT traficsourceid, searchengineid, advengineid, CASE WHEN searchengineid = 0 AND advengineid = 0 THEN referer ELSE '' END AS src, url AS dst, count(*) AS v
FROM hits WHERE counterid = 62 AND eventdate >= DATE '2013-07-01' AND eventdate <= DATE '2013-07-31' AND isrefresh = 0
GROUP BY traficsourceid, searchengineid, advengineid, CASE WHEN searchengineid = 0 AND advengineid = 0 THEN referer ELSE '' END, url
ORDER BY v DESC, traficsourceid, searchengineid, advengineid, src, dst LIMIT 10 OFFSET 1000
-- name: q39
SELECT urlhash, eventdate, count(*) AS v FROM hits WHERE counterid = 62 AND eventdate >= DATE '2013-07-01' AND eventdate <= DATE '2013-07-31' AND isrefresh = 0 AND traficsourceid IN (-1, 6) GROUP BY urlhash, eventdate ORDER BY v DESC, urlhash, eventdate LIMIT 10 OFFSET 100
-- name: q40
SELECT windowclientwidth, windowclientheight, count(*) AS v FROM hits WHERE counterid = 62 AND eventdate >= DATE '2013-07-01' AND eventdate <= DATE '2013-07-31' AND isrefresh = 0 AND dontcounthits = 0 GROUP BY windowclientwidth, windowclientheight ORDER BY v DESC, windowclientwidth, windowclientheight LIMIT 10 OFFSET 1000
-- name: q41
SELECT date_trunc('minute', eventtime) AS m, count(*) AS v FROM hits WHERE counterid = 62 AND eventdate >= DATE '2013-07-14' AND eventdate <= DATE '2013-07-15' AND isrefresh = 0 AND dontcounthits = 0 GROUP BY date_trunc('minute', eventtime) ORDER BY m LIMIT 10 OFFSET 1000
-- name: q42
SELECT regionid, eventdate, count(*) AS c, rank() OVER (PARTITION BY eventdate ORDER BY count(*) DESC, regionid) AS r FROM hits WHERE advengineid <> 0 GROUP BY regionid, eventdate ORDER BY eventdate, r LIMIT 50
