# What every peer's script shares: queries come as JSON lines on stdin, answers
# go as JSON lines to stdout. A script defines load(data, threads, memory) ->
# (version, run), where run(sql) -> (rows, columns, values): the number of rows,
# the number of columns and a function that gives the rows as tuples.
import datetime, decimal, json, math, os, sys, time, zlib


def tables(data):
    """Names and paths or globs of the tables: each is a file or a folder of files."""
    for f in sorted(os.listdir(data)):
        path = os.path.join(data, f)
        if os.path.isdir(path):
            yield f, os.path.join(path, "*.parquet")
        elif f.endswith(".parquet"):
            yield os.path.splitext(f)[0], path


def text(v):
    if isinstance(v, bool):
        return "t" if v else "f"
    if isinstance(v, datetime.datetime):
        v = v.replace(tzinfo=None)
        s = v.strftime("%Y-%m-%d %H:%M:%S.%f")
        return s.rstrip("0").rstrip(".")
    return str(v).rstrip()


def fingerprint(rows, columns):
    """Per column: NULLs, numbers and their sum, texts and the sum of their CRCs."""
    out = [{"Nulls": 0, "Numbers": 0, "Sum": 0.0, "Texts": 0, "CRC": 0} for _ in range(columns)]
    for row in rows:
        for c, v in zip(out, row):
            if v is None or isinstance(v, float) and math.isnan(v):
                c["Nulls"] += 1
            elif isinstance(v, (int, float, decimal.Decimal)) and not isinstance(v, bool):
                c["Numbers"] += 1
                c["Sum"] += float(v)
            else:
                c["Texts"] += 1
                c["CRC"] = (c["CRC"] + zlib.crc32(text(v).encode())) % (1 << 52)
    return out


def main(load):
    data, threads, memory = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print does not go between the answers
    try:
        version, run = load(data, threads, memory)
    except ImportError as e:
        print(json.dumps({"Missing": str(e)}), file=answers, flush=True)
        return
    except Exception as e:
        print(json.dumps({"Error": f"{type(e).__name__}: {e}"}), file=answers, flush=True)
        return
    print(json.dumps({"Version": version}), file=answers, flush=True)
    for line in sys.stdin:
        ask = json.loads(line)
        try:
            start = time.perf_counter()
            rows, columns, values = run(ask["SQL"])
            out = {"Seconds": time.perf_counter() - start, "Rows": rows}
            if ask["Check"]:
                out["Columns"] = fingerprint(values(), columns)
        except BaseException as e:  # Rust panics are no Exception
            if isinstance(e, KeyboardInterrupt):
                raise
            out = {"Error": f"{type(e).__name__}: {e}"}
        print(json.dumps(out), file=answers, flush=True)
