def load(data, threads, memory):
    import pyspark
    from pyspark.sql import SparkSession

    spark = (SparkSession.builder.master(f"local[{threads}]").appName("bench")
             .config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false").config("spark.driver.memory", memory or "4g")
             .config("spark.sql.shuffle.partitions", 2 * threads).config("spark.log.level", "ERROR").getOrCreate())
    for name, path in tables(data):
        spark.read.parquet(path).createOrReplaceTempView(name)

    def run(sql):
        rows = spark.sql(sql).collect()
        return len(rows), len(rows[0]) if rows else 0, lambda: rows

    return pyspark.__version__, run


main(load)
