"""The three batch jobs of the federation, every five minutes.

They are the jobs of `src/jobs`, for those who have an Airflow: the same names, pushed to the same groups
(`/metrics/job/<job>/instance/airflow`) in the same way. Run one or the other, not both. The work is made up.

    PUSHGATEWAY_URL      the Pushgateway (default: http://pushgateway:9091); http://user:password@... logs in, and is in no log
    params {"fail": ""}  the name of a job that is to fail: `airflow dags trigger promline_batch_jobs --conf '{"fail": "etl_pipeline"}'`

Needs nothing but Python's own library. What goes wrong on the way is on record in the task's log.
"""

from __future__ import annotations

import base64
import http.client
import logging
import os
import random
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone

try:
    from airflow.sdk import dag, task  # Airflow 3
except ImportError:
    from airflow.decorators import dag, task  # Airflow 2

log = logging.getLogger(__name__)

INSTANCE = "airflow"
# About once in three hours and a job.
FAILURE_PROBABILITY = 0.03
# A restart of the Pushgateway fits in.
PUSH_ATTEMPTS = 5
PUSH_TIMEOUT_SECONDS = 10
RETRYABLE_STATUSES = {408, 425, 429, 500, 502, 503, 504}


# --- Pushing -------------------------------------------------------------------------------------------------------


def group_path(job: str, grouping: dict[str, str]) -> str:
    """The path of a group; what a path would change is sent in base64. https://github.com/prometheus/pushgateway#url"""
    if job == "":
        raise ValueError("the job must not be empty")
    return "/metrics" + "".join(_encode_label(name, value) for name, value in [("job", job), *grouping.items()])


def _encode_label(name: str, value: str) -> str:
    if value == "":
        return f"/{name}@base64/="
    if "/" in value or value in (".", ".."):
        return f"/{name}@base64/" + base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")
    return f"/{name}/" + urllib.parse.quote(value, safe="")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirected POST would become a GET, and what was pushed would be lost."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        return None


def _split_login(url: str) -> tuple[str, dict[str, str]]:
    """The URL without its user information, and the header that says it: urllib sends none, and URLs are in errors and logs."""
    parts = urllib.parse.urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, {}
    name, _, password = user.partition(":")
    login = urllib.parse.unquote_to_bytes(name) + b":" + urllib.parse.unquote_to_bytes(password)
    return parts._replace(netloc=host).geturl(), {"Authorization": "Basic " + base64.b64encode(login).decode()}


def push(method: str, url: str, page: str, pause=time.sleep) -> None:
    """Pushes a page. Raises RuntimeError with the server's words where it is refused, or not taken after several attempts."""
    opener = urllib.request.build_opener(_NoRedirects)
    url, login = _split_login(url)
    headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8", **login}
    for attempt in range(1, PUSH_ATTEMPTS + 1):
        request = urllib.request.Request(url, data=page.encode(), headers=headers, method=method)
        try:
            with opener.open(request, timeout=PUSH_TIMEOUT_SECONDS) as response:
                if response.status in (200, 202):
                    return
                problem, is_final = f"{response.status}", True
        except urllib.error.HTTPError as error:
            words = error.headers.get("Location") or error.read(500).decode(errors="replace").strip()
            problem, is_final = f"{error.code} {words}".strip(), error.code not in RETRYABLE_STATUSES
        except (OSError, http.client.HTTPException) as error:  # URLError and timeouts are OSErrors
            problem, is_final = str(error), False
        if is_final or attempt == PUSH_ATTEMPTS:
            raise RuntimeError(f"{method} {url}: {problem} (attempt {attempt} of {PUSH_ATTEMPTS})")
        log.warning("A push failed and is tried again: %s", problem)
        pause(min(5, 0.2 * 2**attempt))


class Metrics:
    """The gauges of a run, in the order in which they are first set."""

    def __init__(self) -> None:
        self._gauges: dict[str, tuple[str, float]] = {}

    def set(self, name: str, help: str, value: float) -> None:
        self._gauges[name] = (help, float(value))

    def add(self, name: str, help: str, amount: float) -> None:
        self.set(name, help, self._gauges.get(name, ("", 0.0))[1] + amount)

    def page(self) -> str:
        """All of them in text format 0.0.4; names and help are ours, and need no escapes."""
        return "".join(f"# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value!r}\n" for name, (help, value) in self._gauges.items())


