-- One operator a query, on TPC-H (any scale factor) and on what `bench gen micro`
-- writes. Answers are a row or few, so that the operator is what is measured.

-- scans: one column an encoding
-- name: scan_int_plain
-- needs: encodings
SELECT sum(i_plain) FROM encodings
-- name: scan_int_dict
-- needs: encodings
SELECT sum(i_dict) FROM encodings
-- name: scan_int_delta
-- needs: encodings
SELECT sum(i_delta) FROM encodings
-- name: scan_int_nulls
-- needs: encodings
SELECT sum(i_null), count(i_null) FROM encodings
-- name: scan_float_plain
-- needs: encodings
SELECT max(f_plain), min(f_plain) FROM encodings
-- name: scan_float_split
-- needs: encodings
SELECT sum(f_split) FROM encodings
-- name: scan_text_plain
-- needs: encodings
SELECT sum(length(s_plain)) FROM encodings
-- name: scan_text_dict
-- needs: encodings
SELECT sum(length(s_dict)) FROM encodings
-- name: scan_text_delta
-- needs: encodings
SELECT sum(length(s_delta)) FROM encodings
-- name: scan_tpch_wide
-- needs: lineitem
SELECT sum(l_orderkey), sum(l_partkey), sum(l_suppkey), sum(l_quantity), sum(l_extendedprice), sum(l_discount), max(l_shipdate), max(l_shipmode) FROM lineitem

-- filters by the share that passes
-- name: filter_1pct
-- needs: encodings
SELECT count(*), sum(i_null) FROM encodings WHERE i_dict < 10
-- name: filter_50pct
-- needs: encodings
SELECT count(*), sum(i_null) FROM encodings WHERE i_dict < 500
-- name: filter_99pct
-- needs: encodings
SELECT count(*), sum(i_null) FROM encodings WHERE i_dict < 990
-- name: filter_expr
-- needs: encodings
SELECT count(*) FROM encodings WHERE i_dict * 7 + 3 > i_plain % 5000 AND f_split < 900
-- name: filter_or
-- needs: encodings
SELECT count(*) FROM encodings WHERE i_dict = 7 OR i_null BETWEEN 1000 AND 20000 OR f_split > 999
-- name: filter_in
-- needs: encodings
SELECT count(*) FROM encodings WHERE i_dict IN (1, 5, 77, 99, 303, 512, 800, 999)
-- name: filter_like
-- needs: encodings
SELECT count(*) FROM encodings WHERE s_plain LIKE '%text%77%'
-- name: filter_like_dict
-- needs: encodings
SELECT count(*) FROM encodings WHERE s_dict LIKE '%77%'
-- name: filter_comment
-- needs: orders
SELECT count(*) FROM orders WHERE o_comment NOT LIKE '%special%requests%'

-- expressions
-- name: expr_arith
-- needs: lineitem
SELECT sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) FROM lineitem
-- name: expr_case
-- needs: lineitem
SELECT sum(CASE WHEN l_shipmode = 'AIR' THEN l_quantity WHEN l_shipmode = 'RAIL' THEN 2 * l_quantity ELSE 0 END) FROM lineitem
-- name: expr_float
-- needs: encodings
SELECT sum(sqrt(abs(f_plain)) * 2.5 + f_split) FROM encodings
-- name: expr_date
-- needs: lineitem
SELECT extract(year FROM l_shipdate) AS y, count(*) FROM lineitem GROUP BY extract(year FROM l_shipdate)
-- name: expr_text
-- needs: encodings
SELECT max(upper(substring(s_plain, 12, 4))) FROM encodings

-- groups by their number and order
-- name: group_4
-- needs: groups
SELECT k4, count(*), sum(v), min(v), max(v) FROM groups GROUP BY k4
-- name: group_100k
-- needs: groups
SELECT count(*), sum(c), max(s) FROM (SELECT k100k, count(*) AS c, sum(v) AS s FROM groups GROUP BY k100k) AS t
-- name: group_4m_shuffled
-- needs: groups
SELECT count(*), sum(c), max(s) FROM (SELECT k4m, count(*) AS c, sum(v) AS s FROM groups GROUP BY k4m) AS t
-- name: group_10m_shuffled
-- needs: groups
SELECT count(*), sum(c), max(s) FROM (SELECT k10m, count(*) AS c, sum(v) AS s FROM groups GROUP BY k10m) AS t
-- name: group_4m_clustered
-- needs: groups
SELECT count(*), sum(c), max(s) FROM (SELECT c4m, count(*) AS c, sum(v) AS s FROM groups GROUP BY c4m) AS t
-- name: group_10m_clustered
-- needs: groups
SELECT count(*), sum(c), max(s) FROM (SELECT c10m, count(*) AS c, sum(v) AS s FROM groups GROUP BY c10m) AS t
-- name: group_zipf
-- needs: groups
SELECT count(*), max(c), max(s) FROM (SELECT z, count(*) AS c, sum(v) AS s FROM groups GROUP BY z) AS t
-- name: group_two_keys
-- needs: groups
SELECT count(*), max(c) FROM (SELECT k100k, k4, count(*) AS c FROM groups GROUP BY k100k, k4) AS t
-- name: group_text_1m
-- needs: groups
SELECT count(*), max(c) FROM (SELECT t1m, count(*) AS c FROM groups GROUP BY t1m) AS t
-- name: group_orderkey
-- needs: lineitem
SELECT count(*), max(q) FROM (SELECT l_orderkey, sum(l_quantity) AS q FROM lineitem GROUP BY l_orderkey) AS t
-- name: group_partkey
-- needs: lineitem
SELECT count(*), max(q) FROM (SELECT l_partkey, sum(l_quantity) AS q FROM lineitem GROUP BY l_partkey) AS t
-- name: distinct_count
-- needs: groups
SELECT count(DISTINCT k4m) FROM groups
-- name: distinct_per_group
-- needs: groups
SELECT k4, count(DISTINCT k100k) FROM groups GROUP BY k4

