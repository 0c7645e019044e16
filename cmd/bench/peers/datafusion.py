def load(data, threads, memory):
    import datafusion
    from datafusion import SessionConfig, SessionContext

    # As its own ClickBench entry: filters run inside the scan.
    config = SessionConfig({
        "datafusion.execution.parquet.pushdown_filters": "true",
        "datafusion.execution.parquet.reorder_filters": "true",
        "datafusion.execution.parquet.binary_as_string": "true",
    }).with_target_partitions(threads)
    ctx = SessionContext(config)
    for name, path in tables(data):
        ctx.register_parquet(name, path.removesuffix("*.parquet"))

    def run(sql):
        batches = ctx.sql(sql).collect()
        columns = batches[0].num_columns if batches else 0
        return sum(b.num_rows for b in batches), columns, lambda: (r for b in batches for r in zip(*b.to_pydict().values()))

    return datafusion.__version__, run


main(load)
