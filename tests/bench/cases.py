"""Millions of cases of the demo district, made by SQL: as many as a bench needs, with the skew of real ones.

A case's age decides its state: the oldest 88 % are archived, then closed ones, the newest 5 % are open; a few of every
age are held, void, withdrawn. Departments follow categories, but one case in five; grids, categories and places have
busy and quiet ones. Everything derives from the order's number, so two fills are equal.
"""
import csv

from bed import REFERENCE

DISTRICT = "370117"
YEARS = 5
WORDS = ("无人处理", "请尽快解决", "多次反映未果", "影响居民生活", "希望有关部门核实")


def _read(kind):
    return [row for row in csv.DictReader((REFERENCE / f"{kind}.csv").open(encoding="utf-8")) if row["district"] == DISTRICT]


CATEGORIES = [row["path"] for row in _read("category") if row["path"].count("/") == 2]
DEPARTMENTS = [row["code"] for row in _read("department")][:40]
GRIDS = [row["code"] for row in _read("grid")]
PLACES = [row["name"] for row in _read("place")]


def _array(texts):
    return "ARRAY[" + ",".join("'" + text.replace("'", "''") + "'" for text in texts) + "]"


def _hash(salt):
    return f"(hashint8(n * 32 + {salt}) & 2147483647)"


def _skewed(salt, count):
    return f"((({_hash(salt)} / 2147483648.0) ^ 2 * {count})::int % {count} + 1)"


# Ended ones have facts, too: some hundred bytes of them that say nothing (a field that nobody knows).
SQL = """
INSERT INTO tracking.cases (district, order_id, source, state, department, urgency, category, title, opened_at, routed_to,
  routed_by, routed_why, routed_at, dispatched_at, due_at, due_rule, resolved_at, result, steps, channel, kind, grid_code,
  round, problem_id, next_at, facts, department_key, grid_key, category_key)
SELECT '{district}', n, CASE WHEN h0 % 4 = 0 THEN 'patrol' ELSE 'hotline-12345' END, state,
  CASE WHEN state = 1 THEN '' ELSE department END, 1 + (h0 % 20 = 0)::int, category,
  place || (h1 % 30 + 1) || '号楼' || regexp_replace(category, '^.*/', '') || ({words})[h0 % 5 + 1], at,
  CASE WHEN state = 1 THEN '' ELSE department END, 'rule', 'R' || h1 % 999 || ' ' || category, at,
  CASE WHEN state <> 1 THEN at END,
  CASE WHEN state = 1 THEN 'infinity' ELSE date_trunc('day', at, 'Asia/Shanghai')
    + make_interval(days => CASE WHEN h0 % 20 = 0 THEN 1 WHEN h1 % 10 = 0 THEN 21 ELSE 8 END) END,
  'resolve: 5 working days from the dispatch, calendar 370117/2026-1',
  CASE WHEN state IN (4, 9, 10, 11) THEN at + interval '4 days' END,
  CASE WHEN state IN (4, 9, 10, 11) THEN '已联系诉求人并到现场核实，问题已经处理完毕，后续将加强巡查，欢迎继续监督。' ELSE '' END,
  2, 1 + h0 % 4, 2, grid, 1, CASE WHEN h1 % 50 = 0 THEN h1 % 100000 + 1 END, NULL,
  CASE WHEN state <> 1 THEN decode('d23e60' || repeat('5a', 96), 'hex') END, d.key, g.key, k.key
FROM (SELECT *, CASE WHEN n > {rows} * 0.95 OR h2 % 500 = 0 THEN (ARRAY[2, 3, 3, 3, 3, 4, 9, 9, 8, 6, 7, 1])[h2 % 12 + 1]
    WHEN h2 % 200 = 1 THEN 12 WHEN h2 % 100 = 2 THEN 5 WHEN n > {rows} * 0.88 THEN 10 ELSE 11 END AS state,
  ({categories})[ci] AS category,
  ({departments})[CASE WHEN h0 % 5 = 0 THEN {any_department} ELSE ci % {departments_count} + 1 END] AS department,
  '2021-12-01 00:00+08'::timestamptz + n * (interval '{years} years' / {rows}) AS at,
  ({grids})[gi] AS grid, ({places})[pi] AS place
  FROM (SELECT n, {h0} AS h0, {h1} AS h1, {h2} AS h2, {ci} AS ci, {gi} AS gi, {pi} AS pi
    FROM generate_series({first}::bigint, {last}) n OFFSET 0) numbers OFFSET 0) made
JOIN tracking.case_key d ON d.by = 1 AND d.name = CASE WHEN state = 1 THEN '' ELSE department END
JOIN tracking.case_key g ON g.by = 2 AND g.name = grid
JOIN tracking.case_key k ON k.by = 3 AND k.name = category
"""
PART = 500_000
KEYS = """
TRUNCATE tracking.case_key;
INSERT INTO tracking.case_key (district, key, by, name) SELECT '{district}', row_number() OVER (), by, name FROM (
  SELECT 1 AS by, unnest({departments} || ''::text) AS name
  UNION ALL SELECT 2, unnest({grids}) UNION ALL SELECT 3, unnest({categories})) names
"""


def make_keys(postgres):
    """Numbers of all that cases are listed by; before the service starts."""
    postgres.query(KEYS.format(district=DISTRICT, departments=_array(DEPARTMENTS), grids=_array(GRIDS),
                               categories=_array(CATEGORIES)))


def make_zones(postgres):
    """Where cases of a state are (services/tracking/zones.h); behind all of them."""
    postgres.query("TRUNCATE tracking.case_zone; INSERT INTO tracking.case_zone SELECT district, order_id / 8192, state, count(*), "
                   "min(due_at), max(due_at) FROM tracking.cases GROUP BY 1, 2, 3")


def fill(postgres, rows):
    """`rows` cases with orders 1 to rows; indexes are made behind them. A figure stands beside them, so that the service
    does not count them at its start."""
    indexes = postgres.query("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'tracking' AND tablename = 'cases' "
                             "AND indexname <> 'cases_pkey'")
    for name, _ in indexes:
        postgres.query(f"DROP INDEX tracking.{name}")
    make_keys(postgres)
    for first in range(1, rows + 1, PART):
        postgres.query(SQL.format(
            district=DISTRICT, rows=rows, years=YEARS, first=first, last=min(first + PART - 1, rows), words=_array(WORDS),
            categories=_array(CATEGORIES), departments=_array(DEPARTMENTS), departments_count=len(DEPARTMENTS),
            grids=_array(GRIDS), places=_array(PLACES), any_department=_skewed(5, len(DEPARTMENTS)), h0=_hash(0), h1=_hash(1),
            h2=_hash(2), ci=_skewed(3, len(CATEGORIES)), gi=_skewed(4, len(GRIDS)), pi=_skewed(6, len(PLACES))))
    for _, definition in indexes:
        postgres.query(f"SET maintenance_work_mem = '1GB'; {definition}")
    postgres.query(f"INSERT INTO tracking.figure VALUES ('{DISTRICT}', 1, 0, '', '{{}}') ON CONFLICT DO NOTHING")
    make_zones(postgres)
    postgres.query("VACUUM ANALYZE tracking.cases")