-- joins
-- name: join_small
-- needs: groups, small
SELECT count(*), max(name) FROM groups JOIN small ON groups.k100k = small.id
-- name: join_small_all_match
-- needs: lineitem, supplier
SELECT count(*), sum(s_nationkey) FROM lineitem JOIN supplier ON l_suppkey = s_suppkey
-- name: join_large
-- needs: lineitem, orders
SELECT count(*), sum(o_shippriority), max(o_orderdate) FROM lineitem JOIN orders ON l_orderkey = o_orderkey
-- name: join_large_text
-- needs: lineitem, orders
SELECT count(*), min(o_orderpriority), max(l_shipmode) FROM lineitem JOIN orders ON l_orderkey = o_orderkey WHERE l_linenumber < o_custkey
-- name: join_large_shuffled
-- needs: groups
SELECT count(*), sum(b.v) FROM groups AS a JOIN (SELECT c10m, max(v) AS v FROM groups WHERE k4 < 2 GROUP BY c10m) AS b ON a.k10m = b.c10m
-- name: join_skewed
-- needs: groups
SELECT count(*), sum(b.c) FROM groups AS a JOIN (SELECT z, count(*) AS c FROM groups WHERE k100k < 50000 GROUP BY z) AS b ON a.z = b.z
-- name: join_semi
-- needs: lineitem, orders
SELECT count(*) FROM orders WHERE EXISTS (SELECT 1 FROM lineitem WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate)
-- name: join_anti
-- needs: lineitem, orders
SELECT count(*) FROM orders WHERE NOT EXISTS (SELECT 1 FROM lineitem WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate)
-- name: join_left
-- needs: customer, orders
SELECT count(*), count(o_orderkey) FROM customer LEFT JOIN orders ON c_custkey = o_custkey AND o_orderstatus = 'P'
-- name: join_nonequi
-- needs: groups, small
SELECT count(*) FROM (SELECT v FROM groups WHERE k100k = 7) AS a JOIN small ON a.v % 1000 < small.id

-- sorts; OFFSET without LIMIT keeps engines from keeping only the top
-- name: sort_int
-- needs: groups
SELECT count(*), min(v), max(v) FROM (SELECT v FROM groups ORDER BY v OFFSET 1000) AS t
-- name: sort_int_full
-- needs: groups
SELECT count(*) FROM (SELECT k10m, v, row_number() OVER (ORDER BY k10m, v) AS r FROM groups) AS t WHERE v = r
-- name: sort_text
-- needs: groups
SELECT count(*) FROM (SELECT v, row_number() OVER (ORDER BY t1m, v) AS r FROM groups) AS t WHERE v = r
-- name: sort_wide
-- needs: lineitem
SELECT count(*) FROM (SELECT l_quantity, l_shipmode, row_number() OVER (ORDER BY l_extendedprice, l_orderkey, l_linenumber) AS r FROM lineitem) AS t WHERE l_quantity = r
-- name: topn
-- needs: lineitem
SELECT l_orderkey, l_linenumber, l_extendedprice FROM lineitem ORDER BY l_extendedprice DESC, l_orderkey, l_linenumber LIMIT 100
-- name: topn_large
-- needs: lineitem
SELECT count(*), min(l_extendedprice) FROM (SELECT l_extendedprice FROM lineitem ORDER BY l_extendedprice DESC LIMIT 100000) AS t

-- windows
-- name: window_rank
-- needs: lineitem
SELECT count(*) FROM (SELECT rank() OVER (PARTITION BY l_suppkey ORDER BY l_extendedprice) AS r FROM lineitem) AS t WHERE r = 1
-- name: window_small_groups
-- needs: lineitem
SELECT count(*) FROM (SELECT row_number() OVER (PARTITION BY l_orderkey ORDER BY l_linenumber DESC) AS r FROM lineitem) AS t WHERE r = 1
-- name: window_running_sum
-- needs: groups
SELECT max(s) FROM (SELECT sum(v) OVER (PARTITION BY k100k ORDER BY i) AS s FROM (SELECT k100k, v, c4m AS i FROM groups) AS a) AS t
-- name: window_lag
-- needs: groups
SELECT count(*) FROM (SELECT v, lag(v) OVER (PARTITION BY k100k ORDER BY k10m, v) AS p FROM groups) AS t WHERE v > p
-- name: window_frame
-- needs: orders
SELECT max(a) FROM (SELECT avg(o_totalprice) OVER (PARTITION BY o_custkey ORDER BY o_orderdate, o_orderkey ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS a FROM orders) AS t
-- name: union_all
-- needs: groups
SELECT count(*), sum(x) FROM (SELECT v AS x FROM groups UNION ALL SELECT k10m FROM groups) AS t
