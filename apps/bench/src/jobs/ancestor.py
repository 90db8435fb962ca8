"""The job done by the Python package parallel-parrot 0.9.0, of which this project is the descendant.

Takes a task per line of standard input and answers with what it took, both as JSON. The package knows one URL and
one number in flight; both are set from outside. Everything else is its own code.
"""

import json
import resource
import sys
import time

import parallel_parrot as pp
from parallel_parrot import openai_api


def run(task):
    openai_api.OPENAI_CHAT_COMPLETIONS_URL = task["baseUrl"].replace("/v1", "/functions/v1") + "/chat/completions"
    openai_api.MAX_NUM_CONCURRENT_REQUESTS = task["concurrency"]
    with open(task["input"], encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    config = pp.OpenAIChatCompletionConfig(openai_api_key="bench-key", model="bench")
    output, _ = pp.run_async(
        pp.parallel_data_generation(
            config=config,
            input_data=rows,
            prompt_template="Write question and answer pairs about this text, as JSON: ${text}",
            output_key_names=["question", "answer"],
        )
    )
    with open(task["output"], "w", encoding="utf-8") as file:
        for row in output:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


print(json.dumps({}), flush=True)
for line in sys.stdin:
    cpu, start = cpu_seconds(), time.monotonic()
    try:
        run(json.loads(line))
        figures = {
            "ms": (time.monotonic() - start) * 1000,
            "cpuMs": (cpu_seconds() - cpu) * 1000,
            "peakRssMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    except Exception as error:
        figures = {"error": repr(error)}
    print(json.dumps(figures), flush=True)
