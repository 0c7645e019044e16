def load(data, threads, memory):
    import duckdb

    con = duckdb.connect()
    con.execute(f"SET threads = {threads}")
    con.execute("SET enable_progress_bar = false")
    if memory:
        con.execute(f"SET memory_limit = '{memory}'")
    for name, path in tables(data):
        con.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")

    def run(sql):
        cur = con.execute(sql)
        rows = cur.fetchall()
        return len(rows), len(cur.description or ()), lambda: rows

    return duckdb.__version__, run


main(load)
