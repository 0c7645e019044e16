import json, os, sys, time
import duckdb

data, threads = sys.argv[1], int(sys.argv[2])
con = duckdb.connect()
con.execute(f"SET threads = {threads}")
con.execute("SET enable_progress_bar = false")  # it would go to stdout, between the answers
for f in sorted(os.listdir(data)):  # a table is a file or a folder of files
    path = os.path.join(data, f)
    if os.path.isdir(path):
        path = os.path.join(path, "*.parquet")
    name = os.path.splitext(f)[0]
    con.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")
for line in sys.stdin:
    out = {}
    try:
        start = time.perf_counter()
        rows = len(con.execute(json.loads(line)).fetchall())
        out = {"Seconds": time.perf_counter() - start, "Rows": rows}
    except Exception as e:
        out = {"Error": str(e)}
    print(json.dumps(out), flush=True)
