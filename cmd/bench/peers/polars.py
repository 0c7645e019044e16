def load(data, threads, memory):
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars as pl

    ctx = pl.SQLContext({name: pl.scan_parquet(path) for name, path in tables(data)})

    def run(sql):
        df = ctx.execute(sql).collect(engine="streaming")
        return df.height, df.width, df.rows

    return pl.__version__, run


main(load)