def run_job(job: Job, gateway: str, fail: bool = False) -> None:
    """Runs a job and pushes how it went, also when it raises.

    A success replaces the group (PUT). A failure is added to it (POST), so that the time of the last success stays.
    """
    metrics = Metrics()
    url = gateway.rstrip("/") + group_path(job.name, {"instance": INSTANCE})
    began = time.monotonic()

    def outcome(is_success: bool) -> str:
        now = time.time()
        metrics.set(f"{job.prefix}_duration_seconds", "How long the last run took.", time.monotonic() - began)
        metrics.set(f"{job.prefix}_success", "Whether the last run succeeded: 1 or 0.", 1 if is_success else 0)
        metrics.set(f"{job.prefix}_last_run_timestamp", "When the last run ended, in Unix seconds.", now)
        if is_success:
            metrics.set(f"{job.prefix}_last_success_timestamp", "When a run last succeeded, in Unix seconds.", now)
        return metrics.page()

    try:
        job.run(metrics, fail)
    except BaseException:
        try:
            push("POST", url, outcome(False))
        except Exception:  # what the job failed with matters more
            log.exception("Job %s failed, and that was not pushed.", job.name)
        raise
    push("PUT", url, outcome(True))


# --- The jobs ------------------------------------------------------------------------------------------------------


class Job:
    """A made-up batch job."""

    name: str
    prefix: str

    def run(self, metrics: Metrics, fail: bool) -> None:
        raise NotImplementedError


class DataProcessing(Job):
    """Reads records batch by batch; some of them cannot be read."""

    name = "data_processing"
    prefix = "airflow_data_processing"

    def run(self, metrics: Metrics, fail: bool) -> None:
        batches = 5
        for batch in range(1, batches + 1):
            time.sleep(random.uniform(0.02, 0.08))
            if fail and batch > batches / 2:
                raise RuntimeError(f"batch {batch} of {batches} is unreadable")
            records = random.randint(200, 1000)
            metrics.add("airflow_data_processing_records_total", "Records of the last run.", records)
            unreadable = int(records * 0.02 * random.random())
            metrics.add("airflow_data_processing_records_failed", "Records of the last run that could not be read.", unreadable)


class EtlPipeline(Job):
    """Extracts records, transforms and loads them; what is on the way is lost in part, one run in thirty more than an alert allows."""

    name = "etl_pipeline"
    prefix = "airflow_etl"

    def run(self, metrics: Metrics, fail: bool) -> None:
        extract = self._stage(metrics, "extract", "extracted", random.randint(5000, 20000))
        loss = 0.08 if random.random() < 1 / 30 else 0.01 * random.random()
        transform = self._stage(metrics, "transform", "transformed", int(extract * (1 - loss)))
        if fail:
            raise RuntimeError("the warehouse refused the connection")
        load = self._stage(metrics, "load", "loaded", int(transform * (1 - 0.01 * random.random())))
        lost = 100 * (extract - load) / extract
        metrics.set("airflow_etl_data_loss_percent", "Share of the extracted records that was not loaded, in percent.", lost)

    def _stage(self, metrics: Metrics, name: str, done: str, records: int) -> int:
        time.sleep(random.uniform(0.04, 0.12))
        metrics.set(f"airflow_etl_{name}_records", f"Records that the last run {done}.", records)
        return records


class ReportGeneration(Job):
    """Writes reports of different sizes."""

    name = "report_generation"
    prefix = "airflow_reports"

    def run(self, metrics: Metrics, fail: bool) -> None:
        count = random.randint(5, 20)
        for report in range(1, count + 1):
            time.sleep(random.uniform(0.01, 0.04))
            if fail and report > count / 2:
                raise RuntimeError(f"report {report} of {count}: the template is missing")
            metrics.add("airflow_reports_generated", "Reports that the last run wrote.", 1)
            size = random.uniform(0.2, 3)
            metrics.add("airflow_reports_size_mb", "Size of the reports that the last run wrote, in megabytes.", size)


JOBS = [DataProcessing(), EtlPipeline(), ReportGeneration()]


# --- The DAG -------------------------------------------------------------------------------------------------------


@dag(
    dag_id="promline_batch_jobs",
    description="Three batch jobs that push their metrics to the Pushgateway",
    schedule="*/5 * * * *",
    start_date=datetime(2025, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    # Two runs at the same time would write over each other's groups.
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=4),
    default_args={"owner": "promline", "retries": 1, "retry_delay": timedelta(seconds=30)},
    params={"fail": ""},
    tags=["promline", "batch", "pushgateway"],
)
def promline_batch_jobs():
    def make(job: Job):
        @task(task_id=job.name)
        def run(params=None):
            fail = (params or {}).get("fail") == job.name or random.random() < FAILURE_PROBABILITY
            run_job(job, os.environ.get("PUSHGATEWAY_URL", "http://pushgateway:9091"), fail)

        return run

    for job in JOBS:
        make(job)()


promline_batch_jobs()
