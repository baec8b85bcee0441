"""Runs the jobs of the DAG once, without Airflow: a stub stands in for it. Prints the DAG and how its tasks went, as JSON; where one
failed, or could not push how it went, the exit status is 1.

    PUSHGATEWAY_URL=http://127.0.0.1:9091 python3 run_without_airflow.py [--fail JOB]...
"""

import argparse
import json
import sys
import types
from pathlib import Path

dags = {}
tasks = {}


def dag(**settings):
    def decorate(function):
        def make():
            dags[settings["dag_id"]] = settings
            function()

        return make

    return decorate


def task(task_id):
    def decorate(function):
        def call():
            tasks[task_id] = function

        return call

    return decorate


def load_dag():
    """The module of the DAG, on the stub."""
    airflow = types.ModuleType("airflow")
    airflow.decorators = types.ModuleType("airflow.decorators")
    airflow.decorators.dag, airflow.decorators.task = dag, task
    sys.modules.update({"airflow": airflow, "airflow.decorators": airflow.decorators})
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(Path(__file__).parent / "dags"))
    import promline_batch_jobs

    return promline_batch_jobs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fail", metavar="JOB", action="append", default=[], help="a job that is to fail")
    failing = parser.parse_args().fail

    load_dag().FAILURE_PROBABILITY = 0
    outcomes = {}
    for name, run in tasks.items():
        try:
            run(params={"fail": name if name in failing else ""})
            outcomes[name] = "success"
        except Exception as error:
            outcomes[name] = str(error)
    print(json.dumps({"dags": dags, "outcomes": outcomes}, default=str))
    sys.exit(any(outcome != "success" for outcome in outcomes.values()))


if __name__ == "__main__":
    main()
