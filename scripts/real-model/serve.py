"""Serves a model by llama.cpp's own HTTP server, until standard input ends: serve.py MODEL PORT KEY."""

import os
import sys

import xllamacpp

model, port, key = sys.argv[1:]
# Whatever runs beside it goes first.
os.nice(10)
params = xllamacpp.CommonParams()
params.model.path = model
params.hostnames = ["127.0.0.1"]
params.port = int(port)
params.api_keys = [key]
# The threads of llama.cpp spin while they wait: with one for each core, a busy machine is ten times slower.
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
# The slots share the context: 512 tokens for each.
params.n_parallel = 4
params.n_ctx = 2048
params.verbosity = 0
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
