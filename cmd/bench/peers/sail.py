def load(data, threads, memory):
    os.sched_setaffinity(0, set(list(os.sched_getaffinity(0))[:threads]))
    import pysail
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    spark = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()
    for name, path in tables(data):
        spark.read.parquet(path.removesuffix("*.parquet")).createOrReplaceTempView(name)

    def run(sql):
        rows = spark.sql(sql).collect()
        return len(rows), len(rows[0]) if rows else 0, lambda: (rows, server)[0]  # the server lives as long as run

    return pysail.__version__, run


main(load)
